"""The camera of a simulated night: the renderer and the chip behind the port."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from issgaze.arrays import UInt16Array
from issgaze.civil import later, seconds_between
from issgaze.errors import CameraError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.profiles import sensor_profile
from issgaze.optics.sensor import SensorProfile
from issgaze.planning.plan import ExposureBlock
from issgaze.simulated.chip import Chip
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.failures import Failures
from issgaze.simulated.projection import capture_mode
from issgaze.simulated.rawport import through_port
from issgaze.simulated.roof import SimulatedRoof
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene

# A frame that is not there after twice its time and this is given up, as the real adapter does.
_PATIENCE_S = 3.0
_SERIES_ENDS_S = 600.0


class SimulatedCamera:
    """Streams the scenario's sky, implementing ports.Camera.

    Args:
        scenario: The night.
        clock: What it waits on.
        roof: Whose cover keeps the light out when it is shut; None for a camera without one.
    """

    def __init__(
        self, scenario: Scenario, clock: SimulatedClock, *, roof: SimulatedRoof | None = None
    ) -> None:
        self._scenario = scenario
        self._clock = clock
        self._roof = roof
        self._failures = Failures(scenario, clock)
        self._sensor = sensor_profile(scenario.camera.sensor)
        self._scene: Scene | None = None
        self._chip: tuple[str, Chip] | None = None
        self._open = False
        self._sequence = 0
        # what was read out last: a camera that froze gives it again
        self._frozen: UInt16Array | None = None
        # true start of the first and end of the last frame of a series without long pauses
        self._series: tuple[datetime, datetime] | None = None

    @property
    def sensor(self) -> SensorProfile:
        """The chip's profile."""
        return self._sensor

    def __enter__(self) -> "SimulatedCamera":
        """Open the device; CameraError when it is missing."""
        if self._failures.active("camera_gone") is not None:
            raise CameraError(
                f"no camera: the {self._sensor.name} does not answer",
                remedy="Check its cable, then `issgaze doctor`.",
            )
        slow = self._failures.active("camera_slow")
        if slow is not None:
            self._clock.wait_until(later(self._clock.true_utc(), slow.amount))
        self._open = True
        return self

    def __exit__(self, *exception: object) -> None:
        """Give the device back."""
        self._open = False

    def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:
        """Stream the block's frames; each arrives when it has been read out.

        Raises:
            CameraError: The camera hangs, vanishes or delivers something else than was asked.
        """
        if not self._open:
            raise CameraError(
                "the camera is not open", remedy="Open it first: `with camera: camera.expose(...)`."
            )
        camera = self._scenario.camera
        gap_s = capture_mode(self._sensor, mode).dead_time_s + camera.extra_dead_time_s
        # exposures run in true time, whatever the device's clock shows
        start = self._clock.true_when(block.start_utc)
        end: datetime | None = None
        for _ in range(block.count):
            self._sequence += 1
            if camera.drop_every and self._sequence % camera.drop_every == 0:
                start = later(start, block.exposure_s + gap_s)
                self._sequence += 1
            self._wait(start, block.exposure_s)
            yield self._frame(block, mode, start, end)
            end = later(start, block.exposure_s)
            start = later(end, gap_s)

    def _wait(self, start: datetime, exposure_s: float) -> None:
        """Wait for the end of an exposure; fail as the scenario says."""
        if self._failures.active("camera_hangs") is not None:
            patience_s = 2.0 * exposure_s + _PATIENCE_S
            self._clock.wait_until(later(start, patience_s))
            raise CameraError(
                f"no frame for {patience_s:.1f} s, {exposure_s:.1f} s were asked for",
                remedy="The camera is closed and opened again.",
            )
        self._clock.wait_until(later(start, exposure_s))
        if self._failures.active("camera_gone") is not None:
            raise CameraError(
                f"the {self._sensor.name} vanished while exposing",
                remedy="Check its cable, then `issgaze doctor`.",
            )

    def _frame(
        self, block: ExposureBlock, mode: str, start: datetime, last_end: datetime | None
    ) -> Frame:
        chip = self._chip_of(mode)
        dark = self._roof is not None and self._roof.cover == "closed"
        dark = dark or self._failures.active("camera_black") is not None
        light = None if dark else self._scene_of(mode, start).expose(start, block.exposure_s)
        mosaic = chip.read(
            light,
            exposure_s=block.exposure_s,
            analogue_gain=block.analogue_gain,
            frame=frame_number(self._scenario, start),
        )
        if self._failures.active("camera_wrong_size") is not None:
            mosaic = np.ascontiguousarray(mosaic[: mosaic.shape[0] // 2])
        mosaic = through_port(mosaic, self._scenario.camera)
        if self._failures.active("camera_frozen") is not None and self._frozen is not None:
            mosaic = self._frozen
        self._frozen = mosaic
        info = frame_info(
            self._scenario,
            mode=mode,
            start=later(
                stamped_start(self._scenario, self._clock, start, block.exposure_s),
                -self._stepped_s(start, block.exposure_s),
            ),
            exposure_s=block.exposure_s,
            analogue_gain=block.analogue_gain,
            dead_time_s=None if last_end is None else seconds_between(last_end, start),
            sequence=self._sequence,
            clock_bound_s=self._clock.quality().bound_s,
        )
        return Frame(mosaic=mosaic, info=info)

    def _stepped_s(self, start: datetime, exposure_s: float) -> float:
        """Return the steps of the clock since the series began, to take out of its stamps.

        As the real adapter does, which dates by a clock that never steps.
        """
        end = later(start, exposure_s)
        if self._series is None or seconds_between(self._series[1], start) > _SERIES_ENDS_S:
            self._series = (start, end)
        self._series = (self._series[0], end)
        return self._clock.stepped_s(self._series[0], end)

    def _scene_of(self, mode: str, start: datetime) -> Scene:
        if self._scene is None or self._scene.mode != mode:
            self._scene = Scene(self._scenario, mode=mode, middle=start)
        return self._scene

    def _chip_of(self, mode: str) -> Chip:
        if self._chip is None or self._chip[0] != mode:
            self._chip = (mode, Chip(self._scenario, mode))
        return self._chip[1]


def frame_number(scenario: Scenario, start: datetime) -> int:
    """Return a number that names a frame's noise: milliseconds since the scenario's start."""
    return max(0, round(seconds_between(scenario.start_utc, start) * 1000.0))


def stamped_start(
    scenario: Scenario, clock: SimulatedClock, start: datetime, exposure_s: float
) -> datetime:
    """Return the start that the frame's stamp gives of an exposure that truly began at `start`.

    The device stamps with its own clock, late or early by its jitter, the instant that
    `camera.stamp` says; an exposure is taken off because libcamera stamps the end.
    """
    camera = scenario.camera
    instant = later(start, exposure_s) if camera.stamp == "end" else start
    jitter_s = 0.0
    if camera.stamp_jitter_s > 0.0:
        rng = np.random.default_rng([scenario.seed, frame_number(scenario, start), 0x71])
        jitter_s = float(rng.normal(0.0, camera.stamp_jitter_s))
    return later(clock.shown_at(instant), jitter_s - exposure_s)


def frame_info(
    scenario: Scenario,
    *,
    mode: str,
    start: datetime,
    exposure_s: float,
    analogue_gain: float,
    dead_time_s: float | None,
    sequence: int,
    clock_bound_s: float | None,
) -> FrameInfo:
    """Return what a camera says of a frame."""
    sensor = sensor_profile(scenario.camera.sensor)
    return FrameInfo(
        simulated=True,
        start_utc=start,
        exposure_s=exposure_s,
        row_time_s=capture_mode(sensor, mode).row_time_s,
        clock_error_s=None
        if clock_bound_s is None
        else clock_bound_s + scenario.camera.stamp_jitter_s,
        bayer_pattern=sensor.bayer_pattern,
        black_level_adu=float(sensor.black_level_adu),
        white_level_adu=float((1 << sensor.bit_depth) - 1),
        analogue_gain=analogue_gain,
        temperature_c=scenario.camera.temperature_c,
        instrument=sensor.name,
        dead_time_s=dead_time_s,
        sequence=sequence,
    )
