"""Hot pixels without darks, and cosmic rays near the edge of what is registered."""

import numpy as np
import pytest

from issgaze.imaging.frame import Frame
from issgaze.stacking.digest import Digest
from issgaze.stacking.stacks import Stacks

from .conftest import LittleSky
from .test_digest import setup_for

FRAMES = 12
HOT = {(100, 200): 400, (101, 260): 1500, (180, 301): 90, (222, 233): 3000, (250, 150): 700}


def developed(sky: LittleSky, resolution: str, hot: dict[tuple[int, int], int]) -> Stacks:
    digest = Digest(setup_for(sky, FRAMES, resolution=resolution))
    for number in range(FRAMES):
        mosaic = sky.frame(number).mosaic.astype(np.int64)
        for place, adu in hot.items():
            mosaic[place] += adu
        light = np.minimum(mosaic, sky.white).astype(np.uint16)
        digest.add(Frame(mosaic=light, info=sky.info(number)))
    for number in digest.doubtful:
        digest.review(number, sky.frame(number))
    return digest.finish()


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_hot_pixels_without_darks_leave_nothing(resolution: str) -> None:
    # a slower shutter and a longer lens: stars cross some pixels from first frame to last
    sky = LittleSky(cadence_s=12.0)
    clean, hot = (developed(sky, resolution, there) for there in ({}, HOT))
    for name in ("stars", "ground", "peak"):
        change = getattr(hot, name) - getattr(clean, name)
        noise = float(np.std(getattr(clean, name)[1][150:170, 200:220]))
        assert np.abs(change).max() < 6.0 * noise, name
        assert np.mean(np.abs(change) > 0.2 * noise) < 0.01, name


@pytest.mark.parametrize("frames", [1, 3, FRAMES])
def test_stars_are_no_defects(frames: int) -> None:
    sky = LittleSky(stars=200, sigma_px=0.9, cadence_s=1.0)
    digest = Digest(setup_for(sky, FRAMES))
    for number in range(frames):
        digest.add(sky.frame(number))
    before = digest._still.sums.rows(0, 0, digest._still.largest.shape[0])
    digest._mend_defects(digest._noise.model())
    changed = before != digest._still.sums.rows(0, 0, digest._still.largest.shape[0])
    # a star of one pixel too sharp to be told from a defect stands still for these 12 s
    assert np.count_nonzero(changed) <= 8


@pytest.mark.parametrize("frames", [1, 3])
def test_of_few_frames_strong_defects_are_taken_out(frames: int) -> None:
    sky = LittleSky(stars=200, sigma_px=0.9, cadence_s=1.0)
    clean, hot = (ground_of(sky, frames, there) for there in ({}, HOT))
    for y, x in (place for place, adu in HOT.items() if adu > 1000):
        assert np.all(np.abs(hot - clean)[:, y // 2, x // 2] < 60.0)


def ground_of(sky: LittleSky, frames: int, hot: dict[tuple[int, int], int]) -> np.ndarray:
    digest = Digest(setup_for(sky, FRAMES))
    for number in range(frames):
        mosaic = sky.frame(number).mosaic.astype(np.int64)
        for place, adu in hot.items():
            mosaic[place] += adu
        light = np.minimum(mosaic, sky.white).astype(np.uint16)
        digest.add(Frame(mosaic=light, info=sky.info(number)))
    return digest.finish().ground


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_a_ray_below_the_registered_rows_does_no_harm(resolution: str) -> None:
    sky = LittleSky(height=392, focal_px=400.0)
    digest = Digest(setup_for(sky, FRAMES, resolution=resolution))
    for number in range(FRAMES):
        light = sky.frame(number)
        if number == 5:
            light.mosaic[[383, 384, 388, 390], [100, 200, 300, 400]] = 3000
        digest.add(light)
    assert np.isfinite(digest.finish().stars).all()
