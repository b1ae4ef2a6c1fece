"""Blocks that rise too far together with two others in a row."""

import numpy as np

from issgaze.arrays import BoolArray, Float32Array

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
# the different places among these, and the numbers of each line's two
_NEAR, _places = np.unique(_OTHERS.reshape(-1, 2), axis=0, return_inverse=True)
_ONE, _OTHER = _places.reshape(-1, 2).T


def in_lines(excess: Float32Array) -> BoolArray:
    """Return the blocks that rise too far with two others.

    A faint streak shows in many blocks a little: three in a row tell it from noise. None of them
    may tell it alone, or a single bright spot would draw lines.

    Args:
        excess: How far blocks rise in standard deviations, shape (rows, blocks).
    """
    rows, blocks = excess.shape
    # two columns beyond the last are beyond the first of the next row too
    width = blocks + _REACH
    capped: Float32Array = np.zeros((rows + 2 * _REACH, width), np.float32)
    np.minimum(excess, np.float32(_LINE_CAP), out=capped[_REACH:-_REACH, :blocks])
    flat = capped.reshape(-1)
    limit = np.float32(_LINE_SIGMAS * 3**0.5)
    # no line rises far enough without a block that rises by a third of it
    seeds = np.flatnonzero(flat > np.float32(_LINE_SIGMAS / 3**0.5))
    near = _NEAR[:, 0] * width + _NEAR[:, 1]
    marked: BoolArray = np.zeros(flat.shape, bool)
    for first in range(0, len(seeds), _SEEDS_AT_ONCE):
        some = seeds[first : first + _SEEDS_AT_ONCE]
        around = flat.take(near[:, np.newaxis] + some)
        # both other blocks of every line, whichever of the three the seed is
        total = around.take(_ONE, axis=0)
        total += around.take(_OTHER, axis=0)
        total += flat.take(some)
        line, seed = np.divmod(np.flatnonzero(total > limit), len(some))
        seed = some[seed]
        for part in (seed, seed + near[_ONE][line], seed + near[_OTHER][line]):
            marked[part] = True
    return marked.reshape(capped.shape)[_REACH:-_REACH, :blocks]
