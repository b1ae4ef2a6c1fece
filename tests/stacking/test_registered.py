"""Frames are added cell by cell exactly as the plainest loop would."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from issgaze.stacking.blocks import BlockSums
from issgaze.stacking.frameview import FrameView
from issgaze.stacking.gathering import GatheredCells, GatheredRows
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.registered import Registered
from issgaze.stacking.strips import BlockWindow, CellShifts, runs_of
from issgaze.stacking.together import Workers

# nothing stands out of so much noise
LOUD = NoiseModel(constant=1e9, per_adu=0.0)
# neither rows of strips, nor of blocks, nor columns of cells come out even
HEIGHT, WIDTH = 102, 116
Values = NDArray[np.uint16]


class Plan:
    """The part of a strip plan that the stack asks for."""

    rows_px = HEIGHT // 16 * 16
    cells = WIDTH // 8
    window = BlockWindow(rows=slice(0, rows_px // 8), columns=slice(0, cells))


def new_stack(resolution: str, plan: type[Plan] = Plan) -> Registered:
    return Registered(
        plan(),  # type: ignore[arg-type]
        shape=(HEIGHT, WIDTH),
        resolution=resolution,  # type: ignore[arg-type]
        largest_value=4095,
        pedestal_adu=256.0,
    )


def random_shifts(random: np.random.Generator, strip_px: int, step_px: int) -> CellShifts:
    """Return runs of every length, shifts of either sign, and cells that show no sky."""
    strips, cells = -(-Plan.rows_px // strip_px), Plan.cells
    begins = random.random((strips, cells)) < 0.3
    shape = int(begins.sum()) + 1
    number = np.cumsum(begins.reshape(-1)).reshape(begins.shape)
    shift_y = (random.integers(-3, 4, shape) * step_px)[number].astype(np.int32)
    shift_x = (random.integers(-5, 6, shape) * step_px)[number].astype(np.int32)
    top = np.arange(strips)[:, np.newaxis] * strip_px
    bottom = np.minimum(top + strip_px, Plan.rows_px)
    left = np.arange(cells) * 8
    usable = random.random((strips, cells)) < 0.85
    usable &= (top + shift_y >= 0) & (bottom + shift_y <= HEIGHT)
    usable &= (left + shift_x >= 0) & (left + shift_x + 8 <= WIDTH)
    return CellShifts(
        strip_px=strip_px,
        rows_px=Plan.rows_px,
        shift_y=shift_y,
        shift_x=shift_x,
        usable=usable,
    )


def add_plainly(
    sums: NDArray[np.int64], counts: NDArray[np.int64], frame: Values, shifts: CellShifts
) -> None:
    """Add a frame pixel block by pixel block."""
    for strip, cell in np.argwhere(shifts.usable).tolist():
        top, left = strip * shifts.strip_px, cell * 8
        bottom = min(top + shifts.strip_px, shifts.rows_px)
        y, x = int(shifts.shift_y[strip, cell]), int(shifts.shift_x[strip, cell])
        layer = (y & 1) * 2 + (x & 1) if len(sums) > 1 else 0
        source = frame[top + y : bottom + y, left + x : left + x + 8]
        sums[layer, top:bottom, left : left + 8] += source
        counts[layer, top // 8 : bottom // 8, cell] += 1


@pytest.mark.parametrize("hands", [1, 3])
@pytest.mark.parametrize("strip_px", [32, 16, 8])
@pytest.mark.parametrize("resolution", ["half", "full"])
def test_sums_and_counts_are_those_of_the_plain_loop(
    resolution: str, strip_px: int, hands: int
) -> None:
    random = np.random.default_rng(strip_px + hands)
    layers, step_px = (4, 1) if resolution == "full" else (1, 2)
    stack = new_stack(resolution)
    sums = np.zeros((layers, HEIGHT, WIDTH), np.int64)
    counts = np.zeros((layers, Plan.rows_px // 8, Plan.cells), np.int64)
    for _ in range(20):
        frame = random.integers(0, 4096, (HEIGHT, WIDTH), dtype=np.uint16)
        shifts = random_shifts(random, strip_px, step_px)
        stack.add(frame, shifts, LOUD, Workers(count=hands))
        add_plainly(sums, counts, frame, shifts)
    for layer in range(layers):
        assert np.array_equal(stack.sums.rows(layer, 0, HEIGHT), sums[layer])
    assert np.array_equal(stack.counts, counts)
    assert stack.rejected == 0


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_blocks_of_early_frames_go_out_and_in_again_exactly(
    resolution: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(9)
    layers, step_px = (4, 1) if resolution == "full" else (1, 2)
    stack = new_stack(resolution)
    sums = np.zeros((layers, HEIGHT, WIDTH), np.int64)
    counts = np.zeros((layers, Plan.rows_px // 8, Plan.cells), np.int64)
    # so bright that low parts were carried just now, and all in one layer
    frames = random.integers(3500, 4096, (17, HEIGHT, WIDTH), dtype=np.uint16)
    shifts = random_shifts(random, 32, 2 * step_px)
    for frame in frames:
        stack.add(frame, shifts, LOUD, Workers())
        add_plainly(sums, counts, frame, shifts)
    usable = np.repeat(shifts.usable, 4, axis=0)[: Plan.rows_px // 8]
    taken = np.array([usable] * 8)
    for turn in range(3):
        for number in range(8):
            chosen = random.random(usable.shape) < 0.4
            out, back = taken[number] & chosen, ~taken[number] & chosen & usable
            monkeypatch.setattr(stack.mask, "review", lambda *_, o=out, b=back: (o, b))
            stack.review(number, frames[number], shifts, LOUD, Workers())
            taken[number] = (taken[number] & ~out) | back
        missing = np.zeros_like(sums)
        for number in range(8):
            left_out = usable & ~taken[number]
            one, count = np.zeros_like(sums), np.zeros_like(counts)
            add_plainly(one, count, frames[number], shifts)
            part = (slice(None), slice(0, Plan.rows_px), slice(0, 8 * Plan.cells))
            missing[part] += one[part] * np.kron(left_out, np.ones((8, 8), int))
        for layer in range(layers):
            assert np.array_equal(stack.sums.rows(layer, 0, HEIGHT), (sums - missing)[layer]), turn


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_blocks_that_begin_anew_hold_the_frame_alone(
    resolution: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(11)
    layers, step_px = (4, 1) if resolution == "full" else (1, 2)
    stack = new_stack(resolution)
    sums = np.zeros((layers, HEIGHT, WIDTH), np.int64)
    counts = np.zeros((layers, Plan.rows_px // 8, Plan.cells), np.int64)
    # so bright that high parts hold something
    frames = random.integers(3500, 4096, (20, HEIGHT, WIDTH), dtype=np.uint16)
    for frame in frames:
        shifts = random_shifts(random, 8, step_px)
        stack.add(frame, shifts, LOUD, Workers())
        add_plainly(sums, counts, frame, shifts)
    shifts = random_shifts(random, 8, step_px)
    dirty = shifts.usable & (random.random(shifts.usable.shape) < 0.5)
    monkeypatch.setattr(stack.mask, "judge", lambda *_: (np.zeros_like(dirty), dirty))
    stack.add(frames[0], shifts, LOUD, Workers())
    part = (slice(None), slice(0, Plan.rows_px), slice(0, 8 * Plan.cells))
    sums[part] *= np.kron(~dirty, np.ones((8, 8), int))
    counts *= ~dirty
    add_plainly(sums, counts, frames[0], shifts)
    for layer in range(layers):
        assert np.array_equal(stack.sums.rows(layer, 0, HEIGHT), sums[layer])
    assert np.array_equal(stack.counts, counts)


class Part(Plan):
    """A plan whose sky does not reach the frame's borders."""

    window = BlockWindow(rows=slice(2, 9), columns=slice(1, 12))


