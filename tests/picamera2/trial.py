"""devices/picamera over genuine picamera2 and libcamera: run inside the root that `root.py` makes.

It proves what a stand-in cannot: configure, start, requests, callbacks, release, stop, close, open
again, and threads, in the code that runs on a roof. Exposures and raw formats it cannot prove.
"""

import contextlib
import importlib.metadata
import os
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

# before the adapter: it puts in place what this machine lacks
import virtual
from picamera2 import Picamera2

from issgaze.devices.picamera import PiCamera
from issgaze.devices.systemclock import SystemClock
from issgaze.errors import CameraError
from issgaze.optics.sensor import CaptureMode, SensorProfile
from issgaze.planning.plan import ExposureBlock

SENSOR = SensorProfile(
    name="Roof", pixel_um=1.55, bit_depth=12, bayer_pattern="RGGB", black_level_adu=256,
    full_well_e=8180, electrons_per_adu=2.0, read_noise_e=3.0, read_noise_gain=1.0,
    max_analogue_gain=22.0, longest_exposure_s=10.0,
    modes=(CaptureMode(name="full", width_px=virtual.WIDTH_PX, height_px=virtual.HEIGHT_PX,
                       row_time_s=2.8e-5, dead_time_s=0.0006),),
)  # fmt: skip


def adapter(sensor: SensorProfile = SENSOR, **more: object) -> PiCamera:
    camera = PiCamera(sensor, SystemClock(), **more)  # type: ignore[arg-type]
    camera._open = virtual.VirtualCamera
    return camera


def block(count: int) -> ExposureBlock:
    return ExposureBlock(
        start_utc=datetime.now(UTC), exposure_s=1 / 30, analogue_gain=1.0, count=count,
        interval_s=1 / 30,
    )  # fmt: skip


def frames_come_in_order_and_are_dated() -> str:
    with adapter() as camera:
        seen = []
        for frame in camera.expose(block(60), mode="full"):
            assert frame.mosaic.shape == (virtual.HEIGHT_PX, virtual.WIDTH_PX)
            assert not frame.mosaic.flags.owndata, "a copy was made"
            assert frame.mosaic.any(), "an empty buffer"
            seen.append(frame.info)
    starts = [info.start_utc for info in seen]
    assert starts == sorted(starts)
    assert len(set(starts)) == 60
    away_s = abs((datetime.now(UTC) - starts[-1]).total_seconds())
    assert away_s < 2.0, f"the last frame is dated {away_s} s from now"
    return f"60 frames, {seen[-1].sequence - 59} lost on the way"


def streams_end_early_and_begin_again() -> str:
    with adapter() as camera:
        for _ in range(10):
            for number, _frame in enumerate(camera.expose(block(50), mode="full")):
                if number == 3:
                    break
    return "10 streams of one camera left after 4 frames"


def cameras_are_given_back() -> str:
    before = _descriptors()
    for _ in range(20):
        with adapter() as camera:
            assert sum(1 for _ in camera.expose(block(3), mode="full")) == 3
    left = _descriptors() - before
    assert left.total() <= 2, f"left open: {dict(left)}"
    return f"20 times opened, {left.total()} descriptors left"


def _descriptors() -> Counter[str]:
    """Return how many of each kind are open."""
    kinds: Counter[str] = Counter()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            kinds[re.sub(r"[0-9]+", "N", os.readlink(f"/proc/self/fd/{number}"))] += 1
    return kinds


def a_silence_is_healed_by_opening_again() -> str:
    with adapter(readable=lambda _descriptor, _seconds: False) as camera:
        try:
            next(iter(camera.expose(block(3), mode="full")))
            raise AssertionError("silence was not noticed")
        except CameraError as error:
            assert "no frame for" in error.message
    with adapter() as camera:
        assert sum(1 for _ in camera.expose(block(3), mode="full")) == 3
    return "given up, cancelled, opened again"


def another_chip_is_refused_and_given_back() -> str:
    from dataclasses import replace

    for _ in range(3):
        try:
            with adapter(replace(SENSOR, name="imx477")):
                raise AssertionError("another chip was taken")
        except CameraError as error:
            assert "imx477 is configured" in error.message
    with adapter() as camera:
        assert sum(1 for _ in camera.expose(block(2), mode="full")) == 2
    return "refused three times, free afterwards"


def a_camera_without_raw_is_refused() -> str:
    """The adapter as it is, nothing put in place of the raw stream."""
    camera = PiCamera(SENSOR, SystemClock())
    try:
        with camera:
            next(iter(camera.expose(block(2), mode="full")))
    except CameraError as error:
        return f"refused: {error.message[:70]}"
    raise AssertionError("frames came from nowhere")


TRIALS: tuple[Callable[[], str], ...] = (
    frames_come_in_order_and_are_dated,
    streams_end_early_and_begin_again,
    cameras_are_given_back,
    a_silence_is_healed_by_opening_again,
    another_chip_is_refused_and_given_back,
    a_camera_without_raw_is_refused,
)


def main() -> int:
    print(f"picamera2 {importlib.metadata.version('picamera2')}, {Picamera2.global_camera_info()}")
    failed = 0
    for trial in TRIALS:
        name = trial.__name__.replace("_", " ")
        try:
            print(f"ok      {name}: {trial()}", flush=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is named and the rest goes on
            failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
            traceback.print_exc()
    print(f"{len(TRIALS) - failed} passed, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
