"""The stars: sums of shifted frames as planes, and how well each pixel is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, Float64Array, UInt16Array
from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.registered import Registered
from issgaze.stacking.stillplanes import bands, half_planes

# rows around a band that the filling of holes reaches
_HALO_ROWS = 2
_Value = TypeVar("_Value", np.uint16, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class StarBand:
    """Some rows of the stars.

    Attributes:
        rows: Of the product.
        stars: Mean, ADU above black, float32 (3, rows, w).
        samples: Frames that each pixel is made of, float32 (rows, w).
        greens: Green samples behind each pixel, float32 (rows, w).
    """

    rows: slice
    stars: Float32Array
    samples: Float32Array
    greens: Float32Array


def star_bands(
    registered: Registered, ground: Float32Array, pattern: str, scale: float
) -> Iterator[StarBand]:
    """Yield the stars from the top down; the ground stands in where no frame shows the sky.

    Until a band is asked for, the sums of the rows of all bands before may be overwritten, but
    for the last 2 rows of the latest.

    Args:
        registered: The sums.
        ground: Planes on the product's grid.
        pattern: Bayer order of the mosaic.
        scale: ADU per unit of the sums.
    """
    if registered.layers == 1:
        yield from _half_bands(registered, ground, pattern, scale)
    else:
        yield from _full_bands(registered, ground, pattern, scale)


def write_in_place(registered: Registered, stars: Iterator[StarBand]) -> Iterator[StarBand]:
    """Write the stars into the memory of their sums; yield the bands as they come."""
    planes = registered.sums.planes()
    held = _HALO_ROWS if registered.layers > 1 else 0
    waiting: tuple[slice, Float32Array] | None = None
    for band in stars:
        if waiting is not None:
            planes[:, waiting[0]] = waiting[1]
        first, last = band.rows.start, band.rows.stop
        ready = max(first, last - held)
        planes[:, first:ready] = band.stars[:, : ready - first]
        waiting = (slice(ready, last), band.stars[:, ready - first :].copy())
        yield band
    if waiting is not None:
        planes[:, waiting[0]] = waiting[1]


def _half_bands(
    registered: Registered, ground: Float32Array, pattern: str, scale: float
) -> Iterator[StarBand]:
    greens_per_cell = np.float32(len(sites_of(pattern, 1)))
    covered = registered.counts.shape[1] * BLOCK_PX
    for top, bottom in bands(2 * ground.shape[1]):
        rows = slice(top // 2, bottom // 2)
        stars = ground[:, rows].copy()
        samples = np.zeros(stars.shape[1:], np.float32)
        last = min(bottom, covered)
        if last > top:
            count = _pixel_counts(registered, 0, top, last)
            mean = _excess(registered, 0, top, last)
            mean /= np.maximum(count, 1)
            mean *= scale
            known = count[::2, ::2]
            part = (slice(0, known.shape[0]), slice(0, known.shape[1]))
            planes = half_planes(mean.astype(np.float32), pattern)
            np.copyto(stars[:, part[0], part[1]], planes, where=known > 0)
            samples[part] = known
        behind = np.where(samples == 0, np.float32(registered.frame_count), samples)
        yield StarBand(rows=rows, stars=stars, samples=samples, greens=behind * greens_per_cell)


def _full_bands(
    registered: Registered, ground: Float32Array, pattern: str, scale: float
) -> Iterator[StarBand]:
    covered = registered.counts.shape[1] * BLOCK_PX
    for top, bottom in bands(ground.shape[1]):
        stars = ground[:, top:bottom].copy()
        samples = np.zeros(stars.shape[1:], np.float32)
        greens = np.full(stars.shape[1:], registered.frame_count, np.float32)
        first, last = max(0, top - _HALO_ROWS), min(covered, bottom + _HALO_ROWS)
        if covered > top:
            totals, counts = _drizzle(registered, pattern, first, last)
            kept = slice(top - first, min(bottom, covered) - first)
            part = (slice(0, kept.stop - kept.start), slice(0, counts.shape[2]))
            seen = (counts[1] if pattern == "MONO" else counts.sum(axis=0))[kept]
            samples[part] = seen
            for plane in range(3):
                mean, behind = _filled(totals[plane], counts[plane])
                known = (behind[kept] > 0) & (seen > 0)
                np.copyto(stars[plane][part], mean[kept] * np.float32(scale), where=known)
                if plane == 1:
                    np.copyto(greens[part], behind[kept], where=known)
        yield StarBand(rows=slice(top, bottom), stars=stars, samples=samples, greens=greens)


def _drizzle(
    registered: Registered, pattern: str, first: int, last: int
) -> tuple[Float32Array, Float32Array]:
    """Return sums above the pedestal and counts per colour of rows, shape (3, rows, columns)."""
    cell = colour_cell(pattern)
    columns = registered.counts.shape[2] * BLOCK_PX
    totals = np.zeros((3, last - first, columns), np.float32)
    counts = np.zeros((3, last - first, columns), np.float32)
    for layer in range(registered.layers):
        count = _pixel_counts(registered, layer, first, last)
        excess = _excess(registered, layer, first, last)
        for y in (0, 1):
            for x in (0, 1):
                # a sample's colour is that of the site it came from, at the pixel plus the shift
                plane = cell[(y + (layer >> 1)) & 1][(x + layer) & 1]
                part = (slice((y - first) % 2, None, 2), slice(x, None, 2))
                totals[plane][part] += excess[part]
                counts[plane][part] += count[part]
    if pattern == "MONO":
        totals[[0, 2]], counts[[0, 2]] = totals[1], counts[1]
    return totals, counts


def _filled(total: Float32Array, count: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return total / count, and how many samples are behind it, 0 where there is nothing.

    Holes take the mean of their 3x3, else of their 5x5 samples.
    """
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    behind = count.copy()
    width = count.shape[1]
    framed_width = width + 2 * _HALO_ROWS
    holes = np.flatnonzero(count == 0)
    totals, counts = (np.pad(values, _HALO_ROWS).reshape(-1) for values in (total, count))
    for reach in range(1, _HALO_ROWS + 1):
        near_total, near_count = np.zeros(len(holes), np.float32), np.zeros(len(holes), np.float32)
        # where the holes are in the framed arrays
        places = holes // width * framed_width + holes % width
        steps = range(_HALO_ROWS - reach, _HALO_ROWS + reach + 1)
        for step in (down * framed_width + right for down in steps for right in steps):
            near = places + step
            near_total += totals.take(near)
            near_count += counts.take(near)
        known = near_count > 0
        filled = holes[known]
        mean.reshape(-1)[filled] = near_total[known] / near_count[known]
        behind.reshape(-1)[filled] = near_count[known]
        holes = holes[~known]
    return mean, behind


