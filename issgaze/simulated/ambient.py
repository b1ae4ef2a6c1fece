"""How much light falls on the ground: from the whole sky, and from the Moon."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.bodies import moon_sight
from issgaze.simulated.clouds import Clouds
from issgaze.simulated.colour import SUNLIGHT_RGB
from issgaze.simulated.moonlight import moonlit
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.skylight import Skylight
from issgaze.simulated.starfield import Heavens

_DARK_ZENITH_MAG = 21.8
_RAYS = 240
# the sky of a clear, dark night in the same unit: ambient light is counted from there
_DARK_MEAN = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Illumination:
    """Light on the ground, in units of what a clear and dark night sheds on it.

    Attributes:
        sky: From the whole sky, red, green and blue over sunlight.
        moon: On white ground that faces the Moon, 0 when it is down.
        moon_direction: Unit vector (east, north, up).
    """

    sky: Float64Array
    moon: float
    moon_direction: Float64Array


class Ambient:
    """The light of a scenario's night on its ground."""

    def __init__(self, scenario: Scenario, heavens: Heavens, clouds: Clouds) -> None:
        self._scenario = scenario
        self._clouds = clouds
        self._rays = _hemisphere()
        self._skylight = Skylight(scenario, self._rays[np.newaxis], heavens, clouds)

    def renew(self, heavens: Heavens) -> None:
        """Take a sky that was computed anew for another instant."""
        self._skylight.renew(heavens)

    def at(self, instant: datetime) -> Illumination:
        """Return the light at an instant."""
        unit = 10.0 ** (-0.4 * _DARK_ZENITH_MAG)
        glow = np.asarray(self._skylight.at(instant)[0], dtype=np.float64) / SUNLIGHT_RGB
        # what falls on level ground counts by the cosine; walls and trees see the rest
        weight = 0.4 + self._rays[:, 2]
        sky = (glow * weight[:, np.newaxis]).sum(axis=0) / weight.sum() / unit / _DARK_MEAN
        moon, direction = 0.0, np.array([0.0, 0.0, 1.0])
        if self._scenario.sky.moon:
            sight = moon_sight(self._scenario, instant)
            direction = sight.direction
            passed = self._clouds.transmission(direction[np.newaxis], instant)[0]
            lit = moonlit(sight, self._scenario.sky.extinction_mag)
            moon = float(lit * passed) / unit / _DARK_MEAN
        return Illumination(sky=np.asarray(sky), moon=moon, moon_direction=direction)


def _hemisphere() -> Float64Array:
    """Return directions spread evenly over the sky (Fibonacci's lattice)."""
    number = np.arange(_RAYS) + 0.5
    up = number / _RAYS
    around = np.pi * (1.0 + 5.0**0.5) * number
    level = np.sqrt(1.0 - up * up)
    return np.stack((level * np.sin(around), level * np.cos(around), up), axis=-1)
