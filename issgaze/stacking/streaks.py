"""Which blocks of a registered frame show something that does not belong to the stars."""

from typing import NamedTuple

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt8Array
from issgaze.stacking.background import Background
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.checkpoint import Shelf
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.streaklines import in_lines
from issgaze.stacking.strips import BlockWindow

# a block is struck when it rises above its history by this many standard deviations ...
_SIGMAS = 5.0
# ... and this part of how much the stars around it vary: rounding moves stars between blocks
_STEEPNESS = {2: 0.6, 1: 0.35}
# rounding to whole numbers leaves at least so much
_LEAST_SIGMA_ADU = 0.05
# of how much the stars vary this many standard deviations are noise
_NOISE_RANGE = 4.0
# a history this short may itself be struck; a frame far below it says so
_DIRTY_FRAMES = 6
# a frame struck over more than this part of the sky shows a cloud or a lamp and is left out whole
_LARGEST_PART = 0.08
# a block struck in more than half of at least so many frames is no sky: leaves, a roof's edge
_RESTLESS_FRAMES = 4


class _History:
    """The mean of the frames before; where there are none, zero."""

    def __init__(self, total: Float32Array, accepted: Float32Array) -> None:
        inverse = np.maximum(accepted, np.float32(1))
        self._inverse: Float32Array = np.divide(np.float32(1), inverse, out=inverse)
        self.mean: Float32Array = total * inverse

    def spread(self) -> Float32Array:
        """Return the variance of a frame less the mean, in that of a frame; to be asked once."""
        self._inverse += np.float32(1)
        return self._inverse


class _Difference(NamedTuple):
    """How much blocks differ from their history, may differ among stars, and their deviation."""

    value: Float32Array
    steep: Float32Array
    sigma: Float32Array

    def fallen(self) -> BoolArray:
        """Return which blocks fall too far."""
        limit = np.float32(_SIGMAS) * self.sigma
        limit += self.steep
        limit += self.value
        return limit < 0

    def excess(self, known: BoolArray) -> Float32Array:
        """Return by how many deviations known blocks rise too far; the difference is used up."""
        np.subtract(self.value, self.steep, out=self.value)
        np.divide(self.value, self.sigma, out=self.value)
        # a product costs a tenth of a masked copy
        return np.multiply(self.value, known.astype(np.float32), out=self.value)


