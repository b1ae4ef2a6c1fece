import numpy as np
import pytest

from issgaze.picture.smaller import smaller_picture


@pytest.mark.parametrize("width", [481, 700, 960, 1441, 2028, 4056])
def test_a_smaller_picture_has_the_width_and_the_light_of_the_large_one(width: int) -> None:
    generator = np.random.default_rng(width)
    coarse = generator.integers(20, 220, (6, 8, 3)).astype(np.uint8)
    large = np.kron(coarse, np.ones((width // 8, width // 8, 1), np.uint8))
    large = np.pad(large, ((0, 0), (0, width - large.shape[1]), (0, 0)), mode="edge")
    small = smaller_picture(large, 480)
    assert small.dtype == np.uint8
    assert small.shape == (round(large.shape[0] * 480 / width), 480, 3)
    assert small.mean(axis=(0, 1)) == pytest.approx(large.mean(axis=(0, 1)), abs=1.5)


def test_none_is_blown_up() -> None:
    picture = np.zeros((10, 300, 3), np.uint8)
    assert smaller_picture(picture, 480) is picture
    assert smaller_picture(np.zeros((10, 480, 3), np.uint8), 480).shape == (10, 480, 3)
