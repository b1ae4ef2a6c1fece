"""A frame in blocks of 8x8 px: their means, and the smooth background behind them."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, UInt16Array, UInt32Array

# means are taken over blocks of this many rows and columns
BLOCK_PX = 8
# the background is the median over tiles of this many blocks each way, straight between them
_TILE = 8
# every second block each way is enough for a median
_THIN = 1
# a tile with less than this part of its blocks usable takes its neighbours' background
_LEAST_USABLE = 0.15


class BlockSums:
    """Sums over 8 rows, column by column, folded into the means of 8x8 blocks, strip by strip.

    Attributes:
        columns: Sums of 8 rows each, shape (block rows of a strip, width); uint16 where 8 values
            fit, else uint32.
    """

    def __init__(self, rows: int, blocks: int, *, largest_value: int) -> None:
        """Prepare for strips of so many block rows."""
        eight = largest_value * BLOCK_PX
        self.columns = _unsigned((rows, blocks * BLOCK_PX), largest=eight)
        self._pairs = _unsigned((rows, blocks * 4), largest=2 * eight)
        self._fours: UInt32Array = np.empty((rows, blocks * 2), np.uint32)

    def means(self, out: Float32Array) -> None:
        """Write the means of the strip's blocks into out, shape (rows, blocks)."""
        columns, kind = self.columns, self._pairs.dtype
        np.add(columns[:, 0::2], columns[:, 1::2], out=self._pairs, dtype=kind)
        np.add(self._pairs[:, 0::2], self._pairs[:, 1::2], out=self._fours, dtype=np.uint32)
        np.add(self._fours[:, 0::2], self._fours[:, 1::2], out=out, casting="unsafe")
        out *= np.float32(1.0 / (BLOCK_PX * BLOCK_PX))


class Background:
    """The smooth part of an image of block means: medians of tiles, linear between them."""

    def __init__(self, rows: int, blocks: int) -> None:
        self._rows, self._blocks = max(1, rows // _TILE), max(1, blocks // _TILE)
        self._size = (rows, blocks)
        self._row_before, self._row_part = _between(rows, self._rows)
        self._before, self._part = _between(blocks, self._blocks)

    def smooth(self, means: Float32Array, usable: BoolArray, out: Float32Array) -> Float32Array:
        """Write the background of block means into out, from the usable blocks alone."""
        tiles = _continued(self._medians(means, usable))
        left = tiles[:, self._before]
        across = tiles[:, np.minimum(self._before + 1, self._blocks - 1)]
        across -= left
        across *= self._part
        across += left
        above = across[self._row_before]
        np.subtract(across[np.minimum(self._row_before + 1, self._rows - 1)], above, out=out)
        out *= self._row_part[:, np.newaxis]
        out += above
        return out

    def _medians(self, means: Float32Array, usable: BoolArray) -> Float32Array:
        """Return the median of each tile's usable blocks, nan where there are too few."""
        rows, blocks = self._size
        medians = np.empty((self._rows, self._blocks), np.float32)
        values = np.where(usable, means, np.float32(np.inf))[::_THIN, ::_THIN]
        high, wide = (-(-min(_TILE, length) // _THIN) for length in (rows, blocks))
        for row in range(self._rows):
            strip = values[row * high : (row + 1) * high, : self._blocks * wide]
            pieces = strip.reshape(len(strip), self._blocks, wide).transpose(1, 0, 2)
            ordered = np.sort(pieces.reshape(self._blocks, -1), axis=1)
            known = np.isfinite(ordered).sum(axis=1)
            middle = np.maximum(known - 1, 0) // 2
            medians[row] = np.where(
                known > _LEAST_USABLE * ordered.shape[1],
                ordered[np.arange(self._blocks), middle],
                np.float32(np.nan),
            )
        return medians


def _unsigned(shape: tuple[int, int], *, largest: int) -> UInt16Array | UInt32Array:
    if largest <= np.iinfo(np.uint16).max:
        return np.zeros(shape, np.uint16)
    return np.zeros(shape, np.uint32)


def _between(length: int, tiles: int) -> tuple[NDArray[np.intp], Float32Array]:
    """Return for each block the tile before it and how far it is on the way to the next."""
    place = (np.arange(length) - (_TILE - 1) / 2) / _TILE
    before = np.clip(np.floor(place), 0, max(0, tiles - 2)).astype(np.intp)
    return before, np.clip(place - before, 0.0, 1.0).astype(np.float32)


def _continued(tiles: Float32Array) -> Float32Array:
    """Return tiles with unknown ones filled from their known neighbours, 0 where none is known."""
    for _ in range(max(tiles.shape)):
        unknown = np.isnan(tiles)
        if not unknown.any():
            return tiles
        if unknown.all():
            return np.zeros_like(tiles)
        padded = np.pad(tiles, 1, constant_values=np.nan)
        near = np.stack((padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]))
        known = ~np.isnan(near)
        count = known.sum(axis=0)
        total = np.where(known, near, np.float32(0)).sum(axis=0, dtype=np.float32)
        filled = unknown & (count > 0)
        tiles = np.where(filled, total / np.maximum(count, 1).astype(np.float32), tiles)
    return tiles
