"""Hot pixels: finding them in a dark, and the neighbours of like colour that stand in for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float64Array, Int32Array, UInt16Array, UInt32Array

# the nearest sites of the same colour in a 2x2 mosaic, nearest first
_LIKE_SITES = (
    (0, -2), (0, 2), (-2, 0), (2, 0), (-2, -2), (-2, 2), (2, -2), (2, 2),
    (0, -4), (0, 4), (-4, 0), (4, 0),
)  # fmt: skip
_STAND_INS = 4
# largest distance in rows between a hot pixel and what stands in for it
REACH_PX = 4
_MAD_TO_SIGMA = 1.4826
# amplifier glow is level over so many sites of a colour each way
_TILE = 16
_SITES = ((0, 0), (0, 1), (1, 0), (1, 1))


def hot_pixels(dark: UInt32Array, *, sigmas: float = 8.0, floor: float = 8.0) -> Int32Array:
    """Return the pixels of a dark that lie far above those of their colour around them.

    Args:
        dark: Sum of darks, shape (height, width).
        sigmas: How far above the median of a 32x32 block, in robust standard deviations.
        floor: And by at least this much, in units of the sum.

    Returns:
        Flat indices in ascending order, int32 of shape (n,).
    """
    hot = np.zeros(dark.shape, bool)
    for y, x in _SITES:
        values = dark[y::2, x::2]
        level = tile_medians(values, _TILE)
        limits = level + max(sigmas * _spread(values, level), floor)
        above_tiles(values, limits, _TILE, out=hot[y::2, x::2])
    return np.flatnonzero(hot).astype(np.int32)


def level_ordinary(dark: UInt32Array, *, sigmas: float = 3.5) -> None:
    """Give every pixel of a dark that does not stand out the level of those around it, in place.

    A dark of few frames is noisy, and taking it off would put the same noise into every light,
    where no number of lights averages it out. Only warm pixels are worth their own value.
    """
    for y, x in _SITES:
        values = dark[y::2, x::2]
        level = tile_medians(values, _TILE)
        warm = np.zeros(values.shape, bool)
        above_tiles(values, level + sigmas * _spread(values, level), _TILE, out=warm)
        for row, around in enumerate(_between_tiles(level, values.shape)):
            np.copyto(values[row], np.rint(around), where=~warm[row], casting="unsafe")


def _between_tiles(level: Float64Array, shape: tuple[int, ...]) -> Iterator[Float64Array]:
    """Yield row by row what lies straight between the middles of tiles, and straight on outside."""
    framed = level
    for axis in (0, 1):
        if framed.shape[axis] > 1:
            first, second = (framed.take([number], axis) for number in (0, 1))
            last, before = (framed.take([number], axis) for number in (-1, -2))
            parts = (2.0 * first - second, framed, 2.0 * last - before)
        else:
            parts = (framed, framed, framed)
        framed = np.concatenate(parts, axis)
    middles = (np.arange(-1, level.shape[1] + 1) + 0.5) * _TILE - 0.5
    columns = np.arange(shape[1])
    for row in range(shape[0]):
        place = (row + 0.5) / _TILE + 0.5
        above = min(int(place), len(framed) - 2)
        part = place - above
        tiles = framed[above] * (1.0 - part) + framed[above + 1] * part
        yield np.interp(columns, middles, tiles)


def _spread(values: UInt32Array, level: Float64Array) -> float:
    """Return the robust standard deviation of values about the level of their tile."""
    thin = values[::3, ::3].astype(np.float64)
    rows, columns = (np.arange(size) * 3 // _TILE for size in thin.shape)
    thin -= level[rows[:, np.newaxis], columns]
    return _MAD_TO_SIGMA * float(np.median(np.abs(thin)))


def tile_medians(values: NDArray[np.unsignedinteger[Any]], tile: int) -> Float64Array:
    """Return the medians of square tiles of an image, from every second row and column.

    Tiles at the lower and right edge may be smaller.
    """
    rows, columns = (-(-size // tile) for size in values.shape)
    medians = np.empty((rows, columns), np.float64)
    whole = values.shape[1] // tile
    for row in range(rows):
        strip = values[row * tile : (row + 1) * tile : 2, ::2]
        pieces = strip[:, : whole * (tile // 2)].reshape(len(strip), whole, tile // 2)
        medians[row, :whole] = np.median(pieces, axis=(0, 2))
        if whole < columns:
            medians[row, whole] = np.median(strip[:, whole * (tile // 2) :])
    return medians


def above_tiles(
    values: NDArray[np.unsignedinteger[Any]], limits: Float64Array, tile: int, *, out: BoolArray
) -> BoolArray:
    """Write into out which values of an image lie above the limit of their tile."""
    whole = np.minimum(np.ceil(limits), np.iinfo(values.dtype).max).astype(values.dtype)
    for row, limit in enumerate(whole):
        rows = slice(row * tile, (row + 1) * tile)
        across = np.repeat(limit, tile)[: values.shape[1]]
        np.greater(values[rows], across, out=out[rows])
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Hot pixels and their stand-ins, as flat indices in ascending order.

    Attributes:
        pixels: Of the hot pixels, shape (n,).
        stand_ins: Four sites of the same colour that are not hot, shape (4, n); one may come
            more than once.
        starts: Number of the first hot pixel of each row, and of the row after the last.
    """

    pixels: Int32Array
    stand_ins: Int32Array
    starts: tuple[int, ...]

    def rows(self, first: int, last: int) -> slice:
        """Return the hot pixels of the rows first <= y < last, as a slice of `pixels`."""
        return slice(self.starts[first], self.starts[last])

    def apply(self, mosaic: UInt16Array, chosen: slice) -> None:
        """Replace the chosen hot pixels of a C-contiguous mosaic by the mean of their stand-ins."""
        pixels = self.pixels[chosen]
        if not len(pixels):
            return
        flat = mosaic.reshape(-1)
        total = np.add.reduce(flat.take(self.stand_ins[:, chosen]), 0, np.uint32)
        total += 2
        total >>= 2
        flat[pixels] = total


def plan_repair(hot: Int32Array, shape: tuple[int, int]) -> Repair:
    """Return the repair of hot pixels, given as ascending flat indices of a mosaic's shape.

    A hot pixel without any good site of its colour within 4 px stands in for itself.
    """
    height, width = shape
    is_hot = np.zeros(shape, bool)
    is_hot.reshape(-1)[hot] = True
    y, x = np.divmod(hot.astype(np.int64)[:, np.newaxis], width)
    offsets = np.array(_LIKE_SITES)
    near_y, near_x = y + offsets[:, 0], x + offsets[:, 1]
    inside = (near_y >= 0) & (near_y < height) & (near_x >= 0) & (near_x < width)
    near_y, near_x = np.where(inside, near_y, y), np.where(inside, near_x, x)
    good = inside & ~is_hot[near_y, near_x]
    count = np.minimum(good.sum(axis=1, keepdims=True), _STAND_INS)
    order = np.argsort(~good, axis=1, kind="stable")
    # with fewer than four good sites the good ones take turns
    turn = np.arange(_STAND_INS) % np.maximum(count, 1)
    order = np.take_along_axis(order, turn, axis=1)
    flat = np.take_along_axis(near_y * width + near_x, order, axis=1)
    flat = np.where(count > 0, flat, hot[:, np.newaxis])
    return Repair(
        pixels=hot.astype(np.int32),
        stand_ins=np.ascontiguousarray(flat.T).astype(np.int32),
        starts=tuple(np.searchsorted(hot, np.arange(height + 1) * width).tolist()),
    )
