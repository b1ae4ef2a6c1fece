"""Ground and peak: mosaics that do not follow the sky, as planes of the product's grid."""

from collections.abc import Callable

import numpy as np

from issgaze.arrays import Float32Array, Float64Array, UInt16Array
from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.stacking.counters import STRIP_ROWS, Counters
from issgaze.stacking.storage import Storage

# rows that are worked on at a time: planes are written over the strips of their sums
BAND_ROWS = STRIP_ROWS
_HALO_ROWS = 2

# gives the rows first <= y < last of a mosaic, ADU above black, float32 (rows, width)
MosaicRows = Callable[[int, int], Float32Array]


def bands(height: int) -> list[tuple[int, int]]:
    """Return first and last (excluded) rows of the bands of an image."""
    return [(top, min(top + BAND_ROWS, height)) for top in range(0, height, BAND_ROWS)]


def mean_rows(sums: Counters, pedestal_adu: float, scale: float) -> MosaicRows:
    """Return the rows of the mean of one layer of sums."""

    def rows(first: int, last: int) -> Float32Array:
        total = sums.rows(0, first, last)
        return _above(total / float(sums.frames), pedestal_adu, scale)

    return rows


def value_rows(mosaic: UInt16Array, pedestal_adu: float, scale: float) -> MosaicRows:
    """Return the rows of a calibrated mosaic."""

    def rows(first: int, last: int) -> Float32Array:
        return _above(mosaic[first:last].astype(np.float64), pedestal_adu, scale)

    return rows


def write_half(rows: MosaicRows, pattern: str, out: Float32Array, storage: Storage) -> None:
    """Write a mosaic as red, green and blue of each 2x2 cell into out (3, height/2, width/2)."""
    for top, bottom in bands(2 * out.shape[1]):
        out[:, top // 2 : bottom // 2] = half_planes(rows(top, bottom), pattern)
        storage.settle(out)


def write_full(rows: MosaicRows, pattern: str, out: Float32Array, storage: Storage) -> None:
    """Write a mosaic as red, green and blue at every site into out (3, height, width)."""
    height = out.shape[1]
    for top, bottom in bands(height):
        first, last = max(0, top - _HALO_ROWS), min(height, bottom + _HALO_ROWS)
        band = full_planes(rows(first, last), pattern, first_row=first)
        out[:, top:bottom] = band[:, top - first : bottom - first]
        storage.settle(out)


def half_planes(mosaic: Float32Array, pattern: str) -> Float32Array:
    """Return red, green and blue of each 2x2 cell, shape (3, height/2, width/2)."""
    planes = np.empty((3, mosaic.shape[0] // 2, mosaic.shape[1] // 2), np.float32)
    for plane in range(3):
        sites = sites_of(pattern, plane)
        np.copyto(planes[plane], mosaic[sites[0][0] :: 2, sites[0][1] :: 2])
        for y, x in sites[1:]:
            planes[plane] += mosaic[y::2, x::2]
        planes[plane] *= np.float32(1.0 / len(sites))
    return planes


def full_planes(mosaic: Float32Array, pattern: str, *, first_row: int) -> Float32Array:
    """Return red, green and blue at every site: its own, else the mean of the nearest ones.

    Args:
        mosaic: Shape (height, width).
        pattern: Bayer order.
        first_row: Number of the mosaic's first row, which may be odd.
    """
    planes = np.empty((3, *mosaic.shape), np.float32)
    if pattern == "MONO":
        planes[...] = mosaic
        return planes
    # mirrored at its outermost sites, a mosaic keeps its order
    framed = np.pad(mosaic, 1, mode="reflect")
    above, below = framed[:-2, 1:-1], framed[2:, 1:-1]
    left, right = framed[1:-1, :-2], framed[1:-1, 2:]
    across, along = (left + right) * np.float32(0.5), (above + below) * np.float32(0.5)
    corners = framed[:-2, :-2] + framed[:-2, 2:]
    corners += framed[2:, :-2]
    corners += framed[2:, 2:]
    corners *= np.float32(0.25)
    cell = colour_cell(pattern)
    for y in (0, 1):
        for x in (0, 1):
            part = (slice((y - first_row) % 2, None, 2), slice(x, None, 2))
            own, beside, below_it = cell[y][x], cell[y][1 - x], cell[1 - y][x]
            planes[own][part] = mosaic[part]
            if own == 1:
                planes[beside][part] = across[part]
                planes[below_it][part] = along[part]
            else:
                planes[1][part] = 0.5 * (across[part] + along[part])
                planes[cell[1 - y][1 - x]][part] = corners[part]
    return planes


def _above(values: Float64Array, pedestal_adu: float, scale: float) -> Float32Array:
    values -= pedestal_adu
    values *= scale
    return values.astype(np.float32)
