"""Passes and shadow against an oracle of their own: Skyfield's positions, searched to convergence.

The oracle shares nothing with the package but the refraction formula, which is written here again.
Its shadow is cut by a ray against the ellipsoid, with the Sun of DE421.
"""

import dataclasses

import numpy as np
import pytest
from skyfield.api import EarthSatellite, wgs84

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import element_record, parse_elements
from issgaze.orbit.tracks import compute_track
from issgaze.sky.site import Site

SITES = {
    "Quito": (-0.18, -78.47, 2850.0),
    "Innsbruck": (47.27, 11.39, 600.0),
    "Cape Town": (-33.92, 18.42, 10.0),
    "Helsinki": (60.17, 24.94, 20.0),
    "Trondheim": (63.43, 10.40, 30.0),
    "Auckland": (-36.85, 174.76, 40.0),
    "Namche, Himalaya": (27.81, 86.71, 3440.0),
    "Nairobi": (-1.29, 36.82, 1795.0),
}
DAYS = 10.0
MASK_DEG = 10.0
# WGS 84
EQUATOR_KM, FLATTENING = 6378.137, 1.0 / 298.257223563
SUN_KM = 695700.0


def refracted(true_deg):
    """Saemundsson, Sky & Telescope 72 (1986) 70, at 1010 hPa and 10 deg C."""
    held = np.maximum(true_deg, -1.5)
    return true_deg + np.maximum(1.02 / np.tan(np.radians(held + 10.3 / (held + 5.11))), 0) / 60.0


class PassOracle:
    def __init__(self, oracle, elements, site, start, days=DAYS):
        record = {key: str(value) for key, value in element_record(elements).items()}
        self.oracle = oracle
        self.start = start
        self.span_s = days * 86400.0
        self.satellite = EarthSatellite.from_omm(oracle.timescale, record)
        place = wgs84.latlon(site.latitude_deg, site.longitude_deg, site.height_m)
        self.difference = self.satellite - place
        self.place = place

    def altaz(self, seconds):
        altitude, azimuth, distance = self.difference.at(
            self.oracle.times(self.start, seconds)
        ).altaz()
        return refracted(altitude.degrees), azimuth.degrees, distance.km

    def altitude(self, seconds):
        return self.altaz(seconds)[0]

    def passes(self):
        """Return (rise, culmination, set) in s of every pass whose culmination is in the span."""
        grid = np.arange(-6000.0, self.span_s + 6000.0, 30.0)
        altitude = self.altitude(grid)
        above = altitude > MASK_DEG
        starts = np.flatnonzero(~above[:-1] & above[1:])
        ends = np.flatnonzero(above[:-1] & ~above[1:])
        rises = self._root(grid[starts], grid[starts + 1])
        sets = self._root(grid[ends], grid[ends + 1])
        rises = rises[rises < sets[-1]] if sets.size else rises[:0]
        found = []
        for rise, setting in zip(rises, sets[np.searchsorted(sets, rises)], strict=False):
            found.append((rise, self._top(rise, setting), setting))
        # humps between two samples of the grid
        peaks = np.flatnonzero((altitude[1:-1] > altitude[:-2]) & (altitude[1:-1] >= altitude[2:]))
        low = [n + 1 for n in peaks if 9.5 < altitude[n + 1] <= MASK_DEG]
        for n in low:
            top = self._top(grid[n] - 30.0, grid[n] + 30.0)
            if self.altitude(np.array([top]))[0] > MASK_DEG:
                rise = self._root(np.array([top - 60.0]), np.array([top]))[0]
                found.append((rise, top, self._root(np.array([top]), np.array([top + 60.0]))[0]))
        found.sort()
        return [one for one in found if 0.0 <= one[1] < self.span_s]

    def _root(self, left, right):
        left, right = left.copy(), right.copy()
        sign = np.sign(self.altitude(right) - MASK_DEG)
        for _ in range(22):
            middle = 0.5 * (left + right)
            same = np.sign(self.altitude(middle) - MASK_DEG) == sign
            right = np.where(same, middle, right)
            left = np.where(same, left, middle)
        return 0.5 * (left + right)

    def _top(self, left, right):
        for _ in range(4):
            grid = np.linspace(left, right, 41)
            best = grid[int(np.argmax(self.altitude(grid)))]
            step = grid[1] - grid[0]
            left, right = best - step, best + step
        fine = np.linspace(left, right, 21)
        curve = np.polyfit(fine - best, self.altitude(fine), 2)
        return best - curve[1] / (2.0 * curve[0])

    def light_margin_rad(self, seconds):
        """Return the angle of the Sun's centre above the ellipsoid's limb, by tangent rays."""
        times = self.oracle.times(self.start, seconds)
        station = self.satellite.at(times).position.km.T
        sun = self.oracle.earth.at(times).observe(self.oracle.bodies["sun"]).apparent()
        to_sun = sun.position.km.T - station
        distance = np.linalg.norm(to_sun, axis=1)
        to_sun /= distance[:, np.newaxis]
        # true equator of date, whose pole is the ellipsoid's axis
        matrix = times.M if times.M.ndim == 2 else np.moveaxis(times.M, -1, 0)
        station = np.einsum("...ij,...j->...i", matrix, station)
        to_sun = np.einsum("...ij,...j->...i", matrix, to_sun)
        margins = []
        for r, s in zip(station, to_sun, strict=True):
            down = -r / np.linalg.norm(r)
            across = s - (s @ down) * down
            across /= np.linalg.norm(across)
            scale = np.array([1.0, 1.0, 1.0 / (1.0 - FLATTENING)])
            low, high = 0.0, np.pi / 2
            for _ in range(50):
                angle = 0.5 * (low + high)
                ray = (np.cos(angle) * down + np.sin(angle) * across) * scale
                p = r * scale
                hits = (p @ ray) ** 2 > (ray @ ray) * (p @ p - EQUATOR_KM**2)
                low, high = (angle, high) if hits else (low, angle)
            margins.append(np.arctan2(s @ across, s @ down) - low)
        return np.array(margins), SUN_KM / distance


