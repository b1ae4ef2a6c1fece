import numpy as np
import pytest

from issgaze.picture.crops import SHAPES, frame_crop
from issgaze.stacking.trailpixels import TrailPixels


@pytest.mark.parametrize("name", SHAPES)
def test_a_crop_has_its_aspect_and_the_trail_stays_in(name):
    trail = np.zeros((3, 600, 800), dtype=np.float32)
    for x in range(520, 760):
        trail[:, 100 + x // 4, x] = 500.0
    crop = frame_crop((600, 800), SHAPES[name], trail=TrailPixels.of(trail))
    part = crop.of(np.zeros((600, 800, 3), dtype=np.uint16))
    height, width = part.shape[:2]
    assert width / height == pytest.approx(SHAPES[name][0] / SHAPES[name][1], rel=0.01)
    assert crop.left <= 520
    assert crop.right >= 760


def test_the_horizon_decides_where_there_is_no_trail():
    fraction = np.ones((600, 800), dtype=np.float32)
    fraction[500:510, :300] = 0.5
    assert frame_crop((600, 800), (1, 1), sky_fraction=fraction).left == 0


def test_without_either_the_middle_is_shown():
    crop = frame_crop((600, 800), (1, 1))
    assert (crop.left, crop.right) == (100, 700)


def test_a_tall_picture_is_cropped_from_its_height():
    crop = frame_crop((900, 400), (1, 1))
    assert (crop.left, crop.right, crop.bottom - crop.top) == (0, 400, 400)
