"""The master dark, its hot pixels, and the calibration that uses them."""

from datetime import UTC, datetime

import numpy as np
import pytest

from issgaze.errors import FrameError
from issgaze.imaging.bayer import colour_cell, sites_of
from issgaze.imaging.calibration import Calibrator
from issgaze.imaging.defects import plan_repair
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import master_dark

SHAPE = (64, 96)
# two are neighbours of one colour, one lies in a corner
HOT = ((11, 20), (11, 22), (40, 61), (63, 95))


def info(**changes: object) -> FrameInfo:
    values = {"start_utc": datetime(2026, 3, 1, tzinfo=UTC), "exposure_s": 2.0}
    return FrameInfo(**{**values, **changes})  # type: ignore[arg-type]


def dark(seed: int, add: np.ndarray | float = 0.0, **changes: object) -> Frame:
    noise = np.random.default_rng(seed).normal(0.0, 3.0, SHAPE)
    mosaic = np.clip(np.rint(256.0 + noise + add), 0, 4095).astype(np.uint16)
    return Frame(mosaic=mosaic, info=info(**changes))


def glow() -> np.ndarray:
    signal = np.zeros(SHAPE)
    signal += np.linspace(40.0, 10.0, SHAPE[1])
    signal[10, 10] = 900.0
    signal[11, 50] = 3000.0
    return signal


def test_it_is_the_mean_without_cosmic_rays() -> None:
    darks = [dark(seed, glow()) for seed in range(16)]
    darks[3].mosaic[30, 40] = 4000
    found = master_dark(darks)
    assert found is not None
    assert found.frame_count == 16
    excess = found.excess_adu()
    assert excess[:, :10].mean() == pytest.approx(38.6, abs=0.6)
    assert excess[:, -10:].mean() == pytest.approx(11.4, abs=0.6)
    assert excess[30, 40] < 40.0
    assert found.hot.tolist() == [10 * 96 + 10, 11 * 96 + 50]
    # hot pixels are repaired: what is taken off them does not matter, but is no more than usual
    assert max(excess[10, 10], excess[11, 50]) < 40.0


def test_only_warm_pixels_keep_their_own_value() -> None:
    signal = np.zeros(SHAPE)
    signal[30, 40] = 7.0
    found = master_dark([dark(seed, signal) for seed in range(16)])
    assert found is not None
    excess = found.excess_adu()
    assert excess[30, 40] >= 5.0
    # the noise of the darks themselves, 0.8 ADU, is gone
    assert np.std(np.delete(excess.reshape(-1), 30 * 96 + 40)) < 0.3


def test_of_three_darks_it_is_the_median() -> None:
    levels = (10.0, 14.0, 200.0)
    darks = [Frame(mosaic=np.full(SHAPE, 256 + level, np.uint16), info=info()) for level in levels]
    found = master_dark(darks)
    assert found is not None
    assert np.all(found.excess_adu() == 14.0)


def test_many_bright_darks_outgrow_two_bytes() -> None:
    darks = [Frame(mosaic=np.full(SHAPE, 2000 + n % 3, np.uint16), info=info()) for n in range(50)]
    found = master_dark(darks)
    assert found is not None
    mean = (sum(2000 + n % 3 for n in range(50)) - 2000 - 2002) / 48.0
    assert np.allclose(found.excess_adu(), mean - 256.0, atol=0.5 * found.step_adu + 1e-3)


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (40, 20)])
def test_a_small_mosaic_has_a_dark_too(shape: tuple[int, int]) -> None:
    found = master_dark([Frame(mosaic=np.full(shape, 300, np.uint16), info=info())] * 3)
    assert found is not None
    assert (found.excess_adu() == 44.0).all()


def test_one_dark_alone_will_do() -> None:
    found = master_dark([dark(1, glow())])
    assert found is not None
    assert 11 * 96 + 50 in found.hot


@pytest.mark.parametrize(
    "darks",
    [
        [],
        [Frame(mosaic=np.full(SHAPE, 4000, np.uint16), info=info())],
        [Frame(mosaic=np.zeros(SHAPE, np.float32), info=info())],  # type: ignore[arg-type]
        [Frame(mosaic=np.zeros((0, 0), np.uint16), info=info())],
    ],
)
def test_no_usable_dark_gives_none(darks: list[Frame]) -> None:
    assert master_dark(darks) is None


def test_darks_that_do_not_fit_the_first_are_left_out() -> None:
    odd = [
        dark(2, exposure_s=4.0),
        dark(3, bayer_pattern="BGGR"),
        dark(4, black_level_adu=128.0),
        Frame(mosaic=np.full((10, 10), 256, np.uint16), info=info()),
        Frame(mosaic=np.full(SHAPE, 4000, np.uint16), info=info()),
    ]
    found = master_dark([dark(1), *odd, dark(5)])
    assert found is not None
    assert found.frame_count == 2


