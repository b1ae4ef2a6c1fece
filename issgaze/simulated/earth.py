"""The turning Earth, for the simulator alone: time scales, precession, nutation, sidereal time.

Own code, checked against Skyfield, so that an error in `issgaze.sky` shows as a difference. Good to
about an arcsecond between 1950 and 2050.
"""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import J2000_JD, SECONDS_PER_DAY, julian_date
from issgaze.simulated.scenario import SiteScenario

_ARCSEC = math.pi / 648000.0
# TT is ahead of UTC by 32.184 s and the leap seconds, 37 since 2017
_TT_MINUS_UTC_S = 69.184
_EQUATOR_KM = 6378.137
_FLATTENING = 1.0 / 298.257223563


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One instant on the scales that astronomy needs.

    Attributes:
        ut1_days: Days since J2000.0 on UT1.
        tt_centuries: Julian centuries since J2000.0 on TT.
    """

    ut1_days: float
    tt_centuries: float

    @classmethod
    def of(cls, instant: datetime, *, ut1_minus_utc_s: float = 0.0) -> "Moment":
        """Return the moment of an instant."""
        whole, fraction = julian_date(instant)
        days = (whole - J2000_JD) + fraction
        return cls(
            ut1_days=days + ut1_minus_utc_s / SECONDS_PER_DAY,
            tt_centuries=(days + _TT_MINUS_UTC_S / SECONDS_PER_DAY) / 36525.0,
        )


def rotation_x(angle_rad: float) -> Float64Array:
    """Return the matrix that turns the axes about x."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def rotation_y(angle_rad: float) -> Float64Array:
    """Return the matrix that turns the axes about y."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def rotation_z(angle_rad: float) -> Float64Array:
    """Return the matrix that turns the axes about z."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])


def turned(vectors: Float64Array, matrix: Float64Array) -> Float64Array:
    """Return `vectors @ matrix.T` for many vectors of three, shape (..., 3).

    Written out: a library's matrix product wakes all its threads for these slender shapes, which
    costs more than it saves.
    """
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    rows = [x * row[0] + y * row[1] + z * row[2] for row in matrix]
    return np.stack(rows, axis=-1)


def obliquity_rad(centuries: float) -> float:
    """Return the mean obliquity of the ecliptic (IAU 2006)."""
    return (84381.406 - 46.836769 * centuries - 0.0001831 * centuries**2) * _ARCSEC


def nutation_rad(centuries: float) -> tuple[float, float]:
    """Return nutation in longitude and obliquity: the nine largest terms of IAU 1980."""
    node = math.radians(125.04452 - 1934.136261 * centuries)
    sun = math.radians(280.4665 + 36000.7698 * centuries)
    moon = math.radians(218.3165 + 481267.8813 * centuries)
    sun_anomaly = math.radians(357.5277 + 35999.0503 * centuries)
    moon_anomaly = math.radians(134.9634 + 477198.8675 * centuries)
    longitude = (
        -17.1996 * math.sin(node)
        - 1.3187 * math.sin(2 * sun)
        - 0.2274 * math.sin(2 * moon)
        + 0.2062 * math.sin(2 * node)
        + 0.1426 * math.sin(sun_anomaly)
        + 0.0712 * math.sin(moon_anomaly)
        - 0.0517 * math.sin(2 * sun + sun_anomaly)
        - 0.0386 * math.sin(2 * moon - node)
        - 0.0301 * math.sin(2 * moon + moon_anomaly)
    )
    obliquity = (
        9.2025 * math.cos(node)
        + 0.5736 * math.cos(2 * sun)
        + 0.0977 * math.cos(2 * moon)
        - 0.0895 * math.cos(2 * node)
        + 0.0224 * math.cos(2 * sun + sun_anomaly)
        + 0.0200 * math.cos(2 * moon - node)
        + 0.0129 * math.cos(2 * moon + moon_anomaly)
    )
    return longitude * _ARCSEC, obliquity * _ARCSEC


