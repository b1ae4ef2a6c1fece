from dataclasses import replace

import numpy as np
import pytest

from issgaze.picture.colour import StarColours
from issgaze.picture.quality import measure_quality


@pytest.fixture(scope="module")
def counted(staged):
    """Stacks whose stars follow a catalogue with zero point 20, down to far below the noise."""
    random = np.random.default_rng(8)
    stacks = staged.stacks(frames=2, brightness=0.0, stars=0)
    count = 1500
    places = random.uniform((10, 10), (staged.width - 10, staged.height - 10), (count, 2))
    magnitude = random.uniform(10.5, 16.0, count)
    plane = random.normal(staged.sky_adu, 3.0, (staged.height, staged.width))
    steps = np.arange(-4, 5)
    for (x, y), m in zip(places, magnitude, strict=True):
        column, row = round(x), round(y)
        stamp = np.outer(
            np.exp(-0.5 * (row + steps - y) ** 2), np.exp(-0.5 * (column + steps - x) ** 2)
        )
        flux = 10.0 ** (0.4 * (20.0 - m))
        plane[row - 4 : row + 5, column - 4 : column + 5] += stamp * flux / 6.283
    stars = np.repeat(plane[None], 3, axis=0).astype(np.float32)
    # 20 is too faint for the scale of 1 to 12 of catalogues: shift it
    catalogue = StarColours(
        x_px=places[:, 0],
        y_px=places[:, 1],
        b_minus_v=np.full(count, 0.6),
        magnitude=magnitude - 7.0,
    )
    return replace(stacks, stars=stars), catalogue


def test_quality_of_a_known_sky(staged, counted):
    stacks, catalogue = counted
    sky = np.ones(stacks.peak_frame.shape, dtype=bool)
    quality = measure_quality(stacks, sky=sky, lens=staged.lens, catalogue=catalogue)
    assert quality.zero_point_mag == pytest.approx(13.0, abs=0.08)
    assert quality.fwhm_px == pytest.approx(2.355, rel=0.2)
    # 60 ADU in a pixel of 2/650 rad
    pixel_arcsec2 = (206264.8 * 2.0 / staged.focal_px) ** 2
    expected = 13.0 - 2.5 * np.log10(60.0 / pixel_arcsec2)
    assert quality.background_mag_arcsec2 == pytest.approx(expected, abs=0.15)
    # the faintest star with a peak of 5.5 sigma after smoothing
    assert 5.0 < quality.limiting_magnitude < 8.0
    assert quality.star_count > 300


def test_what_the_data_do_not_allow_is_none(staged):
    stacks = staged.stacks(frames=2, brightness=0.0, stars=0)
    sky = np.ones(stacks.peak_frame.shape, dtype=bool)
    quality = measure_quality(stacks, sky=sky)
    assert quality.star_count < 5
    assert quality.fwhm_px is None
    assert quality.limiting_magnitude is None
    assert quality.background_mag_arcsec2 is None
