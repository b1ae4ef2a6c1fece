"""A calibrated frame as cells of eight columns that may begin at any pixel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import UInt16Array
from issgaze.stacking.counters import CELL_PX
from issgaze.stacking.strips import Run

# the eight values of a row of a cell, moved as one item: a copy of single values takes eight times
# as many steps
_EIGHT = np.dtype(f"V{2 * CELL_PX}")


class FrameCells:
    """Looks into a frame without copying it."""

    def __init__(self, calibrated: UInt16Array) -> None:
        """Take a C-contiguous frame of shape (height, width)."""
        self._frame = calibrated
        height, width = calibrated.shape
        row, column = calibrated.strides
        # cells beside each other, for each column at which the first may begin
        self._cells: list[NDArray[np.void]] = [
            np.ndarray(
                (max(0, width - first) // CELL_PX, height),
                _EIGHT,
                calibrated,
                first * column,
                (_EIGHT.itemsize, row),
            )
            for first in range(min(CELL_PX, width))
        ]
        # blocks of eight rows, for each pixel that may be the first
        self._blocks: NDArray[np.void] = np.ndarray(
            (max(0, height - CELL_PX + 1), max(0, width - CELL_PX + 1), CELL_PX),
            _EIGHT,
            calibrated,
            0,
            (row, column, row),
        )

    def fetch(self, runs: Sequence[Run], ready: int) -> int:
        """Read most of the rows that a strip's runs come from, and return the last one's number.

        Cells are gathered from many rows at once, which no processor foresees. Read in order, the
        rows come from memory in half the time, and wait in the cache.

        Args:
            runs: From left to right, at least one.
            ready: Rows before this one are in the cache.
        """
        # how far a strip is shifted changes steadily along it
        shifts = runs[0].shift_y, runs[-1].shift_y
        first, last = runs[0].top + min(shifts), runs[0].bottom + max(shifts)
        if last > max(first, ready):
            self._frame[max(first, ready) : last].max()
        return max(ready, last)

    def gather(self, runs: Sequence[Run], out: UInt16Array) -> None:
        """Copy the sources of one strip's runs to where they belong, zeros between them.

        Args:
            runs: From left to right, at least one.
            out: Of the strip, shape (cells, rows, 8), cells and eights contiguous.
        """
        eights = out.view(_EIGHT)[..., 0]
        at = 0
        for top, bottom, left, right, y, x in runs:
            first, last, begin = left // CELL_PX, right // CELL_PX, left + x
            if first > at:
                out[at:first] = 0
            cell = begin // CELL_PX
            cells = self._cells[begin % CELL_PX]
            eights[first:last] = cells[cell : cell + last - first, top + y : bottom + y]
            at = last
        out[at:] = 0

    def blocks(self, y: NDArray[np.intp], x: NDArray[np.intp]) -> UInt16Array:
        """Return the blocks of 8x8 px whose first pixels are given, shape (n, 64)."""
        values: UInt16Array = self._blocks[y, x].view(np.uint16)
        return values
