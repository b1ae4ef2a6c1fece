"""From the equator to the site: positions and directions in east, north and up."""

import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.sky.sidereal import gmst_rad
from issgaze.sky.site import Site

# WGS 84
EARTH_RADIUS_KM = 6378.137
EARTH_FLATTENING = 1.0 / 298.257223563


def site_position_km(site: Site) -> tuple[float, float]:
    """Return the site's distance from the Earth's axis and from the equator's plane in km."""
    latitude = np.radians(site.latitude_deg)
    squash = (1.0 - EARTH_FLATTENING) ** 2
    curvature_km = EARTH_RADIUS_KM / np.sqrt(np.cos(latitude) ** 2 + squash * np.sin(latitude) ** 2)
    height_km = site.height_m / 1000.0
    axis_km = (curvature_km + height_km) * np.cos(latitude)
    equator_km = (curvature_km * squash + height_km) * np.sin(latitude)
    return float(axis_km), float(equator_km)


def local_sidereal_rad(site: Site, dates: JulianDates) -> Float64Array:
    """Return the local mean sidereal time in radians (IAU 1982), not reduced to one turn."""
    return gmst_rad(dates) + math.radians(site.longitude_deg)


def enu_from_equatorial(
    vectors: Float64Array, site: Site, sidereal_rad: Float64Array
) -> Float64Array:
    """Return equatorial vectors of shape (..., 3) in east, north and up of the site.

    Args:
        vectors: Along the equinox, 90 degrees east of it, and the north pole.
        site: Where.
        sidereal_rad: Local sidereal time for the same equinox, shape (...).
    """
    latitude = math.radians(site.latitude_deg)
    sine, cosine = np.sin(sidereal_rad), np.cos(sidereal_rad)
    x, y, polar = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    outward = x * cosine + y * sine
    turned = np.empty((*np.shape(outward), 3))
    turned[..., 0] = y * cosine - x * sine
    turned[..., 1] = math.cos(latitude) * polar - math.sin(latitude) * outward
    turned[..., 2] = math.cos(latitude) * outward + math.sin(latitude) * polar
    return turned


def enu_of_position(
    position_km: Float64Array, site: Site, sidereal_rad: Float64Array
) -> Float64Array:
    """Return the vector in km from the site to geocentric equatorial positions, shape (..., 3)."""
    axis_km, equator_km = site_position_km(site)
    latitude = math.radians(site.latitude_deg)
    turned = enu_from_equatorial(position_km, site, sidereal_rad)
    # in its own axes the site stands still
    turned[..., 1] -= math.cos(latitude) * equator_km - math.sin(latitude) * axis_km
    turned[..., 2] -= math.cos(latitude) * axis_km + math.sin(latitude) * equator_km
    return turned


def enu_from_teme(position_km: Float64Array, site: Site, dates: JulianDates) -> Float64Array:
    """Return the vector in km from the site to positions in TEME, the system SGP4 answers in.

    Polar motion (below 0.5 arcsec as seen from the Earth's centre) is left out.
    """
    return enu_of_position(position_km, site, local_sidereal_rad(site, dates))
