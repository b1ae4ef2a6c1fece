"""Where the Sun stands against the limb of the oblate Earth, seen from a satellite."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.sky.sun import SUN_RADIUS_KM
from issgaze.sky.topocentre import EARTH_FLATTENING, EARTH_RADIUS_KM


def sun_margin_rad(
    satellite_km: Float64Array, sun_km: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the angle of the Sun's centre above the Earth's limb and the Sun's angular radius.

    The axis of rotation is stretched until the Earth is a sphere; straight lines stay straight, so
    that touching stays touching. The angle itself is off by at most 0.3 %, nothing at the limb.

    Args:
        satellite_km: Geocentric equatorial positions, shape (..., 3).
        sun_km: The Sun's in the same system, shape (..., 3).
    """
    stretch = np.array([1.0, 1.0, 1.0 / (1.0 - EARTH_FLATTENING)])
    satellite = satellite_km * stretch
    to_sun = (sun_km - satellite_km) * stretch
    distance = np.linalg.norm(satellite, axis=-1)
    sun_distance = np.linalg.norm(to_sun, axis=-1)
    # the angle between the Sun and the Earth's centre as seen from the satellite
    cross = np.linalg.norm(np.cross(satellite, to_sun), axis=-1)
    dot = -np.sum(satellite * to_sun, axis=-1)
    apart = np.arctan2(cross, dot)
    # a decaying set may dive below the surface: the Earth then fills half the sky
    earth_radius = np.arcsin(np.minimum(1.0, EARTH_RADIUS_KM / distance))
    sun_radius = np.arcsin(SUN_RADIUS_KM / sun_distance)
    return apart - earth_radius, sun_radius
