"""Hot pixels: finding them in a dark, and the neighbours of like colour that stand in for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array, Int32Array, UInt16Array
from issgaze.imaging.tiles import (
    Mosaic,
    above_tiles,
    limits_across,
    median,
    straight_on,
    tile_medians,
)

# the nearest sites of the same colour in a 2x2 mosaic, nearest first
_LIKE_SITES = (
    (0, -2), (0, 2), (-2, 0), (2, 0), (-2, -2), (-2, 2), (2, -2), (2, 2),
    (0, -4), (0, 4), (-4, 0), (4, 0),
)  # fmt: skip
_STAND_INS = 4
_MAD_TO_SIGMA = 1.4826
# amplifier glow is level over so many sites of a colour each way
_TILE = 16
# half of what float32 holds to 1/2048, so that differences of two fit as well
_SHORT_LEVEL = 4096.0


def hot_pixels(dark: Mosaic, *, sigmas: float = 8.0, floor: float = 8.0) -> Int32Array:
    """Return the pixels of a dark that lie far above those of their colour around them.

    Args:
        dark: Sum of darks, shape (height, width).
        sigmas: How far above the median of a 32x32 block, in robust standard deviations.
        floor: And by at least this much, in units of the sum.

    Returns:
        Flat indices in ascending order, int32 of shape (n,).
    """
    level = tile_medians(dark, _TILE)
    limits = level + np.maximum(sigmas * _spreads(dark, level), floor)
    return above_tiles(dark, limits, _TILE).astype(np.int32)


def level_ordinary(dark: Mosaic, *, sigmas: float = 3.5) -> None:
    """Give every pixel of a dark that does not stand out the level of those around it, in place.

    A dark of few frames is noisy, and taking it off would put the same noise into every light,
    where no number of lights averages it out. Only warm pixels are worth their own value.
    """
    level = tile_medians(dark, _TILE)
    limits = limits_across(dark, level + sigmas * _spreads(dark, level), _TILE)
    middles = _across_middles(level, dark.shape[1])
    # rows of sites between the middles of two tiles, half a tile of each
    parts = (np.arange(_TILE // 2)[:, np.newaxis] + 0.5) / _TILE
    for half in range(2 * level.shape[2]):
        top = half * _TILE
        above = (half + 1) // 2
        first, change = middles[above], middles[above + 1] - middles[above]
        part = (parts + 0.5 * (1 - half % 2)).astype(middles.dtype)
        for y in (0, 1):
            sites = dark[top + y : top + _TILE : 2]
            around = change[y] * part[: len(sites)]
            around += first[y]
            np.maximum(np.rint(around, out=around), 0.0, out=around)
            ordinary = sites <= limits[half // 2, y]
            np.copyto(sites, around.astype(np.int32), where=ordinary, casting="unsafe")


def _across_middles(level: Float64Array, width: int) -> NDArray[np.floating[Any]]:
    """Return what lies straight between the middles of tiles, at each column, and outside.

    Args:
        level: Of tiles, (2, 2, rows, columns).
        width: Of the mosaic.

    Returns:
        Shape (rows + 2, 2, width): at the middle of each row of tiles, and of one more above and
        below, which lie straight on; for even and odd rows. Levels are whole or halves and both
        distances parts of 32, so that what lies between them is a multiple of 1/2048: exact in
        float64, and in the faster float32 as long as it has no more than 13 bits before that.
    """
    framed = level
    for axis in (2, 3):
        before = straight_on(np.flip(framed, axis), axis)
        framed = straight_on(np.flip(before, axis), axis)
    middles = (np.arange(-1, level.shape[3] + 1) + 0.5) * _TILE - 0.5
    short = float(np.abs(framed).max()) < _SHORT_LEVEL
    lines: NDArray[np.floating[Any]] = np.empty(
        (framed.shape[2], 2, width), np.float32 if short else np.float64
    )
    for row, y, x in np.ndindex(len(lines), 2, 2):
        line = lines[row, y, x::2]
        line[...] = np.interp(np.arange(len(line)), middles, framed[y, x, row])
    return lines


def _spreads(dark: Mosaic, level: Float64Array) -> Float64Array:
    """Return the robust standard deviations about the level of their tile, of each site.

    Shape (2, 2, 1, 1), for all its tiles.
    """
    spreads: Float64Array = np.empty((2, 2, 1, 1), np.float64)
    for y in (0, 1):
        for x in (0, 1):
            thin = dark[y::6, x::6].astype(np.int32)
            rows, columns = (np.arange(size) * 3 // _TILE for size in thin.shape)
            # medians are whole or halves: twice of all is whole
            twice = (2.0 * level[y, x]).astype(np.int32)
            thin *= 2
            thin -= twice.take(columns, axis=1).take(rows, axis=0)
            spreads[y, x] = _MAD_TO_SIGMA * 0.5 * median(np.abs(thin, out=thin))
    return spreads


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Hot pixels and what stands in for them.

    Attributes:
        pixels: Flat indices of the hot pixels in ascending order, shape (n,).
        stand_ins: Rows and columns of four sites of the same colour that are not hot, shape
            (2, 4, n); one may come more than once.
        starts: Number of the first hot pixel of each row, and of the row after the last.
    """

    pixels: Int32Array
    stand_ins: Int32Array
    starts: tuple[int, ...]

    def means(self, stand_ins: UInt16Array) -> UInt16Array:
        """Return what each hot pixel becomes: the mean of its stand-ins, rounded half up.

        Args:
            stand_ins: Their values, shape (4, n).
        """
        total = np.add.reduce(stand_ins, 0, np.uint32)
        total += 2
        total >>= 2
        means: UInt16Array = total.astype(np.uint16)
        return means


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
    both = [
        np.where(count > 0, np.take_along_axis(near, order, axis=1), own).T
        for near, own in ((near_y, y), (near_x, x))
    ]
    return Repair(
        pixels=hot.astype(np.int32),
        stand_ins=np.stack(both).astype(np.int32),
        starts=tuple(np.searchsorted(hot, np.arange(height + 1) * width).tolist()),
    )
