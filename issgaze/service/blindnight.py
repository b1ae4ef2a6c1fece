"""Nights on which the device does not know the time: frames now, their instants later.

Without the time no pass can be predicted, but a clock that never steps still runs. Frames are
stamped with it and kept for some hours; when the network or a satellite receiver tells the time,
the stamps become instants, and a pass that went over meanwhile is developed like any other. The
stamps hold until the board is started anew: a program that ends and comes back goes on with them.

<archive>/blind/lights/NNNNN.fits    while the boot lasts that they were taken in
"""

import dataclasses
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from issgaze.archive.blindstamps import BlindFrame, keep_stamp, kept_frames
from issgaze.archive.fits import read_raw, write_raw
from issgaze.civil import from_unix, later
from issgaze.errors import ArchiveError, CameraError, DeviceError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.planning.photometry import Optics
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import Camera, Clock, RoofController
from issgaze.service.preflight import sky_mag

# dark enough that stars and the station stand out
_DARK_MAG = 16.5
# bright enough that a dark sky stands above an error of the black level; _DARK_MAG is far from full
_METER_S, _METER_GAIN = 2.0, 8.0
_METER_EVERY_S = 10 * 60.0
_EXPOSURE_S, _GAIN = 10.0, 4.0
_BLOCK = 30
# a part of the room on the disk, and never more
_SHARE, _MOST_GB = 0.2, 6.0


class BlindNight:
    """Takes frames while the clock is not known and it is dark.

    Args:
        folder: Of the blind nights.
        clock: Whose trust is watched.
        camera: Its frames.
        roof: Opens and shuts the cover, None without one.
        mode: Of the camera.
        optics: Of that mode, to meter the sky with.
        free_gb: Room on the disk; None when it is not known.
        stop: Becomes true when something else shall be done.
        log: Told in words.
        boot_id: Names the run of the clock that never steps; empty where it ends with the program.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        camera: Camera,
        roof: RoofController | None,
        mode: str,
        optics: Optics,
        free_gb: Callable[[], float | None],
        stop: Callable[[], bool],
        log: Callable[[str], None],
        boot_id: str = "",
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._camera = camera
        self._roof = roof
        self._mode = mode
        self._optics = optics
        self._free_gb = free_gb
        self._stop = stop
        self._log = log
        self._boot_id = boot_id
        self._kept: deque[BlindFrame] = deque(kept_frames(folder, boot_id=boot_id))
        self._bytes = sum(frame.size_bytes for frame in self._kept)
        self._count = max((int(frame.path.stem) for frame in self._kept), default=0)
        if self._kept:
            log(f"{len(self._kept)} frames taken before the time was known are still held")
        elif folder.exists():
            # what an earlier boot left can be dated no more
            shutil.rmtree(folder, ignore_errors=True)

    def watch(self, until: datetime, wake: Callable[[], bool] = lambda: False) -> None:
        """Take frames, or look whether it is dark, until then or until the clock is known.

        Args:
            until: When to look again at everything else.
            wake: Becomes true when something else comes first, such as a new configuration.
        """

        def goes_on() -> bool:
            return self._is_blind() and not self._stop() and not wake()

        while self._clock.now_utc() < until and goes_on():
            try:
                dark = self._is_dark()
                while dark and goes_on():
                    dark = self._expose(goes_on)
            except (CameraError, DeviceError) as error:
                self._log(f"no frame of the blind night: {error.message}. {error.remedy}")
            finally:
                self._shut()
            if self._is_blind():
                again = min(later(self._clock.now_utc(), _METER_EVERY_S), until)
                self._clock.sleep_until(again, wake=lambda: not goes_on())

    def _is_blind(self) -> bool:
        return self._clock.quality().trust == "untrusted"

    def _block(self, exposure_s: float, gain: float, count: int) -> ExposureBlock:
        return ExposureBlock(
            start_utc=self._clock.now_utc(),
            exposure_s=exposure_s,
            analogue_gain=gain,
            count=count,
            interval_s=exposure_s,
        )

    def _is_dark(self) -> bool:
        if self._roof is not None:
            self._roof.open_cover()
        with self._camera as camera:
            for frame in camera.expose(self._block(_METER_S, _METER_GAIN, 1), mode=self._mode):
                sky = sky_mag(frame, self._optics)
                return sky is not None and sky > _DARK_MAG
        return False

    def _expose(self, goes_on: Callable[[], bool]) -> bool:
        """Take a block of frames; return whether it is still dark."""
        sky: float | None = None
        with self._camera as camera:
            for frame in camera.expose(self._block(_EXPOSURE_S, _GAIN, _BLOCK), mode=self._mode):
                # the frame's instant is by the wrong clock: what it is worth is its distance to now
                ahead_s = self._clock.now_utc().timestamp() - self._clock.monotonic_s()
                self._keep(frame, frame.info.start_utc.timestamp() - ahead_s)
                sky = sky_mag(frame, self._optics)
                if not goes_on():
                    break
        return sky is not None and sky > _DARK_MAG

    def _keep(self, frame: Frame, began_s: float) -> None:
        self._count += 1
        path = self._folder / "lights" / f"{self._count:05d}.fits"
        write_raw(path, frame, site=None)
        held = BlindFrame(path=path, began_s=began_s, size_bytes=path.stat().st_size)
        keep_stamp(self._folder, held, boot_id=self._boot_id)
        self._kept.append(held)
        self._bytes += held.size_bytes
        self._make_room()

    def _make_room(self) -> None:
        """Let the oldest frames go when there are too many."""
        free_gb = self._free_gb()
        most = 1e9 * min(_MOST_GB, _SHARE * free_gb if free_gb is not None else _MOST_GB)
        while self._kept and self._bytes > most:
            oldest = self._kept.popleft()
            oldest.path.unlink(missing_ok=True)
            self._bytes -= oldest.size_bytes

    def _shut(self) -> None:
        if self._roof is not None:
            try:
                self._roof.close_cover()
            except DeviceError:
                # the controller shuts it by itself when nobody asks it to stay open
                return

    def frames(self) -> tuple[BlindFrame, ...]:
        """Return the frames that are kept, oldest first."""
        return tuple(self._kept)

    def forget(self) -> None:
        """Let the series go: its frames are where they belong now."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._bytes = 0
        self._kept.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A frame of a blind night with its instant."""

    path: Path
    start_utc: datetime
    clock_error_s: float | None

    def read(self) -> Frame:
        """Return the frame, its instant put right.

        Raises:
            FrameError: It cannot be read.
        """
        frame = read_raw(self.path)
        info = dataclasses.replace(
            frame.info, start_utc=self.start_utc, clock_error_s=self.clock_error_s
        )
        return Frame(mosaic=frame.mosaic, info=info)


def dated(frames: tuple[BlindFrame, ...], clock: Clock) -> tuple[Dated, ...]:
    """Return the frames with the instants that a clock which is known now gives them."""
    ahead_s = clock.now_utc().timestamp() - clock.monotonic_s()
    bound_s = clock.quality().bound_s
    return tuple(
        Dated(path=each.path, start_utc=from_unix(each.began_s + ahead_s), clock_error_s=bound_s)
        for each in frames
    )


def readable(frames: tuple[Dated, ...]) -> Iterator[Frame]:
    """Yield the frames that can be read."""
    for each in frames:
        try:
            yield each.read()
        except (FrameError, ArchiveError):
            continue
