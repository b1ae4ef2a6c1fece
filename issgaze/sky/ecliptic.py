"""From the ecliptic of date to the equator that SGP4 counts from."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.sky.equinox import mean_obliquity_rad, nutation_rad


def teme_from_ecliptic(
    longitude_rad: Float64Array,
    latitude_rad: Float64Array,
    distance_km: Float64Array,
    dates: JulianDates,
) -> Float64Array:
    """Return geocentric positions in km in TEME, shape (..., 3).

    Args:
        longitude_rad: Ecliptic longitude from the mean equinox of date, shape (...).
        latitude_rad: Ecliptic latitude, same shape.
        distance_km: From the Earth's centre, same shape.
        dates: Instants, same shape.
    """
    nutation, tilt = nutation_rad(dates)
    obliquity = mean_obliquity_rad(dates) + tilt
    longitude = longitude_rad + nutation
    level = np.cos(latitude_rad)
    x = level * np.cos(longitude)
    y = level * np.sin(longitude) * np.cos(obliquity) - np.sin(latitude_rad) * np.sin(obliquity)
    z = level * np.sin(longitude) * np.sin(obliquity) + np.sin(latitude_rad) * np.cos(obliquity)
    # TEME counts from the mean equinox: turn the true one back by the equation of the equinoxes
    equation = nutation * np.cos(obliquity)
    cosine, sine = np.cos(equation), np.sin(equation)
    unit = np.stack((x * cosine + y * sine, y * cosine - x * sine, z), axis=-1)
    return np.asarray(unit * distance_km[..., np.newaxis], dtype=np.float64)
