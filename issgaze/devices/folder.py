"""Frames that another program drops into a folder, as if they came from a camera of ours.

The other program exposes on in its own rhythm; what falls into a block's time is taken, with the
times that its headers give. It may write a file slowly: one counts when it can be read and has not
grown since the last look.
"""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

from issgaze.civil import later, seconds_between
from issgaze.errors import CameraError, FrameError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.sensor import SensorProfile
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import Clock

_LOOK_EVERY_S = 0.25
_PATIENCE_S = 3.0
_LOST_AT = 1.5


class FolderCamera:
    """A folder that fills with frames, implementing ports.Camera.

    Args:
        folder: Where the other program writes; hidden files are left alone.
        sensor: The chip that it reads.
        clock: What to wait on.
        read: Reads a frame from a file; FrameError when it cannot.
    """

    def __init__(
        self,
        folder: Path,
        sensor: SensorProfile,
        clock: Clock,
        *,
        read: Callable[[Path], Frame],
    ) -> None:
        self._folder = folder
        self._sensor = sensor
        self._clock = clock
        self._read = read
        self._open = False
        self._seen: set[str] = set()
        # size and time of change of files not taken yet, as at the last look
        self._growing: dict[str, tuple[int, int]] = {}
        self._sequence = 0

    @property
    def sensor(self) -> SensorProfile:
        """The chip's profile."""
        return self._sensor

    def __enter__(self) -> "FolderCamera":
        """Look at what lies there already, which is not taken; CameraError without a folder."""
        try:
            self._seen = {path.name for path in self._folder.iterdir()}
        except OSError as error:
            raise CameraError(
                f"no camera: {self._folder} cannot be read",
                remedy="Set camera.folder to where the other program writes its frames.",
            ) from error
        self._growing.clear()
        self._open = True
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop looking."""
        self._open = False

    def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:  # noqa: ARG002 - the other program chose the size
        """Give the frames that were begun within the block's time, as they arrive.

        Raises:
            CameraError: None comes for twice the exposure and 3 s, or the folder vanishes.
        """
        if not self._open:
            raise CameraError(
                "the camera is not open", remedy="Open it first: `with camera: camera.expose(...)`."
            )
        end = later(block.start_utc, block.count * block.interval_s)
        last: FrameInfo | None = None
        for _ in range(block.count):
            frame = self._next(block, last)
            if frame.info.start_utc > end and last is not None:
                return
            last = self._placed(frame.info, last, block)
            yield Frame(mosaic=frame.mosaic, info=last)

    def _next(self, block: ExposureBlock, last: FrameInfo | None) -> Frame:
        """Wait for the next whole frame that was begun after the block's start."""
        patience_s = 2.0 * block.exposure_s + _PATIENCE_S
        now = self._clock.now_utc()
        since = (
            max(now, block.start_utc) if last is None else later(last.start_utc, last.exposure_s)
        )
        # a file is looked at twice at least, however late we come back for it
        deadline = max(later(since, patience_s), later(now, 2.0 * _LOOK_EVERY_S))
        while True:
            for path in self._whole():
                frame = self._try(path)
                if frame is not None and frame.info.start_utc >= block.start_utc:
                    return frame
            now = self._clock.now_utc()
            if now >= deadline:
                raise CameraError(
                    f"no frame for {patience_s:.1f} s, {block.exposure_s:.1f} s were asked for",
                    remedy=f"See whether the other program still writes into {self._folder}.",
                )
            self._clock.sleep_until(min(later(now, _LOOK_EVERY_S), deadline))

    def _whole(self) -> Iterator[Path]:
        """Yield the new files that have not changed since the last look, by name."""
        try:
            found = sorted(self._folder.iterdir())
        except OSError as error:
            raise CameraError(
                f"the folder {self._folder} vanished",
                remedy="Set camera.folder to where the other program writes its frames.",
            ) from error
        for path in found:
            if path.name in self._seen or path.name.startswith("."):
                continue
            try:
                status = path.stat()
            except OSError:
                # renamed between the two looks
                continue
            state = (status.st_size, status.st_mtime_ns)
            if self._growing.get(path.name) == state:
                yield path
            self._growing[path.name] = state

    def _try(self, path: Path) -> Frame | None:
        self._seen.add(path.name)
        self._growing.pop(path.name, None)
        try:
            return self._read(path)
        except FrameError:
            # another kind of file, or one that was given up half-way
            return None

    def _placed(self, info: FrameInfo, last: FrameInfo | None, block: ExposureBlock) -> FrameInfo:
        """Return a frame's description with its place in the stream."""
        dead_s: float | None = None
        lost = 0
        if last is not None:
            step_s = seconds_between(last.start_utc, info.start_utc)
            dead_s = round(step_s - last.exposure_s, 6)
            if step_s > _LOST_AT * block.interval_s:
                lost = round(step_s / block.interval_s) - 1
        self._sequence += 1 + lost
        bound_s = self._clock.quality().bound_s if info.clock_error_s is None else None
        return dataclasses.replace(
            info,
            dead_time_s=dead_s,
            sequence=self._sequence,
            clock_error_s=info.clock_error_s if bound_s is None else bound_s,
        )