def _excess(registered: Registered, layer: int, first: int, last: int) -> Float64Array:
    """Return sums above the pedestal as if each sample had the mean background of all frames.

    Layers and blocks hold samples of different frames: without this a changing sky would draw
    their pattern.
    """
    columns = slice(0, registered.counts.shape[2] * BLOCK_PX)
    total = registered.sums.total((layer, slice(first, last), columns))
    rows = slice(first // BLOCK_PX, -(-last // BLOCK_PX))
    mean = registered.all_levels[rows] * np.float32(1.0 / registered.frame_count)
    mean -= np.float32(registered.pedestal_adu)
    mean *= registered.counts[layer, rows]
    mean -= registered.levels[layer, rows]
    excess = total.astype(np.float64)
    excess += _spread(mean, first, last)
    return excess


def _pixel_counts(registered: Registered, layer: int, first: int, last: int) -> UInt16Array:
    rows = slice(first // BLOCK_PX, -(-last // BLOCK_PX))
    return _spread(registered.counts[layer, rows].astype(np.uint16), first, last)


def _spread(blocks: NDArray[_Value], first: int, last: int) -> NDArray[_Value]:
    """Return the blocks' values at each pixel of the rows first <= y < last."""
    rows = np.repeat(blocks, BLOCK_PX, axis=0)[first % BLOCK_PX :][: last - first]
    return np.repeat(rows, BLOCK_PX, axis=1)
