"""Catalogue stars as they stand over a site at an instant."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.equinox import equation_of_equinoxes_rad, true_of_date_matrix
from issgaze.sky.refraction import refract_deg
from issgaze.sky.sidereal import gast_rad, tt_centuries
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_teme_km
from issgaze.sky.topocentre import enu_from_equatorial

_MAS_RAD = np.pi / (180.0 * 3600.0 * 1000.0)
_LIGHT_KM_PER_S = 299792.458


@dataclass(frozen=True, slots=True, kw_only=True)
class StarPlaces:
    """Catalogue places (ICRS); every array has shape (n,).

    Attributes:
        ra_deg, dec_deg: At `epoch_year`.
        pm_ra_mas: Proper motion in right ascension times cos(declination), mas a year.
        pm_dec_mas: Proper motion in declination, mas a year.
        epoch_year: Julian year of the places, 1991.25 for Hipparcos.
    """

    ra_deg: Float64Array
    dec_deg: Float64Array
    pm_ra_mas: Float64Array
    pm_dec_mas: Float64Array
    epoch_year: float = 1991.25


def star_directions(stars: StarPlaces, site: Site, instant: datetime) -> Float64Array:
    """Return unit vectors (east, north, up) of shape (n, 3), airless.

    Proper motion, precession, nutation and annual aberration are in; parallax (below 0.8 arcsec),
    diurnal aberration (0.3) and the Sun's bending of light are not.
    """
    dates = JulianDates.after(instant, np.zeros(()))
    years = float(tt_centuries(dates)) * 100.0 + 2000.0 - stars.epoch_year
    barycentric = _moved(stars, years)
    apparent = barycentric @ true_of_date_matrix(dates).T + earth_velocity(dates)
    apparent /= np.linalg.norm(apparent, axis=-1, keepdims=True)
    sidereal = gast_rad(dates, equation_of_equinoxes_rad(dates)) + np.radians(site.longitude_deg)
    return enu_from_equatorial(apparent, site, np.asarray(sidereal))


def star_altaz_deg(
    stars: StarPlaces, site: Site, instant: datetime
) -> tuple[Float64Array, Float64Array]:
    """Return apparent altitude (standard refraction included) and azimuth in degrees, shape (n,).

    Stars far below the horizon are returned as well; what their altitude means is their own affair.
    """
    altitude, azimuth = altaz_from_enu(star_directions(stars, site, instant))
    return refract_deg(altitude), azimuth


def icrs_directions(stars: StarPlaces, instant: datetime) -> Float64Array:
    """Return unit vectors of shape (n, 3) in the ICRS, proper motion up to the instant included."""
    dates = JulianDates.after(instant, np.zeros(()))
    return _moved(stars, float(tt_centuries(dates)) * 100.0 + 2000.0 - stars.epoch_year)


def earth_velocity(dates: JulianDates) -> Float64Array:
    """Return the Earth's velocity over the speed of light, equator of date, shape (..., 3).

    From the Sun's motion as the Earth sees it; the Sun's own motion about the barycentre
    (0.01 arcsec of aberration) is left out.
    """
    step_s = 1800.0
    before = JulianDates(whole=dates.whole, fraction=dates.fraction - step_s / 86400.0)
    after = JulianDates(whole=dates.whole, fraction=dates.fraction + step_s / 86400.0)
    velocity = (sun_teme_km(before) - sun_teme_km(after)) / (2.0 * step_s)
    return np.asarray(velocity / _LIGHT_KM_PER_S, dtype=np.float64)


def _moved(stars: StarPlaces, years: float) -> Float64Array:
    ra, dec = np.radians(stars.ra_deg), np.radians(stars.dec_deg)
    sin_ra, cos_ra, sin_dec, cos_dec = np.sin(ra), np.cos(ra), np.sin(dec), np.cos(dec)
    place = np.stack((cos_dec * cos_ra, cos_dec * sin_ra, sin_dec), axis=-1)
    eastward = np.stack((-sin_ra, cos_ra, np.zeros_like(ra)), axis=-1)
    northward = np.stack((-sin_dec * cos_ra, -sin_dec * sin_ra, cos_dec), axis=-1)
    moved = place + years * _MAS_RAD * (
        stars.pm_ra_mas[:, np.newaxis] * eastward + stars.pm_dec_mas[:, np.newaxis] * northward
    )
    return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True), dtype=np.float64)
