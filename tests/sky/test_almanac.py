"""The table of a search against the series it is made from."""

import numpy as np
import pytest

from issgaze.civil import JulianDates, parse_utc
from issgaze.sky.almanac import Almanac
from issgaze.sky.moon import moon_teme_km
from issgaze.sky.sidereal import gmst_rad
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_teme_km

START = parse_utc("2024-05-09T18:00:00Z")
DAY_S = 86400.0


def apart_arcsec(one: np.ndarray, other: np.ndarray) -> float:
    cross = np.linalg.norm(np.cross(one, other), axis=-1)
    return float(np.degrees(np.arctan2(cross, np.sum(one * other, axis=-1))).max() * 3600.0)


@pytest.mark.parametrize("span", [(-5000.0, 40 * DAY_S), (0.0, 600.0), (-1e7, -9e6)])
def test_places_between_the_nodes_are_those_of_the_series(span: tuple[float, float]) -> None:
    almanac = Almanac(START, *span)
    seconds = np.linspace(*span, 997)
    dates = JulianDates.after(START, seconds)
    assert apart_arcsec(almanac.sun_km(seconds), sun_teme_km(dates)) < 0.1
    assert apart_arcsec(almanac.moon_km(seconds), moon_teme_km(dates)) < 3.0


def test_the_turn_of_the_earth_stays_even() -> None:
    almanac = Almanac(START, 0.0, 1.0)
    seconds = np.linspace(0.0, 400 * DAY_S, 401)
    site = Site(latitude_deg=0.0, longitude_deg=30.0)
    true = gmst_rad(JulianDates.after(START, seconds)) + np.radians(30.0)
    off = np.angle(np.exp(1j * (almanac.sidereal_rad(site, seconds) - true)))
    assert np.abs(off).max() * 206265.0 < 0.05
