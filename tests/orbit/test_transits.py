"""Ways over Sun and Moon, made to happen by moving the site under the line to the body."""

import dataclasses
import math

import numpy as np
import pytest

from issgaze.archive.passdocument import pass_document, pass_from_document
from issgaze.civil import JulianDates, later, parse_utc, seconds_between
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.finder import find_passes
from issgaze.orbit.propagate import Propagator
from issgaze.service.privacy import guest_document
from issgaze.sky.moon import moon_teme_km
from issgaze.sky.sidereal import gmst_rad
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_teme_km
from issgaze.sky.topocentre import EARTH_FLATTENING, EARTH_RADIUS_KM


@pytest.fixture
def low_sun(iss: ElementSet) -> ElementSet:
    """The station's orbit turned until its plane holds the Sun, which else is never behind it."""
    return dataclasses.replace(iss, raan_deg=(iss.raan_deg + 90.0) % 360.0)


BODIES = {"sun": sun_teme_km, "moon": moon_teme_km}


def site_under(elements: ElementSet, body: str, height_deg: float, skip: int) -> tuple[Site, float]:
    """Return a site from which the satellite stands before a body, and when, in s from the epoch.

    The line from the body through the satellite is followed down to the ground.
    """
    seconds = np.arange(0.0, 2 * 86400.0, 30.0)
    dates = JulianDates.after(elements.epoch, seconds)
    place, _sound = Propagator(elements).positions_km(dates)
    line = place - BODIES[body](dates)
    line /= np.linalg.norm(line, axis=1)[:, np.newaxis]
    stretch = np.array([1.0, 1.0, 1.0 / (1.0 - EARTH_FLATTENING)])
    p, d = place * stretch, line * stretch
    a, b, c = (d * d).sum(1), (p * d).sum(1), (p * p).sum(1) - EARTH_RADIUS_KM**2
    with np.errstate(invalid="ignore"):
        ground = place + line * ((-b - np.sqrt(b * b - a * c)) / a)[:, np.newaxis]
    up = ground * stretch * stretch
    up /= np.linalg.norm(up, axis=1)[:, np.newaxis]
    height = np.degrees(np.arcsin(-(line * up).sum(1)))
    number = np.flatnonzero(height > height_deg)[skip]
    turn = gmst_rad(dates)[number]
    longitude = math.atan2(ground[number, 1], ground[number, 0]) - turn
    return Site(
        latitude_deg=math.degrees(math.asin(up[number, 2])),
        longitude_deg=(math.degrees(longitude) + 180.0) % 360.0 - 180.0,
    ), float(seconds[number])


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("skip", [0, 40])
def test_a_site_on_the_line_sees_a_transit(low_sun: ElementSet, body: str, skip: int) -> None:
    site, when_s = site_under(low_sun, body, 25.0, skip)
    start = later(low_sun.epoch, when_s - 3600.0)
    found = [
        each
        for one in find_passes(low_sun, site, start, later(start, 7200.0))
        for each in one.transits
        if each.body == body
    ]
    (transit,) = found
    assert seconds_between(low_sun.epoch, transit.utc) == pytest.approx(when_s, abs=0.5)
    assert transit.separation_deg < 0.02
    assert 0.24 < transit.radius_deg < 0.29
    assert 0.02 < transit.error_deg < 0.3


def test_twenty_kilometres_aside_there_is_none(low_sun: ElementSet) -> None:
    site, when_s = site_under(low_sun, "moon", 25.0, 0)
    aside = dataclasses.replace(site, latitude_deg=site.latitude_deg + 0.4)
    start = later(low_sun.epoch, when_s - 3600.0)
    passes = find_passes(low_sun, aside, start, later(start, 7200.0))
    assert passes
    assert all(one.transits == () for one in passes)


def test_a_set_too_old_to_tell_promises_none(low_sun: ElementSet) -> None:
    site, when_s = site_under(low_sun, "moon", 25.0, 0)
    start = later(low_sun.epoch, when_s - 3600.0)
    passes = find_passes(
        low_sun, site, start, later(start, 7200.0), timing_uncertainty_s=lambda _when: 300.0
    )
    assert passes
    assert all(one.transits == () for one in passes)


def test_transits_survive_the_disk_and_stay_from_guests(low_sun: ElementSet) -> None:
    site, when_s = site_under(low_sun, "moon", 25.0, 0)
    start = later(low_sun.epoch, when_s - 3600.0)
    (one,) = (p for p in find_passes(low_sun, site, start, later(start, 7200.0)) if p.transits)
    document = pass_document(one)
    (read,) = pass_from_document(document).transits
    assert read.separation_deg == pytest.approx(one.transits[0].separation_deg, abs=1e-4)
    assert "transits" not in guest_document(document)
    assert parse_utc(document["transits"][0]["utc"])
