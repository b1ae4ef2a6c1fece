"""The Raspberry Pi's cameras: genuine picamera2 over a stand-in for what lies below it."""

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from issgaze.civil import seconds_between
from issgaze.devices.picamera import PiCamera, binned
from issgaze.errors import CameraError
from issgaze.optics.profiles import sensor_profile
from issgaze.planning.plan import ExposureBlock
from tests.contract.rigs import WorldClock, picamera, standin_world

# all that libcamera may say of a frame but its time
EVERY_KEY = {
    "ExposureTime", "FrameDuration", "SensorTemperature", "SensorBlackLevels", "AnalogueGain",
    "DigitalGain", "ColourGains", "ScalerCrop", "FrameWallClock", "Lux", "AeLocked", "AeState",
}  # fmt: skip
SENSORS = ["imx477", "imx708", "imx462", "imx290", "imx296", "imx219"]


@pytest.fixture
def world() -> Any:
    return standin_world()


def block(clock: WorldClock, count: int = 3, exposure_s: float = 8.0) -> ExposureBlock:
    return ExposureBlock(
        start_utc=clock.now_utc(), exposure_s=exposure_s, analogue_gain=8.0, count=count,
        interval_s=exposure_s + 0.0006,
    )  # fmt: skip


@pytest.mark.parametrize("pisp", [False, True])
@pytest.mark.parametrize("sensor", SENSORS)
def test_every_sensor_on_both_boards(world: Any, sensor: str, pisp: bool) -> None:
    world.sensor, world.pisp = sensor, pisp
    clock = WorldClock(world)
    with picamera(world, clock, sensor) as camera:
        mode = camera.sensor.modes[0]
        hidden = 1 if sensor in {"imx462", "imx290"} else 0
        for number, frame in enumerate(camera.expose(block(clock), mode="binned")):
            info = frame.info
            assert frame.mosaic.shape == (mode.height_px, mode.width_px)
            scale = 2 ** (16 - camera.sensor.bit_depth) if pisp else 1
            assert info.black_level_adu == camera.sensor.black_level_adu * scale
            assert info.white_level_adu == (2**camera.sensor.bit_depth - 1) * scale
            # the stand-in writes each frame's number above the black level; padding is 0xAA
            level = frame.mosaic[2:].astype(float) - info.black_level_adu
            assert np.all(level == (number + hidden) * scale)
        assert info.row_time_s == mode.row_time_s
    assert world.acquired == 0


def test_everything_is_set_before_the_camera_starts(world: Any) -> None:
    clock = WorldClock(world)
    with picamera(world, clock, "imx477") as camera:
        assert len(list(camera.expose(block(clock), mode="binned"))) == 3
    (given,) = world.starts
    assert given["ExposureTime"] == 8_000_000
    assert given["ExposureTimeMode"] == 1
    assert given["AnalogueGain"] == 8.0
    assert (given["AeEnable"], given["AwbEnable"]) == (False, False)
    assert given["FrameDurationLimits"] == (8_000_000, 8_100_000)


def test_no_frame_is_lost_to_settling_gains(world: Any) -> None:
    clock = WorldClock(world)
    before_ns = world.boot_ns
    with picamera(world, clock, "imx477") as camera:
        frame = next(camera.expose(block(clock), mode="binned"))
        begun_s = frame.info.start_utc.timestamp() - before_ns * 1e-9
        assert begun_s - world.utc_minus_boot_ns * 1e-9 == pytest.approx(world.opening_s, abs=0.001)


@pytest.mark.parametrize(
    "silent",
    [
        {"ExposureTime"}, {"FrameDuration"}, {"SensorTemperature"}, {"SensorBlackLevels"},
        {"AnalogueGain"}, {"DigitalGain"},
        EVERY_KEY,
    ],
)  # fmt: skip
def test_every_key_of_the_metadata_may_be_missing(world: Any, silent: set[str]) -> None:
    world.silent = silent
    clock = WorldClock(world)
    with picamera(world, clock, "imx477") as camera:
        infos = [frame.info for frame in camera.expose(block(clock), mode="binned")]
    assert [info.exposure_s for info in infos] == [8.0] * 3
    assert infos[2].black_level_adu == 256
    assert infos[2].dead_time_s == pytest.approx(630e-6)
    assert (infos[0].temperature_c is None) == ("SensorTemperature" in silent)


def test_frames_that_cannot_be_dated_are_refused(world: Any) -> None:
    world.silent = {"SensorTimestamp"}
    clock = WorldClock(world)
    with (
        picamera(world, clock, "imx477") as camera,
        pytest.raises(CameraError, match="no SensorTimestamp, frames cannot be dated"),
    ):
        next(camera.expose(block(clock), mode="binned"))


