"""Levels of colours in tiles, and darks levelled by them: the same as the plain formulas."""

import numpy as np
import pytest

from issgaze.imaging.defects import hot_pixels, level_ordinary
from issgaze.imaging.tiles import above_tiles, limits_across, median, straight_on, tile_medians

SHAPES = [(2, 2), (3, 5), (33, 65), (64, 96), (65, 31), (97, 130)]


def mosaic_of(shape: tuple[int, int], dtype: type) -> np.ndarray:
    random = np.random.default_rng(shape[0] * shape[1])
    y, x = np.mgrid[: shape[0], : shape[1]]
    glow = 1500.0 + 4.0 * x + 2.0 * y + 90.0 * (x % 2) - 40.0 * (y % 2)
    values = glow + random.normal(0.0, 20.0, shape)
    values[random.random(shape) < 0.01] += 2000.0
    # sums of four bytes are large ones
    return np.rint(values * (1.0 if dtype is np.uint16 else 57.3)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("shape", SHAPES)
def test_medians_of_tiles_and_what_lies_above(shape: tuple[int, int], dtype: type) -> None:
    mosaic = mosaic_of(shape, dtype)
    before = mosaic.copy()
    medians = tile_medians(mosaic, 16)
    limits = medians + 300.25
    whole = limits_across(mosaic, limits, 16)
    above = np.zeros(shape, bool)
    for y, x in np.ndindex(2, 2):
        sites = mosaic[y::2, x::2]
        for row, column in np.ndindex(medians.shape[2:]):
            part = (slice(row * 16, row * 16 + 16), slice(column * 16, column * 16 + 16))
            if sites[part].size:
                assert medians[y, x, row, column] == np.median(sites[part][::2, ::2])
                limit = np.ceil(limits[y, x, row, column])
                above[y::2, x::2][part] = sites[part] > limit
                assert whole[row, y, x::2][part[1]].tolist() == [limit] * sites[part].shape[1]
    assert above_tiles(mosaic, limits, 16).tolist() == np.flatnonzero(above).tolist()
    assert np.array_equal(mosaic, before)


def test_a_limit_beyond_the_type_is_the_largest_value() -> None:
    mosaic = np.full((4, 4), 65535, np.uint16)
    assert not len(above_tiles(mosaic, tile_medians(mosaic, 16) + 9.0, 16))


@pytest.mark.parametrize("largest", [30, 16500, 100000])
@pytest.mark.parametrize("count", [1, 2, 3, 40, 41])
def test_the_median_of_whole_numbers(count: int, largest: int) -> None:
    values = np.random.default_rng(count).integers(0, largest, count).astype(np.int32)
    assert median(values) == np.median(values)


def test_straight_on_goes_as_the_last_two_do() -> None:
    values = np.array([[1.0, 4.0], [3.0, 8.0]])
    assert straight_on(values, 0)[-1].tolist() == [5.0, 12.0]
    assert straight_on(values, 1)[:, -1].tolist() == [7.0, 13.0]
    assert straight_on(values[:1], 0)[-1].tolist() == [1.0, 4.0]


def plain_spread(sites: np.ndarray, level: np.ndarray) -> float:
    far = [
        abs(int(sites[y, x]) - level[y // 16, x // 16])
        for y in range(0, sites.shape[0], 3)
        for x in range(0, sites.shape[1], 3)
    ]
    return 1.4826 * float(np.median(far))


def plain_between(level: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return what lies straight between the middles of tiles, and straight on outside."""

    def along(values: np.ndarray, count: int) -> np.ndarray:
        if len(values) == 1:
            return np.repeat(values, count, axis=0)
        framed = np.concatenate(
            ([2.0 * values[0] - values[1]], values, [2.0 * values[-1] - values[-2]])
        )
        place = (np.arange(count) + 0.5) / 16 + 0.5
        below = place.astype(int)
        part = (place - below)[:, np.newaxis]
        return framed[below] * (1.0 - part) + framed[below + 1] * part

    return along(along(level, shape[0]).T, shape[1]).T


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("shape", SHAPES)
def test_ordinary_pixels_take_the_level_between_tiles(shape: tuple[int, int], dtype: type) -> None:
    dark = mosaic_of(shape, dtype)
    expected = dark.copy()
    hot = np.zeros(shape, bool)
    for y, x in np.ndindex(2, 2):
        sites = dark[y::2, x::2]
        rows, columns = (-(-size // 16) for size in sites.shape)
        level = np.array(
            [
                [
                    np.median(sites[r * 16 : r * 16 + 16 : 2, c * 16 : c * 16 + 16 : 2])
                    for c in range(columns)
                ]
                for r in range(rows)
            ]
        )
        own = level.repeat(16, axis=0).repeat(16, axis=1)[: sites.shape[0], : sites.shape[1]]
        spread = plain_spread(sites, level)
        hot[y::2, x::2] = sites > np.ceil(own + max(8.0 * spread, 50.0))
        ordinary = sites <= np.ceil(own + 3.5 * spread)
        around = np.rint(plain_between(level, sites.shape))
        expected[y::2, x::2] = np.where(ordinary, around, sites)
    assert hot_pixels(dark, floor=50.0).tolist() == np.flatnonzero(hot).tolist()
    level_ordinary(dark)
    assert np.array_equal(dark, expected)
    assert np.mean(dark != mosaic_of(shape, dtype)) > 0.5 or shape[0] < 4
