"""What does not follow the sky: the exact sum, the maximum and when it happened."""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.imaging.bayer import sites_of
from issgaze.imaging.calibration import CalibratedRows, Calibrator
from issgaze.stacking.checkpoint import Shelf
from issgaze.stacking.counters import STRIP_ROWS, Counters
from issgaze.stacking.together import Workers

# calibrated values and maximum of a band, 4 bytes a pixel, just fit into a second-level cache of
# 512 KB; smaller bands cost more calls than they save
_BAND_PX = 131072
# bands that begin with a strip of the sums are added in one piece
_ALIGNED_ROWS = STRIP_ROWS // 2
# two neighbours as one number
_PAIR = np.dtype("<u4")


class _Band(NamedTuple):
    """Views of some rows, which cost more to make for each frame than to keep."""

    calibration: CalibratedRows
    low_sums: list[tuple[UInt16Array, slice]]
    largest: UInt16Array
    pairs: NDArray[np.uint32]
    latest: UInt8Array | UInt16Array


class Unregistered:
    """Calibrates each frame and keeps its sum, its maximum and the number of the maximum's frame.

    Attributes:
        sums: Exact sums of calibrated values, shape (1, height, width).
        largest: Maximum over the frames of calibrated values, uint16 (height, width).
        latest: One more than the number of the frame that gave the largest value of the green site
            in the right column of each 2x2 cell; uint8, or uint16 from 256 frames on; shape
            (height/2, width/2).
    """

    def __init__(
        self, calibrator: Calibrator, *, shape: tuple[int, int], pattern: str, largest_value: int
    ) -> None:
        height, width = shape
        self._calibrator = calibrator
        self.sums = Counters((1, height, width), largest_value=largest_value)
        self.largest: UInt16Array = np.zeros(shape, np.uint16)
        self.latest: UInt8Array | UInt16Array = np.zeros((height // 2, width // 2), np.uint8)
        self._green_row = next(y for y, x in sites_of(pattern, 1) if x == 1)
        rows = _BAND_PX // width
        step = _ALIGNED_ROWS if rows >= _ALIGNED_ROWS else 2
        self._rows = max(2, rows // step * step)
        # made anew whenever an array is another one, and gone before its memory is given back
        self._bands: list[_Band] = []

    def add(self, raw: UInt16Array, calibrated: UInt16Array, number: int, workers: Workers) -> None:
        """Calibrate a frame into `calibrated` and add it; `number` counts from 0."""
        if number == 255:
            self.latest = self.latest.astype(np.uint16)
            self._bands.clear()
        if not self._bands:
            self._bands = self._cut()
        self.sums.begin_frame()
        hot_values = self._calibrator.hot_values(raw)
        workers.together(
            [
                partial(
                    self._add_bands, self._bands[first:last], raw, calibrated, hot_values, number
                )
                for first, last in workers.ranges(len(self._bands))
            ]
        )

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        self.sums.shelve("ground", shelf)
        self.largest = shelf.array("largest", self.largest)
        self.latest = shelf.array("latest", self.latest)
        if shelf.reading:
            self._bands.clear()

    def forget_dark(self) -> None:
        """Give the memory of the dark back; no frame can be added afterwards."""
        self._bands.clear()
        self._calibrator.forget_dark()

    def forget_sums(self) -> None:
        """Give the memory of the sums back."""
        self.sums = Counters((1, 0, 0), largest_value=1)

    def forget_largest(self) -> None:
        """Give the memory of the maximum back, not that of its frames' numbers."""
        self.largest = np.zeros((0, 0), np.uint16)

    def forget_latest(self) -> None:
        """Give the memory of the frames' numbers back."""
        self.latest = np.zeros((0, 0), np.uint8)

    def _cut(self) -> list[_Band]:
        bands = []
        for top in range(0, len(self.largest), self._rows):
            bottom = min(top + self._rows, len(self.largest))
            largest = self.largest[top:bottom]
            bands.append(
                _Band(
                    calibration=self._calibrator.rows(top, bottom),
                    low_sums=self.sums.rows_of(top, bottom),
                    largest=largest,
                    pairs=largest.view(_PAIR),
                    latest=self.latest[top // 2 : bottom // 2],
                )
            )
        return bands

    def _add_bands(
        self,
        bands: list[_Band],
        raw: UInt16Array,
        calibrated: UInt16Array,
        hot_values: UInt16Array,
        number: int,
    ) -> None:
        # from below: there the frame was read last, and above, where it is left last, the stars are
        # gathered first, from what a cache still holds
        for band in reversed(bands):
            values = band.calibration.write(raw, calibrated, hot_values)
            for part, rows in band.low_sums:
                np.add(part, values[rows], out=part)
            # the right-hand pixel of a pair is the high half of one number, so that comparing
            # these compares greens, and only among equal ones their neighbours; comparing the rows
            # without such a green too reads the maximum in order, which costs less than to leave
            # them out
            brighter = np.greater(values.view(_PAIR), band.pairs)[self._green_row :: 2]
            # frame numbers only grow, so that a maximum writes them where they are due
            latest = band.latest
            numbers = np.multiply(
                brighter.view(np.uint8), latest.dtype.type(number + 1), dtype=latest.dtype
            )
            np.maximum(latest, numbers, out=latest)
            np.maximum(band.largest, values, out=band.largest)
