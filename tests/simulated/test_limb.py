"""The fade past the Earth's limb: against rays traced step by step, published figures, the core."""

import dataclasses
import math

import numpy as np
import pytest

from issgaze.orbit.limb import limb_light
from issgaze.simulated.air import (
    BANDS_UM,
    EARTH_KM,
    bending_rad,
    density,
    extinction_per_km,
    grazing_depth,
    rayleigh_depth,
    refractivity,
)
from issgaze.simulated.colour import SUNLIGHT_RGB
from issgaze.simulated.earth import airmass
from issgaze.simulated.limb import limb_table
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.starlayer import reddened
from issgaze.simulated.station import Station

_CENTER_KM = EARTH_KM + 400.0
_SUN_RAD = math.radians(959.63 / 3600.0)


def test_the_air_is_that_of_the_published_tables() -> None:
    """US Standard Atmosphere 1976, table I, geometric heights; Bodhaine et al., table 3."""
    heights = np.array([5.0, 11.0, 20.0, 32.0, 50.0, 80.0])
    table = np.array([0.7364, 0.3648, 0.08891, 0.01356, 1.027e-3, 1.846e-5]) / 1.225
    assert density(heights) == pytest.approx(table, rel=0.01)
    assert refractivity(0.55) == pytest.approx(2.778e-4, rel=1e-3)
    assert rayleigh_depth(0.55) == pytest.approx(0.0971, abs=2e-4)
    assert rayleigh_depth(0.45) == pytest.approx(0.2209, abs=6e-4)


def test_a_ray_along_the_ground_bends_by_more_than_a_degree() -> None:
    """Twice the 33 to 35 arcmin by which the setting Sun is lifted."""
    arcmin = np.degrees(bending_rad(np.array([0.0, 20.0, 27.6]), 0.55)) * 60.0
    assert 64.0 < arcmin[0] < 72.0
    # the scale height of dry air is 6 to 8 km
    assert 6.0 < 7.6 / math.log(arcmin[1] / arcmin[2]) < 8.0
    assert arcmin[1] / arcmin[0] == pytest.approx(math.exp(-20.0 / 7.6), rel=0.25)


