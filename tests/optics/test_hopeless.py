"""Lists of points that have no solution: none may be accepted."""

import numpy as np
import pytest

from issgaze.optics.plate import solve_plate

from .test_plate import _CAMERAS, _HEIGHT, _WIDTH, _camera, _more_cameras, _points, _sky

_COUNT, _CHUNK = 1000, 25


def _quadrants_turned(points: np.ndarray, seed: int = 0) -> np.ndarray:
    """Each quadrant turned about the centre of the picture by an angle of its own."""
    middle = np.array([_WIDTH, _HEIGHT]) / 2.0
    away = points - middle
    quadrant = (away[:, 0] > 0).astype(int) + 2 * (away[:, 1] > 0)
    angles = np.array([17.0, 61.0, 123.0, 205.0]) + 0.7 * seed
    angle = np.radians(np.random.default_rng(seed).permutation(angles)[quadrant])
    x = np.cos(angle) * away[:, 0] - np.sin(angle) * away[:, 1]
    y = np.sin(angle) * away[:, 0] + np.cos(angle) * away[:, 1]
    return np.stack((x, y), axis=-1) + middle


def _random_list(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform((0, 0), (_WIDTH, _HEIGHT), (int(rng.integers(20, 400)), 2))


def _hopeless(seed: int) -> np.ndarray:
    """Even numbers are random points, odd ones a real sky in pieces."""
    if seed % 2 == 0:
        return _random_list(seed)
    projection, focal_px, altitude_deg, roll_deg, mirrored = _more_cameras()[seed % 40]
    lens = _camera(
        projection=projection,
        focal_px=focal_px,
        altitude_deg=altitude_deg,
        roll_deg=roll_deg,
        mirrored=mirrored,
    )
    return _quadrants_turned(_points(lens, count=60 + seed % 240, seed=seed), seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_random_points_are_refused(seed: int):
    solution = solve_plate(
        _random_list(seed), _sky(), width_px=_WIDTH, height_px=_HEIGHT, field_deg=(110.0, 200.0)
    )
    assert solution.lens is None
    assert "no more than chance would give" in solution.reason


def test_a_sky_with_its_quadrants_turned_is_refused():
    projection, focal_px, altitude_deg, roll_deg, mirrored = _CAMERAS[0]
    lens = _camera(
        projection=projection,
        focal_px=focal_px,
        altitude_deg=altitude_deg,
        roll_deg=roll_deg,
        mirrored=mirrored,
    )
    points = _quadrants_turned(_points(lens, count=200, seed=5))
    solution = solve_plate(
        points, _sky(), width_px=_WIDTH, height_px=_HEIGHT, field_deg=(120.0, 190.0)
    )
    assert solution.lens is None


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, _COUNT, _CHUNK))
def test_a_thousand_hopeless_lists_are_refused(first: int):
    for seed in range(first, first + _CHUNK):
        solution = solve_plate(_hopeless(seed), _sky(), width_px=_WIDTH, height_px=_HEIGHT)
        assert solution.lens is None, f"list {seed}: {solution.stars_matched} stars"
