"""The simulator's sky against Skyfield's: both are given UT1 = UTC."""

import dataclasses
import math

import numpy as np
import pytest
from skyfield.api import EarthSatellite, Star, load, wgs84

from issgaze.arrays import Float64Array
from issgaze.civil import later, parse_utc
from issgaze.simulated.elementsource import element_record
from issgaze.simulated.passes import first_pass
from issgaze.simulated.projection import projection
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.station import Station

_TT_MINUS_UTC_S = 69.184


def _timescale(ut1_minus_utc_s: float = 0.0):  # type: ignore[no-untyped-def]
    return load.timescale(delta_t=_TT_MINUS_UTC_S - ut1_minus_utc_s)


def _enu(altitude_deg: float, azimuth_deg: float) -> Float64Array:
    altitude, azimuth = math.radians(altitude_deg), math.radians(azimuth_deg)
    level = math.cos(altitude)
    return np.array([[level * math.sin(azimuth), level * math.cos(azimuth), math.sin(altitude)]])


def _roof(scenario: Scenario):  # type: ignore[no-untyped-def]
    site = scenario.site
    return wgs84.latlon(site.latitude_deg, site.longitude_deg, site.height_m)


@pytest.mark.parametrize("ut1_minus_utc_s", [0.0, 0.4])
def test_stars_land_where_skyfield_puts_them(
    oracle, plain: Scenario, ut1_minus_utc_s: float
) -> None:
    site = dataclasses.replace(plain.site, ut1_minus_utc_s=ut1_minus_utc_s)
    camera = dataclasses.replace(plain.camera, sensor="imx477", mode="full")
    scenario = dataclasses.replace(plain, site=site, camera=camera)
    instant = parse_utc("2024-05-10T01:44:17.25Z")
    scene = Scene(scenario, middle=instant)
    time = _timescale(ut1_minus_utc_s).from_datetime(instant)
    ours = scene.star_pixels(instant)
    seen = projection(scenario)
    # ICRS at 2000.0: Vega, Arcturus (moves by 2.3 arcsec a year), Antares, Spica, Altair
    catalogue = {
        91262: (279.234735, 38.783689, 200.94, 286.23),
        69673: (213.915300, 19.182409, -1093.39, -2000.06),
        80763: (247.351915, -26.432003, -12.11, -23.30),
        65474: (201.298247, -11.161319, -42.35, -30.67),
        97649: (297.695827, 8.868321, 536.23, 385.29),
    }
    for hip, (ra, dec, pm_ra, pm_dec) in catalogue.items():
        star = Star(
            ra_hours=ra / 15.0,
            dec_degrees=dec,
            ra_mas_per_year=pm_ra,
            dec_mas_per_year=pm_dec,
        )
        apparent = (oracle.earth + _roof(scenario)).at(time).observe(star).apparent()
        altitude, azimuth, _ = apparent.altaz(temperature_C=10.0, pressure_mbar=1010.0)
        theirs = seen.pixels(_enu(altitude.degrees, azimuth.degrees))[0]
        mine = ours[np.flatnonzero(scene.stars.hip == hip)[0]]
        assert np.hypot(*(mine - theirs)) < 0.05, hip


def test_the_station_lands_where_skyfield_puts_it(plain: Scenario) -> None:
    camera = dataclasses.replace(plain.camera, sensor="imx477", mode="full")
    scenario = dataclasses.replace(plain, camera=camera)
    visible = first_pass(scenario)
    ts = _timescale()
    record = {key: str(value) for key, value in element_record(scenario).items()}
    station = EarthSatellite.from_omm(ts, record)
    seen = projection(scenario)
    seconds = np.array([-60.0, -20.0, 0.0, 13.7, 50.0])
    ours = seen.pixels(Station(scenario).see(visible.culmination, seconds).directions)
    for second, mine in zip(seconds.tolist(), ours, strict=True):
        instant = later(visible.culmination, second)
        time = ts.from_datetime(instant)
        # as light takes its time, the station is seen where it was
        distance = (station - _roof(scenario)).at(time).distance().km
        emitted = ts.tt_jd(time.tt - distance / 299792.458 / 86400.0)
        line = station.at(emitted).position.km - _roof(scenario).at(time).position.km
        north_east_up = _roof(scenario).rotation_at(time) @ (line / np.linalg.norm(line))
        altitude = math.degrees(math.asin(north_east_up[2]))
        azimuth = math.degrees(math.atan2(north_east_up[1], north_east_up[0]))
        lift = 1.02 / 60.0 / math.tan(math.radians(altitude + 10.3 / (altitude + 5.11)))
        theirs = seen.pixels(_enu(altitude + lift, azimuth))[0]
        assert np.hypot(*(mine - theirs)) < 0.05, second


def test_a_rendered_star_has_its_middle_there(plain: Scenario) -> None:
    instant = parse_utc("2024-05-10T01:44:17Z")
    scene = Scene(plain, middle=instant)
    middle = later(instant, -2.0)
    points = scene.star_pixels(instant)
    x, y = points[:, 0], points[:, 1]
    amid = (x > 60) & (x < 900) & (y > 60) & (y < 480)
    star = int(np.flatnonzero(amid)[np.argmin(scene.stars.magnitude[amid])])
    x, y = points[star]
    white = dataclasses.replace(scene.stars, rgb=np.ones_like(scene.stars.rgb))
    hidden = white.magnitude.copy()
    hidden[star] = 30.0
    scene.stars = white
    picture = scene.expose(middle, 4.0)
    scene.stars = dataclasses.replace(white, magnitude=hidden)
    picture -= scene.expose(middle, 4.0)
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    found = (np.sum(picture * columns) / picture.sum(), np.sum(picture * rows) / picture.sum())
    assert abs(found[0] - x) < 0.05
    assert abs(found[1] - y) < 0.05
