"""Which frames may go into a stack; the others are named with the reason."""

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import UInt16Array
from issgaze.civil import format_utc, seconds_between
from issgaze.errors import FrameError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.stacking.checkpoint import Shelf

# frames are judged by their pixels on every 17th row: an odd number meets both kinds of rows
_ROW_STEP = 17
_COLUMN_STEP = 16
_LARGE_SAMPLE = 1 << 17
_EXPOSURE_TOLERANCE = 0.01
_SATURATED_PART = 0.5
# a frame is black when no light lifts its brightest 0.1 % above this many ADU
_BLACK_RISE_ADU = 24.0
_CAMERA_REMEDY = "The frame is left out; look at the camera if it happens often."


class Admission:
    """Checks each frame against what the stack is made for and against the frame before."""

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        bayer_pattern: str,
        black_level_adu: float,
        white_level_adu: float,
        exposure_s: float,
    ) -> None:
        self._shape = shape
        self._pattern = bayer_pattern
        self._black, self._white = black_level_adu, white_level_adu
        self._exposure_s = exposure_s
        self._last_utc: datetime | None = None
        rows = -(-shape[0] // _ROW_STEP)
        self._last_sample: UInt16Array = np.zeros((rows, shape[1]), np.uint16)
        # the next one's, whose memory would cost as much as its pixels
        self._sample: UInt16Array = np.zeros((rows, shape[1]), np.uint16)

    def check(self, frame: Frame) -> None:
        """Accept a frame as the next one.

        Raises:
            FrameError: It does not fit, with the reason; the stack is as if it had never come.
        """
        self._check_form(frame)
        self._check_time(frame)
        np.copyto(self._sample, frame.mosaic[::_ROW_STEP])
        self._check_pixels(self._sample)
        self._last_utc = frame.info.start_utc
        self._last_sample, self._sample = self._sample, self._last_sample

    def shelve(self, shelf: Shelf) -> None:
        """Write what is known of the last frame to a checkpoint, or read it."""
        self._last_sample = shelf.array("admission.sample", self._last_sample)

    def go_on_after(self, infos: Sequence[FrameInfo]) -> None:
        """Take the last of these as the frame before."""
        self._last_utc = infos[-1].start_utc if infos else None

    def _check_form(self, frame: Frame) -> None:
        info, mosaic = frame.info, frame.mosaic
        if mosaic.ndim != 2 or mosaic.dtype != np.uint16:
            raise FrameError(
                f"pixels are {mosaic.dtype} of shape {mosaic.shape}; a uint16 mosaic is needed",
                remedy="Give raw frames as they come from the camera.",
            )
        (height, width), (own_height, own_width) = mosaic.shape, self._shape
        if (height, width) != (own_height, own_width):
            raise FrameError(
                f"another size: {width}x{height} px, the stack has {own_width}x{own_height}",
                remedy="Stack frames of one camera mode at a time.",
            )
        if info.bayer_pattern != self._pattern:
            raise FrameError(
                f"another Bayer order: {info.bayer_pattern}, the stack has {self._pattern}",
                remedy="Stack frames of one camera and orientation at a time.",
            )
        if info.white_level_adu != self._white or info.black_level_adu != self._black:
            raise FrameError(
                f"another bit depth: black and white level are {info.black_level_adu:g} and "
                f"{info.white_level_adu:g} ADU, of the stack {self._black:g} and {self._white:g}",
                remedy="Stack frames of one bit depth at a time.",
            )
        if abs(info.exposure_s - self._exposure_s) > _EXPOSURE_TOLERANCE * self._exposure_s:
            raise FrameError(
                f"another exposure: {info.exposure_s:g} s, the stack has {self._exposure_s:g} s",
                remedy="Stack frames of one exposure at a time.",
            )

    def _check_time(self, frame: Frame) -> None:
        if self._last_utc is None:
            return
        start = frame.info.start_utc
        step_s = seconds_between(self._last_utc, start)
        if step_s == 0.0:
            raise FrameError(
                f"duplicated: the frame before started at {format_utc(start)} too",
                remedy="Give each frame once.",
            )
        if step_s < 0.0:
            raise FrameError(
                f"out of order: started at {format_utc(start)}, {-step_s:.3f} s before the frame "
                "before it",
                remedy="Give frames in the order of their time.",
            )

    def _check_pixels(self, sample: UInt16Array) -> None:
        if self._last_utc is not None and np.array_equal(sample, self._last_sample):
            raise FrameError(
                "duplicated: its pixels are those of the frame before",
                remedy="Give each frame once.",
            )
        brightest = int(sample.max())
        if brightest > self._white:
            raise FrameError(
                f"another bit depth: a pixel holds {brightest} ADU, white is {self._white:g}",
                remedy="Set the white level of the frames to the camera's.",
            )
        # every 16th column: one colour of the row, and enough of them
        thin = sample[:, :: _COLUMN_STEP if sample.size >= _LARGE_SAMPLE else 2]
        # how many values are at most so large: one count answers all that is asked of them
        up_to = np.cumsum(np.bincount(thin.reshape(-1)))
        saturated = 1.0 - _part(up_to, math.ceil(0.98 * self._white) - 1)
        if saturated > _SATURATED_PART:
            raise FrameError(
                f"saturated: {100 * saturated:.0f} % of its pixels are white, the limit is "
                f"{100 * _SATURATED_PART:.0f} %",
                remedy="Expose shorter or with less gain, or start later in the twilight.",
            )
        self._check_written(sample)
        rise = _quantile(up_to, 0.999) - self._black
        if _quantile(up_to, 0.5) <= self._black and rise < _BLACK_RISE_ADU:
            raise FrameError(
                f"black: 99.9 % of its pixels are less than {max(rise, 0.0):.0f} ADU above the "
                "black level",
                remedy="Open the cover and take off the lens cap.",
            )

    def _check_written(self, sample: UInt16Array) -> None:
        flat = sample.max(axis=1) == sample.min(axis=1)
        flat &= sample[:, 0] < 0.98 * self._white
        if flat.any() and not flat.all():
            row = int(np.argmax(flat)) * _ROW_STEP
            raise FrameError(f"half-written: row {row} holds one value only", remedy=_CAMERA_REMEDY)


def _part(up_to: NDArray[np.intp], value: int) -> float:
    """Return which part of the values is at most so large, by their cumulative counts."""
    return float(up_to[min(value, len(up_to) - 1)] / up_to[-1]) if value >= 0 else 0.0


def _quantile(up_to: NDArray[np.intp], part: float) -> int:
    """Return the value that this part of all values reaches at most."""
    return int(np.searchsorted(up_to, part * up_to[-1]))
