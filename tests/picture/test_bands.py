"""A picture made in bands is the picture made at once."""

import numpy as np
import pytest

from issgaze.picture import compose as composing
from issgaze.picture.compose import Composer
from issgaze.picture.render import render
from issgaze.picture.tone import measure_tone
from issgaze.stacking.together import Workers
from issgaze.stacking.trailpixels import TrailPixels


@pytest.fixture(scope="module")
def roofed(staged):
    return staged.stacks(frames=6, roof_px=90)


def composer(staged, roofed):
    trail = np.zeros_like(roofed.peak)
    trail[:, 200, 100:500] = 900.0
    return Composer(roofed, TrailPixels.of(trail), lens=staged.lens)


def test_rows_are_those_of_the_whole(staged, roofed):
    one = composer(staged, roofed)
    height = one.shape[0]
    whole, part = one.rows(0, height), one.rows(180, 260)
    for name in ("sky", "trail", "ground"):
        assert np.allclose(getattr(whole, name)[:, 180:260], getattr(part, name), atol=1e-3), name
    assert np.array_equal(whole.sky_fraction[180:260], part.sky_fraction)
    assert np.array_equal(whole.seen[180:260], part.seen)
    assert (part.top, part.height) == (180, height)


@pytest.mark.parametrize("rows", [64, 96])
def test_the_height_of_bands_and_the_hands_do_not_show(staged, roofed, monkeypatch, rows):
    one = composer(staged, roofed)
    tone = measure_tone(one, found=one.stars)
    expected = render(one, tone=tone).astype(int)
    monkeypatch.setattr(composing, "BAND_ROWS", rows)
    shown = render(one, tone=tone, workers=Workers(count=3)).astype(int)
    assert np.abs(shown - expected).max() <= 2


def test_a_trail_as_pixels_is_the_trail():
    random = np.random.default_rng(1)
    planes = np.where(random.random((1, 40, 50)) > 0.95, random.random((3, 40, 50)), 0.0)
    pixels = TrailPixels.of(planes.astype(np.float32))
    assert np.array_equal(pixels.rows(0, 40), planes.astype(np.float32))
    assert np.array_equal(pixels.rows(7, 19), planes[:, 7:19].astype(np.float32))
    rows, columns = (grid.ravel().astype(np.int32) for grid in np.indices((40, 50)))
    assert np.allclose(pixels.green_at(rows, columns), planes[1].ravel())
    assert np.allclose(pixels.brightest_at(rows, columns), planes.max(axis=0).ravel())
    assert not TrailPixels.of(np.zeros((3, 4, 5), np.float32))
