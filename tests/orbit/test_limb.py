"""Light past the limb: its limits, its order, and how far it moves half light."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.orbit import limb
from issgaze.orbit.finder import find_passes
from issgaze.orbit.limb import EARTH_RADIUS_KM, limb_distance_km, limb_light
from issgaze.orbit.tracks import compute_track
from issgaze.sky.site import Site

SUN_DEG = 959.63 / 3600.0
# the Sun sinks this fast for the station when its orbit points at the shadow
SINKING_DEG_PER_S = 360.0 / 5570.0


def test_light_rises_from_nothing_to_everything() -> None:
    table = limb_light(2300.0)
    assert np.all(np.diff(table.light) >= -1e-12)
    assert table.at(np.array(math.radians(-2.0))) == 0.0
    assert table.at(np.array(math.radians(5.0))) == 1.0
    for light, margin in ((0.99, table.full_rad), (0.5, table.half_rad), (0.01, table.none_rad)):
        assert table.at(np.array(margin)) == pytest.approx(light, abs=1e-3)
    assert table.none_rad < table.half_rad < table.full_rad


def test_air_moves_half_light_about_ten_seconds_away_from_the_shadow() -> None:
    half_s = math.degrees(limb_light(2300.0).half_rad) / SINKING_DEG_PER_S
    assert 7.0 < half_s < 13.0


def test_air_dims_tens_of_kilometres_outside_the_geometric_shadow() -> None:
    table = limb_light(2300.0)
    # height of the ray that the Sun's centre sends, were there no bending
    full_km = table.full_rad * 2300.0
    assert 30.0 < full_km < 90.0


def test_refraction_lights_what_geometry_calls_dark() -> None:
    table = limb_light(2300.0)
    behind = np.array(math.radians(-SUN_DEG) * 1.02)
    assert 0.0 < table.at(behind) < 0.02


def test_rays_bend_by_twice_the_refraction_at_the_horizon() -> None:
    # 35 arcmin from the ground out (Allen's Astrophysical Quantities), as much again on the way in
    spread = math.sqrt(2.0 * math.pi * EARTH_RADIUS_KM / limb._SCALE_HEIGHT_KM)
    bend_arcmin = math.degrees(limb._REFRACTIVITY * spread) * 60.0
    assert bend_arcmin == pytest.approx(70.0, abs=4.0)


@pytest.fixture
def point_sun(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Sun without a disc and air that bends but does not absorb."""
    for name, value in (("_SUN_RADIUS_RAD", 1e-9), ("_RAYLEIGH_DEPTH", 0), ("_OZONE_DEPTH", 0)):
        monkeypatch.setattr(limb, name, value)
    limb._table.cache_clear()
    yield
    monkeypatch.undo()
    limb._table.cache_clear()


@pytest.mark.usefixtures("point_sun")
def test_spreading_follows_the_equation_of_baum_and_code() -> None:
    # (1/f - 2) + ln(1/f - 1) = distance behind half light over the scale height
    distance_km = 2300.0
    table = limb_light(distance_km)
    behind_km = (table.half_rad - table.margin_rad) * distance_km
    within = (table.light > 0.05) & (table.light < 0.95)
    light = table.light[within]
    expected = (1.0 / light - 2.0) + np.log(1.0 / light - 1.0)
    assert behind_km[within] / limb._SCALE_HEIGHT_KM == pytest.approx(expected, abs=0.03)


def test_without_air_the_bare_disc_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_REFRACTIVITY", "_RAYLEIGH_DEPTH", "_OZONE_DEPTH"):
        monkeypatch.setattr(limb, name, 1e-12)
    limb._table.cache_clear()
    bare = limb_light(2300.0)
    monkeypatch.undo()
    limb._table.cache_clear()
    assert math.degrees(bare.half_rad) == pytest.approx(0.0, abs=0.002)
    # 99 % of a darkened disc is left when its lowest twentieth or so is hidden
    assert math.degrees(bare.full_rad) == pytest.approx(0.92 * SUN_DEG, abs=0.02)
    assert math.degrees(bare.none_rad) == pytest.approx(-0.92 * SUN_DEG, abs=0.02)


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
