"""Lights are told from darks, and the darks of hot nights are none the less darks."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import parse_utc
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.uncovered import light_in
from issgaze.simulated.camera import frame_info
from issgaze.simulated.chip import Chip
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import load_scenario
from issgaze.simulated.scene import Scene

INFO = FrameInfo(start_utc=parse_utc("2026-03-01T20:00:00Z"), exposure_s=10.0)


def frame(scenario: str, *, exposure_s: float, is_dark: bool, **camera: float) -> Frame:
    told = load_scenario(scenario)
    sky = dataclasses.replace(told.sky, faintest_mag=8.0)
    told = dataclasses.replace(
        told, sky=sky, camera=dataclasses.replace(told.camera, sensor="imx462", **camera)
    )
    lens = dataclasses.replace(told.lens, focal_mm=2.7)
    told = dataclasses.replace(told, lens=lens)
    start = first_pass(told).culmination
    light = None if is_dark else Scene(told, mode="binned", middle=start).expose(start, exposure_s)
    mosaic = Chip(told, "binned").read(light, exposure_s=exposure_s, analogue_gain=8.0, frame=1)
    info = frame_info(
        told, mode="binned", start=start, exposure_s=exposure_s, analogue_gain=8.0,
        dead_time_s=None, sequence=1, clock_bound_s=0.01,
    )  # fmt: skip
    return Frame(mosaic=mosaic, info=info)


@pytest.mark.parametrize(
    ("exposure_s", "camera"),
    [
        (10.0, {"temperature_c": 12.0}),
        (10.0, {"temperature_c": 60.0}),
        # a sensor worn out, in the sun: a quarter of full, and every 50th pixel hot
        (60.0, {"temperature_c": 60.0, "hot_pixels_per_million": 20000.0}),
        (60.0, {"temperature_c": 25.0, "amp_glow_e_per_s": 5.0}),
        (10.0, {"temperature_c": -20.0, "amp_glow_e_per_s": 50.0}),
    ],
)
def test_the_dark_of_a_hot_night_is_a_dark(exposure_s: float, camera: dict[str, float]) -> None:
    assert light_in(frame("clear", exposure_s=exposure_s, is_dark=True, **camera)) == ""


@pytest.mark.parametrize("scenario", ["clear", "cloudy", "moon", "dew"])
@pytest.mark.parametrize("exposure_s", [2.0, 8.0])
def test_a_sky_is_none(scenario: str, exposure_s: float) -> None:
    said = light_in(frame(scenario, exposure_s=exposure_s, is_dark=False))
    assert said.endswith("points of light in it are spread as stars are")


def level(*cells: float, seed: int = 1) -> Frame:
    """A frame without a star, of a level for each photosite of a cell."""
    mosaic = np.random.default_rng(seed).normal(256.0, 4.0, (128, 192))
    for place, adu in enumerate(cells):
        mosaic[place // 2 :: 2, place % 2 :: 2] += adu
    return Frame(mosaic=np.clip(np.rint(mosaic), 0, 4095).astype(np.uint16), info=INFO)


def test_a_starless_sky_is_told_by_its_colour() -> None:
    assert light_in(level(11.0, 27.0, 27.0, 30.0)) == (
        "its colours differ, 11 to 30 ADU, as a sky's do"
    )
    # a camera that balances its raws, and one whose black levels differ by an ADU or two
    assert light_in(level(500.0, 400.0, 400.0, 460.0)) == ""
    assert light_in(level(2.0, 0.0, 0.0, 1.0)) == ""
    mono = level(11.0, 27.0, 27.0, 30.0)
    info = dataclasses.replace(INFO, bayer_pattern="MONO")
    assert light_in(dataclasses.replace(mono, info=info)) == ""


def test_daylight_is_none() -> None:
    assert light_in(level(*[3000.0] * 4)) == "it is as bright as 78 % of full"


def test_hot_pixels_that_a_camera_has_spread_are_no_stars() -> None:
    spread = level(0.0)
    for row in range(10, 120, 10):
        spread.mosaic[row : row + 3, 20:23] += 900
    assert "11 points of light" in light_in(spread)
    assert light_in(spread, demosaiced=True) == ""


@pytest.mark.parametrize("sigma_adu", [3.0, 8.0, 20.0])
def test_a_dark_whose_black_is_taken_off_and_cut_at_zero_is_a_dark(sigma_adu: float) -> None:
    info = dataclasses.replace(INFO, black_level_adu=0.0, white_level_adu=16383.0)
    noise = np.random.default_rng(7).normal(0.0, sigma_adu, (768, 1024))
    mosaic = np.clip(np.rint(noise), 0, 16383).astype(np.uint16)
    assert light_in(Frame(mosaic=mosaic, info=info)) == ""


def test_a_frame_narrower_than_a_tile_shows_no_stars() -> None:
    mosaic = np.full((400, 20), 256, np.uint16)
    assert light_in(Frame(mosaic=mosaic, info=INFO)) == ""
