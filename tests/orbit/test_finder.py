"""Passes against Skyfield's own search, and their inner consistency."""

import numpy as np
import pytest
from skyfield.api import EarthSatellite, wgs84

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import element_record
from issgaze.sky.site import Site

SITES = {
    "Quito": (-0.18, -78.47, 2850.0),
    "Innsbruck": (47.27, 11.39, 600.0),
    "Cape Town": (-33.92, 18.42, 10.0),
    "Oslo": (59.91, 10.75, 20.0),
}


def _skyfield_events(oracle, elements, site, start, end):
    fields = element_record(elements)
    satellite = EarthSatellite.from_omm(oracle.timescale, {k: str(v) for k, v in fields.items()})
    place = wgs84.latlon(site.latitude_deg, site.longitude_deg, site.height_m)
    times, events = satellite.find_events(
        place,
        oracle.timescale.from_datetime(start),
        oracle.timescale.from_datetime(end),
        altitude_degrees=_true_altitude_of_10(),
    )
    return [t.utc_datetime() for t, e in zip(times, events, strict=True) if e == 1]


def _true_altitude_of_10():
    from issgaze.sky.refraction import unrefract_deg

    return float(unrefract_deg(np.array(10.0)))


@pytest.mark.parametrize("name", SITES)
def test_same_culminations_as_skyfield(oracle, iss, name):
    latitude, longitude, height = SITES[name]
    site = Site(latitude_deg=latitude, longitude_deg=longitude, height_m=height)
    start = parse_utc("2024-05-10T00:00:00Z")
    end = later(start, 10 * 86400.0)
    theirs = _skyfield_events(oracle, iss, site, start, end)
    ours = find_passes(iss, site, start, end)
    assert len(ours) == len(theirs) > 15
    for iss_pass, culmination in zip(ours, theirs, strict=True):
        assert abs(seconds_between(culmination, iss_pass.culmination.utc)) < 1.0


def test_events_are_in_order_and_at_the_limit(iss):
    site = Site(latitude_deg=47.27, longitude_deg=11.39, height_m=600.0)
    start = parse_utc("2024-05-10T00:00:00Z")
    passes = find_passes(iss, site, start, later(start, 10 * 86400.0), min_altitude_deg=10.0)
    assert len(passes) > 40
    for iss_pass in passes:
        assert iss_pass.rise.utc < iss_pass.culmination.utc < iss_pass.set.utc
        assert iss_pass.rise.altitude_deg == pytest.approx(10.0, abs=1e-3)
        assert iss_pass.set.altitude_deg == pytest.approx(10.0, abs=1e-3)
        assert iss_pass.culmination.altitude_deg > 10.0
        for stretch in iss_pass.lit:
            assert iss_pass.rise.utc <= stretch.start.utc < stretch.end.utc <= iss_pass.set.utc
        for fade in iss_pass.fades:
            order = [fade.start_utc, fade.half_utc, fade.gone_utc]
            assert order == sorted(order, reverse=fade.direction == "out")


@pytest.mark.parametrize("width_s", [20.0, 27.0, 57.0, 300.0])
def test_a_maximum_is_found_however_sharp(width_s):
    from issgaze.orbit.roots import refine_maxima

    # a pass through the zenith, as sharp as height over speed: 27 s at 200 km, 57 s for the
    # station; its top anywhere between two samples
    tops = np.linspace(-59.0, 59.0, 41)

    def height(seconds):
        return 1.0 / np.sqrt(1.0 + ((seconds - tops) / width_s) ** 2)

    grid = np.array([-120.0, 0.0, 120.0])
    near = grid[np.argmin(np.abs(grid[:, np.newaxis] - tops), axis=0)]
    assert np.abs(refine_maxima(height, near, 120.0) - tops).max() < 0.05
