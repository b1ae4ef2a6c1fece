"""Sun, Moon and the turn of the Earth for a whole search, from one table."""

import math
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.sky.moon import moon_teme_km
from issgaze.sky.sidereal import GMST_RATE_RAD_PER_S, gmst_rad
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_teme_km

# Straight lines between hourly places are off by 2.4 arcsec for the Moon, 0.003 for the Sun.
_STEP_S = 3600.0
# The series are summed for every fourth hour; cubics between four of those are off by 0.1 arcsec.
_PARTS = 4


class Almanac:
    """Geocentric Sun and Moon in TEME, looked up by seconds from an instant."""

    def __init__(self, start: datetime, first_s: float, last_s: float) -> None:
        self.start = start
        self._first_s = first_s
        # the turn of the Earth is even: its rate changes by 1e-12 in a year
        self._sidereal_rad = float(gmst_rad(JulianDates.after(start, np.zeros(1)))[0])
        spans = int(np.ceil((last_s - first_s) / (_STEP_S * _PARTS))) + 1
        seconds = first_s + _STEP_S * _PARTS * np.arange(-1, spans + 2, dtype=np.float64)
        self._nodes = JulianDates.after(start, np.asarray(seconds, dtype=np.float64))
        self._sun = _filled(sun_teme_km(self._nodes))
        self._moon: Float64Array | None = None

    def sun_km(self, seconds: Float64Array) -> Float64Array:
        """Return the Sun's position in km in TEME, shape (..., 3)."""
        return self._between(self._sun, seconds)

    def moon_km(self, seconds: Float64Array) -> Float64Array:
        """Return the Moon's position in km in TEME, shape (..., 3)."""
        if self._moon is None:
            self._moon = _filled(moon_teme_km(self._nodes))
        return self._between(self._moon, seconds)

    def sidereal_rad(self, site: Site, seconds: Float64Array) -> Float64Array:
        """Return the site's local mean sidereal time in radians, not reduced to one turn."""
        here = self._sidereal_rad + math.radians(site.longitude_deg)
        return here + GMST_RATE_RAD_PER_S * seconds

    def _between(self, table: Float64Array, seconds: Float64Array) -> Float64Array:
        steps = (seconds - self._first_s) / _STEP_S
        index = np.minimum(np.maximum(steps.astype(np.intp), 0), len(table) - 2)
        here = table[index]
        return np.asarray(here + (table[index + 1] - here) * (steps - index)[..., np.newaxis])


def _filled(coarse: Float64Array) -> Float64Array:
    """Return places at every hour from those at every fourth, the first and last two left out."""
    part = (np.arange(_PARTS) / _PARTS)[:, np.newaxis]
    # Lagrange's weights for nodes at -1, 0, 1 and 2
    weights = (
        -part * (part - 1.0) * (part - 2.0) / 6.0,
        (part + 1.0) * (part - 1.0) * (part - 2.0) / 2.0,
        -(part + 1.0) * part * (part - 2.0) / 2.0,
        (part + 1.0) * part * (part - 1.0) / 6.0,
    )
    count = len(coarse) - 3
    terms = (w * coarse[k : k + count, np.newaxis] for k, w in enumerate(weights))
    return np.asarray(sum(terms), dtype=np.float64).reshape(-1, 3)
