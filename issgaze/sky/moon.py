"""The Moon's place and phase by the main terms of the lunar theory."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.sky.ecliptic import teme_from_ecliptic
from issgaze.sky.sidereal import tt_centuries

# Meeus, Astronomical Algorithms (1998), tables 47.A and 47.B, the terms above 1000 units: multiples
# of D, M, M' and F, then longitude (sine, 1e-6 deg) and distance (cosine, m).
_LONGITUDE_DISTANCE = np.array(
    [
        (0, 0, 1, 0, 6288774, -20905355),
        (2, 0, -1, 0, 1274027, -3699111),
        (2, 0, 0, 0, 658314, -2955968),
        (0, 0, 2, 0, 213618, -569925),
        (0, 1, 0, 0, -185116, 48888),
        (0, 0, 0, 2, -114332, -3149),
        (2, 0, -2, 0, 58793, 246158),
        (2, -1, -1, 0, 57066, -152138),
        (2, 0, 1, 0, 53322, -170733),
        (2, -1, 0, 0, 45758, -204586),
        (0, 1, -1, 0, -40923, -129620),
        (1, 0, 0, 0, -34720, 108743),
        (0, 1, 1, 0, -30383, 104755),
        (2, 0, 0, -2, 15327, 10321),
        (0, 0, 1, 2, -12528, 0),
        (0, 0, 1, -2, 10980, 79661),
        (4, 0, -1, 0, 10675, -34782),
        (0, 0, 3, 0, 10034, -23210),
        (4, 0, -2, 0, 8548, -21636),
        (2, 1, -1, 0, -7888, 24208),
        (2, 1, 0, 0, -6766, 30824),
        (1, 0, -1, 0, -5163, -8379),
        (1, 1, 0, 0, 4987, -16675),
        (2, -1, 1, 0, 4036, -12831),
        (2, 0, 2, 0, 3994, -10445),
        (4, 0, 0, 0, 3861, -11650),
        (2, 0, -3, 0, 3665, 14403),
        (0, 1, -2, 0, -2689, -7003),
        (2, 0, -1, 2, -2602, 0),
        (2, -1, -2, 0, 2390, 10056),
        (1, 0, 1, 0, -2348, 6322),
        (2, -2, 0, 0, 2236, -9884),
        (0, 1, 2, 0, -2120, 5751),
        (0, 2, 0, 0, -2069, 0),
        (2, -2, -1, 0, 2048, -4950),
        (2, 0, 1, -2, -1773, 4130),
        (2, 0, 0, 2, -1595, 0),
        (4, -1, -1, 0, 1215, -3958),
        (0, 0, 2, 2, -1110, 0),
    ]
)
_LATITUDE = np.array(
    [
        (0, 0, 0, 1, 5128122),
        (0, 0, 1, 1, 280602),
        (0, 0, 1, -1, 277693),
        (2, 0, 0, -1, 173237),
        (2, 0, -1, 1, 55413),
        (2, 0, -1, -1, 46271),
        (2, 0, 0, 1, 32573),
        (0, 0, 2, 1, 17198),
        (2, 0, 1, -1, 9266),
        (0, 0, 2, -1, 8822),
        (2, -1, 0, -1, 8216),
        (2, 0, -2, -1, 4324),
        (2, 0, 1, 1, 4200),
        (2, 1, 0, -1, -3359),
        (2, -1, -1, 1, 2463),
        (2, -1, 0, 1, 2211),
        (2, -1, -1, -1, 2065),
        (0, 1, -1, -1, -1870),
        (4, 0, -1, -1, 1828),
        (0, 1, 0, 1, -1794),
        (0, 0, 0, 3, -1749),
        (0, 1, -1, 1, -1565),
        (1, 0, 0, 1, -1491),
        (0, 1, 1, 1, -1475),
        (0, 1, 1, -1, -1410),
        (0, 1, 0, -1, -1344),
        (1, 0, 0, -1, -1335),
        (0, 0, 3, 1, 1107),
        (4, 0, 0, -1, 1021),
    ]
)
_MEAN_DISTANCE_KM = 385000.56


def moon_teme_km(dates: JulianDates) -> Float64Array:
    """Return the Moon's apparent geocentric position in km in TEME, within 30 arcsec and 60 km."""
    t = tt_centuries(dates)
    mean_longitude = 218.3164477 + t * (481267.88123421 - t * 0.0015786)
    elongation = 297.8501921 + t * (445267.1114034 - t * 0.0018819)
    sun_anomaly = 357.5291092 + t * (35999.0502909 - t * 0.0001536)
    moon_anomaly = 134.9633964 + t * (477198.8675055 + t * 0.0087414)
    node_distance = 93.2720950 + t * (483202.0175233 - t * 0.0036539)
    arguments = np.radians(
        np.stack((elongation, sun_anomaly, moon_anomaly, node_distance), axis=-1)
    )
    # terms with the Sun's anomaly shrink with the eccentricity of the Earth's orbit
    shrink = (1.0 - t * (0.002516 + t * 0.0000074))[..., np.newaxis]
    angles = arguments @ _LONGITUDE_DISTANCE[:, :4].T
    weights = shrink ** np.abs(_LONGITUDE_DISTANCE[:, 1])
    longitude = (np.sin(angles) * weights) @ _LONGITUDE_DISTANCE[:, 4]
    distance_m = (np.cos(angles) * weights) @ _LONGITUDE_DISTANCE[:, 5]
    angles = arguments @ _LATITUDE[:, :4].T
    latitude = (np.sin(angles) * shrink ** np.abs(_LATITUDE[:, 1])) @ _LATITUDE[:, 4]
    from_node = np.radians(mean_longitude - node_distance)
    longitude = (
        longitude
        + 3958.0 * np.sin(np.radians(119.75 + 131.849 * t))
        + 1962.0 * np.sin(from_node)
        + 318.0 * np.sin(np.radians(53.09 + 479264.290 * t))
    )
    latitude = latitude - 2235.0 * np.sin(np.radians(mean_longitude))
    latitude = latitude + 382.0 * np.sin(np.radians(313.45 + 481266.484 * t))
    return teme_from_ecliptic(
        np.radians(mean_longitude + longitude * 1e-6),
        np.radians(latitude * 1e-6),
        _MEAN_DISTANCE_KM + distance_m / 1000.0,
        dates,
    )


def illuminated_fraction(moon_km: Float64Array, sun_km: Float64Array) -> Float64Array:
    """Return the sunlit part of the Moon's disc, 0 to 1, from geocentric positions (..., 3)."""
    to_sun = sun_km - moon_km
    cosine = np.sum(to_sun * -moon_km, axis=-1) / (
        np.linalg.norm(to_sun, axis=-1) * np.linalg.norm(moon_km, axis=-1)
    )
    return np.asarray((1.0 + cosine) / 2.0, dtype=np.float64)