def site_of(name):
    latitude, longitude, height = SITES[name]
    return Site(latitude_deg=latitude, longitude_deg=longitude, height_m=height)


def compare(oracle, elements, site, start, days=DAYS):
    """Hold ours against the oracle; return the number of passes and the largest differences."""
    truth = PassOracle(oracle, elements, site, start, days)
    theirs = truth.passes()
    ours = find_passes(
        elements, site, start, later(start, days * 86400.0), min_altitude_deg=MASK_DEG
    )

    def seconds(event):
        return seconds_between(start, event.utc)

    unmatched = list(theirs)
    worst = 0.0
    for iss_pass in ours:
        near = [one for one in unmatched if abs(one[1] - seconds(iss_pass.culmination)) < 60.0]
        if not near:
            assert iss_pass.culmination.altitude_deg < MASK_DEG + 0.02, iss_pass.id
            continue
        unmatched.remove(near[0])
        pairs = zip(near[0], (iss_pass.rise, iss_pass.culmination, iss_pass.set), strict=True)
        gaps = [abs(when - seconds(event)) for when, event in pairs]
        if iss_pass.culmination.altitude_deg > MASK_DEG + 0.02:
            worst = max(worst, *gaps)
    for rise, top, _setting in unmatched:
        assert truth.altitude(np.array([top]))[0] < MASK_DEG + 0.02, rise
    assert worst < 0.5
    return ours, truth, worst


@pytest.mark.parametrize("name", ["Innsbruck", "Cape Town", "Trondheim"])
def test_the_same_passes_to_half_a_second(oracle, iss, name):
    start = parse_utc("2024-05-09T20:00:00Z")
    ours, truth, _worst = compare(oracle, iss, site_of(name), start)
    assert len(ours) > 12
    directions_agree(iss, site_of(name), start, ours, truth)
    shadows_agree(ours, truth, start)


