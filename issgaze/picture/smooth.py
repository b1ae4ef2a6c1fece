"""Smooth versions of planes: box means, block medians and what interpolates between them."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array

# up to this radius it is faster to add slices than to take differences of running sums
_FEW = 4


def box_mean(plane: Float32Array, radius_px: int) -> Float32Array:
    """Return the mean over (2 radius + 1)^2 pixels, fewer at the edges; shape (h, w)."""
    if radius_px <= 0:
        return plane.astype(np.float32)
    return _box_axis(_box_axis(plane, radius_px, 0), radius_px, 1)


def _box_axis(plane: Float32Array, radius: int, axis: int) -> Float32Array:
    length = plane.shape[axis]
    reach = min(radius, length - 1)
    if radius <= _FEW:
        return _added(plane, reach, axis)
    # a running sum rounds: float64 keeps it exact enough over any picture
    total = np.cumsum(plane, axis=axis, dtype=np.float64)
    lead = np.zeros_like(np.take(total, [0], axis=axis))
    total = np.concatenate((lead, total), axis=axis)
    places = np.arange(length)
    high = np.minimum(places + radius + 1, length)
    low = np.maximum(places - radius, 0)
    sums = np.take(total, high, axis=axis)
    sums -= np.take(total, low, axis=axis)
    shape = [1, 1]
    shape[axis] = length
    return np.asarray(sums / (high - low).reshape(shape), dtype=np.float32)


def _added(plane: Float32Array, radius: int, axis: int) -> Float32Array:
    """Return the same for a few neighbours: whole slices are added."""
    total = plane.astype(np.float32, copy=True)
    count = np.ones(plane.shape[axis], dtype=np.float32)
    for shift in range(1, radius + 1):
        ahead = [slice(None), slice(None)]
        behind = [slice(None), slice(None)]
        ahead[axis], behind[axis] = slice(shift, None), slice(None, -shift)
        total[tuple(ahead)] += plane[tuple(behind)]
        total[tuple(behind)] += plane[tuple(ahead)]
        count[shift:] += 1.0
        count[:-shift] += 1.0
    shape = [1, 1]
    shape[axis] = plane.shape[axis]
    total /= count.reshape(shape)
    return total


def gaussian_like(plane: Float32Array, sigma_px: float) -> Float32Array:
    """Return the plane blurred nearly as by a Gaussian: three box means."""
    radius = max(1, round(float(np.sqrt(sigma_px * sigma_px + 1.0 / 12.0)) - 0.5))
    for _ in range(3):
        plane = box_mean(plane, radius)
    return plane


def block_means(plane: Float32Array, block_px: int) -> Float32Array:
    """Return means of square blocks, shape (ceil(h / block), ceil(w / block)).

    The last row and column of blocks may be smaller.
    """
    height, width = plane.shape
    rows, columns = np.arange(0, height, block_px), np.arange(0, width, block_px)
    total = np.add.reduceat(np.add.reduceat(plane, rows, axis=0), columns, axis=1)
    high = np.minimum(block_px, height - rows)[:, np.newaxis]
    wide = np.minimum(block_px, width - columns)[np.newaxis, :]
    return np.asarray(total / (high * wide).astype(np.float32), dtype=np.float32)


def block_medians(
    plane: Float32Array, block_px: int, keep: BoolArray | None = None
) -> Float32Array:
    """Return medians of square blocks over the kept pixels, nan where fewer than a quarter are.

    The last row and column of blocks may be smaller. Shape (ceil(h / block), ceil(w / block)).
    """
    height, width = plane.shape
    rows, columns = -(-height // block_px), -(-width // block_px)
    padded = np.full((rows * block_px, columns * block_px), np.nan, dtype=np.float32)
    padded[:height, :width] = plane if keep is None else np.where(keep, plane, np.nan)
    cells = padded.reshape(rows, block_px, columns, block_px).swapaxes(1, 2)
    blocks = cells.reshape(rows, columns, -1)
    # nanmedian warns of empty blocks, and is slow: sort once, nan goes last
    ordered = np.sort(blocks, axis=-1)
    count = np.sum(~np.isnan(ordered), axis=-1)
    middle = np.maximum(count - 1, 0) // 2
    medians = np.take_along_axis(ordered, middle[..., np.newaxis], axis=-1)[..., 0]
    return np.where(4 * count >= block_px * block_px, medians, np.float32(np.nan))


def filled(grid: Float32Array) -> Float32Array:
    """Return the grid with nan filled smoothly from what is known nearby; zero if all are nan.

    By halves: what a coarser grid knows fills the finer one (push-pull).
    """
    unknown = np.isnan(grid)
    if not unknown.any():
        return grid
    if unknown.all():
        return np.zeros_like(grid)
    height, width = grid.shape
    padded = np.pad(grid, ((0, height % 2), (0, width % 2)), constant_values=np.float32(np.nan))
    cells = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2)
    known = ~np.isnan(cells)
    count = known.sum(axis=(1, 3))
    total = np.where(known, cells, 0.0).sum(axis=(1, 3))
    mean = np.full(count.shape, np.nan, dtype=np.float32)
    np.divide(total, count, out=mean, where=count > 0)
    coarse = spread(filled(mean), 2, (height, width))
    return np.asarray(np.where(unknown, coarse, grid), dtype=np.float32)


def spread(
    grid: Float32Array,
    block_px: int,
    shape: tuple[int, ...],
    rows: tuple[int, int] | None = None,
) -> Float32Array:
    """Return block values interpolated linearly to pixels of a picture of that shape.

    Args:
        grid: A value for each block.
        block_px: Side of a block.
        shape: Of the picture (h, w).
        rows: First row and the one after the last to return, None for all.
    """
    height, width = shape
    first, last = rows or (0, height)
    low, high, share = _between(0, width, grid.shape[1], block_px)
    # the few rows of the grid first, then whole rows of pixels at a time
    wide = grid[:, low] + (grid[:, high] - grid[:, low]) * share
    low, high, share = _between(first, last, grid.shape[0], block_px)
    step = np.diff(wide, axis=0, append=wide[-1:]).astype(np.float32)
    result = step[low]
    result *= share[:, np.newaxis]
    result += wide.astype(np.float32)[low]
    return result


def _between(
    first: int, last: int, blocks: int, block_px: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Float32Array]:
    """Return the blocks before and after each pixel, and how far it is from the one before."""
    place = (np.arange(first, last) - (block_px - 1) / 2.0) / block_px
    place = np.clip(place, 0.0, blocks - 1.0)
    low = np.minimum(place.astype(np.int64), max(blocks - 2, 0))
    return low, np.minimum(low + 1, blocks - 1), (place - low).astype(np.float32)


def median_and_sigma(values: Float32Array) -> tuple[float, float]:
    """Return the median and the standard deviation estimated from the median deviation."""
    if values.size == 0:
        return 0.0, 0.0
    middle = float(np.median(values))
    return middle, 1.4826 * float(np.median(np.abs(values - middle)))


def extreme(plane: Float32Array, radius_px: int, choose: np.ufunc) -> Float32Array:
    """Return the least or greatest value in a square of 2 radius + 1 around each pixel.

    Args:
        plane: Shape (h, w).
        radius_px: Of the square.
        choose: np.minimum or np.maximum.
    """
    for axis in (0, 1):
        result = plane.copy()
        for shift in range(1, radius_px + 1):
            ahead = [slice(None), slice(None)]
            behind = [slice(None), slice(None)]
            ahead[axis], behind[axis] = slice(shift, None), slice(None, -shift)
            a, b = tuple(ahead), tuple(behind)
            choose(result[a], plane[b], out=result[a])
            choose(result[b], plane[a], out=result[b])
        plane = result
    return plane


def eroded(mask: BoolArray, radius_px: int) -> BoolArray:
    """Return where a square of 2 radius + 1 about the pixel lies wholly in the mask.

    What lies outside the picture counts as inside the mask.
    """
    for axis in (0, 1):
        done = 0
        while done < radius_px:
            # windows double: two of them, shifted, make the larger one
            step = min(max(done, 1), radius_px - done)
            result = mask.copy()
            ahead = [slice(None), slice(None)]
            behind = [slice(None), slice(None)]
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            result[tuple(ahead)] &= mask[tuple(behind)]
            result[tuple(behind)] &= mask[tuple(ahead)]
            mask = result
            done += step
    return mask
