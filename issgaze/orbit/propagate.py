"""SGP4 by arrays: from an element set to positions in TEME."""

from datetime import UTC, datetime

import numpy as np
from sgp4.api import SGP4_ERRORS, WGS72, Satrec

from issgaze.arrays import BoolArray, Float64Array
from issgaze.civil import SECONDS_PER_DAY, JulianDates, format_utc, later, seconds_between
from issgaze.errors import PropagationError
from issgaze.orbit.elements import ElementSet

# sgp4init counts its epoch from here
_SGP4_ZERO = datetime(1949, 12, 31, tzinfo=UTC)
_EARTH_KM3_PER_S2 = 398600.8
# years before the epoch, drag run backwards swells an orbit beyond all measure, without an error
_BLOWN_UP = 1.5
_REV_PER_DAY_TO_RAD_PER_MIN = 2.0 * np.pi / 1440.0


class Propagator:
    """Positions of one element set, by SGP4 with the WGS 72 constants it is defined with."""

    def __init__(self, elements: ElementSet) -> None:
        self.elements = elements
        self._satellite = Satrec()
        self._satellite.sgp4init(
            WGS72,
            "i",
            0,  # the catalogue number plays no part, and some are too large for it
            seconds_between(_SGP4_ZERO, elements.epoch) / SECONDS_PER_DAY,
            elements.bstar,
            0.0,  # SGP4 does not use the derivatives of the mean motion
            0.0,
            elements.eccentricity,
            np.radians(elements.arg_of_perigee_deg),
            np.radians(elements.inclination_deg),
            np.radians(elements.mean_anomaly_deg),
            elements.mean_motion_rev_per_day * _REV_PER_DAY_TO_RAD_PER_MIN,
            np.radians(elements.raan_deg),
        )

        rate = elements.mean_motion_rev_per_day * _REV_PER_DAY_TO_RAD_PER_MIN / 60.0
        axis_km = (_EARTH_KM3_PER_S2 / rate**2) ** (1.0 / 3.0)
        self._farthest_km2 = (_BLOWN_UP * axis_km * (1.0 + elements.eccentricity)) ** 2

    @property
    def period_s(self) -> float:
        """The time of one revolution in seconds."""
        return SECONDS_PER_DAY / self.elements.mean_motion_rev_per_day

    def positions_km(self, dates: JulianDates) -> tuple[Float64Array, BoolArray]:
        """Return TEME positions in km, shape (n, 3), and which of them SGP4 stands by, shape (n,).

        What it does not stand by is NaN.
        """
        positions, _velocities, sound = self.states(dates)
        return positions, sound

    def states(self, dates: JulianDates) -> tuple[Float64Array, Float64Array, BoolArray]:
        """Return TEME positions in km and velocities in km/s, (n, 3), and which are sound, (n,)."""
        shape = dates.fraction.shape
        codes, positions, velocities = self._satellite.sgp4_array(
            np.ascontiguousarray(dates.whole.ravel()), np.ascontiguousarray(dates.fraction.ravel())
        )
        distance2 = np.einsum("ij,ij->i", positions, positions)
        sound = np.asarray((codes == 0) & (distance2 < self._farthest_km2))
        if not sound.all():
            positions = np.where(sound[:, np.newaxis], positions, np.nan)
            velocities = np.where(sound[:, np.newaxis], velocities, np.nan)
        return (
            np.asarray(positions, dtype=np.float64).reshape(*shape, 3),
            np.asarray(velocities, dtype=np.float64).reshape(*shape, 3),
            sound.reshape(shape),
        )

    def require_sound(self, start: datetime, seconds: Float64Array, sound: BoolArray) -> None:
        """Raise for the first instant that SGP4 refuses.

        Raises:
            PropagationError: With SGP4's own reason, the instant and the age of the set.
        """
        if sound.all():
            return
        first = float(seconds.ravel()[int(np.argmin(sound.ravel()))])
        raise self.refusal(later(start, first))

    def refusal(self, instant: datetime) -> PropagationError:
        """Return the error that says why SGP4 gives no position at an instant."""
        dates = JulianDates.after(instant, np.zeros(1))
        code, _position, _velocity = self._satellite.sgp4(
            float(dates.whole[0]), float(dates.fraction[0])
        )
        reason = SGP4_ERRORS.get(code) or "the orbit has left that of the set altogether"
        age_days = seconds_between(self.elements.epoch, instant) / SECONDS_PER_DAY
        return PropagationError(
            f"SGP4 gives no position of {self.elements.norad_id} at "
            f"{format_utc(instant, decimals=0)}, {age_days:.1f} days from the epoch of its "
            f"element set: {reason}",
            remedy="Get a newer element set with `issgaze elements fetch`; "
            "if that fails too, the satellite has probably decayed."
            if age_days > 0.0
            else "Name a file with sets of that time: --elements FILE.",
        )
