"""The stack that follows the stars: sums of shifted frames without what does not belong to them."""

from functools import partial

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt8Array, UInt16Array
from issgaze.stacking.blocks import BLOCK_PX, BlockSums
from issgaze.stacking.checkpoint import Shelf
from issgaze.stacking.counters import Counters
from issgaze.stacking.frameblocks import FrameBlocks
from issgaze.stacking.frameview import FrameView
from issgaze.stacking.gathering import GatheredCells, GatheredRows, Gathering
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.stacks import Resolution
from issgaze.stacking.streaks import StreakMask
from issgaze.stacking.strips import CellShifts, Run, StripPlan, runs_of
from issgaze.stacking.together import Workers

# so many rows of block sums are folded at once: in the cache, and with few calls
_BLOCK_ROWS_AT_ONCE = 16
# frames judged by so short a history may be judged again
EARLY_FRAMES = 8


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
        all_levels: Sum of the backgrounds of all frames, float32 (height // 8, width // 8); zero
            where no frame can show the sky.
        pedestal_adu: Of the values that are summed.
        frame_count: Frames that were added.
        early: Which blocks of the first frames are in the stack, packed bits, one row a frame.
        early_frames, early_strikes: Rows in use; blocks struck while the history was young.
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
        self.pedestal_adu = pedestal_adu
        self.layers = 4 if resolution == "full" else 1
        shape3 = (self.layers, height, width)
        self.sums = Counters(shape3, largest_value=largest_value, in_cells=self.layers > 1)
        rows, blocks = plan.rows_px // BLOCK_PX, plan.cells
        self.counts: UInt8Array | UInt16Array = np.zeros((self.layers, rows, blocks), np.uint8)
        self.levels: Float32Array = np.zeros((self.layers, rows, blocks), np.float32)
        self.all_levels: Float32Array = np.zeros((rows, blocks), np.float32)
        self.frame_count = 0
        self.covered = self.rejected = 0
        self.mask = StreakMask(
            rows, blocks, window=plan.window, step_px=1 if resolution == "full" else 2
        )
        self.early: UInt8Array = np.zeros((EARLY_FRAMES, -(-rows * blocks // 8)), np.uint8)
        self.early_frames = self.early_strikes = 0
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
        self.sums.begin_frame()
        if self.frame_count == 256:
            self.counts = self.counts.astype(np.uint16)
        frame = FrameView(calibrated)
        means = self._means(frame, shifts, workers, add=True)
        where = FrameBlocks(shifts, self.layers)
        struck, dirty = self.mask.judge(means, where.usable, noise)
        self.all_levels += self.mask.smooth
        self._begin_anew(frame, where, dirty)
        self._move(np.subtract, frame, where, struck)
        taken = where.usable & ~struck
        self._count(where, taken, sign=1)
        self._remember(taken, struck, dirty)
        self.covered += int(np.count_nonzero(where.usable))
        self.rejected += int(np.count_nonzero(struck))

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Numbers of early frames that were judged by too short a history, where it matters.

        Only near blocks that were struck while the history was young can an early frame hide
        what a longer one would show.
        """
        return tuple(range(self.early_frames)) if self.early_strikes else ()

    def mean_levels(self) -> Float32Array:
        """Return the mean background of all frames, ADU above black, float32 of each block.

        Where no frame can show the sky it is that of the nearest row and column that may.
        """
        levels = self.all_levels
        for axis, part in enumerate(self.mask.window):
            places = np.clip(np.arange(levels.shape[axis]), part.start, part.stop - 1)
            levels = levels.take(places, axis)
        return levels * np.float32(1.0 / self.frame_count)

    def review(
        self,
        number: int,
        calibrated: UInt16Array,
        shifts: CellShifts,
        noise: NoiseModel,
        workers: Workers,
    ) -> None:
        """Judge an early frame again, now that all are known, and mend the stack."""
        frame = FrameView(calibrated)
        means = self._means(frame, shifts, workers, add=False)
        where = FrameBlocks(shifts, self.layers)
        taken = self._taken(number)
        out, back = self.mask.review(means, where.usable, taken, noise)
        self.sums.borrow(np.flatnonzero((out | back).any(axis=1)) * BLOCK_PX)
        self._move(np.subtract, frame, where, out)
        self._move(np.add, frame, where, back)
        self._count(where, out, sign=-1)
        self._count(where, back, sign=1)
        # what is left of differences of floats is no light
        self.levels[self.counts == 0] = 0.0
        self.early[number] = np.packbits((taken & ~out) | back)
        self.rejected += int(np.count_nonzero(out)) - int(np.count_nonzero(back))

    def _taken(self, number: int) -> BoolArray:
        shape = self.all_levels.shape
        bits = np.unpackbits(self.early[number], count=shape[0] * shape[1])
        return bits.reshape(shape).astype(bool)

    def _remember(self, taken: BoolArray, struck: BoolArray, dirty: BoolArray) -> None:
        """Keep which blocks of the first frames are in the stack."""
        if dirty.any():
            kept = np.packbits(~dirty)
            self.early[: self.early_frames] &= kept
            self.early_strikes += int(np.count_nonzero(dirty))
        if self.early_frames < EARLY_FRAMES:
            self.early[self.early_frames] = np.packbits(taken)
            self.early_frames += 1
            self.early_strikes += int(np.count_nonzero(struck))

    def _count(self, where: FrameBlocks, chosen: BoolArray, *, sign: int) -> None:
        change = np.add if sign > 0 else np.subtract
        for number in range(self.layers):
            mine = chosen & (where.layer == number) if self.layers > 1 else chosen
            whole = mine.view(np.uint8)
            change(self.counts[number], whole, out=self.counts[number])
            # a product costs a tenth of a masked sum
            level = mine.astype(np.float32)
            level *= self.mask.smooth
            change(self.levels[number], level, out=self.levels[number])

    def _means(
        self, frame: FrameView, shifts: CellShifts, workers: Workers, *, add: bool
    ) -> Float32Array:
        """Return the frame's block means above black, adding it to the sums if asked to."""
        means: Float32Array = np.empty(self.all_levels.shape, np.float32)
        runs, size = runs_of(shifts), shifts.strip_px // BLOCK_PX
        workers.together(
            [
                partial(self._go_through, frame, runs, size, means, (first, last), add=add)
                for first, last in workers.ranges(len(runs))
            ]
        )
        means -= np.float32(self.pedestal_adu)
        return means

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        self.sums.shelve("stars", shelf)
        shelf.numbers("stars", self, "frame_count", "covered", "rejected")
        shelf.numbers("stars", self, "early_frames", "early_strikes")
        self.early = shelf.array("stars.early", self.early)
        self.counts = shelf.array("stars.counts", self.counts)
        self.levels = shelf.array("stars.levels", self.levels)
        self.all_levels = shelf.array("stars.all_levels", self.all_levels)
        self.mask.shelve(shelf)

    def _go_through(
        self,
        frame: FrameView,
        runs: list[list[Run]],
        size: int,
        means: Float32Array,
        strips: tuple[int, int],
        *,
        add: bool,
    ) -> None:
        """Add strips, each of so many block rows, and write their block means."""
        first, last = strips
        at_once = _BLOCK_ROWS_AT_ONCE // size
        sums = BlockSums(_BLOCK_ROWS_AT_ONCE, means.shape[1], self._largest)
        # a strip is gathered into the cache, and added and summed up there
        kind = GatheredCells if self.layers > 1 else GatheredRows
        gathered: Gathering = kind(frame, size * BLOCK_PX)
        ready = 0
        for begin in range(first, last, at_once):
            end = min(begin + at_once, last)
            for strip in range(begin, end):
                mine = runs[strip]
                if not mine:
                    # what it holds is of no account: its blocks are not usable
                    continue
                ready = frame.fetch(mine, ready)
                gathered.fill(mine)
                if add:
                    gathered.add_to(self.sums)
                gathered.sum_up(sums, (strip - begin) * size)
            sums.means(means[begin * size : end * size])

    def _move(
        self, change: np.ufunc, frame: FrameView, where: FrameBlocks, chosen: BoolArray
    ) -> None:
        """Add or subtract the frame's samples of chosen blocks."""
        places = where.places(chosen)
        if not len(places.row):
            return
        low, _ = self.sums.blocks()
        at = places.among
        values = low[at].view(np.uint16)
        change(values, frame.blocks(places.y, places.x).view(np.uint16), out=values)
        low[at] = values.view(low.dtype)

    def _begin_anew(self, frame: FrameView, where: FrameBlocks, dirty: BoolArray) -> None:
        """Leave nothing in dirty blocks but the frame's own samples."""
        if not dirty.any():
            return
        places = where.places(dirty)
        strip, layer, block, row = places.among
        low, high = self.sums.blocks()
        for part in (low, high) if self.layers > 1 else (high,):
            part[strip, :, block, row] = np.zeros(1, part.dtype)
        low[strip, layer, block, row] = frame.blocks(places.y, places.x)
        self.counts[:, dirty] = 0
        self.levels[:, dirty] = 0.0
