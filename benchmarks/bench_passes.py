"""Ten days of passes with shadow times: this package against Skyfield doing the same job.

Run: .venv/bin/python benchmarks/bench_passes.py [--pure]
With --pure sgp4 works without its compiled part, as Debian's python3-sgp4 does.
Both find rise, culmination and set above 10 degrees and the instants at which the station enters
and leaves the sunlight; best of 15, interleaved, one process. A second time Skyfield also gives
what a pass is reported with, as ours does each time: track with range and phase (the brightness),
Sun, Moon and its distance from the track.
"""

import platform
import sys
import time
import warnings
from pathlib import Path

if "--pure" in sys.argv:
    # an import of None fails, and sgp4 falls back on its Python
    sys.modules["sgp4.vallado_cpp"] = None

import numpy as np
import sgp4
from sgp4.api import accelerated
from skyfield.api import EarthSatellite, Loader, wgs84
from skyfield.searchlib import find_discrete
from skyfield_data import get_skyfield_data_path

from issgaze.civil import later
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import element_record, parse_elements
from issgaze.sky.site import Site

ROUNDS = 15
SAMPLES = 41
DATA = Path(__file__).parents[1] / "issgaze" / "data" / "iss_omm.json"


def main() -> None:
    """Time both and print the ratio, then a year of ours."""
    (elements,) = parse_elements(DATA.read_bytes(), source="").sets
    site = Site(latitude_deg=48.2, longitude_deg=16.4, height_m=200.0)
    start = later(elements.epoch, 3600.0)
    end = later(start, 10 * 86400.0)
    theirs = _skyfield(elements, site, start, end, described=False)
    theirs_whole = _skyfield(elements, site, start, end, described=True)
    ours_s, theirs_s, whole_s = [], [], []
    for _ in range(ROUNDS):
        ours_s.append(_timed(lambda: find_passes(elements, site, start, end)))
        theirs_s.append(_timed(theirs))
        whole_s.append(_timed(theirs_whole))
    year_s = min(
        _timed(lambda: find_passes(elements, site, start, later(start, 365 * 86400.0)))
        for _ in range(5)
    )
    print(
        f"python {sys.version.split()[0]}, numpy {np.__version__}, sgp4 {sgp4.__version__} "
        f"({'compiled' if accelerated else 'pure'}), {platform.machine()}"
    )
    print(
        f"10 days: ours {min(ours_s) * 1e3:.1f} ms, Skyfield {min(theirs_s) * 1e3:.1f} ms, "
        f"ratio {min(theirs_s) / min(ours_s):.1f}"
    )
    print(
        f"10 days, brightness, Sun and Moon included: Skyfield {min(whole_s) * 1e3:.1f} ms, "
        f"ratio {min(whole_s) / min(ours_s):.1f}"
    )
    print(f"365 days, ours: {year_s:.3f} s (best of 5)")


def _skyfield(elements, site, start, end, *, described):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        loader = Loader(get_skyfield_data_path(), verbose=False)
    timescale, bodies = loader.timescale(builtin=True), loader("de421.bsp")
    record = {key: str(value) for key, value in element_record(elements).items()}
    satellite = EarthSatellite.from_omm(timescale, record)
    place = wgs84.latlon(site.latitude_deg, site.longitude_deg, site.height_m)

    observer = bodies["earth"] + place

    def describe(t) -> None:
        """Track with range and phase, Sun and Moon: what ours reports of every pass."""
        seen = (satellite - place).at(t)
        altitude, _, distance = seen.altaz()
        top = t[int(np.argmax(altitude.degrees))]
        sun, moon = (observer.at(top).observe(bodies[name]).apparent() for name in ("sun", "moon"))
        sun.altaz(), moon.altaz()
        phase = seen.separation_from((bodies["sun"] - bodies["earth"]).at(t))
        apart = seen.separation_from(moon)
        -1.8 + 5.0 * np.log10(distance.km / 1000.0) + phase.radians + apart.radians

    def job() -> None:
        first, last = timescale.from_datetime(start), timescale.from_datetime(end)
        times, events = satellite.find_events(place, first, last, altitude_degrees=9.9)
        rises = [t for t, e in zip(times, events, strict=True) if e == 0]
        sets = [t for t, e in zip(times, events, strict=True) if e == 2]

        def sunlit(t):
            return satellite.at(t).is_sunlit(bodies)

        sunlit.step_days = 60.0 / 86400.0
        for rise, setting in zip(rises, sets, strict=False):
            if setting.tt > rise.tt:
                find_discrete(rise, setting, sunlit)
                if described:
                    describe(timescale.linspace(rise, setting, SAMPLES))

    return job


def _timed(job) -> float:
    begin = time.perf_counter()
    job()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
