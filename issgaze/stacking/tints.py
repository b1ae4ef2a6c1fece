"""The colour of the sky: how bright its red, green and blue are against the mean of all."""

import numpy as np

from issgaze.arrays import Float32Array

# the colour of the sky is that of three times so many blocks beside each other, and no channel's
# level lies further from the mean of all than by this factor
_TRIPLE = 3
_LARGEST_TINT = 5.0


def tints(levels: Float32Array) -> Float32Array:
    """Return for each colour how bright its sky is against that of all.

    A block's level is that of all its pixels, and twilight is blue: what a changing sky lacks
    must have its colour.

    Args:
        levels: Mean above black of each block and colour, nan where it is not known, shape
            (3, rows, blocks).

    Returns:
        Float32 of that shape: the median of nine blocks of a row, since a star has a colour of
        its own.
    """
    every = 0.25 * levels[0] + 0.5 * levels[1] + 0.25 * levels[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        tint = levels / every
    tint = np.where(np.isfinite(tint), tint, 1.0).clip(1.0 / _LARGEST_TINT, _LARGEST_TINT)
    reach = _TRIPLE * _TRIPLE // 2
    return _medians_of_nine(np.pad(tint, ((0, 0), (0, 0), (reach, reach)), mode="edge"))


def _medians_of_nine(values: Float32Array) -> Float32Array:
    """Return the medians of each nine neighbours along the last axis, of which eight are lost.

    The median of nine is that of three numbers: the largest of the smallest of each triple, the
    middle of the middle ones, and the smallest of the largest. The triples are sorted once.
    """
    first, second, third = _neighbours(values, 1)
    smallest = np.minimum(np.minimum(first, second), third)
    middle = _median_of_three(first, second, third)
    largest = np.maximum(np.maximum(first, second), third)
    low, between, high = (_neighbours(part, _TRIPLE) for part in (smallest, middle, largest))
    return _median_of_three(
        np.maximum(np.maximum(low[0], low[1]), low[2]),
        _median_of_three(*between),
        np.minimum(np.minimum(high[0], high[1]), high[2]),
    )


def _neighbours(values: Float32Array, step: int) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return values, those one step further on and those two steps, where there are all three."""
    count = values.shape[-1] - 2 * step
    first, second, third = (values[..., begin : begin + count] for begin in (0, step, 2 * step))
    return first, second, third


def _median_of_three(
    first: Float32Array, second: Float32Array, third: Float32Array
) -> Float32Array:
    smaller, larger = np.minimum(first, second), np.maximum(first, second)
    return np.maximum(smaller, np.minimum(larger, third))
