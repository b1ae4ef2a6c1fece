"""A frame in blocks of 8x8 px, and their means."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, UInt16Array

# the first and third of the four quarters of 64 bits
_EVERY_SECOND = np.uint64(0x0000FFFF0000FFFF)
# means are taken over blocks of this many rows and columns
BLOCK_PX = 8


class BlockSums:
    """Sums over the blocks of some strips, and their means."""

    def __init__(self, rows: int, cells: int, largest_value: int) -> None:
        """Prepare for so many block rows at once, of values up to the largest."""
        most = np.iinfo(np.uint16).max
        # the 64 values of a block are 16 numbers of four quarters each, whose sum still fits
        self._narrow = 16 * largest_value <= most
        # rows of a block whose sum surely fits into a quarter
        self._rows = next(rows for rows in (8, 4, 2, 1) if rows * largest_value <= most)
        self._sums: NDArray[np.uint64] = np.zeros((rows, cells), np.uint64)

    def take_cells(self, strip: UInt16Array, at: int) -> None:
        """Sum the blocks of a strip, shape (cells, rows, 8), as those of block row `at` on."""
        cells, rows, _ = strip.shape
        values = strip.view(np.uint64).reshape(cells, rows // BLOCK_PX, -1)
        if not self._narrow:
            values = _halves(values)
        np.einsum("crk->rc", values, out=self._sums[at : at + rows // BLOCK_PX])

    def take_rows(self, strip: UInt16Array, at: int) -> None:
        """Sum the blocks of a strip, shape (rows, width), as those of block row `at` on.

        Columns beyond the last whole block are left out.
        """
        rows, width = strip.shape
        cells = self._sums.shape[1]
        few = strip.reshape(-1, self._rows, width)
        down = np.add.reduce(few, axis=1, dtype=np.uint16)[:, : BLOCK_PX * cells]
        values = down.view(np.uint64)
        if not self._narrow:
            values = _halves(values)
        sums = self._sums[at : at + rows // BLOCK_PX]
        if self._rows == BLOCK_PX:
            np.add(values[:, ::2], values[:, 1::2], out=sums)
        else:
            values = values.reshape(len(sums), -1, cells, 2)
            np.add.reduce(values, axis=(1, 3), dtype=np.uint64, out=sums)

    def means(self, out: Float32Array) -> None:
        """Write the means of the first block rows into out, shape (rows, cells)."""
        sums = self._sums[: len(out)]
        halves = _halves(sums) if self._narrow else sums
        whole = np.add(halves, np.right_shift(halves, 32))
        # by way of 32 bits, which become floats many at a time
        np.copyto(out, whole.astype(np.int32))
        np.multiply(out, np.float32(1.0 / BLOCK_PX**2), out=out)


def _halves(quarters: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the four quarters of numbers added up to two halves."""
    upper = np.right_shift(quarters, 16)
    np.bitwise_and(upper, _EVERY_SECOND, out=upper)
    np.add(upper, np.bitwise_and(quarters, _EVERY_SECOND), out=upper)
    return upper
