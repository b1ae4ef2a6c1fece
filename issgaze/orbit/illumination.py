"""Where the Sun stands against the limb of the oblate Earth, seen from a satellite."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.sky.sun import SUN_RADIUS_KM
from issgaze.sky.topocentre import EARTH_FLATTENING, EARTH_RADIUS_KM

_STRETCH = np.array([1.0, 1.0, 1.0 / (1.0 - EARTH_FLATTENING)])


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
    satellite = satellite_km * _STRETCH
    to_sun = (sun_km - satellite_km) * _STRETCH
    distance = np.sqrt(np.einsum("...i,...i", satellite, satellite))
    sun_distance = np.sqrt(np.einsum("...i,...i", to_sun, to_sun))
    # the angle between the Sun and the Earth's centre as seen from the satellite; at the limb, some
    # 70 degrees from the centre, its cosine is as good as any
    cosine = np.einsum("...i,...i", satellite, to_sun) / (-distance * sun_distance)
    apart = np.arccos(np.minimum(np.maximum(cosine, -1.0), 1.0))
    # a decaying set may dive below the surface: the Earth then fills half the sky
    earth_radius = np.arcsin(np.minimum(1.0, EARTH_RADIUS_KM / distance))
    return apart - earth_radius, np.asarray(np.arcsin(SUN_RADIUS_KM / sun_distance))
