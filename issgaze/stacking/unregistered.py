"""What does not follow the sky: the exact sum, the maximum and when it happened."""

from functools import partial

import numpy as np

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.imaging.bayer import sites_of
from issgaze.imaging.calibration import Calibrator
from issgaze.stacking.checkpoint import Shelf
from issgaze.stacking.counters import Counters
from issgaze.stacking.together import Workers

# calibrated values and maximum of a band, 4 bytes a pixel, stay in a second-level cache of 512 KB
# from the first operation to the last
_BAND_PX = 98304
# two neighbours as one number
_PAIR = np.dtype("<u4")


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
        self._band = max(2, _BAND_PX // width // 2 * 2)

    def add(self, raw: UInt16Array, calibrated: UInt16Array, number: int, workers: Workers) -> None:
        """Calibrate a frame into `calibrated` and add it; `number` counts from 0."""
        if number == 255:
            self.latest = self.latest.astype(np.uint16)
        self.sums.begin_frame()
        height, reach = len(raw), self._calibrator.reach_px
        ranges = workers.ranges(height, step=2)
        if any(bottom - top <= 2 * reach for top, bottom in ranges):
            # so few rows that all of them wait for those beyond their border
            ranges = [(0, height)]
        tasks = []
        for top, bottom in ranges:
            # rows near a border of ranges wait until the rows beyond it are subtracted
            first = top + reach if top else 0
            last = bottom - reach if bottom < height else height
            tasks.append(
                partial(self._add_rows, raw, calibrated, number, (top, bottom), (first, last))
            )
        workers.together(tasks)
        for border, _ in ranges[1:]:
            first, last = max(0, border - reach), min(height, border + reach)
            self._calibrator.repair(calibrated, first, last)
            self._add_band(calibrated, first, last, number)

    def _add_rows(
        self,
        raw: UInt16Array,
        calibrated: UInt16Array,
        number: int,
        mine: tuple[int, int],
        added: tuple[int, int],
    ) -> None:
        """Subtract the dark of the rows that are mine, and add those that can be repaired."""
        ready = mine[0]
        for top in range(added[0], added[1], self._band):
            bottom = min(top + self._band, added[1])
            needed = min(bottom + self._calibrator.reach_px, mine[1])
            self._calibrator.subtract(raw, calibrated, ready, needed)
            ready = needed
            self._calibrator.repair(calibrated, top, bottom)
            self._add_band(calibrated, top, bottom, number)

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        self.sums.shelve("ground", shelf)
        self.largest = shelf.array("largest", self.largest)
        self.latest = shelf.array("latest", self.latest)

    def forget_sums(self) -> None:
        """Give the memory of the sums back."""
        self.sums = Counters((1, 0, 0), largest_value=1)

    def forget_largest(self) -> None:
        """Give the memory of the maximum back, not that of its frames' numbers."""
        self.largest = np.zeros((0, 0), np.uint16)

    def forget_latest(self) -> None:
        """Give the memory of the frames' numbers back."""
        self.latest = np.zeros((0, 0), np.uint8)

    def _add_band(self, calibrated: UInt16Array, top: int, bottom: int, number: int) -> None:
        if bottom <= top:
            return
        values, largest = calibrated[top:bottom], self.largest[top:bottom]
        self.sums.add_rows(values, top)
        # the right-hand pixel of a pair is the high half of one number, so that comparing these
        # compares greens, and only among equal ones their neighbours
        row = slice(self._green_row, None, 2)
        brighter = np.greater(values.view(_PAIR)[row], largest.view(_PAIR)[row])
        # frame numbers only grow, so that a maximum writes them where they are due
        latest = self.latest[top // 2 : bottom // 2]
        numbers: UInt8Array | UInt16Array = brighter.view(np.uint8)
        # a byte is multiplied where it lies
        room = numbers if latest.dtype == np.uint8 else None
        numbers = np.multiply(numbers, latest.dtype.type(number + 1), dtype=latest.dtype, out=room)
        np.maximum(latest, numbers, out=latest)
        np.maximum(largest, values, out=largest)
