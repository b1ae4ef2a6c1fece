"""The Sun of the simulator, and what of it reaches a satellite."""

import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.earth import Moment, nutation_rad, obliquity_rad

AU_KM = 149597870.7
_EARTH_RADIUS_KM = 6378.137
_POLAR = 1.0 - 1.0 / 298.257223563


def sun_km(moment: Moment) -> Float64Array:
    """Return the apparent Sun from the Earth's centre, true equator of date.

    The low-precision theory of Meeus, Astronomical Algorithms (1998), chapter 25: 0.01 degrees.
    """
    t = moment.tt_centuries
    anomaly = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    center = (
        (1.914602 - 0.004817 * t) * math.sin(anomaly)
        + (0.019993 - 0.000101 * t) * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    nutation, tilt = nutation_rad(t)
    # -20.5 arcsec of aberration
    longitude = math.radians(280.46646 + 36000.76983 * t + center - 0.00569) + nutation
    eccentricity = 0.016708634 - 0.000042037 * t
    distance = 1.000001018 * (1 - eccentricity**2)
    distance /= 1 + eccentricity * math.cos(anomaly + math.radians(center))
    obliquity = obliquity_rad(t) + tilt
    return (
        distance
        * AU_KM
        * np.array(
            [
                math.cos(longitude),
                math.sin(longitude) * math.cos(obliquity),
                math.sin(longitude) * math.sin(obliquity),
            ]
        )
    )


def earth_velocity(moment: Moment) -> Float64Array:
    """Return the Earth's velocity over that of light, equator of date: 20.5 arcsec at most."""
    hour = 1.0 / (24.0 * 36525.0)
    early = Moment(ut1_days=moment.ut1_days, tt_centuries=moment.tt_centuries - hour)
    late = Moment(ut1_days=moment.ut1_days, tt_centuries=moment.tt_centuries + hour)
    return np.asarray((sun_km(early) - sun_km(late)) / (7200.0 * 299792.458))


def sun_margin_rad(satellite_km: Float64Array, sun: Float64Array) -> Float64Array:
    """Return how high the Sun's true middle stands above the solid limb, shape (n,).

    Args:
        satellite_km: From the Earth's centre, shape (n, 3), equator of date.
        sun: The Sun there, shape (3,).

    The flattened Earth is made round by stretching the axis. The limb is taken as straight over
    the Sun's half degree.
    """
    squash = np.array([1.0, 1.0, 1.0 / _POLAR])
    place = satellite_km * squash
    ray = (sun - satellite_km) * squash
    ray = ray / np.linalg.norm(ray, axis=-1, keepdims=True)
    distance = np.linalg.norm(place, axis=-1)
    dip = np.pi - np.arcsin(np.minimum(1.0, _EARTH_RADIUS_KM / distance))
    from_up = np.arccos(np.clip(np.sum(place * ray, axis=-1) / distance, -1.0, 1.0))
    return np.asarray(dip - from_up)
