"""H.264 in MP4 by PyAV, in a process of its own that gives its memory back."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
        if width % 2 or height % 2 or min(width, height) < _SMALLEST_PX:
            raise DeviceError(
                f"a video of {width}x{height} px was asked for; both must be even, "
                f"{_SMALLEST_PX} px at least",
                remedy="Ask for an even size.",
            )
        with tempfile.TemporaryDirectory(prefix="issgaze-video-") as folder:
            movie, complaints = Path(folder) / "video.mp4", Path(folder) / "stderr.txt"
            code = _run(frames, (width, height, fps), movie, complaints)
            if code == 0 and movie.exists():
                return movie.read_bytes()
            said = complaints.read_text(errors="replace").strip().splitlines()
        raise DeviceError(
            f"the video encoder ended with {code}: {said[-1] if said else 'no message'}",
            remedy=_REMEDY,
        )


def _run(
    frames: Iterator[UInt8Array],
    form: tuple[int, int, int],
    movie: Path,
    complaints: Path,
) -> int:
    command = [sys.executable, "-P", "-m", "issgaze.devices.videochild", str(movie)]
    # a pipe that nobody reads would stop the child once it is full
    with complaints.open("wb") as errors:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
        )
    try:
        _feed(child, frames, form)
        return child.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired as error:
        raise DeviceError(
            f"the video encoder did not end within {_PATIENCE_S:.0f} s", remedy=_REMEDY
        ) from error
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def _feed(
    child: "subprocess.Popen[bytes]", frames: Iterator[UInt8Array], form: tuple[int, int, int]
) -> None:
    assert child.stdin is not None
    width, height, _ = form
    try:
        with child.stdin as pipe:
            pipe.write(HEADER.pack(*form))
            for number, frame in enumerate(frames):
                if frame.shape != (height, width, 3):
                    raise DeviceError(
                        f"frame {number} of the video has the shape {frame.shape}, "
                        f"{(height, width, 3)} is needed",
                        remedy="Give frames of one size.",
                    )
                pipe.write(np.ascontiguousarray(frame, dtype=np.uint8).data)
    except BrokenPipeError:
        # the child has gone; its exit code and last words say why
        return
