"""Blocks are judged as the plainest loops would judge them."""

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from issgaze.stacking.background import Background
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.streaks import StreakMask
from issgaze.stacking.strips import BlockWindow

ROWS, BLOCKS = 23, 31
NOISE = NoiseModel(constant=36.0, per_adu=0.5)
LEVEL = 80.0
# of a block's mean
SIGMA = math.sqrt(NOISE.constant + NOISE.per_adu * LEVEL) / 8.0
Values = NDArray[np.float64]
Chosen = NDArray[np.bool_]


class Plain:
    """Judges block by block, from what the decisions in docs/decisions say."""

    def __init__(self, window: BlockWindow, steepness: float) -> None:
        self.window, self.steepness = window, steepness
        self.rise = np.zeros((ROWS, BLOCKS))
        self.accepted = np.zeros((ROWS, BLOCKS))
        rows, columns = window
        self.places = list(
            product(range(rows.start, rows.stop), range(columns.start, columns.stop))
        )
        self.inside = set(self.places)
        # the nearest that anything came to being judged otherwise
        self.narrowest = math.inf

    def history(self, y: int, x: int) -> float:
        return float(self.rise[y, x] / max(self.accepted[y, x], 1.0))

    def near(self, y: int, x: int) -> list[tuple[int, int]]:
        around = product((y - 1, y, y + 1), (x - 1, x, x + 1))
        return [place for place in around if place in self.inside]

    def limits(self, y: int, x: int, smooth: Values) -> tuple[float, float]:
        level = max(0.0, self.history(y, x) + float(smooth[y, x]))
        variance = (NOISE.constant + NOISE.per_adu * level) / 64
        sigma = math.sqrt(variance * (1.0 + 1.0 / max(self.accepted[y, x], 1.0)))
        around = [self.history(*place) for place in self.near(y, x)]
        steep = max(max(around) - min(around) - 4.0 * sigma, 0.0) * self.steepness
        return max(sigma, 0.05), steep

    def judge(self, means: Values, smooth: Values, usable: Chosen) -> tuple[Chosen, Chosen]:
        excess, fallen = np.zeros((ROWS, BLOCKS)), np.zeros((ROWS, BLOCKS), bool)
        rise = means - smooth
        for y, x in self.places:
            if usable[y, x] and self.accepted[y, x] > 0:
                sigma, steep = self.limits(y, x, smooth)
                value = rise[y, x] - self.history(y, x)
                excess[y, x] = (value - steep) / sigma
                fallen[y, x] = value + steep < -5.0 * sigma and self.accepted[y, x] <= 6
                self.narrowest = min(self.narrowest, abs(value + steep + 5.0 * sigma))
        alone = excess > 5.0
        self.narrowest = min(self.narrowest, float(np.abs(excess - 5.0).min()))
        struck = (self.grown(alone) | self.lines(excess)) & usable
        dirty = self.grown(fallen) & usable & ~struck
        self.rise[dirty] = self.accepted[dirty] = 0.0
        for y, x in self.places:
            if usable[y, x] and not struck[y, x]:
                self.rise[y, x] += rise[y, x]
                self.accepted[y, x] += 1
        return struck, dirty

    def grown(self, chosen: Chosen) -> Chosen:
        result = np.zeros_like(chosen)
        for y, x in self.places:
            result[y, x] = any(chosen[place] for place in self.near(y, x))
        return result

    def lines(self, excess: Values) -> Chosen:
        """Mark three blocks in a row, bent by 45 degrees at most, that rise together."""
        marked = np.zeros(excess.shape, bool)
        capped = {place: min(float(excess[place]), 4.0) for place in self.places}
        around = [step for step in product((-1, 0, 1), repeat=2) if step != (0, 0)]
        for (y, x), before, after in product(self.places, around, around):
            turn = math.atan2(*before) - math.atan2(-after[0], -after[1])
            if abs(math.remainder(turn, 2 * math.pi)) > math.radians(46):
                continue
            three = [(y + before[0], x + before[1]), (y, x), (y + after[0], x + after[1])]
            total = sum(capped.get(one, 0.0) for one in three)
            self.narrowest = min(self.narrowest, abs(total - 4.6 * math.sqrt(3.0)))
            if total > 4.6 * math.sqrt(3.0):
                for one in self.inside.intersection(three):
                    marked[one] = True
        return marked


