"""Clouds, dew, aurora and wind: each does what its key says, and nothing when it is zero."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import later, parse_utc
from issgaze.simulated.aurora import aurora
from issgaze.simulated.clouds import Clouds
from issgaze.simulated.dew import dew_at
from issgaze.simulated.geomagnetic import dipole_pole, geomagnetic_place
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import Scenario, load_scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.sway import Sway


def _with_sky(scenario: Scenario, **changes: object) -> Scenario:
    return dataclasses.replace(scenario, sky=dataclasses.replace(scenario.sky, **changes))  # type: ignore[arg-type]


def _sky_raster(lowest: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(5)
    up = rng.uniform(lowest, 1.0, 4000)
    around = rng.uniform(0.0, 2.0 * np.pi, 4000)
    level = np.sqrt(1.0 - up * up)
    return np.stack((level * np.sin(around), level * np.cos(around), up), axis=-1)


@pytest.mark.parametrize("cover", [0.2, 0.5, 0.9])
def test_clouds_cover_their_part_of_the_sky(plain: Scenario, cover: float) -> None:
    clouds = Clouds(_with_sky(plain, cloud_cover=cover))
    passed = clouds.transmission(_sky_raster(), plain.start_utc)
    assert np.mean(passed < 0.97) == pytest.approx(cover, abs=0.15)
    assert passed.min() >= 0.0
    assert passed.max() <= 1.0


def test_clouds_drift_at_their_speed(plain: Scenario) -> None:
    clouds = Clouds(_with_sky(plain, cloud_cover=0.6, cloud_drift_deg_per_s=0.1))
    near_zenith = _sky_raster(0.9)
    # 60 s later what was overhead has gone 6 degrees with the wind, towards 68 degrees
    wind = np.array([np.sin(np.radians(68.0)), np.cos(np.radians(68.0)), 0.0])
    moved = near_zenith + np.tan(np.radians(6.0)) * near_zenith[:, 2:] * wind
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    now = clouds.transmission(near_zenith, plain.start_utc)
    soon = later(plain.start_utc, 60.0)
    assert now.std() > 0.1
    assert np.corrcoef(now, clouds.transmission(moved, soon))[0, 1] > 0.98
    assert np.corrcoef(now, clouds.transmission(near_zenith, soon))[0, 1] < 0.9


def test_a_star_behind_a_cloud_is_dimmed_by_what_the_cloud_lets_through(plain: Scenario) -> None:
    scenario = _with_sky(plain, cloud_cover=0.7)
    instant = parse_utc("2024-05-10T01:44:17Z")
    clear, cloudy = Scene(plain, middle=instant), Scene(scenario, middle=instant)
    free = clear._layer.find(clear.stars, instant, 4.0)
    dimmed = cloudy._layer.find(cloudy.stars, instant, 4.0)
    assert np.array_equal(free.chosen, dimmed.chosen)
    share = dimmed.electrons[:, 1] / free.electrons[:, 1]
    directions = clear.heavens.over_roof(clear._dated[free.chosen], later(instant, 2.0))
    passed = cloudy.optics.clouds.transmission(directions, later(instant, 2.0))
    assert share == pytest.approx(passed, rel=1e-6)
    assert share.min() < 0.3


def test_dew_grows_over_the_pass_and_scatters_light_without_losing_it(plain: Scenario) -> None:
    culmination = first_pass(plain).culmination
    amounts = [dew_at(0.8, culmination, later(culmination, s)) for s in (-900.0, 0.0, 900.0)]
    assert amounts[0] == 0.0
    assert 0.0 < amounts[1] < amounts[2] == 0.8
    assert dew_at(0.0, culmination, culmination) == 0.0
    wet = Scene(_with_sky(plain, dew=1.0), middle=culmination)
    dry = Scene(plain, middle=culmination)
    layer = frozenset({"station"})
    soft = wet.sky(culmination, 2.0, layers=layer)
    sharp = dry.sky(culmination, 2.0, layers=layer)
    assert soft.max() < 0.5 * sharp.max()
    assert soft.sum() == pytest.approx(sharp.sum(), rel=0.03)
    # far from the track there is light only through the dew
    y, x = np.unravel_index(int(np.argmax(sharp)), sharp.shape)
    near = (slice(max(y - 32, 0), y - 28), slice(x, x + 20))
    assert soft[near].mean() > 20.0 * max(float(sharp[near].mean()), 1e-6)


def test_aurora_stands_over_the_oval_and_is_green_below_red(plain: Scenario) -> None:
    north = load_scenario("polar-night")
    quiet = _with_sky(north, aurora=0.0)
    rays = _sky_raster(0.05)
    assert not aurora(quiet, rays, north.start_utc).any()
    glow = aurora(north, rays, north.start_utc)
    assert glow.max() > 5.0
    assert glow[..., 1].sum() > 1.5 * glow[..., 0].sum()
    # from Bavaria it lies below the horizon
    assert aurora(_with_sky(plain, aurora=1.0), rays, plain.start_utc).max() < 0.01


def test_the_dipole_s_pole_is_where_the_igrf_puts_it() -> None:
    """IGRF-14: 80.8 N 72.8 W in 2025, 80.6 N 72.7 W in 2020, geocentric."""
    for year, latitude, longitude in ((2025.0, 80.8, -72.8), (2020.0, 80.6, -72.7)):
        x, y, z = dipole_pole(year)
        assert np.degrees(np.arcsin(z)) == pytest.approx(latitude, abs=0.06)
        assert np.degrees(np.arctan2(y, x)) == pytest.approx(longitude, abs=0.1)


def test_the_aurora_follows_geomagnetic_latitude(plain: Scenario) -> None:
    """At 57 degrees it is seen from Canada, not from Siberia; in the south it stands south."""

    def seen_from(latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        site = dataclasses.replace(
            plain.site, latitude_deg=latitude_deg, longitude_deg=longitude_deg
        )
        rays = _sky_raster(0.05)
        scenario = _with_sky(dataclasses.replace(plain, site=site), aurora=1.0)
        glow = aurora(scenario, rays, plain.start_utc)[..., 1]
        return float(glow.max()), float((glow * rays[:, 1]).sum())

    canada, siberia = seen_from(57.0, -97.0), seen_from(57.0, 97.0)
    assert canada[0] > 5.0
    assert siberia[0] < 0.01
    hobart = seen_from(-47.0, 147.0)
    assert hobart[0] > 0.2
    assert hobart[1] < 0.0
    latitude_deg, way = geomagnetic_place(load_scenario("polar-night"))
    assert latitude_deg == pytest.approx(67.3, abs=0.5)
    # the pole lies beyond Greenland: to the north-west of Tromsø
    assert way[0] < -0.3


def test_trees_move_by_the_wind_and_only_they(plain: Scenario) -> None:
    scenario = dataclasses.replace(
        plain, foreground=dataclasses.replace(plain.foreground, sway_px=3.0)
    )
    level = np.zeros((40, 120), dtype=np.uint8)
    level[10:30, 50:70] = 255
    sway = Sway(scenario, level, first_row=100, scale=1.0)
    seconds = np.arange(0.0, 600.0, 0.1)
    moves = sway.displacement_px(seconds)
    assert 1.5 < np.abs(moves).max() < 4.0
    ramp = np.broadcast_to(np.arange(120.0), (40, 120)).astype(np.float32)[10:30]
    at = later(scenario.start_utc, 100.0)
    moved = sway.moved(ramp, at, 1e-6, step=1)
    expected = ramp[:, sway._columns] - sway.displacement_px(np.array([100.0]))[0]
    assert moved[:, 10] == pytest.approx(expected[:, 10], abs=1e-3)
    band = np.zeros((64, 120), dtype=np.float32)
    sway.replace(band, moved, 96)
    assert np.flatnonzero(band.any(axis=1)).tolist() == list(range(14, 34))


def test_a_rooftop_frame_changes_with_the_wind_at_the_trees_alone(plain: Scenario) -> None:
    lens = load_scenario("clear").lens
    foreground = dataclasses.replace(plain.foreground, kind="rooftop", sway_px=2.0)
    windy = dataclasses.replace(plain, lens=lens, foreground=foreground)
    calm = dataclasses.replace(windy, foreground=dataclasses.replace(foreground, sway_px=0.0))
    instant = first_pass(plain).culmination
    windy_frame, calm_frame = (Scene(s, middle=instant).expose(instant, 0.5) for s in (windy, calm))
    rows, columns = np.nonzero(np.abs(windy_frame - calm_frame) > 0.02)
    assert len(rows) > 200
    # the spruces stand in the right half
    assert columns.min() > 0.4 * windy_frame.shape[1]
