"""What is smaller than a pixel of a fisheye, seen through a long lens: light time, rolling rows."""

import dataclasses
import math

import numpy as np

from issgaze.civil import later
from issgaze.simulated.passes import first_pass
from issgaze.simulated.projection import projection
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.station import Station


def _long_lens(plain: Scenario, focal_mm: float, direction: np.ndarray) -> Scenario:
    altitude = math.degrees(math.asin(float(direction[2])))
    azimuth = math.degrees(math.atan2(float(direction[0]), float(direction[1])))
    return dataclasses.replace(
        plain,
        camera=dataclasses.replace(plain.camera, sensor="imx477", mode="full"),
        lens=dataclasses.replace(
            plain.lens, focal_mm=focal_mm, altitude_deg=altitude, azimuth_deg=azimuth
        ),
    )


def test_the_stations_light_takes_its_time(oracle, plain: Scenario) -> None:
    """Against Skyfield through 25 mm, 12.8 arcsec a pixel: without light time it is 0.4 px off."""
    from skyfield.api import EarthSatellite, load, wgs84

    from issgaze.simulated.elementsource import element_record

    visible = first_pass(plain)
    sight = Station(plain).see(visible.culmination, np.zeros(1))
    scenario = _long_lens(plain, 25.0, sight.directions[0])
    seen = projection(scenario)
    ours = seen.pixels(Station(scenario).see(visible.culmination, np.zeros(1)).directions)[0]
    ts = load.timescale(delta_t=69.184)
    record = {key: str(value) for key, value in element_record(plain).items()}
    station = EarthSatellite.from_omm(ts, record)
    site = plain.site
    roof = wgs84.latlon(site.latitude_deg, site.longitude_deg, site.height_m)
    time = ts.from_datetime(visible.culmination)
    places = []
    for lag_s in (0.0, float(sight.range_km[0]) / 299792.458):
        then = ts.tt_jd(time.whole, time.tt_fraction - lag_s / 86400.0)
        line = station.at(then).position.km - roof.at(time).position.km
        north, east, up = roof.rotation_at(time) @ (line / np.linalg.norm(line))
        altitude = math.asin(up)
        degrees = math.degrees(altitude)
        lift = 1.02 / 60.0 / math.tan(math.radians(degrees + 10.3 / (degrees + 5.11)))
        raised = altitude + math.radians(lift)
        level = math.cos(raised) / math.hypot(east, north)
        places.append(seen.pixels(np.array([[east * level, north * level, math.sin(raised)]]))[0])
    at_once, retarded = places
    assert np.hypot(*(at_once - retarded)) > 0.2
    assert np.hypot(*(ours - retarded)) < 0.1
    assert np.hypot(*(ours - at_once)) > 0.2


def test_stars_in_lower_rows_are_exposed_later(plain: Scenario) -> None:
    """84 ms from the first to the last row: 0.2 px of the sky's turn through a 50 mm lens."""
    start = first_pass(plain).culmination
    south = np.array([0.0, -math.cos(0.9), math.sin(0.9)])
    scenario = _long_lens(plain, 50.0, south)
    scene = Scene(scenario, middle=start)
    laid = scene._layer.find(scene.stars, start, 2.0)
    low = np.flatnonzero((laid.points[:, 1] > 2000) & (laid.points[:, 1] < 3000))
    assert len(low) > 3
    middle = later(start, 1.0)
    for star in low.tolist():
        number = int(laid.chosen[star])
        delay_s = float(laid.points[star, 1]) * 27.7e-6
        right = scene.star_pixels(later(middle, delay_s))[number]
        wrong = scene.star_pixels(middle)[number]
        assert np.hypot(*(laid.points[star] - right)) < 0.01
        assert np.hypot(*(laid.points[star] - wrong)) > 0.08


def test_the_stations_rows_are_exposed_one_after_the_other(plain: Scenario) -> None:
    """A station that runs down the rows ends where the last row it crosses closes."""
    visible = first_pass(plain)
    camera = dataclasses.replace(plain.camera, sensor="imx462", mode="binned")
    scenario = dataclasses.replace(plain, camera=camera)
    scene = Scene(scenario, middle=visible.culmination)
    layer = frozenset({"station"})
    start = visible.culmination
    rows = np.flatnonzero(scene.sky(start, 0.004, layers=layer).sum(axis=1) > 0.5)
    # an exposure shorter than the read-out: each row sees its own instant
    delay_s = float(rows.mean()) * 59.2e-6
    image = scene.sky(start, 0.004, layers=layer)
    weights = image / image.sum()
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    found = np.array([(weights * x).sum(), (weights * y).sum()])
    middle = np.array([delay_s + 0.002])
    there = scene.projection.pixels(scene.station.see(start, middle).directions)[0]
    assert np.hypot(*(found - there)) < 0.05
