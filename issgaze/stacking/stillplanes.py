"""Ground and peak: mosaics that do not follow the sky, as planes of the product's grid."""

from collections.abc import Callable

import numpy as np

from issgaze.arrays import Float32Array, UInt16Array
from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.stacking.counters import STRIP_ROWS, Counters
from issgaze.stacking.storage import Storage

# rows that are worked on at a time: planes are written over the strips of their sums
BAND_ROWS = STRIP_ROWS

# gives the rows first <= y < last of a mosaic, ADU above black, float32 (rows, width)
MosaicRows = Callable[[int, int], Float32Array]


def bands(height: int) -> list[tuple[int, int]]:
    """Return first and last (excluded) rows of the bands of an image."""
    return [(top, min(top + BAND_ROWS, height)) for top in range(0, height, BAND_ROWS)]


def mean_rows(sums: Counters, pedestal_adu: float, scale: float) -> MosaicRows:
    """Return the rows of the mean of one layer of sums."""
    whole, beyond = divmod(pedestal_adu, 1.0)

    def rows(first: int, last: int) -> Float32Array:
        total = sums.rows(0, first, last).view(np.int32)
        # exact in whole numbers, before anything is rounded
        total -= np.int32(int(whole) * sums.frames)
        means = total.astype(np.float32)
        means *= np.float32(scale / sums.frames)
        return _less(means, beyond * scale)

    return rows


def value_rows(mosaic: UInt16Array, pedestal_adu: float, scale: float) -> MosaicRows:
    """Return the rows of a calibrated mosaic."""
    whole, beyond = divmod(pedestal_adu, 1.0)

    def rows(first: int, last: int) -> Float32Array:
        values = mosaic[first:last].astype(np.float32)
        values -= np.float32(whole)
        values *= np.float32(scale)
        return _less(values, beyond * scale)

    return rows


def write_half(rows: MosaicRows, pattern: str, out: Float32Array, storage: Storage) -> None:
    """Write a mosaic as red, green and blue of each 2x2 cell into out (3, height/2, width/2)."""
    for top, bottom in bands(2 * out.shape[1]):
        out[:, top // 2 : bottom // 2] = half_planes(rows(top, bottom), pattern)
        storage.settle(out)


def write_full(rows: MosaicRows, pattern: str, out: Float32Array, storage: Storage) -> None:
    """Write a mosaic as red, green and blue at every site into out (3, height, width)."""
    _, height, width = out.shape
    framed: Float32Array = np.empty((BAND_ROWS + 2, width + 2), np.float32)
    for top, bottom in bands(height):
        first, last = max(0, top - 1), min(height, bottom + 1)
        part = framed[: bottom - top + 2]
        part[1 - top + first : 1 - top + last, 1:-1] = rows(first, last)
        # mirrored at its outermost sites, a mosaic keeps its order
        if top == 0:
            part[0] = part[2]
        if bottom == height:
            part[-1] = part[-3]
        part[:, 0], part[:, -1] = part[:, 2], part[:, -3]
        write_colours(part, pattern, out[:, top:bottom])
        storage.settle(out)


def half_planes(mosaic: Float32Array, pattern: str) -> Float32Array:
    """Return red, green and blue of each 2x2 cell, shape (3, height/2, width/2)."""
    planes = np.empty((3, mosaic.shape[0] // 2, mosaic.shape[1] // 2), np.float32)
    for plane in range(3):
        first, *others = (mosaic[y::2, x::2] for y, x in sites_of(pattern, plane))
        if not others:
            planes[plane] = first
            continue
        np.add(first, others[0], out=planes[plane])
        for values in others[1:]:
            planes[plane] += values
        planes[plane] *= np.float32(1.0 / (1 + len(others)))
    return planes


def write_colours(framed: Float32Array, pattern: str, out: Float32Array) -> None:
    """Write red, green and blue at every site: its own, else the mean of the nearest ones.

    Args:
        framed: An even number of rows of a mosaic, with a frame of one site, shape
            (height + 2, width + 2).
        pattern: Bayer order at its even rows.
        out: Shape (3, height, width).
    """
    own = framed[1:-1, 1:-1]
    if pattern == "MONO":
        out[...] = own
        return
    beside = framed[:, :-2] + framed[:, 2:]
    corners = beside[:-2] + beside[2:]
    corners *= np.float32(0.25)
    across = beside[1:-1] * np.float32(0.5)
    along = framed[:-2, 1:-1] + framed[2:, 1:-1]
    along *= np.float32(0.5)
    cross = across + along
    cross *= np.float32(0.5)
    cell = colour_cell(pattern)
    for y in (0, 1):
        for x in (0, 1):
            part = (slice(y, None, 2), slice(x, None, 2))
            colour = cell[y][x]
            out[colour][part] = own[part]
            if colour == 1:
                out[cell[y][1 - x]][part] = across[part]
                out[cell[1 - y][x]][part] = along[part]
            else:
                out[1][part] = cross[part]
                out[cell[1 - y][1 - x]][part] = corners[part]


def _less(values: Float32Array, beyond: float) -> Float32Array:
    if beyond:
        values -= np.float32(beyond)
    return values
