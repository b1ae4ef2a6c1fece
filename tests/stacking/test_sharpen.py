"""Sharpening: stars narrower with the light they had, the sky as it was."""

import numpy as np
import pytest

from issgaze.stacking.sharpen import sharpen_stars


def sky_with_star(sigma: float = 1.4, light: float = 5000.0) -> np.ndarray:
    y, x = np.mgrid[0:101, 0:81]
    star = np.exp(-((x - 40.3) ** 2 + (y - 33.6) ** 2) / (2 * sigma**2))
    star *= light / (2 * np.pi * sigma**2)
    noise = np.random.default_rng(1).normal(0.0, 1.0, (3, 101, 81))
    return np.asarray(100.0 + star + noise, np.float32)


def level(first: int, last: int) -> np.ndarray:
    return np.full((last - first, 81), 100.0, np.float32)


def width2(plane: np.ndarray) -> float:
    part = plane[26:42, 32:49] - 100.0
    y, x = np.mgrid[26:42, 32:49]
    total = part.sum()
    return float((part * ((x - 40.3) ** 2 + (y - 33.6) ** 2)).sum() / total)


def test_a_star_gets_narrower_and_keeps_its_light() -> None:
    before = sky_with_star()
    after = before.copy()
    sharpen_stars(after, level, np.ones((101, 81), np.float32), 0.2)
    for plane in range(3):
        light = (after[plane, 20:48, 26:55] - 100.0).sum() / 5000.0
        assert abs(light - (before[plane, 20:48, 26:55] - 100.0).sum() / 5000.0) < 0.003
        # a share a of the difference takes a/2 off the variance each way
        assert abs(width2(before[plane]) - width2(after[plane]) - 0.2) < 0.06


def test_the_sky_stays_as_it_is() -> None:
    before = sky_with_star()
    after = before.copy()
    sharpen_stars(after, level, np.ones((101, 81), np.float32), 0.2)
    changed = np.argwhere(np.any(before != after, axis=0))
    assert np.hypot(changed[:, 0] - 33.6, changed[:, 1] - 40.3).max() < 10.0
    assert len(changed) > 20


def test_bands_leave_no_seam() -> None:
    star = sky_with_star()
    ones = np.ones((101, 81), np.float32)
    whole = star.copy()
    sharpen_stars(whole, level, ones, 0.2)
    # the star again, moved by three rows, so that it lies elsewhere in its band
    moved = np.roll(star, 3, axis=1)
    sharpen_stars(moved, level, ones, 0.2)
    assert np.array_equal(np.roll(moved, -3, axis=1)[:, 10:90], whole[:, 10:90])


@pytest.mark.parametrize("shape", [(101, 81), (64, 40), (2, 2), (33, 5)])
def test_each_pixel_near_a_star_moves_away_from_its_neighbours(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(6)
    before = random.normal(100.0, 1.0, (3, *shape)).astype(np.float32)
    spots = random.random(shape) < 0.005
    before[:, spots] += 60.0
    variance = random.uniform(0.5, 2.0, shape).astype(np.float32)
    after = before.copy()
    sharpen_stars(after, lambda first, last: np.full((last - first, shape[1]), 100.0, np.float32),
                  variance, 0.25)  # fmt: skip
    expected = before.copy()
    bright = [
        (y, x)
        for y, x in np.ndindex(shape)
        if (near := (slice(max(0, y - 1), y + 2), slice(max(0, x - 1), x + 2)))
        and (before[1][near] - 100.0).sum() > 8.0 * variance[near].sum() ** 0.5
    ]
    chosen = np.zeros(shape, bool)
    for y, x in bright:
        chosen[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3] = True
    inner = before[:, 1:-1, 1:-1]
    around = before[:, :-2, 1:-1] + before[:, 2:, 1:-1] + before[:, 1:-1, :-2] + before[:, 1:-1, 2:]
    change = 0.25 * (inner - 0.25 * around)
    expected[:, 1:-1, 1:-1] += np.where(chosen[1:-1, 1:-1], change, 0.0)
    assert np.allclose(after, expected, rtol=1e-6, atol=1e-5)
    assert np.array_equal(after[:, ~chosen], before[:, ~chosen])
    assert shape == (2, 2) or chosen.any()
