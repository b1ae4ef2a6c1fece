"""Which blocks of a registered frame show something that does not belong to the stars."""

from typing import NamedTuple

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt8Array
from issgaze.stacking.blocks import BLOCK_PX, Background
from issgaze.stacking.checkpoint import Shelf
from issgaze.stacking.noise import NoiseModel

# a block is struck when it rises above its history by this many standard deviations ...
_SIGMAS = 5.0
# ... and this part of how much the stars around it vary: rounding moves stars between blocks
_STEEPNESS = {2: 0.6, 1: 0.35}
# three blocks in a row are struck when together they do by so many, none counting for more than
# the cap: in noise, of 190,000 blocks and 12 ways to lie, some five a frame
_LINE_SIGMAS = 4.6
_LINE_CAP = 4.0
# the blocks before and after the middle one, down and right: no sharper bend than 45 degrees
_HALF_LINES = (
    ((0, -1), (0, 1)),
    ((0, -1), (1, 1)),
    ((0, -1), (-1, 1)),
    ((1, -1), (0, 1)),
    ((-1, -1), (0, 1)),
)
_LINES = (
    *_HALF_LINES,
    *(((x, y), (u, v)) for (y, x), (v, u) in _HALF_LINES),
    ((-1, -1), (1, 1)),
    ((-1, 1), (1, -1)),
)
_REACH = 2
_SEEDS_AT_ONCE = 512
# the two other blocks of each line, from its middle, its first and its last, shape (lines, 2, 2)
_OTHERS = np.array(
    [
        others
        for (y, x), (v, u) in _LINES
        for others in (
            ((y, x), (v, u)),
            ((-y, -x), (v - y, u - x)),
            ((y - v, x - u), (-v, -u)),
        )
    ]
)
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

    def excess(self) -> Float32Array:
        """Return by how many deviations blocks rise too far; the difference is used up."""
        np.subtract(self.value, self.steep, out=self.value)
        return np.divide(self.value, self.sigma, out=self.value)


class StreakMask:
    """Compares the blocks of each frame with the mean of those before.

    What remains of a block above the smooth background is compared, so that twilight and clouds
    do not count. No frame is kept: a struck block is taken out again and its history stays as it
    was.

    Attributes:
        rise: Sum over accepted frames of block mean less background, float32 (rows, blocks).
        accepted: Number of accepted frames, float32 (rows, blocks).
        struck: Number of frames in which the block was struck, uint8 (rows, blocks).
        left_out: Frames that were left out whole.
    """

    def __init__(self, rows: int, blocks: int, *, step_px: int) -> None:
        shape = (rows, blocks)
        self.rise: Float32Array = np.zeros(shape, np.float32)
        self.accepted: Float32Array = np.zeros(shape, np.float32)
        self.struck: UInt8Array = np.zeros(shape, np.uint8)
        self.left_out = 0
        self._frames = 0
        self._steepness = np.float32(_STEEPNESS[step_px])
        self._background = Background(rows, blocks)
        self.smooth: Float32Array = np.empty(shape, np.float32)

    def judge(
        self, means: Float32Array, usable: BoolArray, noise: NoiseModel
    ) -> tuple[BoolArray, BoolArray]:
        """Return which blocks of a frame are struck, and which histories turn out to have been.

        Args:
            means: Block means above black in ADU; destroyed.
            usable: Blocks that the frame covers.
            noise: Of a single calibrated pixel.

        Struck blocks are to be taken out of the stack. Where the history was struck, the stack is
        to begin anew with this frame. `smooth` holds the frame's background afterwards.
        """
        self._frames += 1
        history = _History(self.rise, self.accepted)
        rise = self._rise(means, usable, history.mean)
        difference = self._difference(rise, history, noise)
        known = usable & (self.accepted > 0)
        dirty = self._dirty(difference, known)
        excess = difference.excess()
        excess *= known.astype(np.float32)
        struck = self._plausible(*_struck(excess), usable)
        dirty = _grown(dirty) & usable & ~struck
        if dirty.any():
            self.rise[dirty] = 0.0
            self.accepted[dirty] = 0.0
        # a product costs a tenth of a masked sum
        kept = (usable & ~struck).astype(np.float32)
        self.accepted += kept
        rise *= kept
        self.rise += rise
        return struck, dirty

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
        rise = self._rise(means, usable, _History(self.rise, self.accepted).mean)
        others = self.accepted - taken
        history = _History(self.rise - np.where(taken, rise, np.float32(0)), others)
        difference = self._difference(rise, history, noise)
        known = usable & (others > 0)
        fallen = difference.fallen()
        excess = difference.excess()
        excess[~known] = 0.0
        alone, lines = _struck(excess)
        struck = (_grown(alone) | lines) & usable
        out = struck & taken
        back = usable & known & ~taken & ~struck & ~_grown(fallen & known)
        np.subtract(self.rise, rise, out=self.rise, where=out)
        self.accepted -= out
        np.add(self.rise, rise, out=self.rise, where=back)
        self.accepted += back
        return out, back

    def _rise(self, means: Float32Array, usable: BoolArray, history: Float32Array) -> Float32Array:
        """Return what rises above the background: that of the frame less what was there before."""
        smooth = self._background.smooth(means - history, usable, self.smooth)
        return np.subtract(means, smooth, out=means)

    def _difference(self, rise: Float32Array, history: _History, noise: NoiseModel) -> _Difference:
        """Return by how much blocks differ from their history, and by how much they may."""
        variance = np.add(history.mean, self.smooth)
        np.maximum(variance, np.float32(0), out=variance)
        variance *= np.float32(noise.per_adu / BLOCK_PX**2)
        variance += np.float32(noise.constant / BLOCK_PX**2)
        variance *= history.spread()
        sigma = np.sqrt(variance, out=variance)
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

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        shelf.numbers("streaks", self, "left_out", "_frames")
        self.rise = shelf.array("streaks.rise", self.rise)
        self.accepted = shelf.array("streaks.accepted", self.accepted)
        self.struck = shelf.array("streaks.struck", self.struck)

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


