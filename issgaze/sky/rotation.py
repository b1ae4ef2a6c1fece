"""Rotations: of the sky in an interval, and by a vector."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.sky.sidereal import EARTH_ROTATION_RAD_PER_S
from issgaze.sky.site import Site


def sky_rotation(site: Site, seconds: float | Float64Array) -> Float64Array:
    """Return the rotation that carries true star directions `seconds` onward, shape (..., 3, 3).

    Applied to airless unit vectors (east, north, up) it gives those of the same stars later, or
    earlier when negative; of an array of seconds, shape (...), there is one rotation each.
    Refraction is the caller's affair. Precession and the change of aberration are left out: below
    0.01 arcsec in an hour.
    """
    latitude = np.radians(site.latitude_deg)
    angle = EARTH_ROTATION_RAD_PER_S * np.asarray(seconds)[..., np.newaxis, np.newaxis]
    # the sky turns westward about the pole, which is against the right-hand rule
    pole = np.array([0.0, np.cos(latitude), np.sin(latitude)])
    cross = np.array([[0.0, -pole[2], pole[1]], [pole[2], 0.0, -pole[0]], [-pole[1], pole[0], 0.0]])
    cosine = np.cos(angle)
    rotation = cosine * np.eye(3) - np.sin(angle) * cross + (1.0 - cosine) * np.outer(pole, pole)
    return np.asarray(rotation, dtype=np.float64)


def turn_by(vector: Float64Array) -> Float64Array:
    """Return the rotation by a vector (axis times angle in radians), Rodrigues' formula."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-15:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross)
