"""Raw values to calibrated ones: the dark taken off, hot pixels repaired, in exact integers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.errors import FrameError
from issgaze.imaging.defects import Repair, plan_repair
from issgaze.imaging.masterdark import MasterDark

# values must not be clipped at zero by taking the dark off: the noise below the black level counts
_FOOTROOM_ADU = 64
_LARGEST_DARK_ADU = 255
# rows that are calibrated at a time
_BAND_ROWS = 32


class Calibrator:
    """Turns raw rows into calibrated ones: value = (raw >> shift) + offset - dark, all integers.

    Attributes:
        pedestal_adu: What a calibrated pixel without any light holds, in shifted ADU.
        shift: Bits that a raw value loses, so that deep raws fit the accumulators.
        deepest_adu: The largest dark value taken off, in shifted ADU.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        black_level_adu: float,
        dark: MasterDark | None,
        exposure_s: float,
        shift: int = 0,
    ) -> None:
        """Prepare for frames of a shape (height, width) and exposure; raw values lose shift bits.

        Raises:
            FrameError: The dark has another size.
        """
        self.shift = shift
        self.deepest_adu = 0
        self._offset = 0
        self._width = shape[1]
        self._dark: UInt8Array | None = None
        self._repair: Repair | None = None
        # what calibrating adds to each stand-in; whole numbers of 16 bits wrap back
        self._stand_ins_lift: UInt16Array = np.zeros((0, 0), np.uint16)
        if dark is not None:
            _check_dark(dark, shape)
            self._dark = scaled_dark(dark, exposure_s)
            if shift:
                self._dark = self._dark >> np.uint8(shift)
            self._repair = plan_repair(dark.hot, shape)
            self.deepest_adu = deepest = int(self._dark.max(initial=0))
            # a camera that stores a small pedestal or none needs one of ours
            pedestal = int(black_level_adu) >> shift
            self._offset = max(0, (_FOOTROOM_ADU >> shift) + deepest - pedestal)
            behind = self._dark[tuple(self._repair.stand_ins)]
            self._stand_ins_lift = np.uint16(self._offset) - behind.astype(np.uint16)
        self.pedestal_adu = black_level_adu / (1 << shift) + self._offset

    @property
    def has_dark(self) -> bool:
        """True when a dark is taken off, and hot pixels repaired."""
        return self._dark is not None

    @property
    def offset_adu(self) -> int:
        """What is added to every value so that none falls below zero."""
        return self._offset

    def hot_values(self, raw: UInt16Array) -> UInt16Array:
        """Return the calibrated values of the hot pixels, from what stands in for them, shape (n,).

        To be asked before anything is calibrated in place.
        """
        if self._repair is None:
            return np.zeros(0, np.uint16)
        stand_ins = raw[tuple(self._repair.stand_ins)] >> np.uint16(self.shift)
        return self._repair.means(stand_ins + self._stand_ins_lift)

    def rows(self, first: int, last: int) -> "CalibratedRows":
        """Return what calibrates the rows first <= y < last.

        Few enough rows for the cache: what they hold is gone through more than once.
        """
        pixels, hot = np.zeros(0, np.intp), slice(0, 0)
        if self._repair is not None:
            hot = slice(self._repair.starts[first], self._repair.starts[last])
            pixels = self._repair.pixels[hot] - np.intp(first * self._width)
        return CalibratedRows(
            rows=slice(first, last),
            shift=self.shift,
            offset=np.uint16(self._offset),
            dark=None if self._dark is None else self._dark[first:last],
            pixels=pixels,
            hot=hot,
        )

    def forget_dark(self) -> None:
        """Give the memory of the dark back; nothing can be calibrated afterwards."""
        self._dark = self._repair = None

    def calibrate(self, raw: UInt16Array, out: UInt16Array) -> None:
        """Write the whole calibrated mosaic into out, both of shape (height, width)."""
        hot_values = self.hot_values(raw)
        for first in range(0, len(raw), _BAND_ROWS):
            self.rows(first, min(first + _BAND_ROWS, len(raw))).write(raw, out, hot_values)


class CalibratedRows(NamedTuple):
    """Calibrates some rows of one frame after the other.

    Attributes:
        rows: Which.
        shift, offset: See `Calibrator`.
        dark: Of these rows, None without one.
        pixels: Of their hot pixels, as flat indices from the first of them on.
        hot: Which of all hot pixels these are.
    """

    rows: slice
    shift: int
    offset: np.uint16
    dark: UInt8Array | None
    pixels: NDArray[np.intp]
    hot: slice

    def write(self, raw: UInt16Array, out: UInt16Array, hot_values: UInt16Array) -> UInt16Array:
        """Write the rows of a raw mosaic, calibrated, into those of another, and return these.

        Args:
            raw: Shape (height, width).
            out: Of that shape, C-contiguous; may be the raw itself.
            hot_values: What `Calibrator.hot_values` said of the raw.
        """
        source, rows = raw[self.rows], out[self.rows]
        if self.shift:
            source = np.right_shift(source, self.shift, out=rows)
        if self.offset:
            source = np.add(source, self.offset, out=rows)
        if self.dark is not None:
            # widened first: two sizes in one operation go through a buffer of numpy's
            np.subtract(source, self.dark.astype(np.uint16), out=rows)
            rows.reshape(-1)[self.pixels] = hot_values[self.hot]
        elif source is not rows and raw is not out:
            np.copyto(rows, source)
        return rows


def scaled_dark(dark: MasterDark, exposure_s: float) -> UInt8Array:
    """Return the dark signal of an exposure in whole ADU, 0 to 255.

    Dark current grows in proportion to the exposure.
    """
    scale = dark.step_adu * exposure_s / dark.exposure_s
    # a byte has only 256 values: a table beats arithmetic on every pixel
    if scale == 1.0:
        return dark.excess_steps
    table = np.minimum(np.rint(np.arange(256) * scale), _LARGEST_DARK_ADU).astype(np.uint8)
    return np.take(table, dark.excess_steps)


def _check_dark(dark: MasterDark, shape: tuple[int, int]) -> None:
    if dark.excess_steps.shape != shape:
        (dark_height, dark_width), (height, width) = dark.excess_steps.shape, shape
        raise FrameError(
            f"the darks have {dark_width}x{dark_height} px, the lights {width}x{height}",
            remedy="Take darks in the same camera mode as the lights, or leave them out.",
        )
