import tracemalloc

import numpy as np
import pytest

from issgaze.civil import parse_utc
from issgaze.imaging.frame import Frame, FrameInfo
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
    assert planes[:, 0, 0].tolist() == [100.0, 0.0, 0.0]
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
