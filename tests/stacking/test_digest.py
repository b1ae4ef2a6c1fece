"""Digesting frames: exact sums, stars where they belong, bad frames named."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from issgaze.errors import ConfigurationError, FrameError, LensError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark, master_dark
from issgaze.stacking.digest import Digest, DigestSetup
from issgaze.stacking.stacks import NO_FRAME
from issgaze.stacking.together import Workers

from .conftest import SITE, START, LittleSky


def setup_for(sky: LittleSky, frames: int = 12, **changes: object) -> DigestSetup:
    values = {
        "width_px": sky.width, "height_px": sky.height, "bayer_pattern": sky.pattern,
        "black_level_adu": float(sky.black), "white_level_adu": float(sky.white),
        "lens": sky.lens, "site": SITE,
        "reference_utc": START + timedelta(seconds=sky.cadence_s * frames / 2 + 0.25),
        "exposure_s": sky.exposure_s, "resolution": "half",
    }  # fmt: skip
    return DigestSetup(**{**values, **changes})  # type: ignore[arg-type]


def noise_frames(
    count: int, shape: tuple[int, int], white: int = 4095, seed: int = 3
) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.integers(0, white + 1, shape, dtype=np.uint16) for _ in range(count)]


def digest_of(frames: list[np.ndarray], **changes: object) -> Digest:
    height, width = frames[0].shape
    sky = LittleSky(width=width, height=height)
    digest = Digest(setup_for(sky, lens=None, white_level_adu=4095.0, **changes))
    for number, mosaic in enumerate(frames):
        digest.add(Frame(mosaic=mosaic, info=sky.info(number)))
    return digest


@pytest.mark.parametrize("shape", [(64, 96), (62, 50), (36, 18)])
@pytest.mark.parametrize("count", [1, 17, 300])
def test_sum_and_maximum_equal_the_integer_reference(shape: tuple[int, int], count: int) -> None:
    frames = noise_frames(count, shape)
    digest = digest_of(frames)
    cube = np.stack(frames).astype(np.int64)
    assert np.array_equal(
        digest._still.sums.rows(0, 0, digest._still.largest.shape[0]), cube.sum(axis=0)
    )
    assert np.array_equal(digest._still.largest, cube.max(axis=0))
    green = cube[:, 0::2, 1::2]
    number = digest.finish().peak_frame
    chosen = np.take_along_axis(green, number[np.newaxis].astype(int), axis=0)[0]
    assert np.array_equal(chosen, green.max(axis=0))


def test_a_white_level_below_the_largest_value_spoils_no_sum() -> None:
    # bright stars between the rows by which a frame is admitted
    frames = noise_frames(40, (64, 96), white=3700)
    for mosaic in frames:
        mosaic[20:30] = 4095
    sky = LittleSky(width=96, height=64, white=3700)
    digest = Digest(setup_for(sky, lens=None))
    for number, mosaic in enumerate(frames):
        digest.add(Frame(mosaic=mosaic, info=sky.info(number)))
    assert np.array_equal(digest._still.sums.rows(0, 0, 64), np.stack(frames).sum(axis=0))


def test_a_mosaic_too_small_to_be_registered_is_stacked_as_it_stands() -> None:
    for width, height in ((6, 64), (64, 14), (2, 2)):
        sky = LittleSky(width=width, height=height)
        digest = Digest(setup_for(sky))
        for number, mosaic in enumerate(noise_frames(3, (height, width))):
            digest.add(Frame(mosaic=mosaic, info=sky.info(number)))
        stacks = digest.finish()
        assert np.array_equal(stacks.stars, stacks.ground)


@pytest.mark.parametrize("height", [6, 10, 16, 24, 28, 34])
@pytest.mark.parametrize("hands", [2, 3, 4])
def test_few_rows_and_many_hands(height: int, hands: int) -> None:
    sky = LittleSky(width=48, height=height)
    random = np.random.default_rng(height)
    darks = [random.integers(240, 300, (height, 48), dtype=np.uint16) for _ in range(3)]
    darks[0][2, 3] = darks[1][2, 3] = darks[2][2, 3] = 3000
    dark = master_dark(Frame(mosaic=mosaic, info=sky.info(0)) for mosaic in darks)
    sums = []
    for count in (1, hands):
        setup = setup_for(sky, dark=dark)
        digest = Digest(setup, workers=Workers(count=count))
        for number, mosaic in enumerate(noise_frames(3, (height, 48))):
            digest.add(Frame(mosaic=mosaic, info=sky.info(number)))
        sums.append((digest._still.sums.rows(0, 0, height), digest._still.largest))
    assert np.array_equal(sums[0][0], sums[1][0])
    assert np.array_equal(sums[0][1], sums[1][1])


def test_of_equal_maxima_the_earlier_frame_is_named() -> None:
    # neighbours equal too, or a brighter one would decide
    frames = [np.full((32, 48), value, np.uint16) for value in (301, 400, 310, 400, 400)]
    for mosaic in frames:
        mosaic[:, ::6] -= 3
    for number, mosaic in enumerate(frames):
        # what tells frames apart, and rows from half-written ones
        mosaic[0, number::7] += 7
    flat = digest_of(frames).finish().peak_frame
    assert np.all(flat[4:] == 1)


def test_deep_raws_lose_bits_but_no_carry() -> None:
    frames = noise_frames(70, (32, 48), white=65535)
    sky = LittleSky(width=48, height=32, black=4096, white=65535)
    digest = Digest(setup_for(sky, lens=None))
    for number, mosaic in enumerate(frames):
        digest.add(Frame(mosaic=mosaic, info=sky.info(number)))
    cube = np.stack(frames).astype(np.int64) >> 2
    assert np.array_equal(
        digest._still.sums.rows(0, 0, digest._still.largest.shape[0]), cube.sum(axis=0)
    )
    ground = digest.finish().ground
    red = (cube[:, 0::2, 0::2].mean(axis=0) - 1024.0) * 4.0
    assert ground[0] == pytest.approx(red, abs=0.01)


@pytest.mark.parametrize("pattern", ["RGGB", "BGGR", "GRBG", "GBRG"])
def test_colours_go_to_their_planes(pattern: str) -> None:
    level = {"R": 600, "G": 900, "B": 1200}
    mosaic = np.empty((64, 64), np.uint16)
    for index, letter in enumerate(pattern):
        mosaic[index // 2 :: 2, index % 2 :: 2] = level[letter]
    mosaic += np.random.default_rng(1).integers(0, 3, mosaic.shape, dtype=np.uint16)
    sky = LittleSky(width=64, height=64, pattern=pattern)
    for resolution in ("half", "full"):
        digest = Digest(setup_for(sky, lens=None, resolution=resolution))
        digest.add(Frame(mosaic=mosaic, info=sky.info(0)))
        stacks = digest.finish()
        for image in (stacks.ground, stacks.peak):
            got = image.mean(axis=(1, 2))
            assert got == pytest.approx([600 - 255, 900 - 255, 1200 - 255], abs=1)
            assert image.std(axis=(1, 2)).max() < 1.5


def test_mono_gives_three_equal_planes() -> None:
    sky = LittleSky(pattern="MONO")
    for resolution in ("half", "full"):
        digest = Digest(setup_for(sky, resolution=resolution))
        for number in range(4):
            digest.add(sky.frame(number))
        stacks = digest.finish()
        for image in (stacks.stars, stacks.ground, stacks.peak):
            assert np.array_equal(image[0], image[1])
            assert np.array_equal(image[2], image[1])


def star_position(image: np.ndarray, x: float, y: float, reach: int = 4) -> np.ndarray | None:
    left, top = round(x) - reach, round(y) - reach
    size = 2 * reach + 1
    if left < 0 or top < 0 or left + size > image.shape[1] or top + size > image.shape[0]:
        return None
    part = image[top : top + size, left : left + size].astype(float)
    part = np.maximum(part - np.median(part), 0)
    yy, xx = np.mgrid[top : top + size, left : left + size]
    weight = part * np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / 6.0)
    return np.array([(weight * xx).sum(), (weight * yy).sum()]) / weight.sum()


@pytest.mark.parametrize("resolution", ["half", "full"])
@pytest.mark.parametrize("row_time_s", [0.0, 0.05, -0.05])
def test_stars_stand_where_they_do_at_the_reference_instant(
    resolution: str, row_time_s: float
) -> None:
    frames = 16
    sky = LittleSky(row_time_s=row_time_s, cadence_s=8.0)
    setup = setup_for(sky, frames, resolution=resolution)
    digest = Digest(setup)
    for number in range(frames):
        digest.add(sky.frame(number))
    stars = digest.finish().stars[1]
    seconds = (setup.reference_utc - START).total_seconds()
    expected = sky.pixels(seconds)
    if resolution == "half":
        expected = (expected - 0.5) / 2
    found = [star_position(stars, x, y) for x, y in expected]
    errors = np.array([f - e for f, e in zip(found, expected, strict=True) if f is not None])
    assert len(errors) > 20
    step = 0.5 if resolution == "half" else 1.0
    assert np.abs(np.median(errors, axis=0)).max() < 0.1 * step
    assert np.sqrt(np.mean(errors**2)) < 0.2 * step


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_the_registered_stack_is_less_noisy_by_the_root_of_the_frames(resolution: str) -> None:
    sky = LittleSky(stars=0)
    digest = Digest(setup_for(sky, 16, resolution=resolution))
    for number in range(16):
        digest.add(sky.frame(number))
    stacks = digest.finish()
    one = Digest(setup_for(sky, 1, lens=None, resolution="half"))
    one.add(sky.frame(0))
    single = one.finish().ground
    inside = np.s_[stacks.coverage.shape[0] // 3 : stacks.coverage.shape[0] * 2 // 3]
    assert stacks.coverage[inside].max() == pytest.approx(1.0)
    if resolution == "half":
        gain = single[1].std() / stacks.stars[1][inside].std()
        assert gain == pytest.approx(4.0, rel=0.1)
    predicted = np.mean(stacks.variance[inside])

    assert predicted == pytest.approx(np.var(stacks.stars[1][inside]), rel=0.2)


def test_without_a_lens_stars_are_the_ground() -> None:
    sky = LittleSky()
    for changes in ({"lens": None}, {"site": None}):
        digest = Digest(setup_for(sky, **changes))
        for number in range(3):
            digest.add(sky.frame(number))
        stacks = digest.finish()
        assert np.array_equal(stacks.stars, stacks.ground)
        assert stacks.coverage.min() == 1.0


def test_below_the_horizon_the_ground_stands_in() -> None:
    sky = LittleSky()
    digest = Digest(setup_for(sky))
    for number in range(3):
        digest.add(sky.frame(number))
    stacks = digest.finish()
    dead = stacks.coverage == 0
    assert 0.05 < dead.mean() < 0.7
    assert dead[:3, :3].all()
    assert not dead[96, 128]
    assert np.array_equal(stacks.stars[:, dead], stacks.ground[:, dead])


def make_dark(sky: LittleSky, hot: dict[tuple[int, int], int], count: int = 5) -> MasterDark:
    darks = []
    for number in range(count):
        random = np.random.default_rng((9, number))
        mosaic = random.normal(sky.black + 2, 1.5, (sky.height, sky.width))
        for (y, x), value in hot.items():
            mosaic[y, x] += value
        mosaic = np.clip(np.rint(mosaic), 0, sky.white).astype(np.uint16)
        darks.append(Frame(mosaic=mosaic, info=sky.info(number)))
    found = master_dark(darks)
    assert found is not None
    return found


def test_hot_pixels_survive_nowhere() -> None:
    sky = LittleSky(stars=0)
    random = np.random.default_rng(5)
    hot = {
        (int(y), int(x)): int(value)
        for y, x, value in zip(
            random.integers(0, sky.height, 300),
            random.integers(0, sky.width, 300),
            random.integers(100, 3500, 300),
            strict=True,
        )
    }
    glow = np.zeros((sky.height, sky.width))
    for place, value in hot.items():
        glow[place] = value * sky.gain_e
    for resolution in ("half", "full"):
        digest = Digest(setup_for(sky, resolution=resolution, dark=make_dark(sky, hot)))
        for number in range(6):
            digest.add(sky.frame(number, add_e=glow))
        stacks = digest.finish()
        sigma = np.sqrt(sky.sky_adu * sky.gain_e + sky.read_e**2) / sky.gain_e
        assert stacks.peak.max() < sky.sky_adu + 7 * sigma
        assert stacks.ground.max() < sky.sky_adu + 4 * sigma
        assert stacks.stars.max() < sky.sky_adu + 5.5 * sigma


BAD = [
    ({"mosaic": np.zeros((10, 12), np.uint16)}, {}, "another size: 12x10 px, the stack has"),
    ({"mosaic": np.zeros((384, 512), np.float32)}, {}, "pixels are float32"),
    ({}, {"bayer_pattern": "BGGR"}, "another Bayer order: BGGR, the stack has RGGB"),
    ({}, {"white_level_adu": 65535.0}, "another bit depth: black and white level"),
    ({}, {"exposure_s": 3.0}, "another exposure: 3 s, the stack has 2 s"),
    ({"mosaic": np.full((384, 512), 4095, np.uint16)}, {}, "saturated: 100 % of its pixels"),
    ({"mosaic": np.full((384, 512), 5000, np.uint16)}, {}, "another bit depth: a pixel holds 5000"),
    ({"mosaic": np.full((384, 512), 256, np.uint16)}, {}, "black: 99.9 % of its pixels"),
    ({"mosaic": np.zeros((384, 512), np.uint16)}, {}, "black: 99.9 % of its pixels"),
    ({}, {"start_utc": START - timedelta(seconds=1)}, "out of order: started at 2026-03-01T18:59"),
    ({}, {"start_utc": START}, "duplicated: the frame before started at 2026-03-01T19:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("frame_changes", "info_changes", "message"), BAD)
def test_a_bad_frame_is_named_and_changes_nothing(
    little_sky: LittleSky,
    frame_changes: dict[str, np.ndarray],
    info_changes: dict[str, object],
    message: str,
) -> None:
    good = [little_sky.frame(number) for number in (0, 1)]
    clean, other = Digest(setup_for(little_sky)), Digest(setup_for(little_sky))
    bad = replace(good[1], info=little_sky.info(1, **info_changes), **frame_changes)
    other.add(good[0])
    with pytest.raises(FrameError, match=message) as caught:
        other.add(bad)
    assert caught.value.remedy
    other.add(good[1])
    for frame in good:
        clean.add(frame)
    first, second = clean.finish(), other.finish()
    assert first.frame_count == second.frame_count == 2
    for name in ("stars", "ground", "peak", "peak_frame", "coverage", "variance"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_a_half_written_frame_is_named(little_sky: LittleSky) -> None:
    frame = little_sky.frame(0)
    mosaic = frame.mosaic.copy()
    mosaic[200:] = 0
    with pytest.raises(FrameError, match="half-written: row 204 holds one value"):
        Digest(setup_for(little_sky)).add(replace(frame, mosaic=mosaic))


def test_a_copied_frame_is_named(little_sky: LittleSky) -> None:
    digest = Digest(setup_for(little_sky))
    frame = little_sky.frame(0)
    digest.add(frame)
    with pytest.raises(FrameError, match="duplicated: its pixels are those of the frame before"):
        digest.add(replace(frame, info=little_sky.info(1)))


def test_one_frame_alone_is_a_stack(little_sky: LittleSky) -> None:
    for resolution in ("half", "full"):
        digest = Digest(setup_for(little_sky, 1, resolution=resolution))
        digest.add(little_sky.frame(0))
        stacks = digest.finish()
        assert stacks.frame_count == 1
        assert np.array_equal(stacks.peak, stacks.ground)
        assert np.isfinite(stacks.stars).all()
        assert np.isfinite(stacks.variance).all()
        assert not np.any(stacks.peak_frame == NO_FRAME)


def test_no_frame_at_all_is_said(little_sky: LittleSky) -> None:
    with pytest.raises(FrameError, match="no frame fits: 0 went in, at least 1 is needed"):
        Digest(setup_for(little_sky)).finish()


def test_what_cannot_be_set_up_is_said(little_sky: LittleSky) -> None:
    with pytest.raises(LensError, match="for frames of 512x384 px"):
        Digest(setup_for(little_sky, width_px=600))
    with pytest.raises(FrameError, match="unknown Bayer order 'RGBG'"):
        Digest(setup_for(little_sky, bayer_pattern="RGBG"))
    with pytest.raises(ConfigurationError, match="frames of 1x1 px cannot be stacked"):
        Digest(setup_for(little_sky, width_px=1, height_px=1, lens=None))
    dark = make_dark(LittleSky(width=64, height=64), {})
    with pytest.raises(FrameError, match="the darks have 64x64 px, the lights 512x384"):
        Digest(setup_for(little_sky, dark=dark))


def test_frame_info_is_kept(little_sky: LittleSky) -> None:
    digest = Digest(setup_for(little_sky))
    frames = [little_sky.frame(number) for number in range(3)]
    for frame in frames:
        digest.add(frame)
    stacks = digest.finish()
    assert stacks.frame_start_utc == tuple(frame.info.start_utc for frame in frames)
    assert stacks.exposure_s == (2.0, 2.0, 2.0)
    assert isinstance(frames[0].info, FrameInfo)