def of_date(moment: Moment) -> Float64Array:
    """Return the matrix from ICRS to the true equator and equinox of date.

    Precession by the angles of Capitaine et al., A&A 412 (2003) 567; the frame bias (0.02 arcsec)
    is left out.
    """
    t = moment.tt_centuries
    zeta = (2.650545 + 2306.083227 * t + 0.2988499 * t**2 + 0.01801828 * t**3) * _ARCSEC
    z = (-2.650545 + 2306.077181 * t + 1.0927348 * t**2 + 0.01826837 * t**3) * _ARCSEC
    theta = (2004.191903 * t - 0.4294934 * t**2 - 0.04182264 * t**3) * _ARCSEC
    precession = rotation_z(-z) @ rotation_y(theta) @ rotation_z(-zeta)
    mean = obliquity_rad(t)
    longitude, obliquity = nutation_rad(t)
    nutation = rotation_x(-(mean + obliquity)) @ rotation_z(-longitude) @ rotation_x(mean)
    return np.asarray(nutation @ precession)


def gmst_rad(ut1_days: float | Float64Array, tt_centuries: float) -> Float64Array:
    """Return Greenwich mean sidereal time: Earth rotation angle plus precession (IAU 2006)."""
    turns = 0.7790572732640 + 0.00273781191135448 * np.asarray(ut1_days) + np.mod(ut1_days, 1.0)
    t = tt_centuries
    drift = (0.014506 + 4612.156534 * t + 1.3915817 * t**2 - 0.00000044 * t**3) * _ARCSEC
    return np.asarray(np.mod(2.0 * np.pi * turns + drift, 2.0 * np.pi))


def gmst_1982_rad(ut1_days: float | Float64Array) -> Float64Array:
    """Return Greenwich mean sidereal time as SGP4's TEME system means it (IAU 1982)."""
    days = np.asarray(ut1_days, dtype=np.float64)
    t = days / 36525.0
    seconds = 67310.54841 + 8640184.812866 * t + 0.093104 * t * t - 6.2e-6 * t**3
    # 876600 h a century is one turn a day
    return np.asarray(
        np.mod(2.0 * np.pi * (seconds / SECONDS_PER_DAY + np.mod(days, 1.0)), 2.0 * np.pi)
    )


def gast_rad(moment: Moment) -> float:
    """Return Greenwich apparent sidereal time."""
    longitude, obliquity = nutation_rad(moment.tt_centuries)
    equinoxes = longitude * math.cos(obliquity_rad(moment.tt_centuries) + obliquity)
    return float(gmst_rad(moment.ut1_days, moment.tt_centuries)) + equinoxes


def site_km(site: SiteScenario) -> Float64Array:
    """Return the site in Earth-fixed coordinates (WGS 84)."""
    latitude, longitude = math.radians(site.latitude_deg), math.radians(site.longitude_deg)
    square = _FLATTENING * (2.0 - _FLATTENING)
    normal = _EQUATOR_KM / math.sqrt(1.0 - square * math.sin(latitude) ** 2)
    height = site.height_m / 1000.0
    across = (normal + height) * math.cos(latitude)
    return np.array(
        [
            across * math.cos(longitude),
            across * math.sin(longitude),
            (normal * (1.0 - square) + height) * math.sin(latitude),
        ]
    )


def local_axes(site: SiteScenario) -> Float64Array:
    """Return the matrix from Earth-fixed to (east, north, up)."""
    latitude, longitude = math.radians(site.latitude_deg), math.radians(site.longitude_deg)
    sin_lat, cos_lat = math.sin(latitude), math.cos(latitude)
    sin_lon, cos_lon = math.sin(longitude), math.cos(longitude)
    return np.array(
        [
            [-sin_lon, cos_lon, 0.0],
            [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
        ]
    )


def raised(directions: Float64Array) -> Float64Array:
    """Return directions (east, north, up) as refraction shows them, 1010 hPa and 10 degrees C.

    Saemundsson, Sky & Telescope 72 (1986) 70; below -1 degree nothing is lifted further.
    """
    altitude = np.arcsin(np.clip(directions[..., 2], -1.0, 1.0))
    degrees = np.maximum(np.degrees(altitude), -1.0)
    lift = np.radians(1.02 / 60.0) / np.tan(np.radians(degrees + 10.3 / (degrees + 5.11)))
    apparent = altitude + np.maximum(lift, 0.0)
    level = np.hypot(directions[..., 0], directions[..., 1])
    stretch = np.cos(apparent) / np.maximum(level, 1e-12)
    return np.stack(
        (directions[..., 0] * stretch, directions[..., 1] * stretch, np.sin(apparent)), axis=-1
    )


def airmass(sine_altitude: Float64Array) -> Float64Array:
    """Return the airmass of sines of the altitude (Rozenberg 1966), 40 at the horizon."""
    up = np.maximum(sine_altitude, 0.0)
    return np.asarray(1.0 / (up + 0.025 * np.exp(-11.0 * up)))
