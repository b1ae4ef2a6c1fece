import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from issgaze.civil import parse_utc
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import master_dark
from issgaze.picture.encode import animation_bytes
from issgaze.picture.stillstars import StillStars
from issgaze.picture.timelapse import small_planes, timelapse_frames, timelapse_size

START = parse_utc("2024-05-10T01:00:00Z")


def frame(level=400.0, shape=(240, 320), seed=0, pattern="RGGB", flicker=0.0):
    random = np.random.default_rng(seed)
    values = 256.0 + random.normal(level - 256.0 + flicker, 8.0, shape)
    values[100:110, 200:210] += 1500.0
    mosaic = np.clip(values, 0, 4095).astype(np.uint16)
    return Frame(
        mosaic=mosaic, info=FrameInfo(start_utc=START, exposure_s=5.0, bayer_pattern=pattern)
    )


@pytest.mark.parametrize(
    ("raw", "film"),
    [
        ((2028, 1520), (1014, 760)),
        ((4056, 3040), (1014, 760)),
        ((1920, 1080), (960, 540)),
        ((1366, 767), (682, 382)),
    ],
)
def test_a_film_is_even_and_not_too_large(raw, film):
    assert timelapse_size(*raw) == film


def test_frames_come_one_by_one_with_the_size_foretold():
    film = list(timelapse_frames(frame(seed=n) for n in range(4)))
    assert len(film) == 4
    assert film[0].shape == (120, 160, 3)
    assert film[0].dtype == np.uint8


def test_colours_go_to_their_planes():
    mosaic = np.full((4, 4), 256, dtype=np.uint16)
    mosaic[1::2, 0::2] += 100
    info = FrameInfo(start_utc=START, exposure_s=1.0, bayer_pattern="GBRG")
    planes = small_planes(Frame(mosaic=mosaic, info=info))
    assert planes[:, 0, 0].tolist() == pytest.approx([100.0, 0.0, 0.0])
    grey = small_planes(
        Frame(mosaic=mosaic, info=FrameInfo(start_utc=START, exposure_s=1.0, bayer_pattern="MONO"))
    )
    assert grey[:, 0, 0].tolist() == [25.0, 25.0, 25.0]


def test_a_jittering_exposure_does_not_flicker():
    jitter = np.random.default_rng(1).normal(0.0, 15.0, 12)
    shown = list(timelapse_frames(frame(seed=n, flicker=jitter[n]) for n in range(12)))
    levels = np.array([np.median(picture) for picture in shown])
    still = list(timelapse_frames(frame(seed=n) for n in range(2)))
    step = np.abs(np.diff(levels[3:])).max()
    assert step <= 6.0
    assert levels[4:].std() < 4.0
    assert abs(levels.mean() - np.median(still[0])) < 12.0


def test_memory_does_not_grow_with_the_number_of_frames():
    def peak(count):
        tracemalloc.start()
        for _ in timelapse_frames(frame(seed=n) for n in range(count)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(12) < 1.15 * peak(3)


def test_darks_and_lone_hot_pixels_leave_the_film():
    dark = np.full((240, 320), 260, dtype=np.uint16)
    dark[::17, ::13] += 900
    info = FrameInfo(start_utc=START, exposure_s=5.0)
    darks = [Frame(mosaic=dark, info=info)] * 3
    light = frame()
    light.mosaic[::17, ::13] = np.minimum(light.mosaic[::17, ::13] + 900, 4095)
    light.mosaic[61, 77] = 4000
    warm = small_planes(light)
    clean = small_planes(light, master_dark(darks))
    # the square of light stays, the hot pixels go
    assert np.median(clean[:, 51:54, 101:104]) > 1000.0
    others = np.ones(clean.shape[1:], dtype=bool)
    others[48:58, 98:108] = False
    assert clean[:, others].max() < 300.0
    assert warm.shape == clean.shape


def test_the_ground_has_a_tone_of_its_own():
    share = np.ones((120, 160), dtype=np.float32)
    share[100:] = 0.0
    dim = frame(level=300.0)
    with_ground = next(timelapse_frames([dim], sky_fraction=share))
    without = next(timelapse_frames([dim]))
    assert np.array_equal(with_ground[:90], without[:90])
    assert not np.array_equal(with_ground[110:], without[110:])


def test_stars_stand_still_where_the_lens_says_they_move(staged):
    from issgaze.civil import later
    from issgaze.sky.rotation import sky_rotation

    lens, minutes = staged.lens, 3.0
    still = StillStars(lens, staged.site, staged.start)
    height, width = lens.height_px // 2, lens.width_px // 2
    spots = np.array([[200.0, 150.0], [400.0, 200.0], [550.0, 120.0]])
    up = lens.to_directions(2.0 * spots + 0.5)
    # high enough for refraction to be the same before and after
    moved = (lens.to_pixels(up @ sky_rotation(staged.site, 60.0 * minutes).T) - 0.5) / 2.0
    planes = np.zeros((3, height, width), dtype=np.float32)
    for x, y in moved:
        planes[:, round(y), round(x)] = 1.0
    assert np.abs(moved - spots).max() > 3.0
    info = FrameInfo(start_utc=later(staged.start, 60.0 * minutes), exposure_s=0.0)
    back = planes[0].ravel()[still.places(info, (height, width))].reshape(height, width)
    for x, y in spots:
        near = back[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
        assert near.max() == 1.0


def test_a_small_animation_for_the_page():
    movie = Image.open(
        io.BytesIO(animation_bytes(timelapse_frames(frame(seed=n) for n in range(3)), width_px=80))
    )
    assert (movie.format, movie.size, movie.n_frames) == ("WEBP", (80, 60), 3)