def test_packed_frames_are_unpacked(world: Any) -> None:
    world.packed = True
    clock = WorldClock(world)
    with picamera(world, clock, "imx477") as camera:
        for number, frame in enumerate(camera.expose(block(clock), mode="binned")):
            assert np.all(frame.mosaic[1:] == 256 + number)
            assert frame.info.black_level_adu == 256


def test_lossy_frames_are_refused_before_the_camera_starts(world: Any) -> None:
    world.pisp = world.compressed = True
    clock = WorldClock(world)
    with picamera(world, clock, "imx477") as camera:
        wanted = "the camera gives RGGB_PISP_COMP1, unpacked or CSI2P-packed raw is needed"
        with pytest.raises(CameraError, match=wanted):
            next(camera.expose(block(clock), mode="binned"))
    assert world.starts == []


def test_another_chip_is_named(world: Any) -> None:
    world.sensor = "imx708"
    with pytest.raises(CameraError, match="the camera is an imx708, imx477 is configured") as error:
        picamera(world, WorldClock(world), "imx477").__enter__()
    assert "config set camera.sensor imx708" in error.value.remedy
    assert world.acquired == 0


def test_an_exposure_beyond_the_chip_is_refused(world: Any) -> None:
    world.sensor = "imx219"
    clock = WorldClock(world)
    with picamera(world, clock, "imx219") as camera:
        message = r"an exposure of 12\.000 s, the imx219 allows 11\.767 s"
        with pytest.raises(CameraError, match=message):
            next(camera.expose(block(clock, exposure_s=12.0), mode="binned"))


def test_a_mode_that_the_chip_has_not(world: Any) -> None:
    clock = WorldClock(world)
    with (
        picamera(world, clock, "imx477") as camera,
        pytest.raises(CameraError, match="the imx477 has no capture mode 'tiny'"),
    ):
        next(camera.expose(block(clock), mode="tiny"))


def test_mosaics_are_the_cameras_own_memory(world: Any) -> None:
    """Zero-copy: nothing of 24 MB is moved until the frame is written."""
    clock = WorldClock(world)
    with picamera(world, clock, "imx477") as camera:
        frame = next(camera.expose(block(clock), mode="binned"))
        base: Any = frame.mosaic
        while isinstance(base, np.ndarray) and base.base is not None:
            base = base.base
        owner = base.obj if isinstance(base, memoryview) else base
        assert type(owner).__name__ == "mmap"
    # whoever still holds a frame neither hinders closing nor reads memory that is gone
    assert int(frame.mosaic[5, 5]) >= 256


def test_a_step_of_the_clock_keeps_the_true_order_and_widens_the_bound(world: Any) -> None:
    clock = WorldClock(world)
    infos = []
    with picamera(world, clock, "imx477") as camera:
        for number, frame in enumerate(camera.expose(block(clock, 5), mode="binned")):
            infos.append(frame.info)
            if number == 1:
                world.utc_minus_boot_ns -= 20_000_000_000
    gaps = [
        seconds_between(one.start_utc, other.start_utc) - 8.00063 for one, other in pairwise(infos)
    ]
    assert gaps == pytest.approx([0.0] * 4, abs=2e-6)
    assert infos[1].clock_error_s == pytest.approx(0.002, abs=1e-3)
    assert infos[4].clock_error_s == pytest.approx(20.0, abs=0.01)


def test_an_untrusted_clock_gives_no_bound(world: Any) -> None:
    clock = WorldClock(world)
    clock.bound_s = None
    with picamera(world, clock, "imx477") as camera:
        assert next(camera.expose(block(clock), mode="binned")).info.clock_error_s is None


def test_a_stream_after_a_hang_is_whole(world: Any) -> None:
    clock = WorldClock(world)
    one = picamera(world, clock, "imx477")
    world.hangs_after = 2
    with one as camera, pytest.raises(CameraError, match="no frame for"):
        list(camera.expose(block(clock, 5), mode="binned"))
    world.hangs_after = None
    last_good_s = world.exposed_from_ns[-1] * 1e-9 + 8.0
    with one as camera:
        assert len(list(camera.expose(block(clock, 4), mode="binned"))) == 4
    again_s = world.exposed_from_ns[2] * 1e-9
    assert again_s - last_good_s <= 2 * 8.0 + 10.0
    assert world.acquired == 0


def test_picamera2_that_is_not_there(monkeypatch: pytest.MonkeyPatch, world: Any) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="no camera: picamera2 is not installed"):
        PiCamera(sensor_profile("imx477"), WorldClock(world))


def test_four_of_a_colour_become_one() -> None:
    mosaic = np.arange(64, dtype=np.uint16).reshape(8, 8)
    small = binned(mosaic)
    assert small.shape == (4, 4)
    assert small[0, 0] == np.rint(np.mean([mosaic[0, 0], mosaic[0, 2], mosaic[2, 0], mosaic[2, 2]]))
    assert small[3, 2] == np.rint(np.mean([mosaic[5, 4], mosaic[5, 6], mosaic[7, 4], mosaic[7, 6]]))
