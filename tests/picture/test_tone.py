import numpy as np
import pytest

from issgaze.picture.compose import compose
from issgaze.picture.plain import count_stars, plain_layers, plain_picture
from issgaze.picture.render import render
from issgaze.picture.tone import measure_tone

ROOF_PX = 90


@pytest.fixture(scope="module")
def layers(staged):
    return compose(staged.stacks(frames=6, roof_px=ROOF_PX), None)


@pytest.fixture(scope="module")
def picture(layers):
    return render(layers)


def test_a_picture_is_sixteen_bits_of_rgb(picture, staged):
    assert picture.dtype == np.uint16
    assert picture.shape == (staged.height, staged.width, 3)


def test_the_sky_is_dark_but_not_black_and_stars_are_bright(picture):
    sky = picture[20:-120] / 65535.0
    assert 0.08 < np.median(sky) < 0.18
    assert (sky.min(axis=-1) > 0.0).mean() > 0.999
    assert sky.max() > 0.8


def test_the_roof_shows_without_clipping(picture):
    roof = picture[-ROOF_PX + 4 :] / 65535.0
    assert 0.05 < np.median(roof) < 0.2
    assert (roof > 0.0).all()


def test_the_smooth_sky_has_no_steps_in_sixteen_bits(picture):
    assert len(np.unique(picture[20:200, 20:200, 1])) > 800


def test_a_tone_is_fixed_for_a_sequence(layers, picture):
    tone = measure_tone(layers)
    assert np.array_equal(render(layers, tone=tone), picture)


def test_brighter_stays_brighter(staged, layers):
    tone = measure_tone(layers)
    ramp = np.repeat(
        np.linspace(0.0, 4000.0, staged.width, dtype=np.float32)[None, None], 3, axis=0
    )
    strip = plain_layers(np.repeat(ramp, 64, axis=1), saturation_adu=4000.0)
    row = render(strip, tone=tone)[32].sum(axis=-1).astype(int)
    assert (np.diff(row[40:]) >= -60).mean() > 0.97


def test_a_plain_picture_of_one_grey_exposure(staged):
    single = staged.stacks(frames=1).peak[:1]
    shown = plain_picture(single, saturation_adu=3800.0) / 65535.0
    assert 0.08 < np.median(shown) < 0.18
    assert shown.max() > 0.7
    assert count_stars(np.repeat(single, 3, axis=0)) > 30


def test_an_empty_black_exposure_gives_a_picture_too():
    shown = plain_picture(np.zeros((3, 64, 80), dtype=np.float32), saturation_adu=3800.0)
    assert shown.shape == (64, 80, 3)
