"""The stars from their sums: block by block the same as the plain formulas pixel by pixel."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.stacking.counters import Counters
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.registered import Registered
from issgaze.stacking.starplanes import star_bands, write_in_place

# three strips, the last of them short; rows and columns beyond the last whole block
HEIGHT, WIDTH = 92, 74
ROWS, BLOCKS = HEIGHT // 8, WIDTH // 8
FRAMES, PEDESTAL = 12, 64.25
NOISE = NoiseModel(constant=30.0, per_adu=2.0)
SCALE = 4.0


def sums_of(layers: int, seed: int) -> Registered:
    """Return sums of a sky that grows brighter, with stars, thin blocks and holes."""
    random = np.random.default_rng(seed)
    counts = random.integers(0, FRAMES // layers + 1, (layers, ROWS, BLOCKS)).astype(np.uint8)
    counts[:, :2, :3] = 0
    counts[:, 5, 4:7] = 0
    counts[0, 5, 6] = 1
    counts[:, 9] = 0
    levels = random.uniform(80.0, 120.0, counts.shape).astype(np.float32) * counts
    sums = Counters((layers, HEIGHT, WIDTH), largest_value=4095, in_cells=True)
    per_pixel = counts.repeat(8, axis=1).repeat(8, axis=2)
    sky = random.normal(100.0, 8.0, per_pixel.shape)
    sky[random.random(sky.shape) < 0.03] += 400.0
    totals = np.rint((sky + PEDESTAL) * per_pixel).astype(int)
    for (layer, y, x), total in np.ndenumerate(totals):
        sums.replace(layer, y, x, int(total))
    made = SimpleNamespace(
        layers=layers,
        sums=sums,
        counts=counts,
        levels=levels,
        all_levels=np.full((ROWS, BLOCKS), 102.0 * FRAMES, np.float32),
        pedestal_adu=PEDESTAL,
        frame_count=FRAMES,
    )
    return cast("Registered", made)


def pixels(blocks: np.ndarray) -> np.ndarray:
    return np.asarray(blocks, np.float64).repeat(8, axis=-2).repeat(8, axis=-1)


def plain_tints(means: np.ndarray, known: np.ndarray, size: int) -> np.ndarray:
    """Return the colour of the sky at each pixel: the median of nine blocks of a row."""
    _, rows, columns = means.shape
    levels = np.full((3, rows // size, columns // size), np.nan)
    for plane, row, block in np.ndindex(levels.shape):
        part = (plane, slice(row * size, (row + 1) * size), slice(block * size, (block + 1) * size))
        if known[part].any():
            levels[plane, row, block] = means[part][known[part]].mean()
    tint = levels / (0.25 * levels[0] + 0.5 * levels[1] + 0.25 * levels[2])
    tint = np.where(np.isfinite(tint), tint, 1.0).clip(0.2, 5.0)
    smooth = np.empty_like(tint)
    last = tint.shape[2] - 1
    for block in range(last + 1):
        near = [tint[:, :, min(max(block + step, 0), last)] for step in range(-4, 5)]
        smooth[:, :, block] = np.median(near, axis=0)
    return smooth.repeat(size, axis=1).repeat(size, axis=2)


def plain_full(made: Registered, ground: np.ndarray, pattern: str) -> tuple[np.ndarray, ...]:
    """Return stars, samples and greens at full resolution, in float64 and pixel by pixel."""
    shape = (3, ROWS * 8, BLOCKS * 8)
    totals, counts, lacks = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    cell = colour_cell(pattern)
    for layer in range(4):
        count = pixels(made.counts[layer])
        total = made.sums.rows(layer, 0, shape[1])[:, : shape[2]] - PEDESTAL * count
        lack = pixels(made.all_levels / FRAMES * made.counts[layer] - made.levels[layer])
        lack *= count > 0
        for y, x in np.ndindex(shape[1:]):
            plane = cell[(y + (layer >> 1)) & 1][(x + layer) & 1]
            totals[plane, y, x] += total[y, x]
            counts[plane, y, x] += count[y, x]
            lacks[plane, y, x] += lack[y, x]
    if pattern == "MONO":
        for planes in (totals, counts, lacks):
            planes[[0, 2]] = planes[1]
    means = totals / np.maximum(counts, 1)
    totals += plain_tints(means, counts > 0, 8) * lacks
    means = totals / np.maximum(counts, 1)
    seen = counts[1] if pattern == "MONO" else counts.sum(axis=0)
    stars, samples = ground.copy(), np.zeros(ground.shape[1:])
    greens = np.full(ground.shape[1:], FRAMES, float)
    samples[: shape[1], : shape[2]] = seen
    due = (1.0, 1.0, 1.0) if pattern == "MONO" else (0.25, 0.5, 0.25)
    kinds: set[str] = set()
    for plane, y, x in np.ndindex(shape):
        if not seen[y, x]:
            continue
        assert counts[plane, max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].any()
        enough = due[plane] * FRAMES / 3.0
        sums = totals[plane], counts[plane], means[plane]
        mean, behind, kind = plain_mended(*sums, (y, x), enough)
        kinds.add(kind)
        if behind > 0:
            stars[plane, y, x] = SCALE * mean
            if plane == 1:
                greens[y, x] = behind
    # the sums hold all that can befall a pixel
    assert pattern == "MONO" or kinds == {"own", "star", "leaning", "hole"}
    return stars, samples, greens


def plain_mended(
    total: np.ndarray, count: np.ndarray, mean: np.ndarray, at: tuple[int, int], enough: float
) -> tuple[float, float, str]:
    """Return the mean of a pixel, the samples behind it and how it came about."""
    y, x = at
    if count[at] >= max(enough, 0.5):
        return mean[at], count[at], "own"
    near = (slice(max(0, y - 1), y + 2), slice(max(0, x - 1), x + 2))
    near_total, near_count = total[near].sum(), count[near].sum()
    beside = near_total / near_count
    if count[at] == 0:
        return beside, near_count, "hole"
    spread = NOISE.constant + NOISE.per_adu * max(beside, 0.0)
    alike = (mean[at] - beside) ** 2 * count[at] <= 9.0 * spread
    if near_count == count[at] or not alike:
        return mean[at], count[at], "star"
    lent = max(enough, 1.0) - count[at]
    lean = (total[at] + lent * beside) / (count[at] + lent)
    return lean, (count[at] + lent) ** 2 / (count[at] + lent**2 / near_count), "leaning"


def plain_half(made: Registered, ground: np.ndarray, pattern: str) -> tuple[np.ndarray, ...]:
    """Return stars, samples and greens at half resolution."""
    count = pixels(made.counts[0])
    total = made.sums.rows(0, 0, ROWS * 8)[:, : BLOCKS * 8] - PEDESTAL * count
    lack = pixels(made.all_levels / FRAMES * made.counts[0] - made.levels[0])[::2, ::2]
    known = count[::2, ::2] > 0
    some = np.maximum(count, 1)
    means = np.stack(
        [
            np.mean([(total / some)[y::2, x::2] for y, x in sites_of(pattern, plane)], axis=0)
            for plane in range(3)
        ]
    )
    means += plain_tints(means, np.stack([known] * 3), 4) * lack / some[::2, ::2]
    stars, samples = ground.copy(), np.zeros(ground.shape[1:])
    part = (slice(0, known.shape[0]), slice(0, known.shape[1]))
    for plane in range(3):
        stars[plane][part] = np.where(known, SCALE * means[plane], ground[plane][part])
    samples[part] = count[::2, ::2]
    behind = np.where(samples == 0, FRAMES, samples)
    return stars, samples, behind * len(sites_of(pattern, 1))


@pytest.mark.parametrize("pattern", ["RGGB", "GBRG", "MONO"])
@pytest.mark.parametrize("resolution", ["half", "full"])
def test_stars_are_those_of_the_plain_formulas(resolution: str, pattern: str) -> None:
    layers, step = (4, 1) if resolution == "full" else (1, 2)
    made = sums_of(layers, 3)
    random = np.random.default_rng(8)
    size = (3, HEIGHT // step, WIDTH // step)
    ground = random.normal(90.0, 3.0, size).astype(np.float32)
    plain = plain_full if resolution == "full" else plain_half
    stars, samples, greens = plain(made, ground, pattern)
    done = 0
    got = np.empty((2, *size[1:]))
    for band in write_in_place(made, star_bands(made, ground, pattern, SCALE, NOISE)):
        assert band.rows.start == done
        done = band.rows.stop
        got[:, band.rows] = band.samples, band.greens
    assert done == size[1]
    assert np.array_equal(got[0], samples)
    assert np.allclose(got[1], greens, rtol=1e-5)
    assert np.allclose(made.sums.planes(), stars, rtol=2e-5, atol=2e-3)


def test_a_mosaic_smaller_than_a_block_is_all_ground() -> None:
    made = SimpleNamespace(
        layers=4,
        sums=Counters((4, 16, 6), largest_value=4095, in_cells=True),
        counts=np.zeros((4, 2, 0), np.uint8),
        levels=np.zeros((4, 2, 0), np.float32),
        all_levels=np.zeros((2, 0), np.float32),
        pedestal_adu=0.0,
        frame_count=1,
    )
    ground = np.arange(288.0, dtype=np.float32).reshape(3, 16, 6)
    bands = list(star_bands(cast("Registered", made), ground, "RGGB", 1.0, NOISE))
    assert [band.rows for band in bands] == [slice(0, 16)]
    assert np.array_equal(bands[0].stars, ground)
