"""The glow of the night: each part where its key puts it, as bright as the key says."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import parse_utc
from issgaze.simulated.clouds import Clouds
from issgaze.simulated.galaxy import milky_way_table
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.skylight import Skylight
from issgaze.simulated.starfield import Heavens, load_stars

# no Moon, no Sun above -18 degrees
_DARK = parse_utc("2024-05-09T22:40:00Z")


def _glow(plain: Scenario, rays: np.ndarray, **sky: object) -> np.ndarray:
    kept: dict[str, object] = {"moon": False, "milky_way": 0.0, "airglow": 0.0, **sky}
    scenario = dataclasses.replace(plain, sky=dataclasses.replace(plain.sky, **kept))  # type: ignore[arg-type]
    heavens = Heavens(scenario, _DARK)
    return np.asarray(
        Skylight(scenario, rays[np.newaxis], heavens, Clouds(scenario)).at(_DARK)[0, :, 1]
    )


def _rays(altitudes_deg: list[float], azimuth_deg: float) -> np.ndarray:
    altitude, azimuth = np.radians(altitudes_deg), np.radians(azimuth_deg)
    level = np.cos(altitude)
    return np.stack((level * np.sin(azimuth), level * np.cos(azimuth), np.sin(altitude)), axis=-1)


@pytest.mark.parametrize("zenith_mag", [19.0, 21.6])
def test_the_zenith_is_as_dark_as_its_key(plain: Scenario, zenith_mag: float) -> None:
    glow = _glow(plain, _rays([90.0], 0.0), zenith_mag=zenith_mag)
    assert -2.5 * np.log10(glow[0]) == pytest.approx(zenith_mag, abs=0.05)


def test_airglow_brightens_low_down_and_dies_at_the_horizon(plain: Scenario) -> None:
    """Van Rhijn's layer, seen aslant, behind more and more air."""
    glow = _glow(plain, _rays([90.0, 20.0, 1.0], 10.0))
    assert glow[0] < glow[1]
    assert glow[2] < glow[1]
    bands = _glow(plain, _rays([90.0, 9.0], 10.0), airglow=3.0) / _glow(
        plain, _rays([90.0, 9.0], 10.0)
    )
    assert bands[0] == pytest.approx(1.0, abs=1e-3)
    assert bands[1] > 1.5


def test_a_light_dome_stands_over_its_town(plain: Scenario) -> None:
    toward, away = _rays([5.0, 40.0], 120.0), _rays([5.0, 40.0], 300.0)
    lit = [_glow(plain, rays, domes=(120.0, 8.0, 30.0)) for rays in (toward, away)]
    dark = [_glow(plain, rays) for rays in (toward, away)]
    assert lit[0][0] > 4.0 * dark[0][0]
    assert lit[0][0] - dark[0][0] > 10.0 * (lit[0][1] - dark[0][1])
    assert lit[1] == pytest.approx(dark[1], rel=1e-3)


def test_the_milky_way_is_brightest_in_sagittarius_and_cut_by_the_great_rift() -> None:
    table = milky_way_table()

    def at(longitude_deg: float, latitude_deg: float) -> float:
        return float(table[round((latitude_deg + 90.0) * 2), round(longitude_deg * 2)])

    assert at(1.5, -3.5) > 2.0 * at(120.0, -3.5) > 4.0 * at(120.0, -60.0)
    assert at(30.0, 3.5) < 0.6 * at(30.0, -3.5)


def test_the_milky_way_turns_with_the_stars(plain: Scenario) -> None:
    """Where its table has the Cygnus cloud, the sky over the roof is brighter for it."""
    rays = np.concatenate([_rays([20.0, 40.0, 60.0, 80.0], a) for a in range(0, 360, 15)])
    gain = _glow(plain, rays, milky_way=1.0) - _glow(plain, rays)
    directions = Heavens(plain, _DARK).icrs(rays, _DARK)
    cygnus = np.array([0.46, -0.55, 0.70])
    near = directions @ cygnus / np.linalg.norm(cygnus)
    assert gain[near > 0.97].mean() > 3.0 * np.median(gain)


def test_seeded_stars_go_on_where_the_catalogue_ends(plain: Scenario) -> None:
    """Two magnitudes beyond the catalogue: 7 times its number, most of them near the Milky Way."""
    deep = dataclasses.replace(plain, sky=dataclasses.replace(plain.sky, faintest_mag=10.0))
    stars = load_stars(deep)
    seeded = stars.hip == 0
    assert seeded.sum() / (~seeded).sum() == pytest.approx(10.0 ** (0.43 * 2) - 1.0, rel=0.05)
    assert stars.magnitude[seeded].min() >= 8.0
    assert stars.magnitude[seeded].max() == pytest.approx(10.0, abs=0.01)
    again = load_stars(deep)
    assert np.array_equal(stars.places, again.places)
    other = load_stars(dataclasses.replace(deep, seed=8))
    assert not np.array_equal(stars.places[seeded], other.places[seeded])
