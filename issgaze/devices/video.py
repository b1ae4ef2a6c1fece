"""H.264 in MP4 by PyAV, in a process of its own that gives its memory back."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from issgaze.arrays import UInt8Array
from issgaze.devices.videochild import HEADER
from issgaze.errors import DeviceError

_PATIENCE_S = 120.0
_SMALLEST_PX = 16
_REMEDY = "Free memory, or install PyAV again: `pip install av`."


class PyavEncoder:
    """Implements ports.VideoEncoder: frames go down a pipe, the file's bytes come back."""

    def encode(self, frames: Iterator[UInt8Array], *, width: int, height: int, fps: int) -> bytes:
        """Return an MP4 of RGB frames, uint8 of shape (height, width, 3).

        Raises:
            DeviceError: The size is odd, a frame does not fit, or the encoder fails.
        """
        with Film(width=width, height=height, fps=fps) as film:
            for frame in frames:
                film.add(frame)
            return film.finish()


class Film:
    """One film in the making: frames are given one by one, so that several can grow at once.

    Use it in a `with` statement: its child process ends with that, whatever happens. After `finish`
    `peak_rss_mb` is the largest memory of the child.

    Args:
        width, height: Of every frame, even.
        fps: Frames a second.

    Raises:
        DeviceError: The size is odd or too small.
    """

    def __init__(self, *, width: int, height: int, fps: int) -> None:
        if width % 2 or height % 2 or min(width, height) < _SMALLEST_PX:
            raise DeviceError(
                f"a video of {width}x{height} px was asked for; both must be even, "
                f"{_SMALLEST_PX} px at least",
                remedy="Ask for an even size.",
            )
        self._shape = (height, width, 3)
        self._count = 0
        self._gone = False
        self.peak_rss_mb = 0.0
        self._folder = tempfile.TemporaryDirectory(prefix="issgaze-video-")
        self._movie = Path(self._folder.name) / "video.mp4"
        self._complaints = Path(self._folder.name) / "stderr.txt"
        self._memory = Path(self._folder.name) / "memory.txt"
        command = [
            sys.executable, "-P", "-m", "issgaze.devices.videochild",
            str(self._movie), str(self._memory),
        ]  # fmt: skip
        # a pipe that nobody reads would stop the child once it is full
        with self._complaints.open("wb") as errors:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
            )
        self._write(HEADER.pack(width, height, fps))

    def __enter__(self) -> "Film":
        """Return the film itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child and remove what it wrote."""
        if self._child.poll() is None:
            self._child.kill()
        self._close()
        self._child.wait()
        self._folder.cleanup()

    def add(self, frame: UInt8Array) -> None:
        """Give the next frame, uint8 of shape (height, width, 3).

        Raises:
            DeviceError: It has another shape.
        """
        if frame.shape != self._shape:
            raise DeviceError(
                f"frame {self._count} of the video has the shape {frame.shape}, "
                f"{self._shape} is needed",
                remedy="Give frames of one size.",
            )
        self._count += 1
        self._write(np.ascontiguousarray(frame, dtype=np.uint8).data)

    def finish(self) -> bytes:
        """Return the MP4.

        Raises:
            DeviceError: The encoder fails.
        """
        self._close()
        try:
            code = self._child.wait(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise DeviceError(
                f"the video encoder did not end within {_PATIENCE_S:.0f} s", remedy=_REMEDY
            ) from error
        if code == 0 and self._movie.exists():
            self.peak_rss_mb = _number(self._memory)
            return self._movie.read_bytes()
        said = self._complaints.read_text(errors="replace").strip().splitlines()
        raise DeviceError(
            f"the video encoder ended with {code}: {said[-1] if said else 'no message'}",
            remedy=_REMEDY,
        )

    def _write(self, chunk: bytes | memoryview) -> None:
        assert self._child.stdin is not None
        if self._gone:
            return
        try:
            self._child.stdin.write(chunk)
        except BrokenPipeError:
            # the child has gone; its exit code and last words say why
            self._gone = True

    def _close(self) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.close()
        except BrokenPipeError:
            self._gone = True


def _number(path: Path) -> float:
    try:
        return float(path.read_text())
    except (OSError, ValueError):
        return 0.0
