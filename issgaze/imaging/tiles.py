"""The level of each colour of a mosaic in square tiles: medians, and what lies above them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array

# larger numbers are not told apart when numbers are counted
_MOST_COUNTED = 16383

Mosaic = NDArray[np.unsignedinteger[Any]]


def tile_medians(mosaic: Mosaic, tile: int) -> Float64Array:
    """Return the medians of tiles of so many sites each way, from every second row and column.

    Args:
        mosaic: Shape (height, width).
        tile: An even number.

    Returns:
        Float64 (2, 2, rows, columns): those of each site y, x of the 2x2 cell. Tiles at the lower
        and right edge may be smaller; of an odd mosaic some sites lack the last ones, which go
        straight on there.
    """
    shape = tuple(-(-size // (2 * tile)) for size in mosaic.shape)
    medians: Float64Array = np.empty((2, 2, *shape), np.float64)
    for y in (0, 1):
        for x in (0, 1):
            own = _medians(mosaic[y::4, x::4], tile // 2)
            for axis, size in enumerate(shape):
                own = straight_on(own, axis) if own.shape[axis] < size else own
            medians[y, x] = own
    return medians


def straight_on(values: Float64Array, axis: int) -> Float64Array:
    """Return values with one more at the end of an axis, that goes straight on."""
    last = values.take([-1], axis)
    change = last - values.take([-2], axis) if values.shape[axis] > 1 else 0.0
    return np.concatenate((values, last + change), axis)


def _medians(values: Mosaic, tile: int) -> Float64Array:
    """Return the medians of square tiles, smaller at the lower and right edge."""
    medians: Float64Array = np.empty([-(-size // tile) for size in values.shape], np.float64)
    for rows, down in _whole_and_rest(values.shape[0], tile):
        for columns, across in _whole_and_rest(values.shape[1], tile):
            part = values[rows, columns]
            pieces = part.reshape(part.shape[0] // down, down, part.shape[1] // across, across)
            own = _medians_of_rows(pieces.transpose(0, 2, 1, 3).reshape(-1, down * across))
            tiles = (slice(rows.start // tile, None), slice(columns.start // tile, None))
            shape = (pieces.shape[0], pieces.shape[2])
            medians[tiles][: shape[0], : shape[1]] = own.reshape(shape)
    return medians


def _medians_of_rows(values: Mosaic) -> Float64Array:
    """Return the median of each row, shape (n,)."""
    middle = values.shape[1] // 2
    # looking for one middle is ten times as fast as for two where the machine does it many at once
    parted = np.partition(values, middle, axis=1)
    upper = parted[:, middle].astype(np.float64)
    if values.shape[1] % 2:
        return upper
    return np.asarray(0.5 * (upper + parted[:, :middle].max(axis=1)))


def _whole_and_rest(size: int, tile: int) -> list[tuple[slice, int]]:
    """Return where whole tiles lie and where the rest does, with the size of each there."""
    whole = size // tile * tile
    parts = [(slice(0, whole), tile), (slice(whole, size), size - whole)]
    return [(part, length) for part, length in parts if part.stop > part.start]


def above_tiles(mosaic: Mosaic, limits: Float64Array, tile: int) -> NDArray[np.intp]:
    """Return the flat indices of what lies above the limit of its tile, in ascending order.

    Args:
        mosaic: Shape (height, width).
        limits: Of each site and tile, see `tile_medians`.
        tile: Sites of a tile each way.
    """
    found = [np.zeros(0, np.intp)]
    above = np.empty((2 * tile, mosaic.shape[1]), bool)
    for row, across in enumerate(limits_across(mosaic, limits, tile)):
        top = row * 2 * tile
        rows = mosaic[top : top + 2 * tile]
        for y in (0, 1):
            np.greater(rows[y::2], across[y], out=above[y : len(rows) : 2])
        found.append(np.flatnonzero(above[: len(rows)]) + top * mosaic.shape[1])
    return np.concatenate(found)


def limits_across(mosaic: Mosaic, limits: Float64Array, tile: int) -> Mosaic:
    """Return the limits of tiles, rounded up, at each column of the mosaic and of its type.

    Returns:
        Shape (rows of tiles, 2, width): for even and odd rows.
    """
    whole = np.minimum(np.ceil(limits), np.iinfo(mosaic.dtype).max).astype(mosaic.dtype)
    # by row of tiles, row of the cell, tile, column of the cell
    across = np.repeat(whole.transpose(2, 0, 3, 1), tile, axis=2)
    return np.asarray(across.reshape(*across.shape[:2], -1)[:, :, : mosaic.shape[1]])


def median(values: NDArray[np.integer[Any]]) -> float:
    """Return the median of whole numbers from 0 on, most of which are small.

    They are counted: numpy's median, which looks for two middles, takes ten times as long.
    """
    counts = np.cumsum(np.bincount(np.minimum(values.reshape(-1), _MOST_COUNTED)))
    middles = np.searchsorted(counts, ((values.size - 1) // 2, values.size // 2), side="right")
    if middles[1] == _MOST_COUNTED:
        return float(np.median(values))
    return 0.5 * float(middles.sum())
