"""The glow of the sky without stars: air, twilight, Moon, towns, Milky Way, aurora, clouds."""

import math
from datetime import datetime

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.simulated.aurora import aurora
from issgaze.simulated.bodies import MoonSight, moon_sight
from issgaze.simulated.clouds import Clouds
from issgaze.simulated.colour import SUNLIGHT_RGB
from issgaze.simulated.earth import airmass
from issgaze.simulated.galaxy import milky_way, milky_way_table
from issgaze.simulated.moonlight import glare, moonglow
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.starfield import Heavens
from issgaze.simulated.station import sun_direction
from issgaze.simulated.twilight import twilight

# tints over sunlight in red, green, blue
_NIGHT = np.array([0.98, 1.0, 1.12])
_GREEN_LINE = np.array([0.75, 1.25, 0.7])
_RED_LINE = np.array([1.5, 0.85, 0.7])
_TOWN = np.array([1.55, 1.0, 0.55])
_GALAXY = np.array([1.12, 1.0, 0.93])
_DARK_ZENITH_MAG = 21.8


class Skylight:
    """Surface brightness over a grid of directions, in units of magnitude-0 stars per arcsec^2.

    Args:
        scenario: The night.
        directions: Unit vectors (east, north, up) of shape (rows, columns, 3); nan without sky.
        heavens: The turning sky.
        clouds: Before it all.
    """

    def __init__(
        self, scenario: Scenario, directions: Float64Array, heavens: Heavens, clouds: Clouds
    ) -> None:
        self._scenario = scenario
        self._clouds = clouds
        self._directions = np.nan_to_num(directions)
        self._heavens = heavens
        self._table = milky_way_table()
        up = self._directions[..., 2]
        self._airmass = airmass(up)
        self._loss = np.power(10.0, -0.4 * scenario.sky.extinction_mag * self._airmass)
        self._air = self._airglow(up)
        self._town = self._towns(up)

    def renew(self, heavens: Heavens) -> None:
        """Take a sky that was computed anew for another instant."""
        self._heavens = heavens

    def at(self, instant: datetime) -> Float32Array:
        """Return the glow in red, green and blue at an instant, shape (rows, columns, 3)."""
        sky = self._scenario.sky
        moon = moon_sight(self._scenario, instant) if sky.moon else None
        glow = self._air + self._town
        glow = glow + twilight(
            self._directions, sun_direction(self._scenario, instant), self._airmass
        )
        if moon is not None:
            glow = glow + moonglow(moon, self._directions, self._airmass, sky.extinction_mag)
        if sky.milky_way > 0.0:
            icrs = self._heavens.icrs(self._directions, instant)
            band = milky_way(self._table, icrs) * (sky.milky_way * _light(_DARK_ZENITH_MAG))
            glow = glow + (band * self._loss)[..., np.newaxis] * _GALAXY
        if sky.aurora > 0.0:
            lights = aurora(self._scenario, self._directions, instant)
            glow = glow + lights * (_light(_DARK_ZENITH_MAG) * self._loss)[..., np.newaxis]
        if self._clouds.present:
            glow = self._behind_clouds(glow, moon, instant)
        if moon is not None and moon.direction[2] > 0.0:
            glow = glow + self._moon_glare(moon, instant)
        return np.asarray(glow * SUNLIGHT_RGB, dtype=np.float32)

    def _behind_clouds(
        self, glow: Float64Array, moon: MoonSight | None, instant: datetime
    ) -> Float64Array:
        """Return the glow with clouds before it: lit by the whole sky, the towns, the Moon."""
        passed = self._clouds.transmission(self._directions, instant)[..., np.newaxis]
        above = self._directions[..., 2] > 0.05
        mean = glow[above].mean(axis=0) if above.any() else glow.mean(axis=(0, 1))
        # thin edges scatter forwards what comes from behind, thick ones are grey
        own = 0.6 * mean + 2.6 * self._town + 0.30 * glow
        silver = passed * (1.0 - passed) * 4.0
        own = own * (0.72 + 0.55 * passed + 0.25 * silver)
        if moon is not None:
            near = (self._directions * moon.direction).sum(axis=-1)
            halo = np.exp(-np.degrees(np.arccos(np.clip(near, -1.0, 1.0))) / 7.0)
            own = own + glow * (1.4 * silver * halo[..., np.newaxis])
        return np.asarray(glow * passed + own * (1.0 - passed))

    def _moon_glare(self, moon: MoonSight, instant: datetime) -> Float64Array:
        air = float(airmass(moon.direction[2]))
        light = _light(moon.magnitude + self._scenario.sky.extinction_mag * air)
        light *= float(self._clouds.transmission(moon.direction[np.newaxis], instant)[0])
        return glare(moon, self._directions, light)[..., np.newaxis] * np.ones(3)

    def _airglow(self, up: Float64Array) -> Float64Array:
        """Return the natural glow: it brightens towards the horizon as the layer is seen aslant.

        Van Rhijn's factor for a layer 90 km up, with part of the extinction that stars suffer,
        since light scattered out of one line of sight enters another.
        """
        slant = 1.0 / np.sqrt(1.0 - (1.0 - np.maximum(up, 0.0) ** 2) * 0.9722)
        loss = np.power(10.0, -0.4 * 0.65 * self._scenario.sky.extinction_mag * (self._airmass - 1))
        base = _light(self._scenario.sky.zenith_mag)
        flat = (0.45 + 0.55 * slant) * loss * base
        low = np.exp(-((np.degrees(np.arcsin(np.clip(up, 0, 1))) - 9.0) ** 2) / 200.0)
        lines = self._scenario.sky.airglow * base * low
        return np.asarray(
            flat[..., np.newaxis] * _NIGHT
            + (0.20 * lines)[..., np.newaxis] * _GREEN_LINE
            + (0.10 * lines)[..., np.newaxis] * _RED_LINE
        )

    def _towns(self, up: Float64Array) -> Float64Array:
        """Return the light domes: an exponential in altitude, a bell in azimuth."""
        azimuth = np.degrees(np.arctan2(self._directions[..., 0], self._directions[..., 1]))
        altitude = np.degrees(np.arcsin(np.clip(up, -1.0, 1.0)))
        glow = np.zeros((*up.shape, 3))
        base = _light(_DARK_ZENITH_MAG)
        domes = self._scenario.sky.domes
        for center, strength, width in zip(domes[::3], domes[1::3], domes[2::3], strict=True):
            apart = (azimuth - center + 180.0) % 360.0 - 180.0
            bell = np.exp(-((apart / width) ** 2))
            fall = np.exp(-np.maximum(altitude, 0.0) / (4.0 + 0.12 * width))
            glow += (strength * base * bell * fall)[..., np.newaxis] * _TOWN
        return glow


def _light(mag: float) -> float:
    return math.pow(10.0, -0.4 * mag)
