"""Where a satellite is between the instants that SGP4 is asked for.

A search asks for places ten thousand times, SGP4 costs the most of it, and its answer is smooth:
cubic Hermite curves through positions and velocities 120 s apart follow it within 7 m for the
station, which is 4 arcsec overhead or 1 ms of flight. The error grows with the fourth power of the
step: 0.4 m at 60 s, 100 m at 240 s, 4 km at 600 s, which is enough to tell where to ask closer.
"""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float64Array
from issgaze.civil import JulianDates
from issgaze.orbit.propagate import Propagator
from issgaze.sky.sidereal import GMST_RATE_RAD_PER_S
from issgaze.sky.site import Site
from issgaze.sky.topocentre import enu_from_equatorial, enu_of_position, local_sidereal_rad

STEP_S = 120.0
_LEAP = 5
# Steps asked for beyond what stands high: the way through the penumbra is followed for 240 s.
_AROUND = 3
# Sine of altitude by which a leap may be wrong: 20 km for what flies 400 km high.
_DOUBT = 0.05


class Ephemeris:
    """Positions of one satellite over one site near the times at which it stands high.

    Elsewhere, and where SGP4 refuses, they are NaN.

    Args:
        propagator: The satellite.
        site: The place.
        start: Instant that seconds count from.
        first_s: Begin of the span.
        last_s: Its end at least.
        lowest_sine: Sine of the true altitude above which positions are wanted.

    Attributes:
        grid_s: Seconds from the start, 120 apart, shape (n,).
        grid_sine: Sine of the true altitude there, shape (n,); a few km wrong where it is low.
    """

    def __init__(
        self,
        propagator: Propagator,
        site: Site,
        start: datetime,
        *,
        first_s: float,
        last_s: float,
        lowest_sine: float,
    ) -> None:
        self._propagator, self._site, self._start = propagator, site, start
        self._first_s = first_s
        leaps = int(np.ceil((last_s - first_s) / (STEP_S * _LEAP)))
        self.grid_s = first_s + STEP_S * np.arange(leaps * _LEAP + 1, dtype=np.float64)
        self.grid_sine = self._sine_by_leaps()
        # what a leap says nothing of, as where SGP4 gives the satellite up, is asked step by step
        near = ~(self.grid_sine < lowest_sine - _DOUBT)
        self._ask(np.flatnonzero(_dilated(near, _AROUND)))
        refused = np.isnan(self.grid_sine)
        self._refused_s = self.grid_s[refused]
        self.grid_sine[refused] = -1.0

    def given_up_s(self, after_s: float) -> float:
        """Return the first instant on the grid at which SGP4 refuses, infinite if at none.

        What it says of a decayed satellite after that is worth nothing.
        """
        return float(np.min(self._refused_s[self._refused_s >= after_s], initial=np.inf))

    def position_km(self, seconds: Float64Array) -> Float64Array:
        """Return TEME positions in km, shape (..., 3)."""
        return self._follow(self._inertial, seconds)

    def relative_km(self, seconds: Float64Array) -> Float64Array:
        """Return vectors in km (east, north, up) from the site, shape (..., 3)."""
        return self._follow(self._local, seconds)

    def _follow(self, curves: Float64Array, seconds: Float64Array) -> Float64Array:
        steps = (seconds - self._first_s) * (1.0 / STEP_S)
        index = np.minimum(np.maximum(steps.astype(np.intp), 0), len(self._row) - 1)
        part = (steps - index)[..., np.newaxis]
        along = curves[self._row[index]]
        return np.asarray(
            ((along[..., 3, :] * part + along[..., 2, :]) * part + along[..., 1, :]) * part
            + along[..., 0, :]
        )

    def _sine_by_leaps(self) -> Float64Array:
        places, rates = self._nodes(self.grid_s[::_LEAP])
        local = _curves(places[:, 3:], rates[:, 3:], STEP_S * _LEAP)
        part = (np.arange(_LEAP) / _LEAP)[:, np.newaxis]
        base, slope, bend, twist = (local[:, k, np.newaxis, :] for k in range(4))
        between = (((twist * part + bend) * part + slope) * part + base).reshape(-1, 3)
        return _sine(np.concatenate((between, places[-1:, 3:])))

    def _ask(self, asked: NDArray[np.intp]) -> None:
        """Lay curves between neighbours among the grid's instants that SGP4 is asked for."""
        places, rates = self._nodes(self.grid_s[asked])
        self.grid_sine[asked] = _sine(places[:, 3:])
        joined = np.flatnonzero(np.diff(asked) == 1)
        curves = _curves(places, rates, STEP_S)[joined]
        curves = np.concatenate((curves, np.full((1, 4, 6), np.nan)))
        self._inertial = np.ascontiguousarray(curves[..., :3])
        self._local = np.ascontiguousarray(curves[..., 3:])
        # the last row, NaN, stands for all instants in between
        self._row = np.full(max(1, len(self.grid_s) - 1), len(joined), dtype=np.intp)
        self._row[asked[joined]] = np.arange(len(joined))

    def _nodes(self, seconds: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Return (x, y, z, east, north, up) in km and their changes a second, both (n, 6)."""
        dates = JulianDates.after(self._start, seconds)
        position, velocity, _sound = self._propagator.states(dates)
        sidereal = local_sidereal_rad(self._site, dates)
        # as seen from the ground, which turns
        turning = velocity.copy()
        turning[:, 0] += GMST_RATE_RAD_PER_S * position[:, 1]
        turning[:, 1] -= GMST_RATE_RAD_PER_S * position[:, 0]
        local = enu_of_position(position, self._site, sidereal)
        return (
            np.concatenate((position, local), axis=1),
            np.concatenate((velocity, enu_from_equatorial(turning, self._site, sidereal)), axis=1),
        )


def _curves(places: Float64Array, rates: Float64Array, step_s: float) -> Float64Array:
    """Return coefficients of cubic Hermite curves between n nodes, shape (n - 1, 4, columns)."""
    here, change = places[:-1], places[1:] - places[:-1]
    begin, end = rates[:-1] * step_s, rates[1:] * step_s
    return np.stack(
        (here, begin, 3.0 * change - 2.0 * begin - end, begin + end - 2.0 * change), axis=1
    )


def _sine(local_km: Float64Array) -> Float64Array:
    distance = np.sqrt(np.einsum("ij,ij->i", local_km, local_km))
    return np.asarray(local_km[:, 2] / distance, dtype=np.float64)


def _dilated(chosen: BoolArray, steps: int) -> BoolArray:
    """Return what lies within so many steps of what is chosen."""
    wide = chosen.copy()
    for shift in range(1, steps + 1):
        wide[shift:] |= chosen[:-shift]
        wide[:-shift] |= chosen[shift:]
    return wide
