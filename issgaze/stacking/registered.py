"""The stack that follows the stars: sums of shifted frames, and how many each pixel holds."""

import numpy as np

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.stacking.counters import Counters
from issgaze.stacking.stacks import Resolution
from issgaze.stacking.strips import CELL_PX, STRIP_PX, CellShifts, Run, StripPlan

# samples are counted in blocks of this many rows and columns
BLOCK_PX = CELL_PX
_BLOCKS_PER_STRIP = STRIP_PX // BLOCK_PX


class Registered:
    """Adds frames shifted by whole steps, as rectangles of equal displacement.

    At half resolution steps are 2 px, so that colours stay in place: one layer of sums. At full
    resolution steps are 1 px, and the parity of a shift chooses one of four layers; within each a
    pixel's colour is fixed. Together they are a drizzle of red, green and blue samples without any
    demosaicing, Fruchter & Hook (2002) with a drop of one photosite.

    Attributes:
        sums: Exact sums, shape (layers, height, width).
        counts: Samples of each 8x8 block; uint8, or uint16 from 256 frames on; shape
            (layers, height // 8, width // 8).
        frame_count: Frames that were added.
    """

    def __init__(
        self,
        plan: StripPlan,
        *,
        shape: tuple[int, int],
        resolution: Resolution,
        largest_value: int,
    ) -> None:
        height, width = shape
        self._plan = plan
        self.layers = 4 if resolution == "full" else 1
        self.sums = Counters((self.layers, height, width), largest_value=largest_value)
        block_shape = (self.layers, plan.strips * _BLOCKS_PER_STRIP, plan.cells)
        self.counts: UInt8Array | UInt16Array = np.zeros(block_shape, np.uint8)
        self.frame_count = 0

    def add(self, calibrated: UInt16Array, shifts: CellShifts) -> None:
        """Add one calibrated frame, shape (height, width)."""
        self.frame_count += 1
        if self.frame_count == 256:
            self.counts = self.counts.astype(np.uint16)
        for run in self._plan.runs(shifts):
            self._add_run(calibrated, run)
        layer = layer_of(shifts, self.layers)
        for number in range(self.layers):
            cells = (layer == number) & shifts.usable
            self.counts[number] += np.repeat(cells, _BLOCKS_PER_STRIP, axis=0)
        self.sums.count_frame()

    def _add_run(self, calibrated: UInt16Array, run: Run) -> None:
        top, bottom, left, right, y, x = run
        layer = (y & 1) * 2 + (x & 1) if self.layers == 4 else 0
        target = self.sums.low[layer, top:bottom, left:right]
        np.add(target, calibrated[top + y : bottom + y, left + x : right + x], out=target)


def layer_of(shifts: CellShifts, layers: int) -> UInt8Array:
    """Return the layer of each cell, uint8 of the shape of the shifts."""
    if layers == 1:
        return np.zeros(shifts.shift_y.shape, np.uint8)
    return ((shifts.shift_y & 1) * 2 + (shifts.shift_x & 1)).astype(np.uint8)
