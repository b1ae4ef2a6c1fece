"""Light past the limb: its limits, its order, and how far it moves half light."""

import math

import numpy as np
import pytest

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.orbit.finder import find_passes
from issgaze.orbit.limb import EARTH_RADIUS_KM, limb_distance_km, limb_light
from issgaze.orbit.tracks import compute_track
from issgaze.sky.site import Site

SUN_DEG = 959.63 / 3600.0
# the Sun sinks this fast for the station when its orbit points at the shadow
SINKING_DEG_PER_S = 360.0 / 5570.0


def test_light_rises_from_nothing_to_everything() -> None:
    limb = limb_light(2300.0)
    assert np.all(np.diff(limb.light) >= -1e-12)
    assert limb.at(np.array(math.radians(-2.0))) == 0.0
    assert limb.at(np.array(math.radians(5.0))) == 1.0
    for light, margin in ((0.99, limb.full_rad), (0.5, limb.half_rad), (0.01, limb.none_rad)):
        assert limb.at(np.array(margin)) == pytest.approx(light, abs=1e-3)
    assert limb.none_rad < limb.half_rad < limb.full_rad


def test_air_moves_half_light_about_ten_seconds_away_from_the_shadow() -> None:
    half_s = math.degrees(limb_light(2300.0).half_rad) / SINKING_DEG_PER_S
    assert 7.0 < half_s < 13.0


def test_air_dims_tens_of_kilometres_outside_the_geometric_shadow() -> None:
    limb = limb_light(2300.0)
    # height of the ray that the Sun's centre sends, were there no bending
    full_km = limb.full_rad * 2300.0
    assert 30.0 < full_km < 90.0


def test_refraction_lights_what_geometry_calls_dark() -> None:
    limb = limb_light(2300.0)
    behind = np.array(math.radians(-SUN_DEG) * 1.02)
    assert 0.0 < limb.at(behind) < 0.02


def test_far_from_the_limb_the_suns_disc_hides_the_air() -> None:
    # from the distance of the Moon the air is thin against the Sun: half light is near half a disc
    near, far = limb_light(2300.0), limb_light(40_000.0)
    assert math.degrees(far.half_rad) < math.degrees(near.half_rad)


def test_the_limb_of_the_station_is_two_thousand_kilometres_away(iss) -> None:
    distance_km = limb_distance_km(iss)
    height_km = math.hypot(distance_km, EARTH_RADIUS_KM) - EARTH_RADIUS_KM
    assert 405.0 < height_km < 430.0


def test_a_fade_runs_through_the_same_light_in_both_directions(iss) -> None:
    site = Site(latitude_deg=47.27, longitude_deg=11.39, height_m=600.0)
    start = parse_utc("2024-05-10T00:00:00Z")
    seen = set()
    for iss_pass in find_passes(iss, site, start, later(start, 10 * 86400.0)):
        for fade in iss_pass.fades:
            order = [fade.start_utc, fade.half_utc, fade.gone_utc]
            assert order == sorted(order, reverse=fade.direction == "out")
            length_s = abs(seconds_between(fade.start_utc, fade.gone_utc))
            assert 15.0 < length_s < 500.0
            offsets = np.array([seconds_between(start, instant) for instant in order])
            order_up = np.argsort(offsets)
            light = compute_track(iss, site, start, offsets[order_up]).light[np.argsort(order_up)]
            if length_s < 60.0:
                assert light == pytest.approx([0.99, 0.5, 0.01], abs=0.01)
            seen.add(fade.direction)
            if fade.direction == "in" and iss_pass.shadow_entry is not None:
                assert fade.half_utc < iss_pass.shadow_entry.utc
    assert seen == {"in", "out"}
