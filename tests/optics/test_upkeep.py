"""The lens of before, refined by the stars of tonight: against cameras whose turn is known."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from issgaze.optics.lens import Lens
from issgaze.optics.upkeep import refine_lens, turn_between

from .test_plate import _CAMERAS, _camera, _points, _sky


@cache
def _lens(number: int) -> Lens:
    projection, focal_px, altitude_deg, roll_deg, mirrored = _CAMERAS[number]
    return _camera(
        projection=projection,
        focal_px=focal_px,
        altitude_deg=altitude_deg,
        roll_deg=roll_deg,
        mirrored=mirrored,
    )


def _turned(lens: Lens, angle_deg: float, *, focal_ratio: float = 1.0) -> Lens:
    """The camera after somebody knocked against it, about an axis askew to its own."""
    axis = np.array([0.6, 0.64, 0.48])
    cross = np.array(
        [[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]], dtype=float
    )
    angle = np.radians(angle_deg)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    rotation = turn @ np.array(lens.rotation)
    return dataclasses.replace(
        lens,
        rotation=tuple((float(a), float(b), float(c)) for a, b, c in rotation),
        focal_px=lens.focal_px * focal_ratio,
        valid_radius_px=lens.valid_radius_px * min(focal_ratio, 1.0),
    )


def _error_px(found: Lens, true: Lens) -> float:
    pixels = true.to_pixels(_sky().directions)
    inside = np.isfinite(pixels[:, 0]) & (pixels > 0).all(axis=1) & (pixels < [1599, 1199]).all(1)
    away = np.linalg.norm(found.to_pixels(_sky().directions[inside]) - pixels[inside], axis=1)
    return float(np.nanmedian(away))


@pytest.mark.parametrize("number", range(len(_CAMERAS)))
@pytest.mark.parametrize("angle_deg", [0.0, 0.03, 0.3])
def test_a_small_turn_is_followed(number: int, angle_deg: float):
    before = _lens(number)
    now = _turned(before, angle_deg, focal_ratio=1.0005)
    solution = refine_lens(before, _points(now, count=260, seed=4), _sky())
    assert solution.lens is not None, solution.reason
    assert _error_px(solution.lens, now) < 0.15
    turn = turn_between(before, solution.lens)
    assert turn.turned_deg == pytest.approx(angle_deg, abs=0.02)
    assert turn.focal_ratio == pytest.approx(1.0005, abs=1e-3)


def test_few_stars_move_the_rotation_and_nothing_else():
    before = _lens(0)
    now = _turned(before, 0.1)
    solution = refine_lens(before, _points(now, count=60, seed=8, noise_px=0.5), _sky())
    assert solution.lens is not None
    assert solution.lens.radial == before.radial
    assert solution.lens.center_px == before.center_px
    assert _error_px(solution.lens, now) < 0.3


@pytest.mark.parametrize("number", range(len(_CAMERAS)))
def test_a_bumped_mount_is_followed_or_refused_but_never_taken_for_another_place(number: int):
    before = _lens(number)
    now = _turned(before, 2.0)
    solution = refine_lens(before, _points(now, count=260, seed=5), _sky())
    if solution.lens is not None:
        assert turn_between(before, solution.lens).turned_deg == pytest.approx(2.0, abs=0.02)


def test_a_camera_that_looks_elsewhere_is_noticed():
    before = _lens(0)
    now = _turned(before, 15.0)
    solution = refine_lens(before, _points(now, count=260, seed=5), _sky())
    assert solution.lens is None
    assert "do not fit the lens of before" in solution.reason


def test_points_without_a_sky_do_not_move_the_lens():
    rng = np.random.default_rng(3)
    points = rng.uniform((0, 0), (1600, 1200), (300, 2))
    assert refine_lens(_lens(1), points, _sky()).lens is None


def test_the_turn_between_two_lenses_is_exact_for_small_and_large_angles():
    for angle_deg in (1e-5, 0.5, 40.0, 170.0):
        turn = turn_between(_lens(0), _turned(_lens(0), angle_deg))
        assert turn.turned_deg == pytest.approx(angle_deg, rel=1e-6)
