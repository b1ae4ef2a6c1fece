"""Moon and planets against Skyfield, and what their light does."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import later, parse_utc
from issgaze.simulated.bodies import PLANETS, moon_magnitude, moon_sight, planets_of_date
from issgaze.simulated.clouds import Clouds
from issgaze.simulated.earth import Moment, airmass
from issgaze.simulated.moonlight import moonglow
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.starfield import Heavens

_INSTANTS = ("2024-05-20T21:29:00Z", "2026-01-03T04:00:00Z", "2031-11-28T18:30:00Z")


@pytest.mark.parametrize("instant", _INSTANTS)
def test_the_moon_stands_where_skyfield_puts_it(oracle, plain: Scenario, instant: str) -> None:
    from skyfield.api import wgs84

    when = parse_utc(instant)
    site = plain.site
    roof = oracle.earth + wgs84.latlon(site.latitude_deg, site.longitude_deg, site.height_m)
    at = oracle.times(when, np.zeros(1))[0]
    apparent = roof.at(at).observe(oracle.bodies["moon"]).apparent()
    altitude, azimuth, distance = apparent.altaz()
    ours = moon_sight(plain, when)
    if altitude.degrees > -5.0:
        mine = np.degrees(np.arcsin(ours.direction[2]))
        assert mine == pytest.approx(altitude.degrees, abs=0.05 + 0.6 / max(altitude.degrees, 1.0))
        east, north = ours.direction[:2]
        turn = np.degrees(np.arctan2(east, north)) - azimuth.degrees
        assert (turn + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=0.08)
    assert 1737.4 / ours.radius_rad == pytest.approx(distance.km, rel=1e-3)
    lit = apparent.fraction_illuminated(oracle.bodies["sun"])
    assert ours.illuminated == pytest.approx(lit, abs=0.005)


@pytest.mark.parametrize("instant", _INSTANTS)
def test_planets_stand_where_skyfield_puts_them(oracle, instant: str) -> None:
    when = parse_utc(instant)
    at = oracle.times(when, np.zeros(1))[0]
    places, magnitudes = planets_of_date(Moment.of(when))
    for name, place, magnitude in zip(PLANETS, places, magnitudes, strict=True):
        body = oracle.bodies[f"{name} barycenter"]
        ra, dec, _ = oracle.earth.at(at).observe(body).apparent().radec("date")
        theirs = np.array(
            [
                np.cos(dec.radians) * np.cos(ra.radians),
                np.cos(dec.radians) * np.sin(ra.radians),
                np.sin(dec.radians),
            ]
        )
        assert np.degrees(np.arccos(min(1.0, float(place @ theirs)))) < 0.1, name
        assert -5.0 < magnitude < 6.0


def test_a_half_moon_is_a_tenth_as_bright_as_a_full_one() -> None:
    assert moon_magnitude(0.0) == pytest.approx(-12.73)
    assert moon_magnitude(90.0) - moon_magnitude(0.0) == pytest.approx(2.6, abs=0.1)


def test_moonlight_is_that_of_the_paper(plain: Scenario) -> None:
    """Krisciunas & Schaefer give V 18.3 to 19.9 for a zenith under a full Moon, k = 0.172."""
    moon = moon_sight(plain, parse_utc("2024-05-20T21:29:00Z"))
    full = dataclasses.replace(moon, phase_angle_deg=0.0, magnitude=-12.73)
    up = np.array([[[0.0, 0.0, 1.0]]])
    green = moonglow(full, up, airmass(up[..., 2]), 0.172)[0, 0, 1]
    assert 18.0 < -2.5 * np.log10(green) < 20.5
    below = dataclasses.replace(full, direction=np.array([0.0, 0.9, -0.43]))
    assert moonglow(below, up, airmass(up[..., 2]), 0.172).max() == 0.0


def test_a_planet_is_in_the_picture_and_can_be_left_out(plain: Scenario) -> None:
    instant = parse_utc("2024-05-10T02:30:00Z")
    scene = Scene(plain, middle=instant)
    assert scene.planets == PLANETS
    assert len(scene.stars.hip) == len(scene.star_pixels(instant))
    none = dataclasses.replace(plain, sky=dataclasses.replace(plain.sky, planets=False))
    without = Scene(none, middle=instant)
    assert len(without.stars.hip) == len(scene.stars.hip) - len(PLANETS)


def test_the_moon_shows_its_phase_and_lights_the_sky(plain: Scenario) -> None:
    instant = parse_utc("2024-05-20T21:29:00Z")
    lens = dataclasses.replace(plain.lens, focal_mm=25.0, altitude_deg=27.0, azimuth_deg=187.0)
    scenario = dataclasses.replace(plain, lens=lens)
    none = dataclasses.replace(scenario, sky=dataclasses.replace(scenario.sky, moon=False))
    lit, dark = (Scene(s, middle=instant).expose(instant, 0.01) for s in (scenario, none))
    assert np.median(lit) > 5.0 * np.median(dark)
    disc = lit > 0.3 * lit.max()
    # half a degree across, 0.93 of it lit
    radius_px = moon_sight(scenario, instant).radius_rad * 25.0 / (2.9e-3 * 2.0)
    assert disc.sum() == pytest.approx(0.93 * np.pi * radius_px**2, rel=0.25)


def test_the_sky_is_computed_anew_when_it_has_grown_stale(plain: Scenario) -> None:
    first = parse_utc("2024-05-10T01:00:00Z")
    scene = Scene(plain, middle=first)
    scene.expose(later(first, 60.0), 0.1)
    assert scene.middle == first
    much_later = later(first, 5.0 * 86400.0)
    scene.expose(much_later, 0.1)
    assert scene.middle == much_later
    fresh = Scene(plain, middle=much_later)
    assert np.allclose(scene.star_pixels(much_later), fresh.star_pixels(much_later), equal_nan=True)
    assert Heavens(plain, first) is not scene.heavens
    assert not Clouds(plain).present
