"""What does not follow the sky: the exact sum, the maximum and when it happened."""

import numpy as np

from issgaze.arrays import BoolArray, UInt8Array, UInt16Array
from issgaze.imaging.bayer import sites_of
from issgaze.imaging.calibration import Calibrator
from issgaze.stacking.counters import Counters

# values of a band stay in the second-level cache from the first operation to the last
_BAND_PX = 32768


class Unregistered:
    """Calibrates each frame and keeps its sum, its maximum and the number of the maximum's frame.

    Attributes:
        sums: Exact sums of calibrated values, shape (1, height, width).
        largest: Maximum over the frames of calibrated values, uint16 (height, width).
        latest: One more than the number of the frame that gave the largest green of a 2x2 cell;
            uint8, or uint16 from 256 frames on; shape (height/2, width/2).
    """

    def __init__(
        self, calibrator: Calibrator, *, shape: tuple[int, int], pattern: str, largest_value: int
    ) -> None:
        height, width = shape
        self._calibrator = calibrator
        self.sums = Counters((1, height, width), largest_value=largest_value)
        self.largest: UInt16Array = np.zeros(shape, np.uint16)
        self.latest: UInt8Array | UInt16Array = np.zeros((height // 2, width // 2), np.uint8)
        self._greens = sites_of(pattern, 1)
        self._band = max(2, _BAND_PX // width // 2 * 2)
        cells = (self._band // 2, width // 2)
        self._bright = np.empty(cells, np.uint16)
        self._bright_before = np.empty(cells, np.uint16)
        self._brighter: BoolArray = np.empty(cells, bool)

    def add(self, raw: UInt16Array, calibrated: UInt16Array, number: int) -> None:
        """Calibrate a frame into `calibrated` and add it; `number` counts from 0."""
        if number == 255:
            self.latest = self.latest.astype(np.uint16)
        height = len(raw)
        reach = self._calibrator.reach_px
        ready = 0
        for top in range(0, height, self._band):
            bottom = min(top + self._band, height)
            needed = min(bottom + reach, height)
            self._calibrator.subtract(raw, calibrated, ready, needed)
            ready = needed
            self._calibrator.repair(calibrated, top, bottom)
            self._add_band(calibrated, top, bottom, number)
        self.sums.count_frame()

    def forget_sums(self) -> None:
        """Give the memory of the sums back."""
        self.sums = Counters((1, 0, 0), largest_value=1)

    def forget_largest(self) -> None:
        """Give the memory of the maximum back."""
        self.largest = np.zeros((0, 0), np.uint16)

    def _add_band(self, calibrated: UInt16Array, top: int, bottom: int, number: int) -> None:
        values, largest = calibrated[top:bottom], self.largest[top:bottom]
        low = self.sums.low[0, top:bottom]
        np.add(low, values, out=low)
        count = (bottom - top) // 2
        now = self._greenest(values, self._bright[:count])
        before = self._greenest(largest, self._bright_before[:count])
        brighter = np.greater(now, before, out=self._brighter[:count])
        # frame numbers only grow, so that a maximum writes them where they are due
        latest = self.latest[top // 2 : bottom // 2]
        numbers = np.multiply(brighter, latest.dtype.type(number + 1), dtype=latest.dtype)
        np.maximum(latest, numbers, out=latest)
        np.maximum(largest, values, out=largest)

    def _greenest(self, values: UInt16Array, out: UInt16Array) -> UInt16Array:
        (y, x), *others = self._greens
        np.copyto(out, values[y::2, x::2])
        for y, x in others:
            np.maximum(out, values[y::2, x::2], out=out)
        return out
