"""The camera's bus: packed or not, the pipeline gets the same frames, or refuses what is lossy."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import later
from issgaze.errors import CameraError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.imaging.rawbuffer import RawBuffer, mosaic_of
from issgaze.planning.plan import ExposureBlock
from issgaze.simulated.camera import SimulatedCamera
from issgaze.simulated.chip import Chip
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.rawport import raw_buffer
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.sequence import frames, sequence


def _with(plain: Scenario, **changes: object) -> Scenario:
    return dataclasses.replace(plain, camera=dataclasses.replace(plain.camera, **changes))  # type: ignore[arg-type]


def _first(scenario: Scenario) -> Frame:
    block = ExposureBlock(
        start_utc=later(scenario.start_utc, 10.0),
        exposure_s=2.0,
        analogue_gain=8.0,
        count=1,
        interval_s=2.1,
    )
    with SimulatedCamera(scenario, SimulatedClock(scenario.start_utc)) as camera:
        return next(camera.expose(block, mode=scenario.camera.mode))


# 12 and 10 bits; rows whose bytes do not fill the stride
@pytest.mark.parametrize("sensor", ["imx462", "imx296"])
def test_packed_and_unpacked_cameras_hand_on_the_same_frame(plain: Scenario, sensor: str) -> None:
    one = _first(_with(plain, sensor=sensor, raw="unpacked"))
    two = _first(_with(plain, sensor=sensor, raw="packed"))
    assert one.mosaic.dtype == two.mosaic.dtype == np.uint16
    assert np.array_equal(one.mosaic, two.mosaic)
    assert one.info == two.info


def test_rendered_frames_cross_the_same_bus(plain: Scenario) -> None:
    mosaics = []
    for raw in ("unpacked", "packed"):
        scenario = _with(plain, raw=raw)
        plan = sequence(scenario, mode="binned", count=1)
        scene = Scene(scenario, middle=plan.first_utc)
        mosaics.append(next(frames(scenario, scene, Chip(scenario, "binned"), plan)).mosaic)
    assert np.array_equal(*mosaics)


def test_what_is_on_the_bus_is_what_the_key_says(plain: Scenario) -> None:
    mosaic = np.arange(6 * 100, dtype=np.uint16).reshape(6, 100)
    buffer = raw_buffer(mosaic, _with(plain, raw="packed").camera)
    assert (buffer.format, buffer.rows.shape) == ("SRGGB12_CSI2P", (6, 160))
    buffer = raw_buffer(mosaic, plain.camera)
    assert (buffer.format, buffer.rows.shape) == ("SRGGB12", (6, 224))
    assert np.array_equal(mosaic_of(buffer), mosaic)


def test_a_lossy_stream_is_refused_with_a_remedy(plain: Scenario) -> None:
    with pytest.raises(CameraError, match="raw format PISP_COMP1, an unpacked or CSI2P") as caught:
        _first(_with(plain, raw="compressed"))
    assert "unpacked raw" in caught.value.remedy


def test_a_buffer_too_short_for_its_format_is_refused() -> None:
    rows = np.zeros((2, 128), dtype=np.uint8)
    with pytest.raises(FrameError, match=r"rows of 128 bytes, 100 pixels of SRGGB12 need 200"):
        mosaic_of(RawBuffer(rows=rows, width_px=100, format="SRGGB12"))
    with pytest.raises(FrameError, match="raw format SRGGB16_CSI2P"):
        mosaic_of(RawBuffer(rows=rows, width_px=100, format="SRGGB16_CSI2P"))
