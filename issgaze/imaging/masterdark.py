"""The master dark: what the camera sees with its lens covered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float32Array, Int32Array, UInt8Array, UInt16Array, UInt32Array
from issgaze.imaging.defects import hot_pixels, level_ordinary
from issgaze.imaging.frame import Frame, FrameInfo

# so few rows that they stay in a second-level cache from one operation to the next
_ROWS_AT_ONCE = 16
_SUMS_AT_ONCE = 65536
# the dark signal is kept in steps of this many ADU, those in which it is taken off, so that a
# byte a pixel is enough; coarser when the warm pixels of a long exposure need it
_FINEST_STEP_ADU = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterDark:
    """Mean dark signal above the black level, and the hot pixels.

    Attributes:
        excess_steps: Dark signal above the black level in steps of `step_adu`; hot pixels have
            that of their surroundings; uint8 (height, width).
        step_adu: Size of a step.
        hot: Flat indices of pixels far above the others of their colour, ascending; int32 (n,).
        bayer_pattern: Order of the mosaic.
        exposure_s: Of the darks.
        temperature_c: Mean of the sensor, None when unknown.
        frame_count: Darks that went in.
    """

    excess_steps: UInt8Array
    step_adu: float
    hot: Int32Array
    bayer_pattern: str
    exposure_s: float
    temperature_c: float | None
    frame_count: int

    def excess_adu(self, rows: slice = slice(None)) -> Float32Array:
        """Return the dark signal of some rows in ADU, float32."""
        return self.excess_steps[rows] * np.float32(self.step_adu)


def master_dark(darks: Iterable[Frame]) -> MasterDark | None:
    """Return the master dark of the frames that fit the first one, None where there is none.

    From three darks on each pixel's largest and smallest value are left out of the mean, which
    removes cosmic rays; of three darks it is the median. Memory does not grow with their number.
    """
    pile: _Pile | None = None
    for dark in darks:
        if pile is None:
            pile = _Pile(dark) if _usable(dark) else None
        elif _usable(dark) and pile.fits(dark):
            pile.add(dark)
        # not held while the next one is read
        del dark
    return None if pile is None else pile.finish()


def _usable(dark: Frame) -> bool:
    if dark.mosaic.ndim != 2 or dark.mosaic.dtype != np.uint16 or min(dark.mosaic.shape) < 2:
        return False
    # a dark that is as bright as daylight was taken with the cover open
    limit = 0.5 * (dark.info.black_level_adu + dark.info.white_level_adu)
    thin = dark.mosaic[::8, ::8]
    return 2 * int(np.count_nonzero(thin < limit)) > thin.size


class _Pile:
    """Sum, maximum and minimum of the darks added so far."""

    def __init__(self, first: Frame) -> None:
        self._info: FrameInfo = first.info
        # two bytes a pixel as long as no sum can outgrow them
        self._sum: UInt16Array | UInt32Array = first.mosaic.copy()
        self._most = int(first.mosaic.max())
        self._largest: UInt16Array = first.mosaic.copy()
        self._smallest: UInt16Array = first.mosaic.copy()
        self._temperatures_c = [first.info.temperature_c]
        self._count = 1

    def fits(self, dark: Frame) -> bool:
        info, own = dark.info, self._info
        return (
            dark.mosaic.shape == self._sum.shape
            and info.bayer_pattern == own.bayer_pattern
            and abs(info.exposure_s - own.exposure_s) <= 0.01 * own.exposure_s
            and info.black_level_adu == own.black_level_adu
        )

    def add(self, dark: Frame) -> None:
        self._most += int(dark.mosaic.max())
        if self._sum.dtype == np.uint16 and self._most > np.iinfo(np.uint16).max:
            self._sum = self._sum.astype(np.uint32)
        for rows in _bands(len(self._sum)):
            values = dark.mosaic[rows]
            for ufunc, kept in (
                (np.add, self._sum[rows]),
                (np.maximum, self._largest[rows]),
                (np.minimum, self._smallest[rows]),
            ):
                ufunc(kept, values, out=kept)
        self._temperatures_c.append(dark.info.temperature_c)
        self._count += 1

    def finish(self) -> MasterDark:
        count = self._count
        if count >= 3:
            self._sum -= self._largest
            self._sum -= self._smallest
            count -= 2
        del self._largest, self._smallest
        hot = hot_pixels(self._sum, floor=8.0 * count)
        self._sum.reshape(-1)[hot] = 0
        level_ordinary(self._sum)
        black = self._info.black_level_adu
        deepest = float(self._sum.max()) / count - black
        step = max(_FINEST_STEP_ADU, deepest / 255.0)
        known = [value for value in self._temperatures_c if value is not None]
        return MasterDark(
            excess_steps=_in_steps(self._sum, 1.0 / (count * step), black / step),
            step_adu=step,
            hot=hot,
            bayer_pattern=self._info.bayer_pattern,
            exposure_s=self._info.exposure_s,
            temperature_c=sum(known) / len(known) if known else None,
            frame_count=self._count,
        )


def _in_steps(total: UInt16Array | UInt32Array, scale: float, zero: float) -> UInt8Array:
    """Return sums times scale, less zero, in whole steps from 0 to 255."""
    # there are far fewer sums than pixels
    table = np.empty(int(total.max()) + 1, np.uint8)
    for first in range(0, len(table), _SUMS_AT_ONCE):
        exact = np.arange(first, min(first + _SUMS_AT_ONCE, len(table))) * scale - zero
        table[first : first + _SUMS_AT_ONCE] = np.rint(exact, out=exact).clip(0.0, 255.0)
    steps = np.empty(total.shape, np.uint8)
    for rows in _bands(len(total)):
        np.take(table, total[rows], out=steps[rows], mode="clip")
    return steps


def _bands(height: int) -> Iterator[slice]:
    """Yield the rows that are worked on at a time."""
    for top in range(0, height, _ROWS_AT_ONCE):
        yield slice(top, top + _ROWS_AT_ONCE)
