"""The Sun's place by a short series: no ephemeris file at run time."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.ecliptic import teme_from_ecliptic
from issgaze.sky.sidereal import tt_centuries
from issgaze.sky.site import Site
from issgaze.sky.topocentre import enu_from_teme

ASTRONOMICAL_UNIT_KM = 149597870.7
# IAU 2015 nominal radius, resolution B3
SUN_RADIUS_KM = 695700.0


def sun_teme_km(dates: JulianDates) -> Float64Array:
    """Return the Sun's apparent geocentric position in km in TEME, shape (..., 3).

    Two-body motion (Meeus, Astronomical Algorithms, 1998, chapter 25) about the mean longitude of
    Newcomb with the largest perturbations by Venus, Jupiter and the Moon (Meeus, Astronomical
    Formulae for Calculators, 1988, chapter 18). Within 15 arcsec of DE421 from 2020 to 2035.
    """
    t = tt_centuries(dates)
    since_1900 = t + 1.0
    mean_longitude = 279.69668 + since_1900 * (36000.76892 + since_1900 * 0.0003025)
    anomaly = np.radians(357.52911 + t * (35999.05029 - t * 0.0001537))
    eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267)
    centre = (
        (1.914602 - t * (0.004817 + t * 0.000014)) * np.sin(anomaly)
        + (0.019993 - 0.000101 * t) * np.sin(2 * anomaly)
        + 0.000289 * np.sin(3 * anomaly)
    )
    venus = np.radians(153.23 + 22518.7541 * since_1900)
    venus_twice = np.radians(216.57 + 45037.5082 * since_1900)
    jupiter = np.radians(312.69 + 32964.3577 * since_1900)
    moon = np.radians(350.74 + since_1900 * (445267.1142 - 0.00144 * since_1900))
    perturbation = (
        0.00134 * np.cos(venus)
        + 0.00154 * np.cos(venus_twice)
        + 0.00200 * np.cos(jupiter)
        + 0.00179 * np.sin(moon)
        + 0.00178 * np.sin(np.radians(231.19 + 20.20 * since_1900))
    )
    radius_au = (1.000001018 * (1.0 - eccentricity**2)) / (
        1.0 + eccentricity * np.cos(anomaly + np.radians(centre))
    )
    # annual aberration: the constant 20.4955 arcsec over the distance
    longitude = mean_longitude + centre + perturbation - 0.0056932 / radius_au
    return teme_from_ecliptic(
        np.radians(longitude), np.zeros_like(longitude), radius_au * ASTRONOMICAL_UNIT_KM, dates
    )


def sun_altaz_deg(site: Site, dates: JulianDates) -> tuple[Float64Array, Float64Array]:
    """Return the Sun's geometric altitude (no refraction) and azimuth in degrees."""
    return altaz_from_enu(enu_from_teme(sun_teme_km(dates), site, dates))
