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
from issgaze.service.clockwatch import ClockWatch
from issgaze.service.healing import RestartNeeded
from issgaze.service.roofwatch import RoofWatch
from issgaze.service.vitals import Vitals

# before opening the camera once more, by how often it has failed since its last good frame
_PAUSES_S = (0.0, 1.0, 2.0, 4.0, 8.0)
# so many failures without one good frame, and a new process is tried
_RESTART_AFTER = 3
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
        room: Tells why no more frames may be written, None while they may.
        may_restart: Whether the program may end to be started afresh; None where nobody would.
        has_darks: Whether darks for a block of a mode are at hand, so that none need be taken
            before the lights.
    """

    clock: Clock
    camera: Camera
    roof: RoofController | None
    stop: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    frame_shape: tuple[int, int] | None = None
    may_restart: Callable[[], bool] | None = None
    has_darks: Callable[[ExposureBlock, str], bool] = lambda _block, _mode: False
    room: Callable[[], str | None] = lambda: None


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
    frames = [*folder.lights(), *folder.darks()]
    folder.note(
        clock.now_utc(),
        "sealed",
        reason=reason,
        lights=len(folder.lights()),
        bytes_written=sum(path.stat().st_size for path in frames),
    )
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
    wanted = wanted and plan.darks is not None and not stage.has_darks(plan.darks, plan.mode)
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
    """Expose a block, reopening the camera when it fails; return a reason to end the capture.

    Raises:
        RestartNeeded: Reopening does not help; a new process may.
    """
    watch = _Watch(vitals=Vitals(), clock=ClockWatch(stage.clock), roof=RoofWatch(stage.roof))
    failures, in_a_row, done, last_message = 0, 0, 0, ""
    while _remaining(block, stage.clock).count > 0:
        if stage.stop():
            return "stopped by the owner"
        good = done
        try:
            done, ended = _stream(folder, block, mode, stage, watch, done)
        except CameraError as error:
            failures += 1
            in_a_row = 1 if _has_grown(folder, good) else in_a_row + 1
            done, last_message = len(folder.lights()), error.message
            _note_failure(folder, stage, error, failures)
            watch.vitals.forget()
            _ask_for_restart(stage, in_a_row, error)
            pause_s = _PAUSES_S[min(in_a_row, len(_PAUSES_S)) - 1]
            stage.clock.sleep_until(later(stage.clock.now_utc(), pause_s), wake=stage.stop)
            continue
        return ended
    return f"the camera failed {failures} times, at last: {last_message}" if in_a_row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What is kept from frame to frame of a block."""

    vitals: Vitals
    clock: ClockWatch
    roof: RoofWatch


def _has_grown(folder: PassFolder, good: int) -> bool:
    return len(folder.lights()) > good


def _stream(
    folder: PassFolder,
    block: ExposureBlock,
    mode: str,
    stage: Stage,
    watch: _Watch,
    done: int,
) -> tuple[int, str | None]:
    """Open the camera and take what is left of a block; return frames done, and why it ended."""
    with stage.camera as camera:
        # opened first: that takes seconds, and the pass does not wait
        if not stage.clock.sleep_until(_remaining(block, stage.clock).start_utc, wake=stage.stop):
            return done, "stopped by the owner"
        for frame in camera.expose(_remaining(block, stage.clock), mode=mode):
            _check(frame, stage)
            watch.vitals.check(frame)
            folder.add_light(frame)
            done += 1
            _note_clock(folder, stage, watch.clock)
            for event, facts in watch.roof.look():
                folder.note(stage.clock.now_utc(), event, **facts)
            stage.on_progress(_progress("lights", done, block, frame.info))
            if stage.stop():
                return done, "stopped by the owner"
            full = stage.room()
            if full is not None:
                return done, full
    return done, None


def _note_clock(folder: PassFolder, stage: Stage, watch: ClockWatch) -> None:
    news = watch.look()
    now = stage.clock.now_utc()
    if news.stepped_s:
        folder.note(now, "clock_stepped", seconds=round(news.stepped_s, 3))
    if news.trust is not None:
        folder.note(now, "clock_trust", trust=news.trust)


def _note_failure(folder: PassFolder, stage: Stage, error: CameraError, failures: int) -> None:
    now = stage.clock.now_utc()
    folder.note(now, "camera_failed", message=error.message, attempt=failures)


def _ask_for_restart(stage: Stage, in_a_row: int, error: CameraError) -> None:
    if stage.may_restart is None or in_a_row < _RESTART_AFTER or not stage.may_restart():
        return
    raise RestartNeeded(
        f"the camera failed {in_a_row} times in a row: {error.message}",
        remedy="The program ends with status 75, and its unit starts it again.",
    ) from error


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
