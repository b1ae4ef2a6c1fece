"""The plan under twilight, held against the simulator's own sky and chip."""

import dataclasses
import math

import numpy as np
import pytest

from issgaze.civil import JulianDates, later, parse_utc
from issgaze.optics.profiles import sensor_profile
from issgaze.orbit.finder import find_passes
from issgaze.planning.capture import plan_capture
from issgaze.simulated.chip import pixel_law
from issgaze.simulated.colour import zero_e_per_s
from issgaze.simulated.lens import lens_document
from issgaze.simulated.scenario import Scenario, parse_scenario
from issgaze.simulated.scene import Scene
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_altaz_deg

SITE = Site(latitude_deg=49.02, longitude_deg=13.23, height_m=620.0)
EVENING = parse_utc("2024-05-10T18:00:00Z")
# raw pixels of the trail that the plan's figure sums: its width, and this much of its length
WIDTH_PX, LENGTH_PX = 4.0, 10.0
LENSES = {
    "6 mm f/1.2": ("rectilinear", 6.0, 1.2, 45.0, -6.0),
    "fisheye f/2": ("equidistant", 1.85, 2.0, 85.0, -8.0),
}


def instant_of(sun_altitude_deg: float):
    seconds = np.arange(0.0, 5 * 3600.0, 20.0)
    altitude = sun_altaz_deg(SITE, JulianDates.after(EVENING, seconds))[0]
    return later(EVENING, float(seconds[np.argmin(np.abs(altitude - sun_altitude_deg))]))


def scenario(lens: str, sun_altitude_deg: float) -> Scenario:
    projection, focal_mm, f_number, altitude, _limit = LENSES[lens]
    return parse_scenario(
        f"""
        start_utc = "{instant_of(sun_altitude_deg):%Y-%m-%dT%H:%M:%SZ}"
        seed = 3
        [site]
        latitude_deg = 49.02
        longitude_deg = 13.23
        height_m = 620.0
        [camera]
        sensor = "imx477"
        mode = "binned"
        f_number = {f_number}
        [lens]
        projection = "{projection}"
        focal_mm = {focal_mm}
        altitude_deg = {altitude}
        azimuth_deg = 300.0
        [sky]
        faintest_mag = 8.0
        [foreground]
        kind = "none"
        """,
        name="twilight",
    )


def plan_for(iss, world: Scenario, sun_altitude_deg: float, lens: str):
    start = parse_utc("2024-05-09T20:00:00Z")
    bright = max(
        (one for one in find_passes(iss, SITE, start, later(start, 3 * 86400.0)) if one.visible),
        key=lambda one: one.culmination.altitude_deg,
    )
    moonless = dataclasses.replace(bright.moon, altitude_deg=-20.0)
    focal_px = float(lens_document(world)["focal_px"])
    plan = plan_capture(
        dataclasses.replace(bright, sun_altitude_deg=sun_altitude_deg, moon=moonless),
        elements=iss, site=SITE, sensor=sensor_profile("imx477"), mode="binned",
        focal_px=focal_px, f_number=LENSES[lens][2], minimum_interval_s=0.3, has_cover=False,
    )  # fmt: skip
    return plan, focal_px


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("sun_altitude_deg", [-6.0, -8.0, -11.0, -18.0])
def test_the_sky_is_not_burnt_out_and_the_station_stands_out(iss, lens, sun_altitude_deg) -> None:
    world = scenario(lens, sun_altitude_deg)
    plan, focal_px = plan_for(iss, world, sun_altitude_deg, lens)
    block = plan.lights[0]
    scene = Scene(world)
    glow = scene.sky(world.start_utc, block.exposure_s, layers=frozenset({"glow"}))
    sky_e = glow[scene.clear > 0.99]
    law = pixel_law(world.camera, "binned", block.analogue_gain)
    range_e = (law.white_level_adu - law.black_level_adu) * law.electrons_per_adu
    top_e = min(law.full_well_e, range_e)
    burnt = float(np.mean(sky_e + 3.0 * np.sqrt(sky_e) > top_e))
    assert burnt < 0.005, plan.reasons
    # a station of magnitude -1 in the middle of the sky, one degree a second at its fastest
    rate_px = math.radians(1.0) * focal_px
    signal_e = zero_e_per_s(LENSES[lens][1], LENSES[lens][2]) * 10**0.4 * LENGTH_PX / rate_px
    noise2 = WIDTH_PX * LENGTH_PX * (float(np.median(sky_e)) + law.read_noise_e**2) + signal_e
    sigma = signal_e / math.sqrt(noise2)
    if sun_altitude_deg <= LENSES[lens][4]:
        assert sigma > 10.0, plan.reasons
    assert plan.expected_snr is not None
    # a frame is neither empty nor so short that it cannot be written and digested
    assert block.exposure_s + 0.001 >= 0.3
