"""Stars as sharp as in a single frame: what rounding to whole steps blurred is taken back.

Rounding shifts to steps spreads a star by a square of that step, a known variance; the difference
of a pixel to its four neighbours, added with half that variance, narrows it again and keeps its
light. It is done only where stars stand out of the noise, which it would only raise elsewhere.
"""

from collections.abc import Callable

import numpy as np

from issgaze.arrays import BoolArray, Float32Array
from issgaze.stacking.stacks import Resolution

# of the mean of 3x3 pixels above the background, in standard deviations of it
_SIGMAS = 8.0
_BAND_ROWS = 32
# rows that a row of the result depends on: stars are found in 3x3 and grow by two
_HALO = 3
# share of the difference that is added: at half resolution the rounding of quads and the two
# greens widen a star by 0.15 quad^2, at full resolution rounding by 0.08 px^2 each way
STRENGTH: dict[Resolution, float] = {"half": 0.2, "full": 0.25}

# gives the background of the rows first <= y < last, ADU, float32 (rows, width)
LevelRows = Callable[[int, int], Float32Array]


def sharpen_stars(
    planes: Float32Array, level: LevelRows, variance: Float32Array, strength: float
) -> None:
    """Sharpen the stars of planes (3, height, width) in place.

    Args:
        planes: Red, green and blue; stars are found in green.
        level: Background of green.
        variance: Of green, shape (height, width).
        strength: Share of the difference to the four neighbours that is added.
    """
    height = planes.shape[1]
    above = planes[:, :0].copy()
    for top in range(0, height, _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, height)
        last = min(height, bottom + _HALO)
        # the rows above are already sharp in `planes`
        rows = np.concatenate((above, planes[:, top:last]), axis=1)
        first = top - above.shape[1]
        above = rows[:, max(0, bottom - first - _HALO) : bottom - first].copy()
        chosen = _stars(rows[1] - level(first, last), variance[first:last])
        kept = slice(top - first, bottom - first)
        for plane in range(3):
            change = _to_neighbours(rows[plane])
            change *= chosen
            change *= np.float32(strength)
            planes[plane, top:bottom] += change[kept]


def _stars(rise: Float32Array, variance: Float32Array) -> BoolArray:
    """Return pixels in and around what stands out of the noise."""
    mean = _sum_of_nine(rise)
    limit = np.sqrt(_sum_of_nine(variance))
    limit *= np.float32(_SIGMAS)
    found = mean > limit
    for _ in range(2):
        grown = found.copy()
        grown[1:] |= found[:-1]
        grown[:-1] |= found[1:]
        found = grown.copy()
        found[:, 1:] |= grown[:, :-1]
        found[:, :-1] |= grown[:, 1:]
    return found


def _sum_of_nine(values: Float32Array) -> Float32Array:
    rows = values.copy()
    rows[1:] += values[:-1]
    rows[:-1] += values[1:]
    total = rows.copy()
    total[:, 1:] += rows[:, :-1]
    total[:, :-1] += rows[:, 1:]
    return total


def _to_neighbours(values: Float32Array) -> Float32Array:
    """Return four times each pixel less its neighbours, over four; nothing at the border."""
    change = np.zeros_like(values)
    inner = change[1:-1, 1:-1]
    inner += values[1:-1, 1:-1]
    inner *= np.float32(4.0)
    inner -= values[:-2, 1:-1]
    inner -= values[2:, 1:-1]
    inner -= values[1:-1, :-2]
    inner -= values[1:-1, 2:]
    inner *= np.float32(0.25)
    return change
