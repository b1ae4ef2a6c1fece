"""Early frames are judged again at the end, exactly."""

from dataclasses import replace

import numpy as np
import pytest

from issgaze.errors import FrameError
from issgaze.stacking.digest import Digest

from .conftest import LittleSky
from .test_digest import setup_for

FRAMES = 10


def test_a_clear_sky_has_no_doubtful_frames(little_sky: LittleSky) -> None:
    digest = Digest(setup_for(little_sky, FRAMES))
    for number in range(FRAMES):
        digest.add(little_sky.frame(number))
    assert digest.doubtful == ()


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_review_takes_samples_out_and_in_exactly(resolution: str) -> None:
    sky = LittleSky(stars=0)
    digest = Digest(setup_for(sky, FRAMES, resolution=resolution))
    streaks = [np.zeros((sky.height, sky.width)) for _ in range(FRAMES)]
    for number in range(FRAMES):
        streaks[number][180 + number : 184 + number, 200:300] = 150.0 if number < 5 else 0.0
        digest.add(sky.frame(number, add_e=streaks[number]))
    assert digest.doubtful == tuple(range(8))
    for number in digest.doubtful:
        digest.review(number, sky.frame(number, add_e=streaks[number]))
    stack = digest._sky.stack  # type: ignore[union-attr]
    # samples and counts agree everywhere: no sum has wrapped around
    count = np.repeat(np.repeat(stack.counts, 8, axis=1), 8, axis=2)
    rows, columns = count.shape[1:]
    layers = [stack.sums.rows(layer, 0, rows)[:, :columns] for layer in range(stack.layers)]
    total = np.stack(layers)
    mean = total[count > 0] / count[count > 0]
    assert mean.min() > 256 + 50
    assert mean.max() < 256 + 190
    for layer in range(stack.layers):
        assert not total[layer][count[layer] == 0].any()


def test_another_frame_is_refused() -> None:
    sky = LittleSky(stars=0)
    digest = Digest(setup_for(sky, FRAMES))
    for number in range(4):
        streak = np.zeros((sky.height, sky.width))
        streak[150:154, 100 + 60 * number : 160 + 60 * number] = 900.0
        digest.add(sky.frame(number, add_e=streak))
    other = sky.frame(1)
    other = replace(other, info=sky.info(2))
    with pytest.raises(FrameError, match="frame 1 of the stack is another one"):
        digest.review(1, other)
