"""The smooth background behind an image of block means."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, UInt8Array

# the background is the median over tiles of this many blocks each way, a cubic between them: a
# cloud's ripples are followed where straight lines between wider tiles would leave streaks of them
_TILE = 6
# a tile with fewer usable blocks takes its neighbours' background
_LEAST_USABLE = 3
# usable blocks lie at most so many tiles from a tile with a background of its own, nearly all
_FILL_ROUNDS = 3


class Background:
    """The smooth part of an image of block means: medians of tiles, cubic between them."""

    def __init__(self, rows: int, blocks: int) -> None:
        self._size = (rows, blocks)
        self._tiles = (-(-rows // _TILE), -(-blocks // _TILE))
        framed = (self._tiles[0] * _TILE, self._tiles[1] * _TILE)
        self._framed: Float32Array = np.full(framed, np.inf, np.float32)
        self._usable: UInt8Array = np.zeros(framed, np.uint8)

    def smooth(self, means: Float32Array, usable: BoolArray, out: Float32Array) -> Float32Array:
        """Write the background of block means into out, from the usable blocks alone."""
        blocks = self._size[1]
        tiles = _continued(self._medians(means, usable))
        # across first: what is turned round is still small then
        across = np.ascontiguousarray(_cubic(tiles.T)[:blocks].T)
        for row, values in enumerate(_cubic_rows(across)):
            lines = out[row::_TILE]
            np.copyto(lines, values[: len(lines)])
        return out

    def _medians(self, means: Float32Array, usable: BoolArray) -> Float32Array:
        """Return the median of each tile's usable blocks, nan where there are too few."""
        inner = self._framed[: self._size[0], : self._size[1]]
        inner.fill(np.inf)
        np.copyto(inner, means, where=usable)
        rows, columns = self._tiles
        pieces = self._framed.reshape(rows, _TILE, columns, _TILE).transpose(0, 2, 1, 3)
        # sorted apart: pieces of one column of tiles are the frame's own memory
        ordered = np.sort(pieces.reshape(rows * columns, _TILE * _TILE), axis=1)
        known = self._count(usable)
        middle = np.maximum(known - 1, 0) // 2
        medians = ordered[np.arange(len(ordered)), middle]
        medians[known < _LEAST_USABLE] = np.nan
        return np.asarray(medians.reshape(rows, columns))

    def _count(self, usable: BoolArray) -> NDArray[np.intp]:
        """Return how many blocks of each tile are usable."""
        self._usable[: self._size[0], : self._size[1]] = usable
        rows, columns = self._tiles
        down = np.add.reduce(self._usable.reshape(rows, _TILE, -1), axis=1, dtype=np.uint8)
        return np.asarray(
            np.einsum("rct->rc", down.reshape(rows, columns, _TILE)).reshape(-1), np.intp
        )


def _cubic(tiles: Float32Array) -> Float32Array:
    """Return the values of block rows from those of tiles."""
    result = np.empty((_TILE * len(tiles), tiles.shape[1]), np.float32)
    for row, values in enumerate(_cubic_rows(tiles)):
        result[row::_TILE] = values
    return result


def _cubic_rows(tiles: Float32Array) -> Iterator[Float32Array]:
    """Yield, for each block row of a tile, the values of that row in all tiles.

    Keys (1981), with the mean over a tile taken for the value in its middle: what a parabola loses
    in the mean is given back first.
    """
    framed = np.concatenate((tiles[:1], tiles[:1], tiles, tiles[-1:], tiles[-1:]))
    bend = framed[:-2] + framed[2:]
    bend -= framed[1:-1]
    bend -= framed[1:-1]
    bend *= np.float32(1.0 / 24.0)
    values = framed[1:-1] - bend
    values = np.concatenate((values[:1], values, values[-1:]))
    part_of: Float32Array = np.empty(tiles.shape, np.float32)
    for row in range(_TILE):
        place = (row + 0.5) / _TILE - 0.5
        first, part = (1, place + 1.0) if place < 0.0 else (2, place)
        total: Float32Array = np.zeros(tiles.shape, np.float32)
        for step, distance in ((-1, 1.0 + part), (0, part), (1, 1.0 - part), (2, 2.0 - part)):
            source = values[first + step : first + step + len(tiles)]
            np.multiply(source, np.float32(_keys(distance)), out=part_of)
            total += part_of
        yield total


def _keys(distance: float) -> float:
    """Return the weight of cubic convolution, a = -0.5, at a distance in tiles."""
    if distance <= 1.0:
        return 1.5 * distance**3 - 2.5 * distance**2 + 1.0
    return -0.5 * distance**3 + 2.5 * distance**2 - 4.0 * distance + 2.0


def _continued(tiles: Float32Array) -> Float32Array:
    """Return tiles with unknown ones filled from their neighbours, far ones with the median."""
    rows, columns = tiles.shape
    framed: Float32Array = np.full((rows + 2, columns + 2), np.nan, np.float32)
    framed[1:-1, 1:-1] = tiles
    flat, width = framed.reshape(-1), columns + 2
    row, column = np.nonzero(np.isnan(tiles))
    unknown = (row + 1) * width + column + 1
    steps = np.array(((-width,), (width,), (-1,), (1,)))
    for _ in range(_FILL_ROUNDS):
        if not len(unknown):
            break
        near = flat.take(unknown + steps)
        known = ~np.isnan(near)
        count = known.sum(axis=0)
        total = np.where(known, near, np.float32(0)).sum(axis=0)
        some = count > 0
        flat[unknown[some]] = total[some] / count[some].astype(np.float32)
        unknown = unknown[~some]
    if len(unknown):
        known = flat[~np.isnan(flat)]
        # any middle one will do; np.median would bring in the whole of numpy.ma
        flat[unknown] = np.sort(known)[len(known) // 2] if len(known) else 0.0
    return framed[1:-1, 1:-1]