def test_beyond_the_sky_levels_go_on_as_at_its_border() -> None:
    random = np.random.default_rng(5)
    stack, whole = new_stack("half", Part), new_stack("half")
    for _ in range(3):
        shifts = random_shifts(random, 8, 2)
        sky = np.zeros_like(shifts.usable)
        sky[Part.window] = True
        shifts = replace(shifts, usable=shifts.usable & sky)
        frame = random.integers(300, 500, (HEIGHT, WIDTH), dtype=np.uint16)
        for one in (stack, whole):
            one.add(frame, shifts, LOUD, Workers())
    assert np.array_equal(stack.counts, whole.counts)
    assert not stack.all_levels[~sky].any()
    levels, rows, columns = stack.mean_levels(), *Part.window
    assert np.allclose(levels[Part.window], stack.all_levels[Part.window] / 3)
    assert (levels[: rows.start] == levels[rows.start]).all()
    assert (levels[rows.stop :] == levels[rows.stop - 1]).all()
    assert (levels[:, columns.start] == levels[:, : columns.start].T).all()
    assert (levels[:, columns.stop - 1] == levels[:, columns.stop :].T).all()


def test_where_every_sample_went_out_again_no_level_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(2)
    stack = new_stack("half")
    shifts = random_shifts(random, 32, 2)
    frames = random.integers(300, 500, (3, HEIGHT, WIDTH), dtype=np.uint16)
    for frame in frames:
        stack.add(frame, shifts, LOUD, Workers())
    usable = np.repeat(shifts.usable, 4, axis=0)[: Plan.rows_px // 8]
    monkeypatch.setattr(stack.mask, "review", lambda *_: (usable, np.zeros_like(usable)))
    for number, frame in enumerate(frames):
        stack.review(number, frame, shifts, LOUD, Workers())
    assert not stack.counts.any()
    assert not stack.levels.any()


@pytest.mark.parametrize("kind", [GatheredRows, GatheredCells])
@pytest.mark.parametrize("largest", [4095, 4300, 8192, 16700, 65535])
@pytest.mark.parametrize("strip_px", [32, 8])
def test_block_means_are_exact(
    kind: type[GatheredRows | GatheredCells], largest: int, strip_px: int
) -> None:
    random = np.random.default_rng(largest)
    frame = random.integers(0, largest + 1, (HEIGHT, WIDTH), dtype=np.uint16)
    frame[20:80] = largest
    gathered = kind(FrameView(frame), strip_px)
    sums = BlockSums(5, Plan.cells, largest)
    shifts = random_shifts(random, strip_px, 1)
    # what one strip leaves must not show in the next
    for strip in (2, 1):
        gathered.fill(runs_of(shifts)[strip])
        gathered.sum_up(sums, 1)
    means = np.empty((5, Plan.cells), np.float32)
    sums.means(means)
    assert not means[0].any()
    for cell in range(Plan.cells):
        for row in range(strip_px // 8):
            exact = 0.0
            if shifts.usable[strip, cell]:
                y = strip_px * strip + 8 * row + int(shifts.shift_y[strip, cell])
                x = 8 * cell + int(shifts.shift_x[strip, cell])
                exact = float(frame[y : y + 8, x : x + 8].mean())
            assert means[1 + row, cell] == np.float32(exact)


def test_blocks_are_taken_from_anywhere() -> None:
    frame = np.random.default_rng(5).integers(0, 4096, (40, 29), dtype=np.uint16)
    y, x = np.array([0, 3, 32, 17]), np.array([0, 21, 5, 20])
    blocks = FrameView(frame).blocks(y, x).view(np.uint16)
    for block, top, left in zip(blocks, y, x, strict=True):
        assert np.array_equal(block.reshape(8, 8), frame[top : top + 8, left : left + 8])


def test_a_frame_narrower_than_a_cell_has_no_blocks() -> None:
    view = FrameView(np.zeros((40, 6), np.uint16))
    assert view.blocks(np.array([], int), np.array([], int)).size == 0
