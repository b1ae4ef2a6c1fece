"""The stack that follows the stars: sums of shifted frames without what does not belong to them."""

from functools import partial

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt8Array, UInt16Array, UInt32Array
from issgaze.stacking.blocks import BLOCK_PX, BlockSums
from issgaze.stacking.checkpoint import Shelf
from issgaze.stacking.counters import Counters
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.stacks import Resolution
from issgaze.stacking.streaks import StreakMask
from issgaze.stacking.strips import CELL_PX, STRIP_PX, CellShifts, Run, StripPlan
from issgaze.stacking.together import Workers

_BLOCKS_PER_STRIP = STRIP_PX // BLOCK_PX
_NO_LAYER = 255


class _Blocks:
    """Where the blocks of a frame come from and which layer they go to."""

    def __init__(self, shifts: CellShifts, layers: int) -> None:
        layer = np.zeros(shifts.shift_y.shape, np.uint8)
        if layers > 1:
            layer += ((shifts.shift_y & 1) * 2 + (shifts.shift_x & 1)).astype(np.uint8)
        layer[~shifts.usable] = _NO_LAYER
        self._shift_y, self._shift_x = shifts.shift_y, shifts.shift_x
        self.layer: UInt8Array = np.repeat(layer, _BLOCKS_PER_STRIP, axis=0)
        self.usable: BoolArray = self.layer != _NO_LAYER

    def runs(self, chosen: BoolArray) -> list[tuple[Run, int]]:
        """Return the chosen blocks as runs of equal shift, with their layer."""
        row, block = np.nonzero(chosen & self.usable)
        if not len(row):
            return []
        strip = row // _BLOCKS_PER_STRIP
        y, x = self._shift_y[strip, block], self._shift_x[strip, block]
        begins = np.ones(len(row), bool)
        begins[1:] = (row[1:] != row[:-1]) | (block[1:] != block[:-1] + 1)
        begins[1:] |= (y[1:] != y[:-1]) | (x[1:] != x[:-1])
        first = np.flatnonzero(begins)
        length = np.diff(np.append(first, len(row)))
        top, left = row[first] * BLOCK_PX, block[first] * CELL_PX
        right = left + length * CELL_PX
        columns = (top, top + BLOCK_PX, left, right, y[first], x[first])
        layer = self.layer[row[first], block[first]].tolist()
        rows = np.stack(columns, axis=1).tolist()
        return [(Run(*values), number) for values, number in zip(rows, layer, strict=True)]


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
        levels: Sum of the backgrounds of those samples, ADU above black, float32 of that shape.
        all_levels: Sum of the backgrounds of all frames, float32 (height // 8, width // 8).
        pedestal_adu: Of the values that are summed.
        frame_count: Frames that were added.
        covered, rejected: Blocks of all frames that show the sky, and those taken out again.
    """

    def __init__(
        self,
        plan: StripPlan,
        *,
        shape: tuple[int, int],
        resolution: Resolution,
        largest_value: int,
        pedestal_adu: float,
    ) -> None:
        height, width = shape
        self._plan = plan
        self.pedestal_adu = pedestal_adu
        self.layers = 4 if resolution == "full" else 1
        self.sums = Counters((self.layers, height, width), largest_value=largest_value)
        rows, blocks = plan.strips * _BLOCKS_PER_STRIP, plan.cells
        self.counts: UInt8Array | UInt16Array = np.zeros((self.layers, rows, blocks), np.uint8)
        self.levels: Float32Array = np.zeros((self.layers, rows, blocks), np.float32)
        self.all_levels: Float32Array = np.zeros((rows, blocks), np.float32)
        self.frame_count = 0
        self.covered = self.rejected = 0
        self.mask = StreakMask(rows, blocks, step_px=1 if resolution == "full" else 2)
        self._largest = largest_value

    @property
    def reject_fraction(self) -> float:
        """Part of the samples of the sky that were taken out again."""
        return self.rejected / self.covered if self.covered else 0.0

    def add(
        self,
        calibrated: UInt16Array,
        shifts: CellShifts,
        noise: NoiseModel,
        workers: Workers,
    ) -> None:
        """Add one calibrated frame, C-contiguous of shape (height, width)."""
        self.frame_count += 1
        if self.frame_count == 256:
            self.counts = self.counts.astype(np.uint16)
        runs = self._plan.runs(shifts)
        means: Float32Array = np.empty(self.all_levels.shape, np.float32)
        workers.together(
            [
                partial(self._add_strips, calibrated, runs, means, first, last)
                for first, last in workers.ranges(len(runs))
            ]
        )
        means -= np.float32(self.pedestal_adu)
        where = _Blocks(shifts, self.layers)
        struck, dirty = self.mask.judge(means, where.usable, noise)
        self.all_levels += self.mask.smooth
        self._begin_anew(calibrated, where, dirty)
        self._take_out(calibrated, where, struck)
        for number in range(self.layers):
            kept = (where.layer == number) & ~struck
            self.counts[number] += kept
            np.add(self.levels[number], self.mask.smooth, out=self.levels[number], where=kept)
        self.covered += int(np.count_nonzero(where.usable))
        self.rejected += int(np.count_nonzero(struck))
        self.sums.count_frame()

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        self.sums.shelve("stars", shelf)
        shelf.numbers("stars", self, "frame_count", "covered", "rejected")
        self.counts = shelf.array("stars.counts", self.counts)
        self.levels = shelf.array("stars.levels", self.levels)
        self.all_levels = shelf.array("stars.all_levels", self.all_levels)
        self.mask.shelve(shelf)

    def layer_of(self, shift_y: int, shift_x: int) -> int:
        """Return the layer that takes samples of a shift."""
        return (shift_y & 1) * 2 + (shift_x & 1) if self.layers > 1 else 0

    def _add_strips(
        self,
        calibrated: UInt16Array,
        runs: list[list[Run]],
        means: Float32Array,
        first: int,
        last: int,
    ) -> None:
        """Add the runs of the strips first <= strip < last, and write their block means."""
        sums = BlockSums(_BLOCKS_PER_STRIP, means.shape[1], largest_value=self._largest)
        for strip in range(first, last):
            for run in runs[strip]:
                self._add_run(calibrated, run, sums.columns)
            sums.means(means[strip * _BLOCKS_PER_STRIP : (strip + 1) * _BLOCKS_PER_STRIP])

    def _add_run(
        self, calibrated: UInt16Array, run: Run, columns: UInt16Array | UInt32Array
    ) -> None:
        top, bottom, left, right, y, x = run
        target = self.sums.low[self.layer_of(y, x), top:bottom, left:right]
        source = calibrated[top + y : bottom + y, left + x : right + x]
        np.add(target, source, out=target)
        stride = source.strides[0]
        # a view of the source as block rows of 8 rows each
        eights: UInt16Array = np.ndarray(
            (_BLOCKS_PER_STRIP, BLOCK_PX, right - left),
            np.uint16,
            calibrated,
            (top + y) * stride + (left + x) * source.itemsize,
            (BLOCK_PX * stride, stride, source.itemsize),
        )
        np.add.reduce(eights, axis=1, dtype=columns.dtype, out=columns[:, left:right])

    def _take_out(self, calibrated: UInt16Array, where: _Blocks, struck: BoolArray) -> None:
        """Subtract the frame's samples of struck blocks again."""
        for run, layer in where.runs(struck):
            top, bottom, left, right, y, x = run
            target = self.sums.low[layer, top:bottom, left:right]
            source = calibrated[top + y : bottom + y, left + x : right + x]
            np.subtract(target, source, out=target)

    def _begin_anew(self, calibrated: UInt16Array, where: _Blocks, dirty: BoolArray) -> None:
        """Leave nothing in dirty blocks but the frame's own samples."""
        for run, layer in where.runs(dirty):
            top, bottom, left, right, y, x = run
            part = (slice(None), slice(top, bottom), slice(left, right))
            self.sums.low[part] = 0
            self.sums.high[part] = 0
            source = calibrated[top + y : bottom + y, left + x : right + x]
            self.sums.low[layer, top:bottom, left:right] = source
        self.counts[:, dirty] = 0
        self.levels[:, dirty] = 0.0
