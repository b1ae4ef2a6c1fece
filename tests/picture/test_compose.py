from dataclasses import replace

import numpy as np
import pytest

from issgaze.picture.compose import compose
from issgaze.picture.skyline import altitude_azimuth, sky_fraction
from issgaze.picture.smooth import gaussian_like
from issgaze.sky.horizon import HorizonMask
from issgaze.stacking.corridor import raw_pixels

ROOF_PX = 90


@pytest.fixture(scope="module")
def roofed(staged):
    return staged.stacks(frames=6, roof_px=ROOF_PX)


def test_the_roof_is_found_to_a_pixel_or_two(staged, roofed):
    fraction = sky_fraction(roofed)
    truth = np.zeros_like(fraction)
    truth[:-ROOF_PX] = 1.0
    wrong = np.abs(fraction - truth) > 0.5
    assert not wrong[: -ROOF_PX - 3].any()
    assert not wrong[-ROOF_PX + 3 :].any()


def test_the_lens_tells_what_lies_below_the_horizon(staged):
    stacks = staged.stacks(frames=2)
    altitude, azimuth = altitude_azimuth(stacks, staged.lens)
    rows, columns = np.array([10, 300, 560]), np.array([20, 500, 740])
    directions = staged.lens.to_directions(
        raw_pixels(np.stack((columns, rows), axis=-1).astype(float), "half")
    )
    expected = np.degrees(np.arcsin(directions[:, 2]))
    assert np.allclose(altitude[rows, columns], expected, atol=0.03)
    bearing = np.degrees(np.arctan2(directions[:, 0], directions[:, 1])) % 360.0
    assert np.allclose(azimuth[rows, columns], bearing, atol=0.1)
    fraction = sky_fraction(stacks, lens=staged.lens, find_line=False)
    assert (fraction[altitude < -1.0] == 0.0).all()
    assert (fraction[altitude > 1.0] == 1.0).all()


def test_a_personal_horizon_bounds_the_sky(staged):
    stacks = staged.stacks(frames=2)
    horizon = HorizonMask(azimuth_deg=(0.0, 180.0), altitude_deg=(20.0, 20.0))
    fraction = sky_fraction(stacks, lens=staged.lens, horizon=horizon, find_line=False)
    altitude, _ = altitude_azimuth(stacks, staged.lens)
    assert (fraction[altitude < 19.0] == 0.0).all()
    assert (fraction[altitude > 21.0] == 1.0).all()


def test_stars_come_from_the_registered_stack_and_the_roof_from_the_still_one(staged, roofed):
    layers = compose(roofed, None)
    inside = np.s_[1, 60:-160, 60:-60]
    # only the smooth level is exchanged
    assert np.percentile(np.abs(layers.sky[inside] - roofed.stars[inside]), 99) < 2.5
    assert np.allclose(layers.ground[:, -60:], roofed.ground[:, -60:], atol=1e-3)


def test_the_sky_goes_on_behind_the_roof_without_a_halo(staged, roofed):
    layers = compose(roofed, None)
    band = layers.sky[1, -ROOF_PX - 6 : -ROOF_PX + 6]
    # sky 60, roof 17: a step or a halo would show here
    assert np.abs(np.median(band, axis=1) - staged.sky_adu).max() < 2.0
    beyond = layers.ground[1, : -ROOF_PX - 1]
    assert beyond.max() < 30.0


@pytest.mark.parametrize(("variant", "share"), [("ground_only", 0.0), ("stars_only", 1.0)])
def test_a_layer_alone(roofed, variant, share):
    assert (compose(roofed, None, variant=variant).sky_fraction == share).all()


def test_star_trails_are_the_brightest_of_all_frames(roofed):
    layers = compose(roofed, None, variant="star_trails")
    inside = np.s_[1, 60:-160, 60:-60]
    higher = roofed.peak[inside] - layers.sky[inside]
    # the level of a maximum lies above the mean's; nothing else differs
    assert np.ptp(np.percentile(higher, (1, 99))) < 6.0
    assert 4.0 < np.median(higher) < 12.0


def test_a_given_mask_is_used_as_it_is(roofed):
    mask = np.zeros(roofed.peak_frame.shape, dtype=np.float32)
    mask[:100] = 1.0
    assert np.array_equal(compose(roofed, None, sky_mask=mask).sky_fraction, mask)


