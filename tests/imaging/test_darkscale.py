import numpy as np
import pytest

from issgaze.civil import parse_utc
from issgaze.imaging.darkscale import dark_scale, scaled_by
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import master_dark

SHAPE = (1000, 1200)
UTC = parse_utc("2026-03-01T20:00:00Z")


def info(exposure_s=10.0):
    return FrameInfo(start_utc=UTC, exposure_s=exposure_s, black_level_adu=256.0)


@pytest.fixture(scope="module")
def signal():
    """Dark signal in ADU of 10 s: most pixels next to none, one in fifty warm."""
    random = np.random.default_rng(2)
    warm = random.random(SHAPE) < 0.02
    return np.where(warm, random.exponential(25.0, SHAPE), 0.3)


def dark_of(signal, count=8):
    random = np.random.default_rng(3)
    return master_dark(
        Frame(mosaic=np.rint(random.normal(256.0 + signal, 4.0)).astype(np.uint16), info=info())
        for _ in range(count)
    )


@pytest.mark.parametrize(("factor", "exposure_s"), [(1.0, 10.0), (0.45, 10.0), (2.2, 5.0)])
def test_the_factor_is_found_in_one_light(signal, factor, exposure_s):
    """The light has stars, a sky and its own noise; the truth is put in."""
    random = np.random.default_rng(7)
    sky = random.normal(256.0 + 300.0 + signal * factor * exposure_s / 10.0, 9.0)
    stars = random.integers(0, 400, (200, 2))
    sky[stars[:, 0], stars[:, 1]] += 2000.0
    light = Frame(mosaic=np.rint(np.clip(sky, 0, 4095)).astype(np.uint16), info=info(exposure_s))
    found = dark_scale(dark_of(signal), light)
    assert found.factor == pytest.approx(factor, rel=0.1)
    assert found.sigma < 0.05 * factor
    assert found.pixels > 1000


def test_a_scaled_dark_holds_as_much_more(signal):
    dark = dark_of(signal)
    np.testing.assert_allclose(
        scaled_by(dark, 0.5).excess_adu(), 0.5 * dark.excess_adu(), rtol=1e-6
    )


def test_a_sensor_without_warm_pixels_tells_nothing():
    dark = dark_of(np.full(SHAPE, 0.3))
    light = Frame(mosaic=np.full(SHAPE, 500, np.uint16), info=info())
    assert dark_scale(dark, light) is None
    other = Frame(mosaic=np.full((10, 10), 500, np.uint16), info=info())
    assert dark_scale(dark, other) is None
