import numpy as np

from issgaze.stacking.corridor import corridor_along
from issgaze.stacking.trailpixels import TrailPixels
from issgaze.stacking.trailretouch import smoothed

SHAPE = (40, 60)


def test_of_several_parts_each_colour_is_the_brightest():
    random = np.random.default_rng(3)
    planes = np.where(random.random((4, 3, *SHAPE)) < 0.2, random.random((4, 3, *SHAPE)), 0.0)
    parts = [TrailPixels.of(part.astype(np.float32)) for part in planes]
    union = TrailPixels.brightest(SHAPE, parts)
    np.testing.assert_array_equal(union.rows(0, SHAPE[0]), planes.astype(np.float32).max(axis=0))
    assert (np.diff(union.row.astype(int) * SHAPE[1] + union.column) > 0).all()
    assert not TrailPixels.brightest(SHAPE, [])


def test_hidden_pixels_are_filled_from_beside_them_and_gaps_stay():
    """Light 100 along a path, one pixel hidden and a gap of six columns: by arithmetic."""
    path = np.array([[5.0, 20.0], [55.0, 20.0]])
    corridor = corridor_along(path, np.array([0.0, 1.0]), SHAPE, 8.0)
    near = np.abs(corridor.rows - 20) <= 2
    gap = (corridor.columns >= 30) & (corridor.columns < 36)
    hidden = (corridor.rows == 20) & (corridor.columns == 12)
    mine = near & ~gap & ~hidden
    light = np.where(mine, 100.0, 0.0) * np.ones((3, 1))
    quiet = np.full(len(mine), 0.1)
    done = smoothed(light.astype(np.float32), corridor, SHAPE, mine, quiet)
    np.testing.assert_array_equal(done[:, hidden], 100.0)
    middle_of_gap = near & (corridor.columns > 31) & (corridor.columns < 34)
    assert not done[:, middle_of_gap].any()
    assert not done[:, np.abs(corridor.rows - 20) > 4].any()
    inner = (np.abs(corridor.rows - 20) <= 1) & (corridor.columns > 8) & (corridor.columns < 28)
    np.testing.assert_allclose(done[:, inner], 100.0)


def test_the_ends_of_rows_are_not_beside_one_another():
    """A path along the right edge and one along the left: neither smooths the other."""
    right = corridor_along(np.array([[59.0, 0.0], [59.0, 39.0]]), np.array([0.0, 1.0]), SHAPE, 0.9)
    left = corridor_along(np.array([[0.0, 0.0], [0.0, 39.0]]), np.array([0.0, 1.0]), SHAPE, 0.9)
    order = np.argsort(
        np.concatenate([right.rows * 60 + right.columns, left.rows * 60 + left.columns])
    )
    both = type(right)(
        **{
            name: np.concatenate([getattr(right, name), getattr(left, name)])[order]
            for name in ("rows", "columns", "seconds", "across_px", "rate_px_per_s")
        }
    )
    mine = both.columns > 30
    light = np.where(mine, 50.0, 0.0).astype(np.float32) * np.ones((3, 1), np.float32)
    done = smoothed(light, both, SHAPE, mine, np.full(len(mine), 20.0))
    assert not done[:, both.columns == 0].any()
    assert done[1, both.columns == 59].max() > 0.0
