"""Local directions: altitude and azimuth against unit vectors of east, north and up."""

import numpy as np

from issgaze.arrays import Float64Array


def enu_from_altaz(altitude_deg: Float64Array, azimuth_deg: Float64Array) -> Float64Array:
    """Return unit vectors (east, north, up), shape (..., 3).

    Args:
        altitude_deg: Altitude in degrees, -90 to 90, any shape.
        azimuth_deg: Azimuth in degrees from north through east, same shape.
    """
    altitude = np.radians(altitude_deg)
    azimuth = np.radians(azimuth_deg)
    level = np.cos(altitude)
    return np.stack((level * np.sin(azimuth), level * np.cos(azimuth), np.sin(altitude)), axis=-1)


def altaz_from_enu(direction: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return (altitude_deg, azimuth_deg) of vectors (east, north, up), shape (..., 3).

    The vectors need not be of unit length. Azimuth lies in 0 to 360.
    """
    east, north, up = direction[..., 0], direction[..., 1], direction[..., 2]
    altitude = np.degrees(np.arctan2(up, np.hypot(east, north)))
    azimuth = np.degrees(np.arctan2(east, north)) % 360.0
    return altitude, azimuth


def separation_deg(first: Float64Array, second: Float64Array) -> Float64Array:
    """Return the angle in degrees between vectors of shape (..., 3), right for tiny angles too."""
    cross = np.linalg.norm(np.cross(first, second), axis=-1)
    dot = np.sum(first * second, axis=-1)
    angle: Float64Array = np.degrees(np.arctan2(cross, dot))
    return angle
