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
    _, height, width = planes.shape
    # a band as it was, with the rows around it: those above are sharp in `planes` already
    blurred: Float32Array = np.zeros((3, _BAND_ROWS + 2 * _HALO, width), np.float32)
    change: Float32Array = np.empty((_BAND_ROWS, width), np.float32)
    for top in range(0, height, _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, height)
        first, last = max(0, top - _HALO), min(height, bottom + _HALO)
        blurred[:, :_HALO] = blurred[:, _BAND_ROWS : _BAND_ROWS + _HALO]
        blurred[:, _HALO : _HALO + last - top] = planes[:, top:last]
        known = blurred[1, _HALO - top + first : _HALO + last - top]
        chosen = _stars(known - level(first, last), variance[first:last])
        weight = chosen[top - first : bottom - first] * np.float32(strength)
        weight[:, [0, -1]] = 0.0
        if top == 0:
            weight[0] = 0.0
        if bottom == height:
            weight[-1] = 0.0
        for plane, rows in zip(planes, blurred, strict=True):
            difference = _to_neighbours(rows, change[: bottom - top])
            difference *= weight
            plane[top:bottom] += difference


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
    """Return the sums over the 3x3 around each pixel, of what there is of it at the border."""
    rows = values.copy()
    rows[1:] += values[:-1]
    rows[:-1] += values[1:]
    total = rows.copy()
    total[:, 1:] += rows[:, :-1]
    total[:, :-1] += rows[:, 1:]
    return total


def _to_neighbours(rows: Float32Array, out: Float32Array) -> Float32Array:
    """Write four times each pixel less its neighbours, over four, into out.

    Args:
        rows: Those of out with _HALO rows around them. What lies beside the outermost columns is
            the other end of the next row: the border is wrong.
        out: Float32 (rows, width), returned.
    """
    width = rows.shape[1]
    begin, count = _HALO * width, out.size
    flat, change = rows.reshape(-1), out.reshape(-1)
    np.multiply(flat[begin : begin + count], np.float32(4.0), out=change)
    for step in (-width, width, -1, 1):
        change -= flat[begin + step : begin + step + count]
    change *= np.float32(0.25)
    return out