def directions_agree(elements, site, start, ours, truth):
    for iss_pass in ours[::6]:
        seconds = np.linspace(0.0, seconds_between(iss_pass.rise.utc, iss_pass.set.utc), 9)
        track = compute_track(elements, site, iss_pass.rise.utc, seconds)
        altitude, azimuth, distance = truth.altaz(
            seconds_between(start, iss_pass.rise.utc) + seconds
        )
        a, b = np.radians(track.altitude_deg), np.radians(altitude)
        turn = np.radians(track.azimuth_deg - azimuth)
        apart = np.arccos(
            np.clip(np.sin(a) * np.sin(b) + np.cos(a) * np.cos(b) * np.cos(turn), -1, 1)
        )
        assert np.degrees(apart).max() < 0.02
        assert np.abs(track.range_km - distance).max() < 1.0


def shadows_agree(ours, truth, start):
    checked = 0
    for iss_pass in ours:
        for event in (iss_pass.shadow_entry, iss_pass.shadow_exit):
            if event is None:
                continue
            when = seconds_between(start, event.utc)
            margin, radius = truth.light_margin_rad(np.array([when - 1.0, when, when + 1.0]))
            rate = np.degrees(margin[2] - margin[0]) * 3600.0 / 2.0
            error_arcsec = np.degrees(margin[1] + radius[1]) * 3600.0
            if abs(rate) > 60.0:
                assert abs(error_arcsec / rate) < 1.0, (iss_pass.id, error_arcsec, rate)
            else:
                assert abs(error_arcsec) < 60.0
            checked += 1
    assert checked > 0


@pytest.mark.long
@pytest.mark.parametrize("name", SITES)
def test_every_site_with_several_real_sets(oracle, iss, real_data, name):
    data = (real_data / "elements" / "iss_omm_2024-09-15_2024-12-31.json").read_bytes()
    sets = parse_elements(data, source="x").sets
    for elements in (iss, sets[0], sets[len(sets) // 2], sets[-1]):
        start = later(elements.epoch, 3600.0)
        ours, truth, _worst = compare(oracle, elements, site_of(name), start)
        if ours:
            directions_agree(elements, site_of(name), start, ours, truth)
        if any(one.shadow_entry or one.shadow_exit for one in ours):
            shadows_agree(ours, truth, start)


@pytest.mark.parametrize(("latitude", "season"), [(78.2, "06"), (78.2, "12"), (90.0, "12")])
def test_polar_day_and_night_with_a_satellite_that_gets_there(oracle, iss, latitude, season):
    # a sun-synchronous orbit, 550 km high
    polar = dataclasses.replace(
        iss, norad_id=43000, name="POLAR", inclination_deg=97.6, mean_motion_rev_per_day=15.06,
        epoch=parse_utc(f"2024-{season}-15T00:00:00Z"), bstar=1e-4,
    )  # fmt: skip
    site = Site(latitude_deg=latitude, longitude_deg=15.6, height_m=20.0)
    start = parse_utc(f"2024-{season}-15T12:00:00Z")
    ours = find_passes(polar, site, start, later(start, 86400.0), min_altitude_deg=MASK_DEG)
    truth = PassOracle(oracle, polar, site, start, days=1.0)
    theirs = truth.passes()
    assert len(ours) == len(theirs) > 8
    for iss_pass, (rise, top, setting) in zip(ours, theirs, strict=True):
        for event, when in (
            (iss_pass.rise, rise), (iss_pass.culmination, top), (iss_pass.set, setting),
        ):  # fmt: skip
            assert abs(seconds_between(start, event.utc) - when) < 0.5
    visible = [iss_pass for iss_pass in ours if iss_pass.visible]
    # at the pole itself the shadow of midwinter reaches up to 570 km
    assert bool(visible) == (season == "12" and latitude < 90.0)


def test_the_station_never_comes_to_the_far_north(iss):
    start = parse_utc("2024-05-09T20:00:00Z")
    for latitude in (73.0, 90.0, -90.0):
        site = Site(latitude_deg=latitude, longitude_deg=0.0)
        assert find_passes(iss, site, start, later(start, 5 * 86400.0), min_altitude_deg=0.0) == ()
