"""Registration as few large additions: strips of rows, cut into runs of equal displacement."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, Float64Array, Int16Array
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import CELL_PX
from issgaze.stacking.registration import SkyMap

# the displacement is constant over a cell of the sums and so many rows: the fewer and larger the
# strips, the less work, and the larger the error
STRIPS_PX = (32, 16, 8)
# of the displacement before rounding, rms, that strips may make
_LARGEST_ERROR_PX = 0.075
_CELL_BITS = CELL_PX.bit_length() - 1
# the registered part of a mosaic has a multiple of so many rows
_ROWS_PX = 16
# rows and columns that a mosaic needs for it
LEAST_PX = (_ROWS_PX, CELL_PX)
_Whole = TypeVar("_Whole", int, NDArray[np.signedinteger[Any]])
# nothing is nearer to unknown sky than this
_MARGIN_PX = 4.0


class Run(NamedTuple):
    """A rectangle of the stack, first and last (excluded) row and column, and its source's shift.

    The stack's pixel (y, x) takes the frame's pixel (y + shift_y, x + shift_x).
    """

    top: int
    bottom: int
    left: int
    right: int
    shift_y: int
    shift_x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShifts:
    """Displacements of one frame in whole steps.

    Attributes:
        strip_px: Rows of a cell; the last strip may have fewer.
        rows_px: Of all strips together.
        shift_y, shift_x: Of each cell in raw px, int16 (strips, cells).
        usable: Cells whose source lies within the frame and shows the sky; bool, that shape.
    """

    strip_px: int
    rows_px: int
    shift_y: Int16Array
    shift_x: Int16Array
    usable: BoolArray


class BlockWindow(NamedTuple):
    """Rows and columns of the blocks that may show the sky, all others never do."""

    rows: slice
    columns: slice

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start


class StripPlan:
    """Cuts the displacement field of a frame into cells, finely enough for its error to be small.

    Only whole cells are registered: a mosaic whose size is no multiple of 16 rows and 8 columns
    loses the rest at its lower and right edge.

    Attributes:
        rows_px: Rows that are registered.
        cells: Cells of a strip.
        window: Blocks of 8x8 px outside of which no cell is ever usable.
    """

    def __init__(self, sky_map: SkyMap, *, height_px: int, width_px: int, step_px: int) -> None:
        """Prepare for displacements in whole multiples of `step_px` (1 full, 2 half)."""
        self._given = (sky_map, height_px, width_px, step_px)
        self._spacing_px = float(sky_map.rows_px[1] - sky_map.rows_px[0])
        self._sky = sky_map.sees_sky(sky_map.rows_px, sky_map.columns_px)
        self._cuts: dict[int, _Cut] = {}
        self.rows_px = height_px // _ROWS_PX * _ROWS_PX
        self.cells = width_px // CELL_PX
        self.window = _window(sky_map, self.rows_px // BLOCK_PX, self.cells)

    def shifts(self, displacement_px: Float64Array) -> CellShifts:
        """Return the shift of every cell for a displacement at the nodes, shape (m, n, 2)."""
        strip_px = self._strip_px(displacement_px)
        if strip_px not in self._cuts:
            self._cuts[strip_px] = _Cut(
                *self._given, strip_px=strip_px, rows_px=self.rows_px, window=self.window
            )
        return self._cuts[strip_px].shifts(displacement_px)

    def _strip_px(self, displacement_px: Float64Array) -> int:
        """Return the height of strips within which the displacement differs little enough."""
        change = np.diff(displacement_px, axis=0)[self._sky[1:] & self._sky[:-1]]
        change = change[~np.isnan(change[:, 0])] / self._spacing_px
        per_px = float(np.sqrt(np.mean(np.sum(change * change, axis=1)))) if len(change) else 0.0
        # a uniform distribution over the strip
        fit = [size for size in STRIPS_PX if per_px * size / 12**0.5 <= _LARGEST_ERROR_PX]
        return fit[0] if fit else STRIPS_PX[-1]


class _Cut:
    """Cells of one height."""

    def __init__(
        self,
        sky_map: SkyMap,
        height_px: int,
        width_px: int,
        step_px: int,
        *,
        strip_px: int,
        rows_px: int,
        window: BlockWindow,
    ) -> None:
        self._step = step_px
        self._strip_px, self._rows_px = strip_px, rows_px
        self.strips, self.cells = -(-rows_px // strip_px), width_px // CELL_PX
        self._tops = np.arange(self.strips, dtype=np.int16)[:, np.newaxis] * np.int16(strip_px)
        self._lefts = np.arange(self.cells, dtype=np.int16)[np.newaxis] * np.int16(CELL_PX)
        # the last strip may be shorter than the others
        heights = np.minimum(strip_px, rows_px - self._tops)
        self._lowest = (height_px - heights).astype(np.uint16)
        self._rightmost = np.uint16(width_px - CELL_PX)
        self._rows = _Weights(sky_map.rows_px, _middles(self.strips, strip_px))
        self._columns = _Weights(sky_map.columns_px, _middles(self.cells, CELL_PX))
        self._sky = _sky_cells(sky_map, self.strips, self.cells, strip_px)
        first, last = window.rows.start * BLOCK_PX, window.rows.stop * BLOCK_PX
        self._sky &= (self._tops >= first) & (self._tops + heights <= last)
        cell = self._lefts // CELL_PX
        self._sky &= (cell >= window.columns.start) & (cell < window.columns.stop)
        framed = np.pad(self._sky, ((0, 1), (0, 1)), mode="edge")
        four = framed[:-1, :-1] & framed[1:, :-1] & framed[:-1, 1:] & framed[1:, 1:]
        self._four_sky: BoolArray = four

    def shifts(self, displacement_px: Float64Array) -> CellShifts:
        """Return the shift of every cell for a displacement at the nodes, shape (m, n, 2)."""
        shift_x = self._whole(displacement_px[..., 0])
        shift_y = self._whole(displacement_px[..., 1])
        usable = self._usable(shift_y, shift_x)
        usable &= self._known(displacement_px)
        return CellShifts(
            strip_px=self._strip_px,
            rows_px=self._rows_px,
            shift_y=shift_y,
            shift_x=shift_x,
            usable=usable,
        )

    def _known(self, displacement_px: Float64Array) -> BoolArray:
        """Return the cells whose displacement is known at all four nodes around them."""
        known = ~np.isnan(displacement_px[..., 0])
        squares = known[:-1, :-1] & known[1:, :-1] & known[:-1, 1:] & known[1:, 1:]
        cells: BoolArray = squares.take(self._rows.before, 0).take(self._columns.before, 1)
        return cells

    def _whole(self, field: Float64Array) -> Int16Array:
        """Return one axis of a displacement at every cell in whole steps; any where unknown."""
        steps = np.where(np.isnan(field), 0.0, field).astype(np.float32)
        steps *= np.float32(1.0 / self._step)
        exact = self._rows.between(self._columns.between(steps, axis=1), axis=0)
        whole = np.rint(exact, out=exact).astype(np.int16)
        whole *= self._step
        return whole

    def _usable(self, shift_y: Int16Array, shift_x: Int16Array) -> BoolArray:
        top, left = self._tops + shift_y, self._lefts + shift_x
        # without their sign those below zero are the largest
        inside: BoolArray = top.view(np.uint16) <= self._lowest
        inside &= left.view(np.uint16) <= self._rightmost
        inside &= self._sky
        # a shifted cell covers parts of up to four cells of the frame: all must show the sky
        strip = (top >> (self._strip_px.bit_length() - 1)).astype(np.intp)
        # the frame may have a few more rows than are registered
        np.minimum(strip, self.strips - 1, out=strip)
        strip *= self.cells
        strip += left >> _CELL_BITS
        # of those outside any will do
        strip *= inside
        inside &= self._four_sky.take(strip)
        return inside


def runs_of(shifts: CellShifts) -> list[list[Run]]:
    """Return each strip's usable cells as rectangles, equal neighbours in one."""
    strips, cells = shifts.usable.shape
    starts = np.ones((strips, cells), bool)
    np.not_equal(shifts.shift_y[:, 1:], shifts.shift_y[:, :-1], out=starts[:, 1:])
    starts[:, 1:] |= shifts.shift_x[:, 1:] != shifts.shift_x[:, :-1]
    starts[:, 1:] |= shifts.usable[:, 1:] != shifts.usable[:, :-1]
    strip, cell = np.divmod(np.flatnonzero(starts), cells)
    end = np.append(cell[1:], cells)
    end[np.append(strip[1:] != strip[:-1], True)] = cells
    kept = shifts.usable[strip, cell]
    strip, cell, end = strip[kept], cell[kept], end[kept]
    top = strip * shifts.strip_px
    columns = (
        top,
        np.minimum(top + shifts.strip_px, shifts.rows_px),
        cell * CELL_PX,
        end * CELL_PX,
        shifts.shift_y[strip, cell],
        shifts.shift_x[strip, cell],
    )
    every = list(map(Run._make, zip(*(column.tolist() for column in columns), strict=True)))
    borders = np.searchsorted(strip, np.arange(strips + 1)).tolist()
    return [every[begin:end] for begin, end in pairwise(borders)]


