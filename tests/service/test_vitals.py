"""Frames that are not alive."""

import numpy as np
import pytest

from issgaze.civil import later
from issgaze.errors import CameraError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.service.vitals import Vitals
from tests.service.test_capture import START


def frame(sky_adu: float, seed: int) -> Frame:
    noise = np.random.default_rng(seed).normal(256.0 + sky_adu, 4.0, (90, 120))
    mosaic = np.clip(noise, 0, 4095).astype(np.uint16)
    return Frame(mosaic=mosaic, info=FrameInfo(start_utc=later(START, seed), exposure_s=1.0))


def test_a_fading_twilight_is_alive() -> None:
    vitals = Vitals()
    for number in range(40):
        vitals.check(frame(800.0 * 0.8**number, number))


def test_a_black_frame_is_refused_and_believed_after_reopening() -> None:
    vitals = Vitals()
    vitals.check(frame(60.0, 1))
    with pytest.raises(CameraError, match=r"a black frame: 0\.0\d % of the range, .* had 1\.5"):
        vitals.check(frame(0.5, 2))
    vitals.forget()
    vitals.check(frame(0.5, 3))
    vitals.check(frame(0.4, 4))


def test_a_frozen_frame_is_refused_even_after_reopening() -> None:
    vitals = Vitals()
    vitals.check(frame(60.0, 1))
    for _ in range(2):
        with pytest.raises(CameraError, match="a frozen frame"):
            vitals.check(frame(60.0, 1))
        vitals.forget()
    vitals.check(frame(60.0, 2))


def test_a_frame_without_noise_is_refused() -> None:
    blank = Frame(mosaic=np.full((90, 120), 256, np.uint16), info=frame(0.0, 0).info)
    with pytest.raises(CameraError, match="a blank frame: every pixel is 256 ADU"):
        Vitals().check(blank)


def test_a_dark_sky_without_any_light_is_alive() -> None:
    vitals = Vitals()
    vitals.check(frame(4.0, 1))
    vitals.check(frame(0.0, 2))
