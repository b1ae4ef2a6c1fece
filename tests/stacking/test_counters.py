"""Sums of three bytes a pixel are exact, whatever comes in and goes out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from issgaze.stacking.counters import STRIP_ROWS, Counters

HEIGHT, WIDTH = 2 * STRIP_ROWS + 10, 16
Rows = NDArray[np.uint16]


def frames_of(count: int, largest: int) -> Rows:
    """Return frames whose strips are dark, ordinary and as bright as can be."""
    random = np.random.default_rng(largest)
    frames = random.integers(0, largest + 1, (count, HEIGHT, WIDTH), dtype=np.uint16)
    frames[:, :STRIP_ROWS] //= 50
    frames[:, 2 * STRIP_ROWS :] = largest
    return frames


def add_rows(sums: Counters, values: Rows, top: int) -> None:
    for low, rows in sums.rows_of(top, top + len(values)):
        np.add(low, values[rows], out=low)


def add(sums: Counters, frame: Rows, layer: int) -> None:
    """Add a frame as the stacks do: whole rows to the first layer, strips of cells to others."""
    if layer == 0:
        for top in range(0, HEIGHT, 14):
            add_rows(sums, frame[top : top + 14], top)
        return
    for top in range(0, HEIGHT, 16):
        bottom = min(top + 16, HEIGHT)
        sums.cells_of(layer, top, bottom)[0] += frame[top:bottom].reshape(-1)


@pytest.mark.parametrize("largest", [255, 1023, 4095, 4415, 16383, 16700])
@pytest.mark.parametrize("layers", [1, 4])
def test_sums_are_exact(largest: int, layers: int) -> None:
    frames = frames_of(60 if largest > 300 else 300, largest)
    sums = Counters((layers, HEIGHT, WIDTH), largest_value=largest)
    exact = np.zeros((layers, HEIGHT, WIDTH), np.int64)
    for number, frame in enumerate(frames):
        sums.begin_frame()
        layer = number * number % layers
        add(sums, frame, layer)
        exact[layer] += frame
    for layer in range(layers):
        assert np.array_equal(sums.rows(layer, 0, HEIGHT), exact[layer])
        assert np.array_equal(sums.rows(layer, 29, 67), exact[layer, 29:67])
    y, x = np.divmod(np.arange(HEIGHT * WIDTH), WIDTH)
    assert np.array_equal(sums.total(layers - 1, y, x), exact[-1].reshape(-1))


def test_the_high_part_grows_to_two_bytes() -> None:
    sums = Counters((1, 2, 2), largest_value=4095)
    for _ in range(600):
        sums.begin_frame()
        add_rows(sums, np.full((2, 2), 4095, np.uint16), 0)
    assert (sums.rows(0, 0, 2) == 600 * 4095).all()


@pytest.mark.parametrize("largest", [1023, 4415, 16700])
def test_samples_go_out_and_in_again_exactly(largest: int) -> None:
    random = np.random.default_rng(3)
    frames = frames_of(40, largest)
    sums = Counters((1, HEIGHT, WIDTH), largest_value=largest)
    exact = frames.sum(axis=0, dtype=np.int64)
    for frame in frames:
        sums.begin_frame()
        add(sums, frame, 0)
    for frame in frames[:20]:
        chosen = random.random(3) < 0.7
        sums.borrow(np.flatnonzero(chosen) * STRIP_ROWS + 5)
        sign = 1 if random.random() < 0.3 else -1
        for strip in np.flatnonzero(chosen):
            rows = slice(strip * STRIP_ROWS, min((strip + 1) * STRIP_ROWS, HEIGHT))
            part = sums.cells_of(0, rows.start, rows.stop)[0]
            (np.add if sign > 0 else np.subtract)(part, frame[rows].reshape(-1), out=part)
            exact[rows] += sign * frame[rows].astype(np.int64)
        assert np.array_equal(sums.rows(0, 0, HEIGHT), exact)
    for frame in frames:
        sums.begin_frame()
        add(sums, frame, 0)
    assert np.array_equal(sums.rows(0, 0, HEIGHT), exact + frames.sum(axis=0, dtype=np.int64))


def test_a_dark_sky_is_carried_less_often() -> None:
    carried: list[int] = []

    class Watched(Counters):
        def _carry(self, strip: int, layer: int) -> None:
            carried.append(strip)
            super()._carry(strip, layer)

    sums = Watched((1, HEIGHT, WIDTH), largest_value=4095)
    for frame in frames_of(100, 4095):
        sums.begin_frame()
        add(sums, frame, 0)
    # the strip as bright as can be, every 15 frames; the dark one, of 81 ADU at most, hardly ever
    assert carried.count(2) == 6
    assert carried.count(0) <= 1


def block_of(sums: Counters, *where: int) -> NDArray[np.int64]:
    """Return the sums of one block: strip, layer, cell, and number in the cell."""
    low, high = (
        np.frombuffer(part[where].tobytes(), kind)
        for part, kind in zip(sums.blocks(), (np.uint16, np.uint8), strict=True)
    )
    return (low + 4096 * high.astype(np.int64)).reshape(8, 8)


@pytest.mark.parametrize("width", [16, 13])
def test_rows_hold_blocks_too(width: int) -> None:
    frames = frames_of(40, 4095)[:, :, :width]
    sums = Counters((1, HEIGHT, width), largest_value=4095)
    for frame in frames:
        sums.begin_frame()
        add(sums, np.ascontiguousarray(frame), 0)
    exact = frames.sum(axis=0, dtype=np.int64)
    cell = width // 8 - 1
    columns = slice(8 * cell, 8 * cell + 8)
    assert np.array_equal(block_of(sums, 1, 0, cell, 2), exact[48:56, columns])
    low, _ = sums.blocks()
    at = np.array([0, 1]), np.array([0, 0]), np.array([cell, 0]), np.array([3, 0])
    values = low[at].view(np.uint16)
    low[at] = (values - np.uint16(1)).view(low.dtype)
    exact[24:32, columns] -= 1
    exact[32:40, :8] -= 1
    assert np.array_equal(sums.rows(0, 0, HEIGHT), exact)


@pytest.mark.parametrize("width", [64, 60])
def test_cells_hold_what_rows_hold(width: int) -> None:
    random = np.random.default_rng(8)
    sums = Counters((4, HEIGHT, width), largest_value=4095, in_cells=True)
    exact = np.zeros((4, HEIGHT, width), np.int64)
    whole = width // 8 * 8
    for _ in range(40):
        sums.begin_frame()
        for top in range(0, HEIGHT, 16):
            bottom = min(top + 16, HEIGHT)
            values = random.integers(0, 4096, (bottom - top, whole), dtype=np.uint16)
            layer = int(random.integers(4))
            cells = values.reshape(bottom - top, -1, 8).transpose(1, 0, 2)
            sums.cells_of(layer, top, bottom)[: whole // 8] += cells.reshape(whole // 8, -1)
            exact[layer, top:bottom, :whole] += values
    for layer in range(4):
        assert np.array_equal(sums.rows(layer, 0, HEIGHT), exact[layer])
    y, x = random.integers(0, HEIGHT, 50), random.integers(0, width, 50)
    assert np.array_equal(sums.total(2, y, x), exact[2, y, x])
    assert np.array_equal(block_of(sums, 1, 3, 2, 1), exact[3, 40:48, 16:24])
    sums.replace(3, 5, 9, 123456)
    assert sums.rows(3, 5, 6)[0, 9] == 123456


@pytest.mark.parametrize(("layers", "width"), [(1, 60), (4, 60), (1, 64)])
@pytest.mark.parametrize("in_cells", [False, True])
def test_planes_lie_over_the_strips_of_their_rows(layers: int, width: int, in_cells: bool) -> None:
    sums = Counters((layers, HEIGHT, width), largest_value=4095, in_cells=in_cells)
    sums.begin_frame()
    for layer in range(layers):
        for y, x in ((5, 3), (40, 17), (70, width - 1)):
            sums.replace(layer, y, x, 5000 + y)
    planes = sums.planes()
    scale = 2 if layers == 1 else 1
    assert planes.shape == (3, HEIGHT // scale, width // scale)
    # the first strip is written over; those below keep their sums
    planes[:, : STRIP_ROWS // scale] = -1.0
    for layer in range(layers):
        assert sums.rows(layer, 40, 41)[0, 17] == 5040
        assert sums.rows(layer, 70, 71)[0, width - 1] == 5070
    planes[:, STRIP_ROWS // scale :] = -1.0
    assert (sums.planes() == -1.0).all()


@pytest.mark.parametrize("in_cells", [True, False])
@pytest.mark.parametrize("frames", [1, 600])
def test_a_strip_at_once_is_the_same_rows(frames: int, in_cells: bool) -> None:
    sums = Counters((2, HEIGHT, WIDTH), largest_value=4095, in_cells=in_cells)
    for _ in range(frames):
        # the high part grows to two bytes
        sums.begin_frame()
        sums.cells_of(1, 0, 32)[...] += 4095
    random = np.random.default_rng(4)
    for y, x in zip(range(HEIGHT), random.integers(0, WIDTH, HEIGHT), strict=True):
        sums.replace(y % 2, y, int(x), int(random.integers(0, 600 * 4095)) if frames > 1 else y)
    for layer in (0, 1):
        rows = np.concatenate([sums.strip(number, layer) for number in range(3)])
        assert rows.dtype == np.int32
        assert np.array_equal(rows[:HEIGHT], sums.rows(layer, 0, HEIGHT))