class _Rays:
    """Rays followed backwards from the satellite by steps of equal length: nothing is shared."""

    def __init__(self, band: int) -> None:
        self._n = refractivity(float(BANDS_UM[band]))
        self._band = band

    def follow(self, tangent_km: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where rays came from (angle to nadir) and the optical depth they met."""
        impact = (tangent_km + EARTH_KM) * (1.0 + self._n * density(tangent_km))
        nadir = np.arcsin(impact / _CENTER_KM)
        place = np.stack((np.zeros_like(nadir), np.full_like(nadir, _CENTER_KM)), axis=-1)
        way = np.stack((np.sin(nadir), -np.cos(nadir)), axis=-1)
        depth = np.zeros_like(nadir)
        step = 4.0
        for _ in range(1150):
            middle = place + 0.5 * step * way
            height = np.linalg.norm(middle, axis=-1) - EARTH_KM
            up = middle / np.linalg.norm(middle, axis=-1, keepdims=True)
            slope = self._n * (density(height + 0.05) - density(height - 0.05)) / 0.1
            # the ray equation: d(n t)/ds = grad n
            push = slope[:, np.newaxis] * (up - (up * way).sum(-1, keepdims=True) * way)
            way = way + step * push
            way /= np.linalg.norm(way, axis=-1, keepdims=True)
            place = middle + 0.5 * step * way
            depth += step * extinction_per_km(height)[:, self._band]
        # bent towards the Earth: the source stands nearer to the nadir than its image
        return np.arctan2(way[:, 0], -way[:, 1]), depth


@pytest.fixture(scope="module")
def traced() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tangent = np.concatenate((np.arange(0.25, 60.0, 0.5), np.arange(60.0, 180.0, 2.0)))
    source, depth = _Rays(1).follow(tangent)
    return tangent, source, depth


def test_bending_and_loss_are_those_of_rays_traced_step_by_step(
    traced: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    tangent, source, depth = traced
    band = float(BANDS_UM[1])
    impact = (tangent + EARTH_KM) * (1.0 + refractivity(band) * density(tangent))
    bent = np.arcsin(impact / _CENTER_KM) - source
    low = tangent < 45.0
    ours = bending_rad(tangent, band)
    assert bent[low] == pytest.approx(ours[low], rel=0.02, abs=2e-6)
    # a straight path misses a little of the bent one in the lowest air, where no light is left
    high = (tangent > 15.0) & low
    assert depth[high] == pytest.approx(grazing_depth(tangent)[high, 1], rel=0.02)


def test_the_light_is_that_of_a_disc_put_together_point_by_point(
    traced: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Each point of the Sun's disc is spread and dimmed by itself; all of them are added up."""
    tangent, source, depth = traced
    band = float(BANDS_UM[1])
    image = np.arcsin(
        (tangent + EARTH_KM) * (1 + refractivity(band) * density(tangent)) / _CENTER_KM
    )
    above = source - math.asin(EARTH_KM / _CENTER_KM)
    gain = np.gradient(image, above) * np.exp(-depth)
    raster = np.linspace(-1.0, 1.0, 101)
    x, y = (axis.ravel() for axis in np.meshgrid(raster, raster))
    disc = x * x + y * y < 1.0
    surface = 1.0 - 0.62 * (1.0 - np.sqrt(1.0 - (x * x + y * y)[disc]))
    table = limb_table(_CENTER_KM)
    for margin in (0.004, 0.008, 0.012, 0.016, 0.022):
        points = margin + y[disc] * _SUN_RAD
        seen = np.interp(points, above, gain, left=0.0, right=1.0)
        light = float((seen * surface).sum() / surface.sum())
        assert table.at(np.array([margin]))[0, 1] == pytest.approx(light, abs=0.01), margin


def test_the_core_s_limb_is_the_same_within_0_6_milliradians() -> None:
    """That is 0.5 s of the station's way when it meets the shadow head on."""
    ours = limb_table(_CENTER_KM)
    core = limb_light(math.sqrt(_CENTER_KM**2 - EARTH_KM**2))
    for part in (0.9, 0.5, 0.1, 0.01):
        mine = float(np.interp(part, ours.light[:, 1], ours.margin_rad))
        theirs = float(np.interp(part, core.light, core.margin_rad))
        assert mine == pytest.approx(theirs, abs=6e-4), part
    margin = np.linspace(-0.02, 0.05, 500)
    assert np.abs(ours.at(margin)[:, 1] - core.at(margin)).max() < 0.03


def test_half_light_comes_ten_seconds_before_the_bare_geometry() -> None:
    margin = np.linspace(-0.01, 0.03, 4000)
    half = float(np.interp(0.5, limb_table(_CENTER_KM).at(margin)[:, 1], margin))
    # the bare limb would leave half of the Sun at a margin of 0; 1.13 mrad a second head on
    assert 8.0 < half / 1.13e-3 < 12.0


def test_the_last_light_is_red_and_before_it_ozone_has_made_it_blue() -> None:
    """As in a lunar eclipse: a turquoise rim, then copper."""
    table = limb_table(_CENTER_KM)
    red, green, blue = table.at(np.interp([0.4, 0.002], table.light[:, 1], table.margin_rad)).T
    assert blue[0] > 1.1 * green[0] > 1.1 * red[0]
    assert red[1] > 2.0 * green[1] > 2.0 * blue[1]
    full = table.at(np.array([0.06]))[0]
    assert full == pytest.approx([1.0, 1.0, 1.0])


def test_the_frame_holds_what_is_left_of_the_light(plain: Scenario) -> None:
    """Through the renderer: electrons of each colour follow the fade."""
    station = Station(plain)
    visible = first_pass(plain)
    seconds = np.arange(-500.0, 500.0, 0.5)
    sight = station.see(visible.culmination, seconds)
    fading = np.flatnonzero((sight.light > 0.25) & (sight.light < 0.35))
    scene = Scene(plain, middle=visible.culmination)
    _, light = scene._station_light(visible.culmination, seconds[fading])
    bare = dataclasses.replace(
        sight,
        light_rgb=np.ones_like(sight.light_rgb),
        magnitude=sight.magnitude + 2.5 * np.log10(np.maximum(sight.light, 1e-30)),
    )
    full = np.power(10.0, -0.4 * bare.magnitude[fading])
    assert light[:, 1] / full == pytest.approx(sight.light[fading], rel=1e-6)
    air = airmass(sight.directions[fading, 2])
    tint = light / reddened(np.broadcast_to(SUNLIGHT_RGB, light.shape), air) / full[:, np.newaxis]
    assert tint == pytest.approx(sight.light_rgb[fading], rel=1e-6)
