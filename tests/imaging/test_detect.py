from datetime import UTC, datetime

import numpy as np
import pytest

from issgaze.imaging.detect import detect_stars
from issgaze.imaging.frame import Frame, FrameInfo

_HEIGHT, _WIDTH = 600, 800


def _picture(stars: np.ndarray, *, fwhm_px: float = 3.2, seed: int = 1) -> np.ndarray:
    """A dark sky with a gradient, noise and stars (x, y, flux), in floating point."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    picture = 300.0 + 0.1 * x + rng.normal(0.0, 6.0, (_HEIGHT, _WIDTH))
    sigma = fwhm_px / 2.3548
    for star_x, star_y, flux in stars:
        left, top = int(star_x) - 12, int(star_y) - 12
        part = np.s_[max(top, 0) : top + 25, max(left, 0) : left + 25]
        square = (x[part] - star_x) ** 2 + (y[part] - star_y) ** 2
        picture[part] += flux / (2 * np.pi * sigma**2) * np.exp(-square / (2 * sigma**2))
    return picture


def _frame(picture: np.ndarray, pattern: str = "MONO") -> Frame:
    mosaic = np.clip(np.rint(picture), 0, 4095).astype(np.uint16)
    info = FrameInfo(
        start_utc=datetime(2026, 3, 1, tzinfo=UTC), exposure_s=1.0, bayer_pattern=pattern
    )
    return Frame(mosaic=mosaic, info=info)


def _stars(count: int, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    cell = rng.permutation(16 * 12)[:count]
    x = 25.0 + (cell % 16) * 48 + rng.uniform(-12, 12, count)
    y = 25.0 + (cell // 16) * 48 + rng.uniform(-12, 12, count)
    return np.stack((x, y, rng.uniform(800, 9000, count)), axis=-1)


@pytest.mark.parametrize(("pattern", "limit_px"), [("MONO", 0.06), ("RGGB", 0.25)])
def test_stars_are_found_where_they_are_and_nothing_else(pattern: str, limit_px: float):
    stars = _stars(120)
    found = detect_stars(_frame(_picture(stars), pattern))
    distance = np.hypot(found.x_px[:, None] - stars[:, 0], found.y_px[:, None] - stars[:, 1])
    nearest = distance.min(axis=1)
    assert np.count_nonzero(distance.min(axis=0) < 1.0) >= 118
    assert np.count_nonzero(nearest > 1.0) <= 1
    assert np.median(nearest) < limit_px


def test_noise_alone_gives_hardly_anything():
    assert len(detect_stars(_frame(_picture(np.zeros((0, 3))))).x_px) <= 3


def test_a_streak_hot_pixels_and_a_lamp_come_after_the_stars():
    stars = _stars(60)
    picture = _picture(stars)
    along = np.arange(20, 780)
    rows = (430 + 0.13 * along).astype(int)
    for step in range(-1, 2):
        picture[rows + step, along] += 900.0
    picture[210:230, 300:325] = 4095.0
    hot = [(100, 77), (333, 555), (512, 640)]
    for y, x in hot:
        picture[y, x] += 3000.0
    found = detect_stars(_frame(picture))
    sound = found.sound
    assert not sound[np.argmax(~sound) :].any()
    x, y = found.x_px[sound], found.y_px[sound]
    assert np.count_nonzero(np.abs(y - (430 + 0.13 * x)) < 3.0) <= 2
    assert not np.any((y > 208) & (y < 232) & (x > 298) & (x < 327))
    for hot_y, hot_x in hot:
        assert not np.any(np.hypot(x - hot_x, y - hot_y) < 1.5)
    assert sound.sum() >= 52


def test_the_head_of_the_list_is_spread_over_the_picture():
    rng = np.random.default_rng(5)
    heap = np.stack(
        (
            40.0 + (np.arange(25) % 5) * 18.0,
            40.0 + (np.arange(25) // 5) * 18.0,
            rng.uniform(9000, 12000, 25),
        ),
        axis=-1,
    )
    stars = _stars(60)
    stars = stars[(stars[:, 0] > 160) | (stars[:, 1] > 160)]
    found = detect_stars(_frame(_picture(np.concatenate((heap, stars)))))
    head = (found.x_px[:20] < 140) & (found.y_px[:20] < 140)
    assert head.sum() <= 8
