"""Precession and nutation: from the catalogue's axes (ICRS) to the true equator of date."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.sky.sidereal import tt_centuries

_ARCSEC_RAD = np.pi / (180.0 * 3600.0)

# The twenty largest terms of IAU 2000 nutation, IERS Conventions (2010), tables 5.3a and 5.3b:
# multiples of l, l', F, D and the node, then microarcsec in longitude (sine) and in obliquity
# (cosine). What is left out sums to less than 0.04 arcsec.
_NUTATION = np.array(
    [
        (0, 0, 0, 0, 1, -17206416.1, 9205233.1),
        (0, 0, 2, -2, 2, -1317090.7, 573033.6),
        (0, 0, 2, 0, 2, -227641.3, 97845.9),
        (0, 0, 0, 0, 2, 207455.4, -89749.2),
        (0, 1, 0, 0, 0, 147587.7, 7387.1),
        (0, 1, 2, -2, 2, -51682.1, 22438.6),
        (1, 0, 0, 0, 0, 71115.9, -675.0),
        (0, 0, 2, 0, 1, -38729.8, 20072.8),
        (1, 0, 2, 0, 2, -30146.1, 12902.5),
        (0, -1, 2, -2, 2, 21582.9, -9592.9),
        (0, 0, 2, -2, 1, 12822.7, -6898.2),
        (-1, 0, 2, 0, 2, 12345.7, -5331.1),
        (-1, 0, 0, 2, 0, 15699.4, -123.5),
        (1, 0, 0, 0, 1, 6311.0, -3322.8),
        (-1, 0, 0, 0, 1, -5797.6, 3142.9),
        (-1, 0, 2, 2, 2, -5964.1, 2554.3),
        (1, 0, 2, 0, 1, -5161.3, 2636.6),
        (-2, 0, 2, 0, 1, 4589.3, -2423.6),
        (0, 0, 0, 2, 0, 6338.4, -122.0),
        (0, 0, 2, 2, 2, -3857.1, 1645.2),
    ]
)
# arcsec and arcsec a century: l, l', F, D, node (IERS Conventions 2010, equation 5.43, linear part)
_DELAUNAY = np.array(
    [
        (485868.249036, 1717915923.2178),
        (1287104.79305, 129596581.0481),
        (335779.526232, 1739527262.8478),
        (1072260.70369, 1602961601.2090),
        (450160.398036, -6962890.5431),
    ]
)


def nutation_rad(dates: JulianDates) -> tuple[Float64Array, Float64Array]:
    """Return nutation in longitude and in obliquity in radians, within 0.05 arcsec."""
    centuries = tt_centuries(dates)[..., np.newaxis]
    arguments = (_DELAUNAY[:, 0] + _DELAUNAY[:, 1] * centuries) * _ARCSEC_RAD
    angles = arguments @ _NUTATION[:, :5].T
    scale = 1e-6 * _ARCSEC_RAD
    longitude = np.sin(angles) @ _NUTATION[:, 5] * scale
    obliquity = np.cos(angles) @ _NUTATION[:, 6] * scale
    return longitude, obliquity


def mean_obliquity_rad(dates: JulianDates) -> Float64Array:
    """Return the mean obliquity of the ecliptic in radians (IAU 2006)."""
    centuries = tt_centuries(dates)
    arcsec = 84381.406 - centuries * (46.836769 + centuries * 0.0001831)
    return np.asarray(arcsec * _ARCSEC_RAD, dtype=np.float64)


def equation_of_equinoxes_rad(dates: JulianDates) -> Float64Array:
    """Return apparent minus mean sidereal time in radians."""
    longitude, obliquity = nutation_rad(dates)
    return longitude * np.cos(mean_obliquity_rad(dates) + obliquity)


def true_of_date_matrix(dates: JulianDates) -> Float64Array:
    """Return the rotations from ICRS to the true equator and equinox of date, shape (..., 3, 3).

    Frame bias and precession by the Fukushima-Williams angles of IAU 2006: Wallace & Capitaine,
    A&A 459 (2006) 981, equation 12 (cubic and higher terms stay below 0.001 arcsec until 2060).
    """
    centuries = tt_centuries(dates)
    longitude, obliquity = nutation_rad(dates)
    gamma = (-0.052928 + centuries * (10.556378 + centuries * 0.4932044)) * _ARCSEC_RAD
    phi = (84381.412819 + centuries * (-46.811016 + centuries * 0.0511268)) * _ARCSEC_RAD
    psi = (-0.041775 + centuries * (5038.481484 + centuries * 1.5584175)) * _ARCSEC_RAD
    epsilon = mean_obliquity_rad(dates)
    return np.asarray(
        _about_x(-(epsilon + obliquity))
        @ _about_z(-(psi + longitude))
        @ _about_x(phi)
        @ _about_z(gamma),
        dtype=np.float64,
    )


def _about_x(angle_rad: Float64Array) -> Float64Array:
    """Return the matrices that turn the axes about x."""
    one, zero = np.ones_like(angle_rad), np.zeros_like(angle_rad)
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return _matrix((one, zero, zero), (zero, cosine, sine), (zero, -sine, cosine))


def _about_z(angle_rad: Float64Array) -> Float64Array:
    """Return the matrices that turn the axes about z."""
    one, zero = np.ones_like(angle_rad), np.zeros_like(angle_rad)
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return _matrix((cosine, sine, zero), (-sine, cosine, zero), (zero, zero, one))


def _matrix(*rows: tuple[Float64Array, Float64Array, Float64Array]) -> Float64Array:
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
