"""A sky that changes its brightness and has a colour leaves no pattern of blocks or parities."""

import numpy as np
import pytest

from issgaze.stacking.digest import Digest

from .passes import SimulatedPass

TILE = 16
TWILIGHT = (0.55, 1.0, 1.7)


def tile_spreads(plane: np.ndarray, *, free: np.ndarray) -> np.ndarray:
    """Deviation of the pixels of each starless tile from their mean, of the inner picture."""
    height, width = (size // TILE * TILE for size in plane.shape)
    shape = (height // TILE, TILE, width // TILE, TILE)
    tiles = plane[:height, :width].reshape(shape).transpose(0, 2, 1, 3)
    clear = free[:height, :width].reshape(shape).transpose(0, 2, 1, 3).all(axis=(2, 3))
    inner = np.zeros_like(clear)
    inner[8:-8, 8:-8] = True
    slope = tiles - tiles.mean(axis=3, keepdims=True)
    return slope[clear & inner].std(axis=(1, 2))


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_no_block_stands_out_of_a_blue_twilight(resolution: str) -> None:
    truth = SimulatedPass(
        frames=64, ramp=1.6, tint=TWILIGHT, sky_adu=300.0, stars=60, rays=0.0, cadence_s=6.0
    )
    digest = Digest(truth.setup(resolution=resolution))
    for number in range(truth.frames):
        digest.add(truth.frame(number))
    stacks = digest.finish()
    stars = stacks.stars
    free = np.ones(stars.shape[1:], bool)
    places = truth.star_pixels(truth.reference_s)
    for x, y in np.rint(places / (2.0 if resolution == "half" else 1.0)).astype(int):
        free[max(0, y - 10) : max(0, y + 11), max(0, x - 10) : max(0, x + 11)] = False
    for plane in stars:
        spreads = tile_spreads(plane, free=free & (stacks.coverage > 0.9))
        assert len(spreads) > 60
        assert spreads.max() < 2.5 * np.median(spreads)