def test_temperature_is_the_mean_of_what_is_known() -> None:
    found = master_dark([dark(1, temperature_c=10.0), dark(2), dark(3, temperature_c=14.0)])
    assert found is not None
    assert found.temperature_c == 12.0


@pytest.mark.parametrize(("black", "shift"), [(256.0, 0), (0.0, 0), (4096.0, 2)])
def test_calibration_is_exact_in_integers(black: float, shift: int) -> None:
    random = np.random.default_rng(4)
    # a glow that grows to the right, and hot pixels, two of which are neighbours of one colour
    signal = np.broadcast_to(np.linspace(0.0, 120.0, SHAPE[1]), SHAPE).copy()
    for place in HOT:
        signal[place] += 900.0
    mosaic = (black + np.rint(signal)).astype(np.uint16)
    darks = [
        Frame(mosaic=mosaic, info=info(black_level_adu=black, white_level_adu=65535.0))
        for _ in range(3)
    ]
    found = master_dark(darks)
    assert found is not None
    assert found.hot.tolist() == sorted(y * SHAPE[1] + x for y, x in HOT)
    calibrator = Calibrator(
        shape=SHAPE, black_level_adu=black, dark=found, exposure_s=1.0, shift=shift
    )
    assert calibrator.deepest_adu << shift > 50
    raw = random.integers(max(0, int(black) - 60), 4095 << shift, SHAPE, dtype=np.uint16)
    # half the exposure, half the dark
    halved = np.rint(found.excess_steps * (found.step_adu / 2)).astype(int)
    expected = (raw.astype(int) >> shift) - (halved >> shift)
    for y, x in HOT:
        expected[y, x] = stand_in(expected, y, x)
    out = np.empty_like(raw)
    calibrator.calibrate(raw, out)
    assert np.array_equal(out.astype(int) - calibrator.offset_adu, expected)
    # where the raw lies, what stands in is asked before it changes
    calibrator.calibrate(raw, raw)
    assert np.array_equal(raw, out)
    assert calibrator.pedestal_adu == black / (1 << shift) + calibrator.offset_adu


def stand_in(values: np.ndarray, y: int, x: int) -> int:
    """Return the mean of the nearest four pixels of the colour that are not hot."""
    near = [(0, -2), (0, 2), (-2, 0), (2, 0), (-2, -2), (-2, 2), (2, -2), (2, 2), (0, -4)]
    good = [
        int(values[y + down, x + right])
        for down, right in near
        if (y + down, x + right) not in HOT
        and 0 <= y + down < SHAPE[0]
        and 0 <= x + right < SHAPE[1]
    ]
    return (sum(good[:4]) + 2) // 4


def test_a_dark_of_another_size_is_refused() -> None:
    with pytest.raises(FrameError, match="the darks have 96x64 px, the lights 20x10"):
        Calibrator(shape=(10, 20), black_level_adu=256.0, dark=master_dark([dark(1)]), exposure_s=1)


def test_hot_pixels_take_the_mean_of_good_neighbours_of_their_colour() -> None:
    mosaic = np.arange(64, dtype=np.uint16).reshape(8, 8) * 10
    hot = np.array([3 * 8 + 3, 3 * 8 + 5, 7 * 8 + 7], np.int32)
    repair = plan_repair(hot, (8, 8))
    means = repair.means(mosaic[tuple(repair.stand_ins)])
    # left, above, below and a diagonal: the right-hand neighbour is hot itself
    good = [mosaic[3, 1], mosaic[1, 3], mosaic[5, 3], mosaic[1, 1]]
    assert means[0] == (sum(int(value) for value in good) + 2) // 4
    assert repair.pixels.tolist() == hot.tolist()
    assert means[2] < mosaic[7, 7]


def test_a_hot_pixel_without_neighbours_stays() -> None:
    repair = plan_repair(np.array([0], np.int32), (2, 2))
    assert repair.stand_ins.tolist() == [[[0]] * 4] * 2
    assert repair.means(np.full((4, 1), 7, np.uint16)).tolist() == [7]


def test_bayer_orders() -> None:
    assert colour_cell("GBRG") == ((1, 2), (0, 1))
    assert sites_of("GBRG", 1) == ((0, 0), (1, 1))
    assert len(sites_of("MONO", 0)) == 4
    with pytest.raises(FrameError, match="unknown Bayer order 'XYZW'"):
        colour_cell("XYZW")
