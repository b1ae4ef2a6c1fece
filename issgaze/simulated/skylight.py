"""The glow of the sky without stars: airglow, scattered light, twilight, towns, the Milky Way."""

import math
from datetime import datetime

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.simulated.colour import SUNLIGHT_RGB
from issgaze.simulated.earth import airmass
from issgaze.simulated.galaxy import milky_way, milky_way_table
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.starfield import Heavens
from issgaze.simulated.station import sun_direction

# tints over sunlight in red, green, blue
_NIGHT = np.array([0.98, 1.0, 1.12])
_GREEN_LINE = np.array([0.75, 1.25, 0.7])
_RED_LINE = np.array([1.5, 0.85, 0.7])
_TOWN = np.array([1.55, 1.0, 0.55])
_DUSK_HIGH = np.array([0.62, 0.95, 1.65])
_DUSK_LOW = np.array([1.5, 1.05, 0.75])
_GALAXY = np.array([1.12, 1.0, 0.93])
_DARK_ZENITH_MAG = 21.8


class Skylight:
    """Surface brightness over a grid of directions, in units of magnitude-0 stars per arcsec^2.

    Args:
        scenario: The night.
        directions: Unit vectors (east, north, up) of shape (rows, columns, 3); nan without sky.
        heavens: The turning sky.
    """

    def __init__(self, scenario: Scenario, directions: Float64Array, heavens: Heavens) -> None:
        self._scenario = scenario
        self._directions = np.nan_to_num(directions)
        self._heavens = heavens
        self._table = milky_way_table()
        up = self._directions[..., 2]
        self._airmass = airmass(up)
        self._loss = np.power(10.0, -0.4 * scenario.sky.extinction_mag * self._airmass)
        self._still = self._airglow(up) + self._towns(up)

    def at(self, instant: datetime) -> Float32Array:
        """Return the glow in red, green and blue at an instant, shape (rows, columns, 3)."""
        sky = self._scenario.sky
        glow = self._still + self._twilight(instant)
        if sky.milky_way > 0.0:
            icrs = self._heavens.icrs(self._directions, instant)
            band = milky_way(self._table, icrs) * (sky.milky_way * _light(_DARK_ZENITH_MAG))
            glow = glow + (band * self._loss)[..., np.newaxis] * _GALAXY
        return np.asarray(glow * SUNLIGHT_RGB, dtype=np.float32)

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

    def _twilight(self, instant: datetime) -> Float64Array:
        """Return scattered sunlight.

        At the zenith: Patat, Ugolnikov & Postylyakov, A&A 455 (2006) 385, table 1, V. It grows
        towards the Sun and the horizon by a factor drawn from their figure 6.
        """
        sun = sun_direction(self._scenario, instant)
        depth = -math.degrees(math.asin(float(sun[2])))
        if depth > 18.5:
            return np.zeros((*self._airmass.shape, 3))
        beyond = min(max(depth - 5.0, -4.0), 13.2)
        zenith = _light(11.84 + 1.518 * beyond - 0.057 * beyond * beyond)
        # the fit levels out where starlight takes over; what is left fades with the Sun
        zenith *= 10.0 ** (-0.4 * 0.9 * max(depth - 13.0, 0.0))
        level = sun[:2] / max(float(np.hypot(sun[0], sun[1])), 1e-9)
        toward = self._directions[..., :2] @ level
        low = 1.0 - np.maximum(self._directions[..., 2], 0.0)
        factor = np.exp(low * (0.9 + 1.9 * toward))
        warm = np.clip(low * low * (0.35 + 0.65 * toward), 0.0, 1.0)[..., np.newaxis]
        tint = _DUSK_HIGH * (1.0 - warm) + _DUSK_LOW * warm
        return np.asarray((zenith * factor)[..., np.newaxis] * tint)


def _light(mag: float) -> float:
    return math.pow(10.0, -0.4 * mag)
