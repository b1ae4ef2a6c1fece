"""Photographing one pass: darks, sub-exposures, and what to do when the camera fails."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from issgaze.archive.passfolder import PassFolder
from issgaze.civil import later, seconds_between
from issgaze.errors import CameraError, DeviceError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.ports import Camera, Clock, RoofController

_MAX_RECOVERIES = 5
_COVER_TIME_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a capture is, for the status.

    Attributes:
        phase: "darks" or "lights".
        done, planned: Frames of that phase.
        frame: The last one, None before the first.
    """

    phase: str
    done: int
    planned: int
    exposure_s: float
    analogue_gain: float
    frame: FrameInfo | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who takes part in a capture.

    Attributes:
        stop: Becomes true when the program shall end.
        on_progress: Called after each frame that is safely on the disk.
        frame_shape: Height and width of the frames asked for; None takes any.
    """

    clock: Clock
    camera: Camera
    roof: RoofController | None
    stop: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    frame_shape: tuple[int, int] | None = None


def darks_start_lead_s(plan: CapturePlan) -> float:
    """Return how many seconds before the first light the darks must begin."""
    if plan.darks is None:
        return 0.0
    return plan.darks.count * plan.darks.interval_s + 2 * _COVER_TIME_S


def capture(folder: PassFolder, plan: CapturePlan, stage: Stage) -> str:
    """Photograph the pass into its folder and seal it; return why it ended, for people."""
    clock = stage.clock
    folder.note(clock.now_utc(), "armed", clock=clock.quality().trust)
    reason = _expose_all(folder, plan, stage)
    _close_cover(folder, stage)
    folder.seal(clock.now_utc(), reason)
    folder.note(clock.now_utc(), "sealed", reason=reason, lights=len(folder.lights()))
    return reason


def _expose_all(folder: PassFolder, plan: CapturePlan, stage: Stage) -> str:
    try:
        if plan.darks is not None and _time_for_darks(folder, plan, stage):
            _expose_darks(folder, plan.darks, plan.mode, stage)
        _open_cover(folder, stage)
    except DeviceError as error:
        folder.note(stage.clock.now_utc(), "darks_failed", message=error.message)
    for block in plan.lights:
        reason = _expose_block(folder, block, plan.mode, stage)
        if reason is not None:
            return reason
    return "complete"


def _time_for_darks(folder: PassFolder, plan: CapturePlan, stage: Stage) -> bool:
    """Return whether darks are wanted and done before the first light; lights never wait."""
    left_s = seconds_between(stage.clock.now_utc(), plan.lights[0].start_utc)
    wanted = stage.roof is not None and not folder.darks()
    return wanted and left_s >= darks_start_lead_s(plan)


def _expose_darks(folder: PassFolder, block: ExposureBlock, mode: str, stage: Stage) -> None:
    if stage.roof is None:
        return
    stage.roof.close_cover()
    now = dataclasses.replace(block, start_utc=stage.clock.now_utc())
    with stage.camera as camera:
        for done, frame in enumerate(camera.expose(now, mode=mode), start=1):
            _check(frame, stage)
            folder.add_dark(frame)
            stage.on_progress(_progress("darks", done, block, frame.info))


def _open_cover(folder: PassFolder, stage: Stage) -> None:
    if stage.roof is not None:
        stage.roof.open_cover()
        folder.note(stage.clock.now_utc(), "cover_opened")


def _close_cover(folder: PassFolder, stage: Stage) -> None:
    if stage.roof is None:
        return
    try:
        stage.roof.close_cover()
        folder.note(stage.clock.now_utc(), "cover_closed")
    except DeviceError as error:
        folder.note(stage.clock.now_utc(), "cover_failed", message=error.message)


def _expose_block(folder: PassFolder, block: ExposureBlock, mode: str, stage: Stage) -> str | None:
    """Expose a block, reopening the camera when it fails; return a reason to end the capture."""
    done = 0
    for attempt in range(_MAX_RECOVERIES + 1):
        left = _remaining(block, stage.clock)
        if left.count == 0:
            return None
        if not stage.clock.sleep_until(left.start_utc, wake=stage.stop):
            return "stopped by the owner"
        try:
            with stage.camera as camera:
                for frame in camera.expose(left, mode=mode):
                    _check(frame, stage)
                    folder.add_light(frame)
                    done += 1
                    stage.on_progress(_progress("lights", done, block, frame.info))
                    if stage.stop():
                        return "stopped by the owner"
        except CameraError as error:
            folder.note(
                stage.clock.now_utc(), "camera_failed", message=error.message, attempt=attempt + 1
            )
            continue
        return None
    return f"the camera failed {_MAX_RECOVERIES + 1} times"


def _check(frame: Frame, stage: Stage) -> None:
    """Refuse a frame that is no mosaic of the size asked for: packed, cut off, of another mode.

    Raises:
        CameraError: It is something else.
    """
    mosaic = frame.mosaic
    wanted = stage.frame_shape or mosaic.shape
    if mosaic.ndim != 2 or mosaic.shape != wanted or str(mosaic.dtype) != "uint16":
        size = "x".join(str(side) for side in reversed(mosaic.shape))
        wide = "x".join(str(side) for side in reversed(wanted))
        raise CameraError(
            f"the camera gave a frame of {size} {mosaic.dtype}, {wide} uint16 were asked for",
            remedy="Check camera.sensor and camera.mode; ask the camera for unpacked raw.",
        )


def _remaining(block: ExposureBlock, clock: Clock) -> ExposureBlock:
    """Return what is left of a block at this moment."""
    late_s = seconds_between(block.start_utc, clock.now_utc())
    if late_s <= 0:
        return block
    count = max(0, block.count - int(late_s / block.interval_s) - 1)
    return dataclasses.replace(block, start_utc=later(block.start_utc, late_s), count=count)


def _progress(phase: str, done: int, block: ExposureBlock, info: FrameInfo) -> Progress:
    return Progress(
        phase=phase,
        done=done,
        planned=block.count,
        exposure_s=block.exposure_s,
        analogue_gain=block.analogue_gain,
        frame=info,
    )
