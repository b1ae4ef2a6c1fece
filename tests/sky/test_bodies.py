"""Sun, Moon, stars and the sky's rotation against Skyfield with DE421."""

import numpy as np
import pytest
from skyfield.api import Star, wgs84
from skyfield.sgp4lib import TEME

from issgaze.civil import JulianDates, later, parse_utc
from issgaze.sky.coordinates import enu_from_altaz, separation_deg
from issgaze.sky.moon import illuminated_fraction, moon_teme_km
from issgaze.sky.rotation import sky_rotation
from issgaze.sky.site import Site
from issgaze.sky.stars import StarPlaces, star_altaz_deg, star_directions
from issgaze.sky.sun import sun_altaz_deg, sun_teme_km

START = parse_utc("2020-01-01")
YEARS_S = 15 * 365.25 * 86400.0


@pytest.fixture(scope="module")
def instants():
    return np.sort(np.random.default_rng(1).uniform(0.0, YEARS_S, 1500))


@pytest.mark.parametrize(
    ("body", "function", "arcsec", "km"),
    [("sun", sun_teme_km, 15.0, 13000.0), ("moon", moon_teme_km, 36.0, 70.0)],
)
def test_places_agree_with_de421(oracle, instants, body, function, arcsec, km):
    times = oracle.times(START, instants)
    truth = oracle.earth.at(times).observe(oracle.bodies[body]).apparent().frame_xyz(TEME).km.T
    ours = function(JulianDates.after(START, instants))
    assert separation_deg(truth, ours).max() * 3600.0 < arcsec
    distance = np.linalg.norm(truth, axis=1) - np.linalg.norm(ours, axis=1)
    assert np.abs(distance).max() < km


def test_moon_phase_agrees_with_de421(oracle, instants):
    from skyfield import almanac

    truth = almanac.fraction_illuminated(oracle.bodies, "moon", oracle.times(START, instants))
    dates = JulianDates.after(START, instants)
    ours = illuminated_fraction(moon_teme_km(dates), sun_teme_km(dates))
    assert np.abs(truth - ours).max() < 3e-4


@pytest.mark.parametrize("latitude", [-75.0, -33.9, 0.0, 47.27, 89.9])
def test_sun_altitude_is_geometric(oracle, latitude):
    seconds = np.linspace(0.0, 86400.0 * 365, 200)
    place = oracle.earth + wgs84.latlon(latitude, 11.39, 600.0)
    place_at = place.at(oracle.times(START, seconds))
    altitude, azimuth, _ = place_at.observe(oracle.bodies["sun"]).apparent().altaz()
    site = Site(latitude_deg=latitude, longitude_deg=11.39, height_m=600.0)
    ours = enu_from_altaz(*sun_altaz_deg(site, JulianDates.after(START, seconds)))
    # 0.25 s of UT1 - UTC in 2020 are 3.8 arcsec
    apart = separation_deg(enu_from_altaz(altitude.degrees, azimuth.degrees), ours)
    assert apart.max() * 3600.0 < 20.0


def _random_stars(count):
    random = np.random.default_rng(5)
    return StarPlaces(
        ra_deg=random.uniform(0.0, 360.0, count),
        dec_deg=np.degrees(np.arcsin(random.uniform(-1.0, 1.0, count))),
        pm_ra_mas=random.normal(0.0, 500.0, count),
        pm_dec_mas=random.normal(0.0, 500.0, count),
    )


@pytest.mark.parametrize("day", ["2024-05-09T20:00:00Z", "2026-11-24T03:00:00Z"])
@pytest.mark.parametrize("latitude", [-33.9, 47.27])
def test_stars_of_date_agree_with_skyfield(oracle, day, latitude):
    stars, instant = _random_stars(200), parse_utc(day)
    place = oracle.earth + wgs84.latlon(latitude, 11.39, 600.0)
    catalogue = Star(
        ra_hours=stars.ra_deg / 15.0,
        dec_degrees=stars.dec_deg,
        ra_mas_per_year=stars.pm_ra_mas,
        dec_mas_per_year=stars.pm_dec_mas,
        epoch=oracle.timescale.tt_jd(2448349.0625),
    )
    time = oracle.timescale.from_datetime(instant)
    altitude, azimuth, _ = place.at(time).observe(catalogue).apparent().altaz()
    site = Site(latitude_deg=latitude, longitude_deg=11.39, height_m=600.0)
    ours = star_directions(stars, site, instant)
    apart = separation_deg(enu_from_altaz(altitude.degrees, azimuth.degrees), ours) * 3600.0
    # what UT1 - UTC turns is no fault of the series
    assert apart.max() < 0.6 + 15.04 * abs(float(time.dut1))


def test_star_altitude_includes_refraction():
    stars = _random_stars(400)
    site = Site(latitude_deg=47.27, longitude_deg=11.39)
    altitude, _ = star_altaz_deg(stars, site, START)
    directions = star_directions(stars, site, START)
    true = np.degrees(np.arcsin(directions[:, 2]))
    low = (true > 0.0) & (true < 20.0)
    assert low.sum() > 20
    assert np.all(altitude[low] > true[low] + 0.04)


@pytest.mark.parametrize("latitude", [-90.0, -33.9, 0.0, 47.27, 90.0])
@pytest.mark.parametrize("seconds", [-900.0, 60.0, 3600.0])
def test_sky_rotation_carries_stars_onward(latitude, seconds):
    site = Site(latitude_deg=latitude, longitude_deg=-71.0)
    stars = _random_stars(50)
    rotation = sky_rotation(site, seconds)
    before = star_directions(stars, site, START)
    after = star_directions(stars, site, later(START, seconds))
    assert separation_deg(before @ rotation.T, after).max() * 3600.0 < 0.05
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
