"""Mosaics as colour planes: band by band the same as the plain formulas site by site."""

import numpy as np
import pytest

from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.stacking.counters import Counters
from issgaze.stacking.stillplanes import mean_rows, value_rows, write_full, write_half
from issgaze.stacking.storage import InMemory

STEPS = ((0, -1), (0, 1), (-1, 0), (1, 0))
DIAGONALS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def plain_full(mosaic: np.ndarray, pattern: str) -> np.ndarray:
    """Return each colour as that of the site, or the mean of those beside it, else the corners'."""
    height, width = mosaic.shape
    cell = colour_cell(pattern)
    framed = np.pad(mosaic, 1, mode="reflect")
    planes = np.empty((3, height, width))
    for plane, y, x in np.ndindex(planes.shape):
        near = [
            [framed[1 + y + down, 1 + x + right] for down, right in steps
             if pattern == "MONO" or cell[(y + down) % 2][(x + right) % 2] == plane]
            for steps in (((0, 0),), STEPS, DIAGONALS)
        ]  # fmt: skip
        planes[plane, y, x] = np.mean(next(values for values in near if values))
    return planes


@pytest.mark.parametrize("pattern", ["RGGB", "BGGR", "GRBG", "GBRG", "MONO"])
@pytest.mark.parametrize("shape", [(2, 2), (70, 12)])
def test_colours_at_every_site(shape: tuple[int, int], pattern: str) -> None:
    values = np.random.default_rng(3).integers(0, 4096, shape, dtype=np.uint16)
    out = np.empty((3, *shape), np.float32)
    write_full(value_rows(values, 64.0, 4.0), pattern, out, InMemory())
    assert np.allclose(out, plain_full((values - 64.0) * 4.0, pattern), rtol=1e-6)


@pytest.mark.parametrize("pattern", ["RGGB", "GBRG", "MONO"])
@pytest.mark.parametrize("pedestal", [64.0, 64.3])
def test_colours_of_the_mean_of_each_cell(pattern: str, pedestal: float) -> None:
    random = np.random.default_rng(5)
    sums = Counters((1, 70, 12), largest_value=4095)
    total = np.zeros((70, 12))
    for _ in range(7):
        frame = random.integers(60, 4096, (70, 12), dtype=np.uint16)
        sums.begin_frame()
        for low, rows in sums.rows_of(0, 70):
            np.add(low, frame[rows], out=low)
        total += frame
    mean = (total / 7 - pedestal) * 2.0
    out = np.empty((3, 35, 6), np.float32)
    write_half(mean_rows(sums, pedestal, 2.0), pattern, out, InMemory())
    for plane in range(3):
        expected = np.mean([mean[y::2, x::2] for y, x in sites_of(pattern, plane)], axis=0)
        assert np.allclose(out[plane], expected, rtol=1e-5)
    # the sums are asked for again and again: they stay as they are
    assert np.array_equal(sums.rows(0, 0, 70), total)