def _struck(excess: Float32Array) -> tuple[BoolArray, BoolArray]:
    """Return the blocks that rise too far, alone or in a line of three.

    A faint streak shows in many blocks a little: three in a row tell it from noise. None of them
    may tell it alone, or a single bright spot would draw lines.
    """
    rows, blocks = excess.shape
    width = blocks + 2 * _REACH
    capped: Float32Array = np.zeros((rows + 2 * _REACH, width), np.float32)
    np.minimum(excess, np.float32(_LINE_CAP), out=capped[_REACH:-_REACH, _REACH:-_REACH])
    flat = capped.reshape(-1)
    # no line rises far enough without a block that rises by a third of it
    limit = np.float32(_LINE_SIGMAS * 3**0.5)
    seeds = np.flatnonzero(flat > np.float32(_LINE_SIGMAS / 3**0.5))
    marked: BoolArray = np.zeros(flat.shape, bool)
    steps = (_OTHERS[..., 0] * width + _OTHERS[..., 1]).T[..., np.newaxis]
    for first in range(0, len(seeds), _SEEDS_AT_ONCE):
        some = seeds[first : first + _SEEDS_AT_ONCE]
        # both other blocks of every line, whichever of the three the seed is: (2, lines, seeds)
        one, other = steps + some
        total = flat.take(one)
        total += flat.take(other)
        total += flat.take(some)
        found = np.flatnonzero(total > limit)
        marked[some[found % len(some)]] = True
        marked[one.reshape(-1)[found]] = True
        marked[other.reshape(-1)[found]] = True
    return excess > np.float32(_SIGMAS), marked.reshape(capped.shape)[
        _REACH:-_REACH, _REACH:-_REACH
    ]


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
    room: tuple[Float32Array, Float32Array] = np.empty_like(values), np.empty_like(values)
    highest = _extreme(values, np.maximum, *room)
    lowest = _extreme(values, np.minimum, room[0], np.empty_like(values))
    return np.subtract(highest, lowest, out=highest)


def _extreme(
    values: Float32Array, choose: np.ufunc, rows: Float32Array, out: Float32Array
) -> Float32Array:
    """Write the extreme of each 3x3 neighbourhood into out, by way of those of 3 rows."""
    for source, target in ((values, rows), (rows.T, out.T)):
        if len(source) < 2:
            np.copyto(target, source)
            continue
        # of each with the one after it, then with the one before
        choose(source[:-1], source[1:], out=target[:-1])
        target[-1] = source[-1]
        choose(target[1:], source[:-1], out=target[1:])
    return out
