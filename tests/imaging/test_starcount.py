"""Stars counted against the catalogue, on a sky whose limit and zero point are known."""

import dataclasses

import numpy as np
import pytest

from issgaze.imaging.detect import Detections
from issgaze.imaging.starcount import StarCount, count_stars
from issgaze.optics.lens import Lens
from issgaze.optics.platestages import SkyStars

_ZERO_MAG, _LIMIT_MAG, _EXPOSURE_S = 9.0, 5.6, 8.0
_LENS = Lens(
    width_px=2000,
    height_px=2000,
    projection="equidistant",
    focal_px=600.0,
    center_px=(999.5, 999.5),
    rotation=((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    valid_radius_px=940.0,
)


def _sky(seed: int = 1) -> SkyStars:
    rng = np.random.default_rng(seed)
    up = rng.uniform(0.1, 1.0, 4000)
    turn = rng.uniform(0.0, 2.0 * np.pi, 4000)
    across = np.sqrt(1.0 - up**2)
    # three times as many for each magnitude, as in the sky
    magnitude = np.sort(7.4 + np.log(rng.uniform(1e-3, 1.0, 4000)) / np.log(3.0))
    directions = np.stack((across * np.sin(turn), across * np.cos(turn), up), axis=-1)
    return SkyStars(directions=directions, magnitude=magnitude, local=True)


def _detected(sky: SkyStars, *, clear: np.ndarray | None = None) -> Detections:
    rng = np.random.default_rng(2)
    pixels = _LENS.to_pixels(sky.directions)
    seen = np.isfinite(pixels[:, 0]) & (sky.magnitude + rng.normal(0, 0.15, 4000) < _LIMIT_MAG)
    if clear is not None:
        seen &= clear
    extinction = 0.2 * (1.0 / sky.directions[:, 2] - 1.0)
    flux = _EXPOSURE_S * 10.0 ** (0.4 * (_ZERO_MAG - sky.magnitude - extinction))
    x, y = (pixels[seen] + rng.normal(0, 0.3, (seen.sum(), 2))).T
    return Detections(
        x_px=x,
        y_px=y,
        flux_adu=flux[seen],
        elongation=np.ones(len(x)),
        sound=np.ones(len(x), dtype=bool),
        sky_adu=100.0,
    )


def _count(clear: np.ndarray | None = None) -> StarCount:
    sky = _sky()
    return count_stars(_detected(sky, clear=clear), _LENS, sky, exposure_s=_EXPOSURE_S)


def test_the_limiting_magnitude_is_where_half_are_found():
    limit = _count().limiting_magnitude()
    assert limit == pytest.approx(_LIMIT_MAG, abs=0.15)


def test_the_zero_point_is_that_of_the_frame():
    assert _count().zero_point_mag() == pytest.approx(_ZERO_MAG, abs=0.05)
    # in the sense of a star's magnitude: half the light is 0.75 mag less
    sky = _sky()
    half = dataclasses.replace(_detected(sky), flux_adu=0.5 * _detected(sky).flux_adu)
    hazy = count_stars(half, _LENS, sky, exposure_s=_EXPOSURE_S)
    assert hazy.zero_point_mag() == pytest.approx(_ZERO_MAG - 0.753, abs=0.05)


def test_bright_stars_are_all_seen_under_a_clear_sky_and_none_behind_cloud():
    clear = _count()
    bright = clear.bright()
    assert bright.sum() > 20
    assert clear.seen[bright].mean() > 0.97
    cloudy = _count(np.zeros(4000, dtype=bool))
    assert cloudy.seen[cloudy.bright()].mean() == 0.0
    assert cloudy.limiting_magnitude() is None
    assert cloudy.zero_point_mag() is None


def test_cloud_over_the_track_is_told_from_cloud_elsewhere():
    south = _sky().directions[:, 1] < 0.0
    track = np.array([[0.0, -0.9, 0.435], [0.3, -0.8, 0.52]])
    for clear, expected in ((south, 0.9), (~south, 0.0)):
        count = _count(clear)
        near = count.bright() & count.near(track)
        assert near.sum() >= 4
        assert abs(count.seen[near].mean() - expected) < 0.15
