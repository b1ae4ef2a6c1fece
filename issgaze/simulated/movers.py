"""Other things that cross the sky: satellites, aircraft with their lights, a meteor."""

from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import seconds_between
from issgaze.simulated.colour import SUNLIGHT_RGB
from issgaze.simulated.scenario import MoverScenario

# An aircraft's anti-collision flash: this long, so many magnitudes over its steady lights.
_FLASH_S = 0.06
_FLASH_MAG = 3.5
_METEOR_RGB = np.array([0.55, 1.1, 0.85])
_AIRCRAFT_RGB = np.array([0.85, 0.9, 0.55])
_STROBE_RGB = np.array([0.7, 1.0, 0.8])
LONGEST_STEP_S = 0.02


class Mover:
    """One of them, on a great circle at even speed.

    Args:
        mover: What the scenario says of it.
        origin: The instant its times count from: the culmination of the station.
    """

    def __init__(self, mover: MoverScenario, origin: datetime) -> None:
        self._mover = mover
        self._origin = origin
        self._from = _direction(mover.from_altitude_deg, mover.from_azimuth_deg)
        self._to = _direction(mover.to_altitude_deg, mover.to_azimuth_deg)

    def see(self, start: datetime, seconds: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Return directions (east, north, up), shape (n, 3), and light at instants after `start`.

        The light is that in red, green and blue photosites, shape (n, 3), in units of a star of
        magnitude 0; zero before it appears and after it has gone.
        """
        mover = self._mover
        age = seconds + seconds_between(self._origin, start) - mover.start_s
        part = age / mover.lasts_s
        there = (part >= 0.0) & (part <= 1.0)
        arc = float(np.arccos(np.clip(self._from @ self._to, -1.0, 1.0)))
        ahead = np.clip(part, 0.0, 1.0)[:, np.newaxis]
        directions = (
            np.sin((1.0 - ahead) * arc) * self._from + np.sin(ahead * arc) * self._to
        ) / max(np.sin(arc), 1e-12)
        light = self._light(age, np.clip(part, 0.0, 1.0)) * 10.0 ** (-0.4 * mover.mag)
        return directions, np.where(there[:, np.newaxis], light, 0.0)

    def _light(self, age: Float64Array, part: Float64Array) -> Float64Array:
        if self._mover.kind == "aircraft":
            phase = np.mod(age, self._mover.blink_s)
            flash = (phase < _FLASH_S) | (np.abs(phase - 3.0 * _FLASH_S) < 0.5 * _FLASH_S)
            strobe = flash[:, np.newaxis] * _STROBE_RGB * 10.0 ** (0.4 * _FLASH_MAG)
            return np.asarray(_AIRCRAFT_RGB + strobe)
        if self._mover.kind == "meteor":
            # it brightens slowly and goes out fast, as most light curves do
            curve = 2.6 * part**1.5 * (1.0 - part) ** 0.5
            return np.asarray(curve[:, np.newaxis] * _METEOR_RGB)
        return np.asarray(np.ones((len(age), 1)) * SUNLIGHT_RGB, dtype=np.float64)


def _direction(altitude_deg: float, azimuth_deg: float) -> Float64Array:
    altitude, azimuth = np.radians(altitude_deg), np.radians(azimuth_deg)
    level = np.cos(altitude)
    return np.array([level * np.sin(azimuth), level * np.cos(azimuth), np.sin(altitude)])
