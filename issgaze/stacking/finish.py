"""From exact sums to float planes on the product's grid."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float32Array, Float64Array, UInt16Array
from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import Counters
from issgaze.stacking.registered import Registered
from issgaze.stacking.stacks import Resolution

# rows that are worked on at a time, and rows around them that a 5x5 neighbourhood reaches
_BAND_ROWS = 64
_HALO_ROWS = 4
_TENT = (1.0, 2.0, 1.0)
_BOX = (1.0, 1.0, 1.0)

# gives the rows first <= y < last of a mosaic, float32 (rows, width)
MosaicRows = Callable[[int, int], Float32Array]


def half_planes(mosaic: Float32Array, pattern: str) -> Float32Array:
    """Return red, green and blue of each 2x2 cell, shape (3, height/2, width/2)."""
    planes = np.empty((3, mosaic.shape[0] // 2, mosaic.shape[1] // 2), np.float32)
    for plane in range(3):
        sites = sites_of(pattern, plane)
        np.copyto(planes[plane], mosaic[sites[0][0] :: 2, sites[0][1] :: 2])
        for y, x in sites[1:]:
            planes[plane] += mosaic[y::2, x::2]
        planes[plane] /= np.float32(len(sites))
    return planes


def full_planes(mosaic: Float32Array, pattern: str, *, first_row: int) -> Float32Array:
    """Return red, green and blue at every site, from the nearest sites of each colour.

    Args:
        mosaic: Shape (height, width).
        pattern: Bayer order.
        first_row: Number of the mosaic's first row, which may be odd.
    """
    planes = np.empty((3, *mosaic.shape), np.float32)
    for plane in range(3):
        known = np.zeros(mosaic.shape, np.float32)
        for y, x in sites_of(pattern, plane):
            known[(y - first_row) % 2 :: 2, x::2] = 1.0
        near = smoothed(mosaic * known, _TENT) / np.maximum(smoothed(known, _TENT), 1e-6)
        planes[plane] = near if pattern != "MONO" else mosaic
    return planes


def smoothed(values: Float32Array, weights: tuple[float, float, float]) -> Float32Array:
    """Return the 3x3 sums of values with separable weights; outside counts as nothing."""
    side, middle, _ = (np.float32(weight) for weight in weights)
    rows = values * middle
    rows[1:] += values[:-1] * side
    rows[:-1] += values[1:] * side
    result = rows * middle
    result[:, 1:] += rows[:, :-1] * side
    result[:, :-1] += rows[:, 1:] * side
    return result


def unregistered_planes(
    values: MosaicRows, *, shape: tuple[int, int], pattern: str, resolution: Resolution
) -> Float32Array:
    """Return a mosaic that does not follow the sky as planes of the product's grid."""
    height, width = shape
    if resolution == "half":
        planes = np.empty((3, height // 2, width // 2), np.float32)
        for top, bottom in _bands(height):
            planes[:, top // 2 : bottom // 2] = half_planes(values(top, bottom), pattern)
        return planes
    planes = np.empty((3, height, width), np.float32)
    for top, bottom in _bands(height):
        first, last = max(0, top - _HALO_ROWS), min(height, bottom + _HALO_ROWS)
        band = full_planes(values(first, last), pattern, first_row=first)
        planes[:, top:bottom] = band[:, top - first : bottom - first]
    return planes


def mean_rows(sums: Counters, frames: int, pedestal_adu: float, scale: float) -> MosaicRows:
    """Return a function that gives rows of the mean of unregistered sums, ADU above black."""

    def rows(first: int, last: int) -> Float32Array:
        total = sums.total((slice(first, last),))
        return _above(total / float(frames), pedestal_adu, scale)

    return rows


def value_rows(mosaic: UInt16Array, pedestal_adu: float, scale: float) -> MosaicRows:
    """Return a function that gives rows of a calibrated mosaic, ADU above black."""

    def rows(first: int, last: int) -> Float32Array:
        return _above(mosaic[first:last].astype(np.float64), pedestal_adu, scale)

    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The stars and how well each pixel is known.

    Attributes:
        stars: Mean, ADU above black, float32 (3, h, w).
        samples: Frames that each pixel is made of, uint16 (h, w).
        greens: Green samples behind each pixel, float32 (h, w).
    """

    stars: Float32Array
    samples: UInt16Array
    greens: Float32Array

    @classmethod
    def everywhere(cls, ground: Float32Array, frames: int) -> "Seen":
        """Return what is seen when every frame counts everywhere."""
        shape = ground.shape[1:]
        return cls(
            stars=ground,
            samples=np.full(shape, frames, np.uint16),
            greens=np.full(shape, frames, np.float32),
        )


def registered_half(
    registered: Registered, ground: Float32Array, pattern: str, pedestal_adu: float, scale: float
) -> Seen:
    """Return the stars at half resolution, the ground where no frame shows the sky."""
    height, width = ground.shape[1:]
    stars = ground.copy()
    samples = np.zeros((height, width), np.uint16)
    for top, bottom in _bands(registered.counts.shape[1] * BLOCK_PX):
        count = _pixel_counts(registered, 0, top, bottom)
        columns = count.shape[1]
        total = registered.sums.total((0, slice(top, bottom), slice(0, columns)))
        mean = _levelled(registered, 0, top, bottom, total - count * pedestal_adu)
        mean /= np.maximum(count, 1)
        mean *= np.float32(scale)
        part = (slice(top // 2, bottom // 2), slice(0, columns // 2))
        known = count[::2, ::2] > 0
        np.copyto(stars[:, part[0], part[1]], half_planes(mean, pattern), where=known)
        samples[part] = count[::2, ::2]
    behind = np.where(samples == 0, np.uint16(registered.frame_count), samples)
    greens = behind * np.float32(len(sites_of(pattern, 1)))
    return Seen(stars=stars, samples=samples, greens=greens)


def registered_full(
    registered: Registered, ground: Float32Array, pattern: str, pedestal_adu: float, scale: float
) -> Seen:
    """Return the stars at full resolution, the ground where no frame shows the sky.

    Sites that a colour never met take the mean of the samples around them.
    """
    height, width = ground.shape[1:]
    stars = ground.copy()
    samples = np.zeros((height, width), np.uint16)
    greens = np.full((height, width), registered.frame_count, np.float32)
    covered = registered.counts.shape[1] * BLOCK_PX
    for top, bottom in _bands(covered):
        first, last = max(0, top - _HALO_ROWS), min(covered, bottom + _HALO_ROWS)
        totals, counts = _drizzle(registered, pattern, first, last, pedestal_adu)
        kept = slice(top - first, bottom - first)
        part = (slice(top, bottom), slice(0, counts.shape[2]))
        seen = (counts[1] if pattern == "MONO" else counts.sum(axis=0))[kept]
        for plane in range(3):
            mean, behind = _filled(totals[plane], counts[plane])
            known = (behind[kept] > 0) & (seen > 0)
            np.copyto(stars[plane][part], mean[kept] * np.float32(scale), where=known)
            if plane == 1:
                np.copyto(greens[part], behind[kept], where=known)
        samples[part] = seen
    return Seen(stars=stars, samples=samples, greens=greens)


def _drizzle(
    registered: Registered, pattern: str, first: int, last: int, pedestal_adu: float
) -> tuple[Float32Array, Float32Array]:
    """Return sums above the pedestal and counts per colour of rows, shape (3, rows, columns)."""
    cell = colour_cell(pattern)
    columns = registered.counts.shape[2] * BLOCK_PX
    totals = np.zeros((3, last - first, columns), np.float32)
    counts = np.zeros((3, last - first, columns), np.float32)
    for layer in range(registered.layers):
        count = _pixel_counts(registered, layer, first, last).astype(np.float64)
        total = registered.sums.total((layer, slice(first, last), slice(0, columns)))
        excess = _levelled(registered, layer, first, last, total - count * pedestal_adu)
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

    Holes take the mean of their 3x3, then 5x5 samples.
    """
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    behind = count.copy()
    near_total, near_count = total, count
    for _ in range(2):
        near_total, near_count = smoothed(near_total, _BOX), smoothed(near_count, _BOX)
        hole = (behind == 0) & (near_count > 0)
        np.divide(near_total, near_count, out=mean, where=hole)
        np.copyto(behind, near_count, where=hole)
    return mean, behind


def _levelled(
    registered: Registered, layer: int, first: int, last: int, excess: Float64Array
) -> Float32Array:
    """Return sums above the pedestal as if each sample had the mean background of all frames.

    Layers and blocks hold samples of different frames: without this a changing sky would draw
    their pattern.
    """
    rows = slice(first // BLOCK_PX, -(-last // BLOCK_PX))
    mean = registered.all_levels[rows] * np.float32(1.0 / registered.frame_count)
    mean *= registered.counts[layer, rows]
    mean -= registered.levels[layer, rows]
    change = np.repeat(mean, BLOCK_PX, axis=0)[first % BLOCK_PX :][: last - first]
    excess += np.repeat(change, BLOCK_PX, axis=1)
    return excess.astype(np.float32)


def _pixel_counts(registered: Registered, layer: int, first: int, last: int) -> UInt16Array:
    blocks = registered.counts[layer, first // BLOCK_PX : -(-last // BLOCK_PX)].astype(np.uint16)
    rows = np.repeat(blocks, BLOCK_PX, axis=0)[first % BLOCK_PX :][: last - first]
    return np.repeat(rows, BLOCK_PX, axis=1)


def _above(values: Float64Array, pedestal_adu: float, scale: float) -> Float32Array:
    values -= pedestal_adu
    values *= scale
    return values.astype(np.float32)


def _bands(height: int) -> list[tuple[int, int]]:
    return [(top, min(top + _BAND_ROWS, height)) for top in range(0, height, _BAND_ROWS)]
