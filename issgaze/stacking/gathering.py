"""Strips of a frame, gathered in the cache where they belong, as the sums hold them."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import UInt16Array
from issgaze.stacking.blocks import BlockSums
from issgaze.stacking.counters import CELL_PX, STRIP_ROWS, Counters
from issgaze.stacking.frameview import EIGHT, FrameView
from issgaze.stacking.strips import Run, layer_of_run


class Gathering(Protocol):
    """Holds one strip after the other."""

    def fill(self, runs: Sequence[Run]) -> None:
        """Copy the sources of a strip's runs to where they belong, zeros between them.

        Args:
            runs: From left to right, at least one.
        """

    def add_to(self, sums: Counters) -> None:
        """Add the strip to the layers that its runs belong to."""

    def sum_up(self, blocks: BlockSums, at: int) -> None:
        """Sum the strip's blocks as those of block row `at` on."""


class GatheredRows:
    """A strip of one layer: rows, as an image has them, copied and added as a whole."""

    def __init__(self, frame: FrameView, rows: int) -> None:
        self._pixels = frame.pixels
        self._room: UInt16Array = np.zeros((rows, frame.pixels.shape[1]), np.uint16)
        self._top, self._values = 0, self._room

    def fill(self, runs: Sequence[Run]) -> None:
        """See `Gathering`."""
        self._top = runs[0].top
        self._values = values = self._room[: runs[0].bottom - self._top]
        at = 0
        for top, bottom, left, right, y, x in runs:
            if left > at:
                values[:, at:left] = 0
            values[:, left:right] = self._pixels[top + y : bottom + y, left + x : right + x]
            at = right
        if at < values.shape[1]:
            values[:, at:] = 0

    def add_to(self, sums: Counters) -> None:
        """See `Gathering`."""
        for low, rows in sums.rows_of(self._top, self._top + len(self._values)):
            np.add(low, self._values[rows], out=low)

    def sum_up(self, blocks: BlockSums, at: int) -> None:
        """See `Gathering`."""
        blocks.take_rows(self._values, at)


class GatheredCells:
    """A strip of four layers: cells of eight columns, of which any run is one piece of memory.

    Neighbouring runs belong to different layers: what is added at once is a run, and a row of one
    that does not touch the next costs numpy 45 ns.
    """

    def __init__(self, frame: FrameView, rows: int) -> None:
        height, width = frame.pixels.shape
        row, column = frame.pixels.strides
        # cells beside each other, for each column at which the first may begin
        self._cells: list[NDArray[np.void]] = [
            np.ndarray(
                (max(0, width - first) // CELL_PX, height),
                EIGHT,
                frame.pixels,
                first * column,
                (EIGHT.itemsize, row),
            )
            for first in range(min(CELL_PX, width))
        ]
        self._room: UInt16Array = np.zeros((width // CELL_PX, rows, CELL_PX), np.uint16)
        self._runs: Sequence[Run] = ()
        self._values = self._room

    def fill(self, runs: Sequence[Run]) -> None:
        """See `Gathering`."""
        self._runs = runs
        self._values = self._room[:, : runs[0].bottom - runs[0].top]
        eights = self._values.view(EIGHT)[..., 0]
        at = 0
        for top, bottom, left, right, y, x in runs:
            first, last, begin = left // CELL_PX, right // CELL_PX, left + x
            if first > at:
                self._values[at:first] = 0
            cell = begin // CELL_PX
            cells = self._cells[begin % CELL_PX]
            eights[first:last] = cells[cell : cell + last - first, top + y : bottom + y]
            at = last
        self._values[at:] = 0

    def add_to(self, sums: Counters) -> None:
        """See `Gathering`."""
        top, bottom = self._runs[0].top, self._runs[0].bottom
        low = [sums.cells_of(layer, top, bottom) for layer in range(4)]
        values: UInt16Array = self._values.reshape(len(self._values), -1)
        step = 1
        if bottom - top == STRIP_ROWS:
            # with all rows of a strip, any run of cells is one piece of memory
            low = [part.reshape(-1) for part in low]
            step = (bottom - top) * CELL_PX
            values = values.reshape(-1)
        for run in self._runs:
            part = slice(run.left // CELL_PX * step, run.right // CELL_PX * step)
            target = low[layer_of_run(run)][part]
            np.add(target, values[part], out=target)

    def sum_up(self, blocks: BlockSums, at: int) -> None:
        """See `Gathering`."""
        blocks.take_cells(self._values, at)