def frames(random: np.random.Generator, window: BlockWindow) -> Iterator[tuple[Values, Chosen]]:
    """Yield block means of stars, noise and streaks, and which blocks the frame covers."""
    left, right = window.columns.start, window.columns.stop - 1
    stars = np.where(random.random((ROWS, BLOCKS)) < 0.08, 30.0, 0.0)
    stars[:, [left, left + 1, right - 1, right]] = 0.0
    stars[5:13:4, right] = stars[16:21:2, left] = 30.0
    for number in range(16):
        means = LEVEL + stars + SIGMA * random.standard_normal((ROWS, BLOCKS))
        # bright in one block, faint along a line, and long there in the first frames
        means[4 + number % 9, 3 + number] += 9.0 * SIGMA
        for step in range(5):
            means[18 - step, 7 + number + step // 2] += 4.2 * SIGMA
        if number in {0, 1}:
            means[11, 20:26] += 30.0 * SIGMA
        # at the borders: what ends one row and begins the next are no neighbours
        means[5 + number % 8, left] += 7.0 * SIGMA
        means[15 + number % 5, right] += 7.0 * SIGMA
        means[13, [right - 1, right]] += 3.2 * SIGMA
        means[14, left] += 3.2 * SIGMA
        usable = random.random((ROWS, BLOCKS)) < 0.97
        yield means, usable


@pytest.mark.parametrize("step_px", [1, 2])
@pytest.mark.parametrize(
    "window",
    [
        BlockWindow(rows=slice(0, ROWS), columns=slice(0, BLOCKS)),
        BlockWindow(rows=slice(2, 21), columns=slice(3, 29)),
    ],
)
def test_struck_and_dirty_blocks_are_those_of_plain_loops(
    window: BlockWindow, step_px: int
) -> None:
    mask = StreakMask(ROWS, BLOCKS, window=window, step_px=step_px)
    plain = Plain(window, {1: 0.35, 2: 0.6}[step_px])
    inside = np.zeros((ROWS, BLOCKS), bool)
    inside[window] = True
    all_struck = all_dirty = 0
    for means, usable in frames(np.random.default_rng(7), window):
        means32, covered = means.astype(np.float32), usable & inside
        struck, dirty = mask.judge(means32, covered, NOISE)
        assert not mask.smooth[~inside].any()
        expected = plain.judge(means32.astype(float), mask.smooth.astype(np.float64), covered)
        assert np.array_equal(struck, expected[0])
        assert np.array_equal(dirty, expected[1])
        all_struck += int(struck.sum())
        all_dirty += int(dirty.sum())
    # neither is told by rounding
    assert plain.narrowest > 1e-6
    assert all_struck > 150
    assert all_dirty > 10
    assert np.allclose(mask.rise, plain.rise[window], rtol=1e-4, atol=1e-3)
    assert np.array_equal(mask.accepted, plain.accepted[window])
    assert mask.left_out == 0


def test_a_frame_with_much_that_rises_is_left_out_whole() -> None:
    random = np.random.default_rng(3)
    window = BlockWindow(rows=slice(1, ROWS), columns=slice(0, BLOCKS - 2))
    mask = StreakMask(ROWS, BLOCKS, window=window, step_px=2)
    covered = np.zeros((ROWS, BLOCKS), bool)
    covered[window] = True
    for number in range(6):
        means = LEVEL + SIGMA * random.standard_normal((ROWS, BLOCKS))
        if number == 4:
            # a lamp's glow, patches of it: a level one would be background
            means += 40.0 * SIGMA * (random.random((ROWS, BLOCKS)) < 0.15)
        struck, _ = mask.judge(means.astype(np.float32), covered, NOISE)
        assert np.array_equal(struck, covered) == (number == 4)
    assert mask.left_out == 1


def test_the_glow_of_the_moon_is_no_streak() -> None:
    random = np.random.default_rng(6)
    window = BlockWindow(rows=slice(0, 40), columns=slice(0, 50))
    mask = StreakMask(40, 50, window=window, step_px=1)
    y, x = np.mgrid[:40, :50]
    # steeper than any background follows, and seen through air that dims by a tenth
    glow = 2500.0 * np.exp(-np.hypot(y - 18.3, x - 27.6) / 3.0)
    covered = np.ones((40, 50), bool)
    struck = 0
    for number in range(12):
        level = (LEVEL + glow) * (1.0 - 0.01 * number)
        noise = np.sqrt((NOISE.constant + NOISE.per_adu * level) / 64)
        means = level + noise * random.standard_normal((40, 50))
        struck += int(mask.judge(means.astype(np.float32), covered, NOISE)[0].sum())
    # what noise alone has struck, of 24,000 blocks
    assert struck < 60


def test_a_fall_of_what_no_other_frame_shows_keeps_nothing_out() -> None:
    random = np.random.default_rng(4)
    window = BlockWindow(rows=slice(0, ROWS), columns=slice(0, BLOCKS))
    mask = StreakMask(ROWS, BLOCKS, window=window, step_px=2)
    first = (LEVEL + SIGMA * random.standard_normal((ROWS, BLOCKS))).astype(np.float32)
    first[10, 10] = 0.0
    covered = np.ones((ROWS, BLOCKS), bool)
    others = covered.copy()
    others[10, 10] = False
    mask.judge(first.copy(), covered, NOISE)
    for _ in range(8):
        means = LEVEL + SIGMA * random.standard_normal((ROWS, BLOCKS))
        mask.judge(means.astype(np.float32), others, NOISE)
    taken = covered.copy()
    taken[11, 11] = False
    mask.accepted[11, 11] -= 1
    out, back = mask.review(first.copy(), covered, taken, NOISE)
    assert back[11, 11]
    assert back.sum() == 1
    assert not out.any()


@pytest.mark.parametrize(("rows", "blocks"), [(6, 6), (20, 33), (37, 12)])
def test_the_background_follows_a_slope_and_no_star(rows: int, blocks: int) -> None:
    y, x = np.mgrid[:rows, :blocks].astype(np.float32)
    slope = 100.0 + 0.4 * y - 0.25 * x
    means = slope.copy()
    means[3::7, 2::5] += 500.0
    usable = np.ones((rows, blocks), bool)
    # one column of tiles shows nothing
    usable[:, :6] = blocks < 12
    means[~usable] = -1e6
    out = np.empty((rows, blocks), np.float32)
    Background(rows, blocks).smooth(means, usable, out)
    # a median of a tile lies off its mean by what a few blocks are worth; the border goes on level
    inner = np.abs(out - slope)[3:-3, 6:-3]
    assert inner.size == 0 or inner.max() < 1.1
    assert np.abs(out - slope).max() < 3.5


def test_a_background_of_nothing_is_finite() -> None:
    out = np.empty((9, 9), np.float32)
    none = np.zeros((9, 9), bool)
    Background(9, 9).smooth(np.full((9, 9), np.inf, np.float32), none, out)
    assert np.array_equal(out, np.zeros((9, 9)))
