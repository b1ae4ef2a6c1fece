import numpy as np
import pytest

from issgaze.picture.alignment import ColourShift, aligned, measure_shift
from issgaze.picture.colour import find_stars
from issgaze.picture.smooth import block_medians, box_mean, eroded, extreme, filled, spread


def starry(shifts, seed=3, count=120, shape=(260, 340)):
    random = np.random.default_rng(seed)
    planes = random.normal(40.0, 1.0, (3, *shape))
    steps = np.arange(-6, 7)
    for x, y in random.uniform((12, 12), (shape[1] - 12, shape[0] - 12), (count, 2)):
        for plane, (dx, dy) in zip(planes, shifts, strict=True):
            column, row = round(x), round(y)
            across = np.exp(-0.5 * (column + steps - x - dx) ** 2)
            down = np.exp(-0.5 * (row + steps - y - dy) ** 2)
            plane[row - 6 : row + 7, column - 6 : column + 7] += 800.0 * np.outer(down, across)
    return planes.astype(np.float32)


def measured(planes):
    everywhere = np.ones(planes.shape[1:], dtype=bool)
    return measure_shift(planes, find_stars(planes, everywhere))


def test_the_quarter_pixels_of_a_quad_are_measured_and_taken_out():
    planes = starry(((0.25, 0.25), (0.0, 0.0), (-0.25, -0.25)))
    shift = measured(planes)
    assert shift.red_px == pytest.approx((0.25, 0.25), abs=0.05)
    assert shift.blue_px == pytest.approx((-0.25, -0.25), abs=0.05)
    moved = aligned(planes, shift)
    rest = measured(moved)
    assert np.abs([*rest.red_px, *rest.blue_px]).max() < 0.05
    assert moved.sum() == pytest.approx(planes.sum(), rel=1e-3)


def test_colours_that_lie_on_each_other_are_left_alone():
    planes = starry(((0.0, 0.0),) * 3)
    shift = measured(planes)
    assert aligned(planes, shift) is planes


def test_too_few_stars_move_nothing():
    planes = starry(((0.3, 0.0), (0.0, 0.0), (0.0, 0.0)), count=5)
    assert measured(planes) == ColourShift()


@pytest.mark.parametrize("radius", [1, 3, 7])
def test_a_box_mean_is_the_mean_of_the_box(radius):
    plane = np.random.default_rng(1).normal(size=(23, 31)).astype(np.float32)
    fast = box_mean(plane, radius)
    for y, x in ((0, 0), (10, 15), (22, 30), (3, 29)):
        window = plane[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
        assert fast[y, x] == pytest.approx(window.mean(), abs=1e-5)


@pytest.mark.parametrize("radius", [1, 2, 5, 6])
def test_erosion_and_extremes_look_at_the_whole_square(radius):
    random = np.random.default_rng(2)
    mask = random.random((40, 50)) > 0.01
    plane = random.normal(size=(40, 50)).astype(np.float32)
    small, low = eroded(mask, radius), extreme(plane, radius, np.minimum)
    for y in range(0, 40, 3):
        for x in range(0, 50, 3):
            window = np.s_[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
            assert small[y, x] == mask[window].all()
            assert low[y, x] == plane[window].min()


def test_block_medians_leave_out_what_is_not_kept():
    plane = np.full((20, 25), 5.0, dtype=np.float32)
    plane[::3, ::3] = 900.0
    keep = np.ones(plane.shape, dtype=bool)
    keep[:10, :10] = False
    grid = block_medians(plane, 10, keep)
    assert grid.shape == (2, 3)
    assert np.isnan(grid[0, 0])
    assert grid[1, 1] == 5.0


def test_what_is_unknown_is_filled_from_its_neighbours():
    grid = np.full((9, 11), np.nan, dtype=np.float32)
    grid[:, 0], grid[:, 10] = 0.0, 10.0
    full = filled(grid)
    assert not np.isnan(full).any()
    assert np.array_equal(full[:, 0], grid[:, 0])
    assert (np.diff(full[4]) >= -1.0).all()
    assert 2.0 < full[4, 5] < 8.0
    assert not filled(np.full((3, 3), np.nan, dtype=np.float32)).any()


def test_spreading_a_plane_of_blocks_gives_the_plane_back():
    rows, columns = np.mgrid[0:6, 0:8]
    grid = (3.0 * rows + 2.0 * columns).astype(np.float32)
    fine = spread(grid, 10, (60, 80))
    y, x = np.mgrid[5:55, 5:75]
    assert np.allclose(fine[5:55, 5:75], 0.3 * (y - 4.5) + 0.2 * (x - 4.5), atol=1e-3)