def layer_of(
    shift_y: NDArray[np.signedinteger[Any]], shift_x: NDArray[np.signedinteger[Any]], layers: int
) -> NDArray[np.intp]:
    """Return which layer of the sums a shift goes to: the only one, or by its parity that of four.

    The shifts are arrays of one shape, which is that of the result.
    """
    if layers == 1:
        return np.zeros(shift_y.shape, np.intp)
    return np.asarray(_parity(shift_y, shift_x), np.intp)


def layer_of_run(run: Run) -> int:
    """Return which of four layers of the sums a run goes to."""
    return _parity(run.shift_y, run.shift_x)


def _parity(shift_y: _Whole, shift_x: _Whole) -> _Whole:
    return (shift_y & 1) * 2 + (shift_x & 1)


class _Weights:
    """Linear interpolation from nodes to points along an axis.

    Attributes:
        before: Number of the node before each point.
    """

    def __init__(self, nodes: Float64Array, points: Float64Array) -> None:
        self.before = np.clip(np.searchsorted(nodes, points) - 1, 0, len(nodes) - 2)
        step = nodes[self.before + 1] - nodes[self.before]
        self._part = ((points - nodes[self.before]) / step).astype(np.float32)

    def between(self, field: Float32Array, *, axis: int) -> Float32Array:
        """Return the values of a field at the points along an axis."""
        first = field.take(self.before, axis)
        change = field.take(self.before + 1, axis)
        change -= first
        change *= self._part if axis else self._part[:, np.newaxis]
        change += first
        return change


