"""From the sums of all frames to the stacks, in the memory that the sums took."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float32Array, UInt16Array
from issgaze.imaging.bayer import sites_of
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.registered import Registered
from issgaze.stacking.sharpen import STRENGTH, LevelRows, sharpen_stars
from issgaze.stacking.stacks import Resolution
from issgaze.stacking.starplanes import star_bands, write_in_place
from issgaze.stacking.stillplanes import bands, mean_rows, value_rows, write_full, write_half
from issgaze.stacking.storage import Storage
from issgaze.stacking.unregistered import Unregistered


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What all products of a stack have in common.

    Attributes:
        pattern: Bayer order of the mosaic.
        resolution: "half" or "full".
        pedestal_adu: Of the summed values, in their own units.
        scale: ADU per unit of the summed values.
        noise: Of a single calibrated pixel, in units of the summed values.
    """

    pattern: str
    resolution: Resolution
    pedestal_adu: float
    scale: float
    noise: NoiseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class StillProducts:
    """Ground (3, h, w), peak (3, h, w) and the frames of the peak (h, w)."""

    ground: Float32Array
    peak: Float32Array
    peak_frame: UInt16Array


@dataclass(frozen=True, slots=True, kw_only=True)
class StarProducts:
    """Stars (3, h, w), their coverage (h, w) and variance (h, w)."""

    stars: Float32Array
    coverage: Float32Array
    variance: Float32Array


def finish_still(still: Unregistered, grid: Grid, storage: Storage) -> StillProducts:
    """Return what does not follow the sky; the sums are used up."""
    write = write_half if grid.resolution == "half" else write_full
    height, width = still.largest.shape
    size = (height // 2, width // 2) if grid.resolution == "half" else (height, width)
    means = mean_rows(still.sums, grid.pedestal_adu, grid.scale)
    if grid.resolution == "half":
        # twelve bytes of sums become twelve bytes of floats
        ground = still.sums.planes()
    else:
        ground = storage.allocate("ground", (3, *size), np.float32)
    write(means, grid.pattern, ground, storage)
    if grid.resolution == "full":
        still.forget_sums()
    peak = storage.allocate("peak", (3, *size), np.float32)
    write(value_rows(still.largest, grid.pedestal_adu, grid.scale), grid.pattern, peak, storage)
    still.forget_largest()
    peak_frame = storage.allocate("peak_frame", size, np.uint16)
    _write_frame_numbers(still, peak_frame, storage)
    still.forget_latest()
    return StillProducts(ground=ground, peak=peak, peak_frame=peak_frame)


def _write_frame_numbers(still: Unregistered, out: UInt16Array, storage: Storage) -> None:
    repeat = len(out) // len(still.latest)
    for top, bottom in bands(len(still.latest)):
        numbers = still.latest[top:bottom].astype(np.uint16)
        # counted from one, 0 for none: that becomes NO_FRAME, the largest number
        numbers -= np.uint16(1)
        wide = np.repeat(numbers, repeat, axis=1)
        rows = out[top * repeat : bottom * repeat]
        rows.reshape(len(wide), repeat, -1)[...] = wide[:, np.newaxis]
    storage.settle(out)


def finish_stars(
    stack: Registered, ground: Float32Array, grid: Grid, storage: Storage
) -> StarProducts:
    """Return what follows the sky; the sums are used up."""
    shape = ground.shape[1:]
    coverage = storage.allocate("coverage", shape, np.float32)
    variance = storage.allocate("variance", shape, np.float32)
    drawn = star_bands(stack, ground, grid.pattern, grid.scale, grid.noise)
    for band in write_in_place(stack, drawn):
        coverage[band.rows] = band.samples * np.float32(1.0 / stack.frame_count)
        variance[band.rows] = _variance(band.stars[1], band.greens, grid)
        for array in (coverage, variance, ground):
            storage.settle(array)
    stars = stack.sums.planes()
    sharpen_stars(stars, _levels(stack, grid), variance, STRENGTH[grid.resolution])
    return StarProducts(stars=stars, coverage=coverage, variance=variance)


def _levels(stack: Registered, grid: Grid) -> LevelRows:
    """Return the background of rows of the product."""
    blocks = stack.mean_levels() * np.float32(grid.scale)
    size = BLOCK_PX if grid.resolution == "full" else BLOCK_PX // 2
    width = stack.sums.planes().shape[2]

    def rows(first: int, last: int) -> Float32Array:
        numbers = np.minimum(np.arange(first, last) // size, len(blocks) - 1)
        # a row of blocks is widened once
        lines = np.repeat(blocks[numbers[0] : numbers[-1] + 1], size, axis=1)
        beyond = max(0, width - lines.shape[1])
        wide = np.pad(lines, ((0, 0), (0, beyond)), mode="edge")[:, :width]
        return np.asarray(wide.take(numbers - numbers[0], axis=0))

    return rows


def stars_of_ground(
    ground: Float32Array, frames: int, grid: Grid, storage: Storage
) -> StarProducts:
    """Return the ground as stars, where nothing is known of the sky."""
    shape = ground.shape[1:]
    coverage = storage.allocate("coverage", shape, np.float32)
    coverage[...] = 1.0
    variance = storage.allocate("variance", shape, np.float32)
    per_pixel = len(sites_of(grid.pattern, 1)) if grid.resolution == "half" else 1
    behind = np.full(shape[1:], frames * per_pixel, np.float32)
    for row in range(len(variance)):
        variance[row] = _variance(ground[1, row], behind, grid)
    storage.settle(coverage)
    storage.settle(variance)
    return StarProducts(stars=ground, coverage=coverage, variance=variance)


def _variance(level: Float32Array, samples: Float32Array, grid: Grid) -> Float32Array:
    scale = grid.scale
    variance = np.maximum(level, 0.0)
    variance *= np.float32(grid.noise.per_adu * scale)
    variance += np.float32(grid.noise.constant * scale * scale)
    variance /= samples
    return variance
