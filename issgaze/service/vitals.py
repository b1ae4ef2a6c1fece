"""Whether a frame is alive: neither black all at once, nor the one before over again."""

import zlib

import numpy as np

from issgaze.errors import CameraError
from issgaze.imaging.frame import Frame

# every so manieth row is looked at; odd, so that all colours are seen
_ROWS = 9
# so many pixels are never all the same: each has noise of its own
_NOISY = 256
# of the white level above the black: below it a sky is too dark to miss
_BRIGHT = 2e-3
# sky may fade so far from one frame to the next, not further
_LEFT = 0.15
_REMEDY = "The camera is closed and opened again."


class Vitals:
    """Compares each frame of a pass with the last good one.

    A light that goes out nearby looks like a camera that went blind. After a reopened camera shows
    the same, darkness is believed: call `forget` whenever it was reopened.
    """

    def __init__(self) -> None:
        self._level: float | None = None
        self._print: int | None = None

    def forget(self) -> None:
        """Begin anew, as after the camera was opened again."""
        self._level = None

    def check(self, frame: Frame) -> None:
        """Look at a frame.

        Raises:
            CameraError: It is the frame before once more, has one value everywhere, or went black.
        """
        rows = np.ascontiguousarray(frame.mosaic[::_ROWS])
        if rows.size >= _NOISY and rows.min() == rows.max():
            raise CameraError(
                f"a blank frame: every pixel is {rows[0, 0]} ADU, noise was to be expected",
                remedy=_REMEDY,
            )
        fingerprint = zlib.crc32(rows.data)
        if fingerprint == self._print:
            raise CameraError(
                "a frozen frame: it is the same as the one before, to the last bit", remedy=_REMEDY
            )
        self._print = fingerprint
        info = frame.info
        span = info.white_level_adu - info.black_level_adu
        level = (float(np.median(rows)) - info.black_level_adu) / span
        last = self._level
        if last is not None and last > _BRIGHT and level < _LEFT * last:
            raise CameraError(
                f"a black frame: {level * 100:.2f} % of the range, the one before had "
                f"{last * 100:.2f} %",
                remedy=_REMEDY,
            )
        self._level = level
