"""Atmospheric refraction under standard conditions (1010 hPa, 10 degrees C) unless told otherwise.

Saemundsson, Sky & Telescope 72 (1986) 70, gives apparent from true altitude; the inverse is
found by iteration, not by Bennett's companion formula, so that the two cancel to rounding error.
"""

import numpy as np

from issgaze.arrays import Float64Array

# Below this altitude the formula is meaningless; refraction tapers to zero from here to -90.
_LOWEST_TRUE_DEG = -1.5


def refraction_deg(
    true_altitude_deg: Float64Array, *, pressure_hpa: float = 1010.0, temperature_c: float = 10.0
) -> Float64Array:
    """Return the refraction in degrees at a true (airless) altitude in degrees.

    Accurate to about 0.07 arcmin above 15 degrees and 0.3 arcmin at the horizon. Below -1.5
    degrees the value at -1.5 tapers linearly to zero at the nadir, to keep the map one-to-one.
    """
    altitude = np.asarray(true_altitude_deg, dtype=np.float64)
    held = np.maximum(altitude, _LOWEST_TRUE_DEG)
    arcmin = 1.02 / np.tan(np.radians(held + 10.3 / (held + 5.11)))
    # the formula gives -0.0019 arcmin at the zenith; a refraction is never negative
    arcmin = np.maximum(arcmin, 0.0)
    weather = (pressure_hpa / 1010.0) * (283.0 / (273.0 + temperature_c))
    taper = np.where(
        altitude < _LOWEST_TRUE_DEG,
        np.maximum(0.0, (90.0 + altitude) / (90.0 + _LOWEST_TRUE_DEG)),
        1.0,
    )
    return arcmin / 60.0 * weather * taper


def refract_deg(
    true_altitude_deg: Float64Array, *, pressure_hpa: float = 1010.0, temperature_c: float = 10.0
) -> Float64Array:
    """Return the apparent altitude in degrees of a true altitude in degrees."""
    return np.asarray(true_altitude_deg) + refraction_deg(
        true_altitude_deg, pressure_hpa=pressure_hpa, temperature_c=temperature_c
    )


def unrefract_deg(
    apparent_altitude_deg: Float64Array,
    *,
    pressure_hpa: float = 1010.0,
    temperature_c: float = 10.0,
) -> Float64Array:
    """Return the true altitude in degrees of an apparent altitude in degrees.

    Fixed-point iteration; it agrees with `refract_deg` to 1e-6 degrees above -1 degree.
    """
    apparent = np.asarray(apparent_altitude_deg, dtype=np.float64)
    true = apparent
    for _ in range(12):
        true = apparent - refraction_deg(
            true, pressure_hpa=pressure_hpa, temperature_c=temperature_c
        )
    return true
