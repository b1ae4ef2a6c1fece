"""Registration as few large additions: strips of rows, cut into runs of equal displacement."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array, Int32Array
from issgaze.stacking.registration import SkyMap

# the displacement is constant over a cell of this many rows ...
STRIP_PX = 16
# ... and columns
CELL_PX = 8
_STRIP_BITS, _CELL_BITS = 4, 3
# where a node knows no displacement: far outside of any frame, and so is what lies beside it
_NOWHERE = -1e6
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
        shift_y, shift_x: Of each cell in raw px, int32 (strips, cells).
        usable: Cells whose source lies within the frame and shows the sky; bool, that shape.
    """

    shift_y: Int32Array
    shift_x: Int32Array
    usable: BoolArray


class StripPlan:
    """Cuts the displacement field of a frame into cells and runs.

    Only whole cells are registered: a mosaic whose size is no multiple of 16 rows and 8 columns
    loses the rest at its lower and right edge.
    """

    def __init__(self, sky_map: SkyMap, *, height_px: int, width_px: int, step_px: int) -> None:
        """Prepare for displacements in whole multiples of `step_px` (1 full, 2 half)."""
        self._step = step_px
        self._height, self._width = height_px, width_px
        self.strips, self.cells = height_px // STRIP_PX, width_px // CELL_PX
        self._tops = np.arange(self.strips, dtype=np.int32)[:, np.newaxis] * STRIP_PX
        self._lefts = np.arange(self.cells, dtype=np.int32)[np.newaxis] * CELL_PX
        self._rows = _Weights(sky_map.rows_px, _middles(self.strips, STRIP_PX))
        self._columns = _Weights(sky_map.columns_px, _middles(self.cells, CELL_PX))
        self._sky = _sky_cells(sky_map, self.strips, self.cells)
        framed = np.pad(self._sky, ((0, 1), (0, 1)), mode="edge")
        four = framed[:-1, :-1] & framed[1:, :-1] & framed[:-1, 1:] & framed[1:, 1:]
        self._four_sky: BoolArray = four

    def shifts(self, displacement_px: Float64Array) -> CellShifts:
        """Return the shift of every cell for a displacement at the nodes, shape (m, n, 2)."""
        shift_x = self._whole(displacement_px[..., 0])
        shift_y = self._whole(displacement_px[..., 1])
        return CellShifts(shift_y=shift_y, shift_x=shift_x, usable=self._usable(shift_y, shift_x))

    def _whole(self, field: Float64Array) -> Int32Array:
        """Return one axis of a displacement at every cell in whole steps."""
        steps = np.where(np.isnan(field), _NOWHERE, field).astype(np.float32)
        steps *= np.float32(1.0 / self._step)
        exact = self._rows.between(self._columns.between(steps, axis=1), axis=0)
        whole = np.rint(exact, out=exact).astype(np.int32)
        whole *= self._step
        return whole

    def _usable(self, shift_y: Int32Array, shift_x: Int32Array) -> BoolArray:
        top, left = self._tops + shift_y, self._lefts + shift_x
        inside = (top >= 0) & (left >= 0)
        inside &= (top <= self._height - STRIP_PX) & (left <= self._width - CELL_PX)
        # a shifted cell covers parts of up to four cells of the frame: all must show the sky
        inside &= self._sky
        strip = top >> _STRIP_BITS
        np.minimum(np.maximum(strip, 0, out=strip), self.strips - 1, out=strip)
        cell = left >> _CELL_BITS
        np.minimum(np.maximum(cell, 0, out=cell), self.cells - 1, out=cell)
        strip *= self.cells
        strip += cell
        inside &= self._four_sky.take(strip)
        return inside

    def runs(self, shifts: CellShifts) -> list[list[Run]]:
        """Return each strip's usable cells as rectangles, equal neighbours in one."""
        starts = np.ones(shifts.usable.shape, bool)
        starts[:, 1:] = shifts.shift_y[:, 1:] != shifts.shift_y[:, :-1]
        starts[:, 1:] |= shifts.shift_x[:, 1:] != shifts.shift_x[:, :-1]
        starts[:, 1:] |= shifts.usable[:, 1:] != shifts.usable[:, :-1]
        strip, cell = np.nonzero(starts)
        end = np.append(cell[1:], self.cells)
        end[np.append(strip[1:] != strip[:-1], True)] = self.cells
        kept = shifts.usable[strip, cell]
        strip, cell, end = strip[kept], cell[kept], end[kept]
        columns = (
            strip * STRIP_PX,
            (strip + 1) * STRIP_PX,
            cell * CELL_PX,
            end * CELL_PX,
            shifts.shift_y[strip, cell],
            shifts.shift_x[strip, cell],
        )
        found: list[list[Run]] = [[] for _ in range(self.strips)]
        for number, values in zip(strip.tolist(), np.stack(columns, 1).tolist(), strict=True):
            found[number].append(Run(*values))
        return found


class _Weights:
    """Linear interpolation from nodes to points along the first axis."""

    def __init__(self, nodes: Float64Array, points: Float64Array) -> None:
        self._before = np.clip(np.searchsorted(nodes, points) - 1, 0, len(nodes) - 2)
        step = nodes[self._before + 1] - nodes[self._before]
        self._part = ((points - nodes[self._before]) / step).astype(np.float32)

    def between(self, field: Float32Array, *, axis: int) -> Float32Array:
        """Return the values of a field at the points along an axis."""
        first = field.take(self._before, axis)
        change = field.take(self._before + 1, axis)
        change -= first
        change *= self._part if axis else self._part[:, np.newaxis]
        change += first
        return change


def _sky_cells(sky_map: SkyMap, strips: int, cells: int) -> BoolArray:
    """Return the cells whose corners, moved out by a margin, all show the sky."""
    rows, columns = _middles(strips, STRIP_PX), _middles(cells, CELL_PX)
    reach_y, reach_x = (0.5 * (size - 1) + _MARGIN_PX for size in (STRIP_PX, CELL_PX))
    sky = np.ones((strips, cells), bool)
    for y in (rows - reach_y, rows + reach_y):
        for x in (columns - reach_x, columns + reach_x):
            sky &= sky_map.sees_sky(np.asarray(y), np.asarray(x))
    return sky


def _middles(count: int, size_px: int) -> Float64Array:
    return np.arange(count, dtype=np.float64) * size_px + 0.5 * (size_px - 1)
