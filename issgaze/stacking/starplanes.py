"""The stars: sums of shifted frames as planes, and how well each pixel is known."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float32Array
from issgaze.imaging.bayer import sites_of
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import STRIP_ROWS
from issgaze.stacking.drizzle import Drizzle
from issgaze.stacking.halfstars import half_means
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.registered import Registered
from issgaze.stacking.stillplanes import BAND_ROWS, bands
from issgaze.stacking.thinpixels import HALO_PX, mend_thin

# where the sky hardly moves along one axis nearly all samples have one parity, and the few of the
# other would stand out as noise: a pixel with less than this part of its due is thin and leans on
# its neighbours
_THIN = 1.0 / 3.0
# part of the samples that are red, green and blue
_DUE = (0.25, 0.5, 0.25)


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
    _, height, width = ground.shape
    covered = _covered_rows(registered)
    room: Float32Array = np.empty((3, BAND_ROWS // 2, width), np.float32)
    for top, bottom in bands(2 * height):
        rows = slice(top // 2, bottom // 2)
        band = _ground_band(rows, width, registered.frame_count, room)
        shown = max(0, min(bottom, covered) - top)
        if shown:
            means, samples = half_means(registered, pattern, top // STRIP_ROWS, shown)
            part = (slice(0, samples.shape[0]), slice(0, samples.shape[1]))
            np.multiply(means, np.float32(scale), out=band.stars[:, *part])
            band.samples[part] = samples
            np.copyto(band.greens[part], samples, where=samples > 0)
        hidden = band.samples == 0
        if hidden.any():
            np.copyto(band.stars, ground[:, rows], where=hidden)
        np.multiply(band.greens, greens_per_cell, out=band.greens)
        yield band


def _full_bands(
    registered: Registered, ground: Float32Array, pattern: str, scale: float, noise: NoiseModel
) -> Iterator[StarBand]:
    drizzle = Drizzle(registered, pattern)
    _, height, width = ground.shape
    covered = _covered_rows(registered)
    due = (1.0, 1.0, 1.0) if pattern == "MONO" else _DUE
    enough = [part * registered.frame_count * _THIN for part in due]
    room: Float32Array = np.empty((3, BAND_ROWS + HALO_PX, width), np.float32)
    done = 0
    for top in range(0, covered, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, covered)
        drizzle.read(top, bottom)
        # all but the last rows wait for those below them
        rows = slice(done, bottom if bottom == covered else bottom - HALO_PX)
        done = rows.stop
        band = _ground_band(rows, width, registered.frame_count, room)
        _draw(drizzle, band, ground[:, rows], enough, np.float32(scale), noise)
        yield band
    for top, bottom in bands(height - covered):
        rows = slice(covered + top, covered + bottom)
        band = _ground_band(rows, width, registered.frame_count, room)
        band.stars[...] = ground[:, rows]
        yield band


def _ground_band(rows: slice, width: int, frames: int, room: Float32Array) -> StarBand:
    """Return rows that no frame shows, with room for their stars."""
    shape = (rows.stop - rows.start, width)
    return StarBand(
        rows=rows,
        stars=room[:, : shape[0]],
        samples=np.zeros(shape, np.float32),
        greens=np.full(shape, frames, np.float32),
    )


def _draw(
    drizzle: Drizzle,
    band: StarBand,
    ground: Float32Array,
    enough: list[float],
    scale: np.float32,
    noise: NoiseModel,
) -> None:
    """Draw what the frames show into a band, and the ground where they show nothing."""
    rows, columns = len(band.samples), drizzle.columns
    samples = drizzle.samples(rows)
    shown = samples > 0
    hidden = ~shown
    some_hidden = bool(hidden[:, :columns].any())
    band.samples[:, :columns] = samples[:, :columns]
    band.stars[..., columns:] = ground[..., columns:]
    for plane in range(3):
        colour = drizzle.framed(plane, rows)
        mended = mend_thin(colour, shown, enough[plane], noise)
        inside = slice(HALO_PX, HALO_PX + rows)
        stars = band.stars[plane, :, :columns]
        np.multiply(colour.means[inside, :columns], scale, out=stars)
        if some_hidden:
            np.copyto(stars, ground[plane, :, :columns], where=hidden[:, :columns])
        if plane == 1:
            behind = colour.counts[inside].copy()
            behind.reshape(-1)[mended.places] = mended.behind
            np.copyto(band.greens[:, :columns], behind[:, :columns], where=shown[:, :columns])


def _covered_rows(registered: Registered) -> int:
    """Return how many rows from the top the sums cover."""
    return registered.counts.shape[1] * BLOCK_PX if registered.counts.size else 0