class StreakMask:
    """Compares the blocks of each frame with the mean of those before.

    What remains of a block above the smooth background is compared, so that twilight and clouds
    do not count. No frame is kept: a struck block is taken out again and its history stays as it
    was.

    Attributes:
        window: Blocks that are compared; what is said of others has no meaning.
        smooth: Background of the last frame above black in ADU, float32 (rows, blocks) of all
            blocks; zero outside the window.
        first_smooth: Background of the first frame, float32 of the window, zero before.
        rise: Sum over accepted frames of block mean less background, float32 of the window.
        accepted: Number of accepted frames, float32 of the window.
        struck: Number of frames in which the block was struck, uint8 of the window.
        left_out: Frames that were left out whole.
    """

    def __init__(self, rows: int, blocks: int, *, window: BlockWindow, step_px: int) -> None:
        shape = window.shape
        self.window = window
        self.first_smooth: Float32Array = np.zeros(shape, np.float32)
        self.rise: Float32Array = np.zeros(shape, np.float32)
        self.accepted: Float32Array = np.zeros(shape, np.float32)
        self.struck: UInt8Array = np.zeros(shape, np.uint8)
        self.left_out = 0
        self._frames = 0
        self._steepness = np.float32(_STEEPNESS[step_px])
        self._background = Background(*shape)
        self.smooth: Float32Array = np.zeros((rows, blocks), np.float32)

    def judge(
        self, means: Float32Array, usable: BoolArray, noise: NoiseModel
    ) -> tuple[BoolArray, BoolArray]:
        """Return which blocks of a frame are struck, and which histories turn out to have been.

        Args:
            means: Block means above black in ADU, of all blocks.
            usable: Blocks that the frame covers.
            noise: Of a single calibrated pixel.

        Struck blocks are to be taken out of the stack. Where the history was struck, the stack is
        to begin anew with this frame. `smooth` holds the frame's background afterwards.
        """
        self._frames += 1
        usable = np.ascontiguousarray(usable[self.window])
        history = _History(self.rise, self.accepted)
        rise = self._rise(means, usable, history)
        if self._frames == 1:
            np.copyto(self.first_smooth, self.smooth[self.window])
        difference = self._difference(rise, history, noise)
        known = usable & (self.accepted > 0)
        dirty = self._dirty(difference, known)
        excess = difference.excess(known)
        struck = self._plausible(excess > np.float32(_SIGMAS), in_lines(excess), usable)
        dirty = _grown(dirty) & usable & ~struck
        if dirty.any():
            self.rise[dirty] = 0.0
            self.accepted[dirty] = 0.0
        # a product costs a tenth of a masked sum
        kept = (usable & ~struck).astype(np.float32)
        self.accepted += kept
        rise *= kept
        self.rise += rise
        return self._in_all(struck), self._in_all(dirty)

    def review(
        self, means: Float32Array, usable: BoolArray, taken: BoolArray, noise: NoiseModel
    ) -> tuple[BoolArray, BoolArray]:
        """Return which blocks of an early frame to take out now, and which to take in after all.

        It is compared with the mean of all other frames, which it lacked when it was judged.

        Args:
            means: As in `judge`.
            usable: Blocks that the frame covers.
            taken: Blocks of the frame that are in the stack.
            noise: Of a single calibrated pixel.
        """
        usable = np.ascontiguousarray(usable[self.window])
        taken = np.ascontiguousarray(taken[self.window])
        rise = self._rise(means, usable, _History(self.rise, self.accepted))
        others = self.accepted - taken
        history = _History(self.rise - np.where(taken, rise, np.float32(0)), others)
        difference = self._difference(rise, history, noise)
        known = usable & (others > 0)
        fallen = difference.fallen() & known
        excess = difference.excess(known)
        struck = (_grown(excess > np.float32(_SIGMAS)) | in_lines(excess)) & usable
        out = struck & taken
        back = known & ~taken & ~struck & ~_grown(fallen)
        np.subtract(self.rise, rise, out=self.rise, where=out)
        self.accepted -= out
        np.add(self.rise, rise, out=self.rise, where=back)
        self.accepted += back
        return self._in_all(out), self._in_all(back)

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        shelf.numbers("streaks", self, "left_out", "_frames")
        self.first_smooth = shelf.array("streaks.first_smooth", self.first_smooth)
        self.rise = shelf.array("streaks.rise", self.rise)
        self.accepted = shelf.array("streaks.accepted", self.accepted)
        self.struck = shelf.array("streaks.struck", self.struck)

    def _rise(self, means: Float32Array, usable: BoolArray, history: _History) -> Float32Array:
        """Return what rises above the background.

        The background is that of the first frame and of what has changed since, where there were
        frames before. Of each frame anew it would be another one wherever it is too steep to be
        followed, about the Moon, and so would what rises above it.
        """
        inner, smooth = means[self.window], self.smooth[self.window]
        change = inner - history.mean
        change -= self.first_smooth
        self._background.smooth(change, usable, smooth)
        smooth += self.first_smooth
        return np.subtract(inner, smooth)

    def _difference(self, rise: Float32Array, history: _History, noise: NoiseModel) -> _Difference:
        """Return by how much blocks differ from their history, and by how much they may."""
        sigma = np.add(history.mean, self.smooth[self.window])
        np.maximum(sigma, np.float32(0), out=sigma)
        sigma *= np.float32(noise.per_adu / BLOCK_PX**2)
        sigma += np.float32(noise.constant / BLOCK_PX**2)
        sigma *= history.spread()
        np.sqrt(sigma, out=sigma)
        np.maximum(sigma, np.float32(_LEAST_SIGMA_ADU), out=sigma)
        steep = _local_range(history.mean)
        steep -= np.float32(_NOISE_RANGE) * sigma
        np.maximum(steep, 0, out=steep)
        steep *= self._steepness
        return _Difference(rise - history.mean, steep, sigma)

    def _dirty(self, difference: _Difference, known: BoolArray) -> BoolArray:
        """Return where the history turns out to have been struck: a fall where it is young."""
        young = known & (self.accepted <= _DIRTY_FRAMES)
        if young.any():
            young &= difference.fallen()
        return young

    def _plausible(self, struck: BoolArray, lines: BoolArray, usable: BoolArray) -> BoolArray:
        """Return struck blocks, grown by one; all of them when the frame is no good."""
        self.struck += struck & (self.struck < 255)
        restless = self.struck > max(self._frames // 2, _RESTLESS_FRAMES)
        struck = struck & ~restless
        part = int(np.count_nonzero(struck)) / max(1, int(np.count_nonzero(usable)))
        # when most frames are odd, the history is what is odd
        if part > _LARGEST_PART and self.left_out < self._frames // 2:
            self.left_out += 1
            return usable.copy()
        return (_grown(struck) | lines) & usable

    def _in_all(self, chosen: BoolArray) -> BoolArray:
        """Return chosen blocks of the window among all blocks."""
        if chosen.shape == self.smooth.shape:
            return chosen
        every: BoolArray = np.zeros(self.smooth.shape, bool)
        every[self.window] = chosen
        return every


def _grown(chosen: BoolArray) -> BoolArray:
    """Return the blocks and all their neighbours."""
    if not chosen.any():
        return chosen.copy()
    # of whole numbers a bitwise or is faster than of truth values
    whole = chosen.view(np.uint8)
    rows = whole.copy()
    rows[1:] |= whole[:-1]
    rows[:-1] |= whole[1:]
    grown = rows.copy()
    grown[:, 1:] |= rows[:, :-1]
    grown[:, :-1] |= rows[:, 1:]
    return np.asarray(grown.view(np.bool_))


def _local_range(values: Float32Array) -> Float32Array:
    """Return the largest less the smallest of each 3x3 neighbourhood."""
    highest, lowest = _extreme(values, np.maximum), _extreme(values, np.minimum)
    return np.subtract(highest, lowest, out=highest)


def _extreme(values: Float32Array, choose: np.ufunc) -> Float32Array:
    """Return the extreme of each 3x3 neighbourhood."""
    rows = values.copy()
    choose(rows[:-1], values[1:], out=rows[:-1])
    choose(rows[1:], values[:-1], out=rows[1:])
    across = rows.copy()
    if rows.shape[1] > 1:
        # as one line, which costs a third; what that takes from the next row is put right after
        line, flat = across.reshape(-1), rows.reshape(-1)
        choose(line[:-1], flat[1:], out=line[:-1])
        choose(line[1:], flat[:-1], out=line[1:])
        choose(rows[:, 0], rows[:, 1], out=across[:, 0])
        choose(rows[:, -1], rows[:, -2], out=across[:, -1])
    return across