def _sky_cells(sky_map: SkyMap, strips: int, cells: int, strip_px: int) -> BoolArray:
    """Return the cells whose corners, moved out by a margin, all show the sky."""
    rows, columns = _middles(strips, strip_px), _middles(cells, CELL_PX)
    reach_y, reach_x = (0.5 * (size - 1) + _MARGIN_PX for size in (strip_px, CELL_PX))
    sky = np.ones((strips, cells), bool)
    for y in (rows - reach_y, rows + reach_y):
        for x in (columns - reach_x, columns + reach_x):
            sky &= sky_map.sees_sky(y, x)
    return sky


def _window(sky_map: SkyMap, rows: int, columns: int) -> BlockWindow:
    """Return the blocks that may show the sky, and those beside them.

    Lines of nodes are looked at: where the sky ends in a corner between two of them, or in a cap
    narrower than a square, a few of its blocks may be left out.
    """
    down = sky_map.sees_sky(_middles(rows, BLOCK_PX), sky_map.columns_px)
    across = sky_map.sees_sky(sky_map.rows_px, _middles(columns, BLOCK_PX))
    return BlockWindow(rows=_extent(down), columns=_extent(across.T))


def _extent(lines: BoolArray) -> slice:
    """Return from one before the first line with any to one after the last; the first if none."""
    places = np.flatnonzero(lines.any(axis=1))
    if not len(places):
        return slice(0, 1)
    return slice(max(0, int(places[0]) - 1), min(len(lines), int(places[-1]) + 2))


def _middles(count: int, size_px: int) -> Float64Array:
    return np.arange(count, dtype=np.float64) * size_px + 0.5 * (size_px - 1)
