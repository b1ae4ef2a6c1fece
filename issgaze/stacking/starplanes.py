"""The stars: sums of shifted frames as planes, and how well each pixel is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, Float64Array, UInt16Array
from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.registered import Registered
from issgaze.stacking.stillplanes import bands, half_planes

# rows around a band that the filling of holes reaches
_HALO_ROWS = 2
# where the sky hardly moves along one axis nearly all samples have one parity, and the few of the
# other would stand out as noise: a pixel with less than this part of its due is thin ...
_THIN = 1.0 / 3.0
# ... and leans on its neighbours, unless it differs from them by more deviations than noise does
_STAR_SIGMAS = 3.0
# part of the samples that are red, green and blue
_DUE = (0.25, 0.5, 0.25)
# the colour of the sky is that of so many blocks beside each other, and no channel's level lies
# further from the mean of all than by this factor
_TINT_BLOCKS = 9
_LARGEST_TINT = 5.0
_Value = TypeVar("_Value", np.uint16, np.float32, np.float64)


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
    registered: Registered, ground: Float32Array, pattern: str, scale: float, noise: NoiseModel
) -> Iterator[StarBand]:
    """Yield the stars from the top down; the ground stands in where no frame shows the sky.

    Once a band is here the sums of its rows, a strip of theirs, may be overwritten.

    Args:
        registered: The sums.
        ground: Planes on the product's grid.
        pattern: Bayer order of the mosaic.
        scale: ADU per unit of the sums.
        noise: Of a single sample.
    """
    if registered.layers == 1:
        yield from _half_bands(registered, ground, pattern, scale)
    else:
        yield from _full_bands(registered, ground, pattern, scale, noise)


def write_in_place(registered: Registered, stars: Iterator[StarBand]) -> Iterator[StarBand]:
    """Write the stars into the memory of their sums; yield the bands as they come."""
    planes = registered.sums.planes()
    for band in stars:
        planes[:, band.rows] = band.stars
        yield band


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
            mosaic: Float32Array = mean.astype(np.float32)
            known = count[::2, ::2]
            part = (slice(0, known.shape[0]), slice(0, known.shape[1]))
            planes = half_planes(mosaic, pattern)
            change = _spread(_lack(registered, 0, top, last), top, last)[::2, ::2]
            change = np.divide(change, known, out=np.zeros_like(change), where=known > 0)
            for plane, tint in enumerate(_tints(planes, known > 0, top // 2, BLOCK_PX // 2)):
                planes[plane] += tint * change
            planes *= np.float32(scale)
            np.copyto(stars[:, part[0], part[1]], planes, where=known > 0)
            samples[part] = known
        behind = np.where(samples == 0, np.float32(registered.frame_count), samples)
        yield StarBand(rows=rows, stars=stars, samples=samples, greens=behind * greens_per_cell)


def _full_bands(
    registered: Registered, ground: Float32Array, pattern: str, scale: float, noise: NoiseModel
) -> Iterator[StarBand]:
    due = np.array((1.0, 1.0, 1.0) if pattern == "MONO" else _DUE) * registered.frame_count
    covered = registered.counts.shape[1] * BLOCK_PX
    # the rows before a band, whose sums are stars already: totals and counts
    above: list[Float32Array] = []
    for top, bottom in bands(ground.shape[1]):
        stars = ground[:, top:bottom].copy()
        samples = np.zeros(stars.shape[1:], np.float32)
        greens = np.full(stars.shape[1:], registered.frame_count, np.float32)
        last = min(covered, bottom + _HALO_ROWS)
        if covered > top:
            drizzled = _drizzle(registered, pattern, top, last)
            halo = _HALO_ROWS if above else 0
            totals, counts = (
                np.concatenate(pair, axis=1) if halo else pair[1]
                for pair in zip(above or drizzled, drizzled, strict=True)
            )
            kept = slice(halo, halo + min(bottom, covered) - top)
            above = [
                rows[:, kept.stop - _HALO_ROWS : kept.stop].copy() for rows in (totals, counts)
            ]
            part = (slice(0, kept.stop - kept.start), slice(0, counts.shape[2]))
            seen = (counts[1] if pattern == "MONO" else counts.sum(axis=0))[kept]
            samples[part] = seen
            for plane in range(3):
                mean, behind = _filled(totals[plane], counts[plane], due[plane] * _THIN, noise)
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
    changes = np.zeros((3, last - first, columns), np.float32)
    counts = np.zeros((3, last - first, columns), np.float32)
    for layer in range(registered.layers):
        count = _pixel_counts(registered, layer, first, last)
        excess = _excess(registered, layer, first, last)
        change = _spread(_lack(registered, layer, first, last), first, last)
        for y in (0, 1):
            for x in (0, 1):
                # a sample's colour is that of the site it came from, at the pixel plus the shift
                plane = cell[(y + (layer >> 1)) & 1][(x + layer) & 1]
                part = (slice((y - first) % 2, None, 2), slice(x, None, 2))
                totals[plane][part] += excess[part]
                changes[plane][part] += change[part]
                counts[plane][part] += count[part]
    if pattern == "MONO":
        for planes in (totals, changes, counts):
            planes[[0, 2]] = planes[1]
    means = np.divide(totals, counts, out=np.zeros_like(totals), where=counts > 0)
    for plane, tint in enumerate(_tints(means, counts > 0, first, BLOCK_PX)):
        totals[plane] += tint * changes[plane]
    return totals, counts


def _tints(planes: Float32Array, known: BoolArray, first: int, size: int) -> Iterator[Float32Array]:
    """Yield for each colour how bright its sky is against that of all, at each pixel.

    A block's level is that of all its pixels, and twilight is blue: what a changing sky lacks
    must have its colour.

    Args:
        planes: Means above black, shape (3, rows, columns).
        known: Where there are any, shape (3, rows, columns) or (rows, columns).
        first: Number of the first row.
        size: Of a block, in pixels of the planes.
    """
    rows = planes.shape[1]
    starts = np.arange(-(first % size), rows, size).clip(0)
    levels = []
    for plane in range(3):
        seen = known if known.ndim == 2 else known[plane]
        pair = [
            np.add.reduceat(values, starts, axis=0).reshape(len(starts), -1, size).sum(axis=2)
            for values in (np.where(seen, planes[plane], np.float32(0)), seen.astype(np.float32))
        ]
        level = np.divide(pair[0], pair[1], out=np.full_like(pair[0], np.nan), where=pair[1] > 0)
        levels.append(level)
    all_of_them = 0.25 * levels[0] + 0.5 * levels[1] + 0.25 * levels[2]
    reach = _TINT_BLOCKS // 2
    for level in levels:
        with np.errstate(divide="ignore", invalid="ignore"):
            tint = level / all_of_them
        tint = np.where(np.isfinite(tint), tint, 1.0).clip(1.0 / _LARGEST_TINT, _LARGEST_TINT)
        framed = np.pad(tint, ((0, 0), (reach, reach)), mode="edge")
        near = [framed[:, step : step + tint.shape[1]] for step in range(_TINT_BLOCKS)]
        # a median: a star has a colour of its own
        smooth = np.median(near, axis=0).astype(np.float32)
        block = np.searchsorted(starts, np.arange(rows), side="right") - 1
        yield np.repeat(smooth[block], size, axis=1)


def _filled(
    total: Float32Array, count: Float32Array, enough: float, noise: NoiseModel
) -> tuple[Float32Array, Float32Array]:
    """Return total / count, and how many samples are behind it, 0 where there is nothing.

    What has less than enough samples takes the rest from the mean of its 3x3, unless it is clearly
    another one; holes without any there take the mean of their 5x5.
    """
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    behind = count.copy()
    framed = tuple(np.pad(values, _HALO_ROWS).reshape(-1) for values in (total, count))
    thin = np.flatnonzero(count < max(enough, 0.5))
    near_total, near_count = _near(framed, thin, count.shape[1], reach=1)
    own_total, own_count = total.reshape(-1)[thin], count.reshape(-1)[thin]
    beside = np.divide(near_total, near_count, out=np.zeros_like(near_total), where=near_count > 0)
    own = mean.reshape(-1)[thin]
    spread = noise.constant + noise.per_adu * np.maximum(beside, 0.0)
    alike = (own - beside) ** 2 * own_count <= _STAR_SIGMAS**2 * spread
    leaning = np.flatnonzero((near_count > own_count) & ((own_count == 0) | alike))
    where, few = thin[leaning], own_count[leaning]
    lent = np.maximum(enough, 1.0) - few
    lean = (own_total[leaning] + lent * beside[leaning]) / (few + lent)
    mean.reshape(-1)[where] = np.where(few > 0, lean, beside[leaning])
    # the variance of such a sum of two means
    parts = few + lent * lent / near_count[leaning]
    behind.reshape(-1)[where] = np.where(few > 0, (few + lent) ** 2 / parts, near_count[leaning])
    holes = thin[(near_count == 0) & (own_count == 0)]
    near_total, near_count = _near(framed, holes, count.shape[1], reach=_HALO_ROWS)
    known = near_count > 0
    mean.reshape(-1)[holes[known]] = near_total[known] / near_count[known]
    behind.reshape(-1)[holes[known]] = near_count[known]
    return mean, behind


def _near(
    framed: tuple[Float32Array, ...], places: NDArray[np.intp], width: int, *, reach: int
) -> tuple[Float32Array, ...]:
    """Return the sums of arrays framed by the halo over squares around places of the inside."""
    framed_width = width + 2 * _HALO_ROWS
    # where the places are in the framed arrays
    corner = places // width * framed_width + places % width
    steps = range(_HALO_ROWS - reach, _HALO_ROWS + reach + 1)
    sums = tuple(np.zeros(len(places), np.float32) for _ in framed)
    for step in (down * framed_width + right for down in steps for right in steps):
        near = corner + step
        for total, values in zip(sums, framed, strict=True):
            np.add(total, values.take(near), out=total)
    return sums


def _excess(registered: Registered, layer: int, first: int, last: int) -> Float64Array:
    """Return sums above the pedestal of rows."""
    columns = slice(0, registered.counts.shape[2] * BLOCK_PX)
    total = registered.sums.rows(layer, first, last)[:, columns]
    rows = slice(first // BLOCK_PX, -(-last // BLOCK_PX))
    pedestal = registered.counts[layer, rows] * np.float64(-registered.pedestal_adu)
    return total + _spread(pedestal, first, last)


def _lack(registered: Registered, layer: int, first: int, last: int) -> Float32Array:
    """Return what the sums of blocks lack to be of samples with the mean background of all frames.

    Layers and blocks hold samples of different frames: without this a changing sky would draw
    their pattern.
    """
    rows = slice(first // BLOCK_PX, -(-last // BLOCK_PX))
    mean = registered.all_levels[rows] * np.float32(1.0 / registered.frame_count)
    mean *= registered.counts[layer, rows]
    mean -= registered.levels[layer, rows]
    return mean


def _pixel_counts(registered: Registered, layer: int, first: int, last: int) -> UInt16Array:
    rows = slice(first // BLOCK_PX, -(-last // BLOCK_PX))
    return _spread(registered.counts[layer, rows].astype(np.uint16), first, last)


def _spread(blocks: NDArray[_Value], first: int, last: int) -> NDArray[_Value]:
    """Return the blocks' values at each pixel of the rows first <= y < last."""
    rows = np.repeat(blocks, BLOCK_PX, axis=0)[first % BLOCK_PX :][: last - first]
    return np.repeat(rows, BLOCK_PX, axis=1)
