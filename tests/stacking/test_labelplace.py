import numpy as np
import pytest

from issgaze.stacking.corridor import corridor_along, grid_lens_pixels
from issgaze.stacking.labelplace import label_seconds, labelled_site

SECONDS = np.arange(0.0, 21.0)


@pytest.mark.parametrize(
    ("pattern", "site"),
    [("RGGB", (0, 1)), ("BGGR", (0, 1)), ("GRBG", (1, 1)), ("GBRG", (1, 1)), ("MONO", (0, 1))],
)
def test_the_frame_numbers_follow_the_green_in_the_right_column(pattern, site):
    assert labelled_site(pattern) == site


@pytest.mark.parametrize("resolution", ["half", "full"])
@pytest.mark.parametrize("site", [(0, 1), (1, 1), (1, 0)])
@pytest.mark.parametrize("velocity", [(4.0, 0.0), (0.0, -3.0), (2.0, 5.0)])
def test_a_pixel_is_timed_where_its_photosite_lies(resolution, site, velocity):
    """The mosaic is the oracle: nearest approach of a straight path to the photosite itself."""
    raw_path = np.array([60.0, 110.0]) + SECONDS[:, np.newaxis] * np.array(velocity)
    path = grid_lens_pixels(raw_path, resolution)
    corridor = corridor_along(path, SECONDS, (120, 120), 4.0)
    seconds = label_seconds(corridor, path, SECONDS, resolution, site)
    if resolution == "half":
        x, y = 2 * corridor.columns + site[1], 2 * corridor.rows + site[0]
    else:
        x = corridor.columns // 2 * 2 + site[1]
        y = corridor.rows // 2 * 2 + site[0]
    speed = np.hypot(*velocity)
    along = (x - 60.0) * velocity[0] + (y - 110.0) * velocity[1]
    np.testing.assert_allclose(seconds, along / speed**2, atol=1e-9)


def test_without_a_photosite_the_middle_of_the_pixel_counts():
    path = np.stack((10.0 + SECONDS, np.full(len(SECONDS), 20.0)), axis=-1)
    corridor = corridor_along(path, SECONDS, (40, 60), 3.0)
    np.testing.assert_array_equal(
        label_seconds(corridor, path, SECONDS, "half", None), corridor.seconds
    )
