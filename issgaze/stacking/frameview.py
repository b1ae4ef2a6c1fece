"""A calibrated frame, of which pieces are taken from anywhere."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import UInt16Array
from issgaze.stacking.counters import CELL_PX
from issgaze.stacking.strips import Run

# the eight values of a row of a cell, moved as one item: a copy of single values takes eight times
# as many steps
EIGHT = np.dtype(f"V{2 * CELL_PX}")


class FrameView:
    """Looks into a frame without copying it.

    Attributes:
        pixels: The frame, C-contiguous of shape (height, width).
    """

    def __init__(self, pixels: UInt16Array) -> None:
        self.pixels = pixels
        height, width = pixels.shape
        row, column = pixels.strides
        # blocks of eight rows, for each pixel that may be the first
        self._blocks: NDArray[np.void] = np.ndarray(
            (max(0, height - CELL_PX + 1), max(0, width - CELL_PX + 1), CELL_PX),
            EIGHT,
            pixels,
            0,
            (row, column, row),
        )

    def fetch(self, runs: Sequence[Run], ready: int) -> int:
        """Read most of the rows that a strip's runs come from, and return the last one's number.

        Strips are gathered from many rows at once, which no processor foresees. Read in order, the
        rows come from memory in half the time, and wait in the cache.

        Args:
            runs: From left to right, at least one.
            ready: Rows before this one are in the cache.
        """
        # how far a strip is shifted changes steadily along it
        shifts = runs[0].shift_y, runs[-1].shift_y
        first, last = runs[0].top + min(shifts), runs[0].bottom + max(shifts)
        if last > max(first, ready):
            self.pixels[max(first, ready) : last].max()
        return max(ready, last)

    def blocks(self, y: NDArray[np.intp], x: NDArray[np.intp]) -> NDArray[np.void]:
        """Return the blocks of 8x8 px whose first pixels are given: rows as items, shape (n, 8)."""
        return np.asarray(self._blocks[y, x])