def test_a_level_that_changes_between_sets_of_frames_leaves_no_pattern(roofed):
    stars = roofed.stars.copy()
    # a step across the sky, and at full resolution one parity higher than the others
    stars[:, :, 300:] += 9.0
    for resolution in ("half", "full"):
        if resolution == "full":
            stars[0, ::2, ::2] += 7.0
        stack = replace(roofed, stars=stars, resolution=resolution)
        sky = compose(stack, None).sky[:, 60:-160]
        columns = np.median(sky[1], axis=0)
        assert np.abs(np.median(columns[310:500]) - np.median(columns[100:290])) < 0.6
        assert abs(np.median(sky[0, ::2, ::2]) - np.median(sky[0, 1::2, 1::2])) < 0.6


def test_ground_smeared_into_the_sky_by_registration_is_left_out(staged, roofed):
    stars = roofed.stars.copy()
    stars[:, -ROOF_PX - 3 : -ROOF_PX] = 17.0
    sky = compose(replace(roofed, stars=stars), None).sky[1]
    # beside the ground the level is the still stack's
    assert np.abs(np.median(sky[-ROOF_PX - 3 : -ROOF_PX], axis=1) - staged.sky_adu).max() < 3.0


def test_sky_between_boughs_is_sky_and_the_tip_of_a_tree_is_not(staged):
    """A wood with a gap nine pixels wide and a tip three wide, blurred by half a pixel or so."""
    stacks = staged.stacks(frames=2, brightness=0.0)
    wood = np.zeros(stacks.peak_frame.shape, dtype=np.float32)
    wood[-200:] = 1.0
    wood[-280:-200, 399:402] = 1.0
    wood[-120:-105, 300:309] = 0.0
    wood = gaussian_like(wood, 1.0)
    ground = np.float32(400.0) * (1.0 - wood) + np.float32(20.0) * wood
    stacks = replace(stacks, ground=np.stack([ground] * 3).astype(np.float32))
    fraction = sky_fraction(stacks)
    assert fraction[-116:-109, 303:306].min() > 0.8
    assert fraction[-275:-205, 400].max() < 0.35
    assert fraction[-60:, 100:].max() == 0.0
    assert fraction[:200].min() == 1.0


def test_smeared_edges_beside_a_bright_sky_are_no_stars(roofed):
    """Uneven by far more than the noise where registration smears; a star there stands out."""
    random = np.random.default_rng(5)
    stars, coverage = roofed.stars.copy(), roofed.coverage.copy()
    rows = slice(-ROOF_PX - 30, -ROOF_PX - 2)
    stars[:, rows, 100:700] += np.repeat(random.normal(0.0, 60.0, (28, 300)), 2, axis=1)
    stars[:, -ROOF_PX - 16 : -ROOF_PX - 13, 399:402] += 2500.0
    coverage[rows] = 0.55
    smeared = replace(roofed, stars=stars.astype(np.float32), coverage=coverage)
    mask = np.zeros(roofed.peak_frame.shape, dtype=np.float32)
    mask[:-ROOF_PX] = 1.0
    sky = compose(smeared, None, sky_mask=mask).sky[1]
    inner = np.s_[-ROOF_PX - 24 : -ROOF_PX - 6, 110:380]
    assert np.count_nonzero(np.abs(sky[inner] - _level(sky)) > 40.0) < 0.01 * sky[inner].size
    assert sky[-ROOF_PX - 15, 400] > 1500.0


def _level(sky):
    return np.median(sky[60:-160])


def test_light_between_leaves_is_not_shown_in_the_tone_of_the_ground(staged):
    """Leaves at the edge of a wood let half of the sky through; a lamp there stays a lamp."""
    stacks = staged.stacks(frames=2, brightness=0.0)
    ground = np.full(stacks.peak_frame.shape, 400.0, dtype=np.float32)
    ground[-200:] = 20.0
    leaves, lamp, deep = (-195, 300), (-195, 500), (-100, 300)
    for row, column in (leaves, deep):
        ground[row, column : column + 2] = 200.0
    ground[lamp] = 3000.0
    mask = np.zeros_like(ground)
    mask[:-200] = 1.0
    stacks = replace(stacks, ground=np.stack([ground] * 3))
    shown = compose(stacks, None, sky_mask=mask).ground[1]
    assert shown[leaves] < 40.0
    assert shown[lamp] > 2000.0
    assert shown[deep] > 150.0
