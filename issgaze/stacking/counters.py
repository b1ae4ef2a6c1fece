"""Exact sums of many frames in three bytes a pixel, which become the float planes in place."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, UInt8Array, UInt16Array, UInt32Array
from issgaze.stacking.checkpoint import Shelf

# rows that lie together in memory: a multiple of all that is added at once
STRIP_ROWS = 32
# columns of a cell, and rows and columns of a block
CELL_PX = 8
# the low part keeps this many bits between two carries
_LOW_BITS = 12
_LOW_MASK = np.uint16((1 << _LOW_BITS) - 1)
_LARGEST_LOW = 65535
_LINE_BYTES = 64
# of the high part, so much goes back into the low one before samples are taken out of it
_BORROWED = 7
# raws are shifted down to this many bits, so that three of them fit above a carried low part
LARGEST_BITS = 14


def needed_shift(white_level_adu: float) -> int:
    """Return how many bits raw values must lose to fit the sums; 0 up to 14 bits."""
    return max(0, int(white_level_adu).bit_length() - LARGEST_BITS)


class Counters:
    """Sums of uint16 values in layers, low and high parts apart: sum = low + 4096 high.

    Values are added straight into views of the low part, after `begin_frame` has carried where
    another frame might not fit. The high part is one byte as long as no sum can outgrow it, then
    two.

    Memory is cut into strips of rows. Within one, first come the low parts of its rows, layer
    after layer, then the high ones: what is added at once lies together, and a strip's bytes are
    those of as many rows of floats, see `planes`. Within a layer of a strip, rows lie one after the
    other, or they are cut into cells of 8 columns, each with its rows one after the other: then any
    run of cells is one piece of memory.

    Attributes:
        frames: Frames counted.
    """

    def __init__(
        self, shape: tuple[int, int, int], *, largest_value: int, in_cells: bool = False
    ) -> None:
        """Make zeros.

        Args:
            shape: Layers, height and width; even in height and width.
            largest_value: That any value added may have; a larger one would spoil sums.
            in_cells: Cut rows into cells of 8 columns; else add to whole rows of `rows_of`.
        """
        layers, height, width = shape
        self._shape = shape
        strips = -(-height // STRIP_ROWS)
        self._cell = CELL_PX if in_cells else max(1, width)
        cells = -(-width // self._cell)
        size = layers * cells * STRIP_ROWS * self._cell
        self._bytes = _aligned(strips, 3 * size)
        form = (strips, layers, cells, STRIP_ROWS, self._cell)
        self._low: UInt16Array = self._bytes[:, : 2 * size].view(np.uint16).reshape(form)
        self._high: UInt8Array | UInt16Array = self._bytes[:, 2 * size :].reshape(form)
        self._largest = max(1, largest_value)
        # frames that fit into the low part above what a carry leaves there
        self._between_carries = (_LARGEST_LOW - int(_LOW_MASK)) // self._largest
        # frames that surely fit into the low parts of each strip and layer
        self._room: NDArray[np.int32] = np.full(
            (strips, layers), _LARGEST_LOW // self._largest, np.int32
        )
        # times that samples may still be taken out of a strip
        self._lent: NDArray[np.int32] = np.zeros(strips, np.int32)
        self.frames = 0

    def rows_of(self, top: int, bottom: int) -> list[tuple[UInt16Array, slice]]:
        """Return the low part of whole rows of the first layer, to add to; not in cells.

        Views of the rows that lie in one strip each, and which of those from `top` on they are.
        """
        return [(self._low[strip, 0, 0, rows], part) for strip, rows, part in _pieces(top, bottom)]

    def cells_of(self, layer: int, top: int, bottom: int) -> UInt16Array:
        """Return the low part of some rows of one strip: a view (cells, rows * 8) to add to."""
        first = top % STRIP_ROWS
        cells: UInt16Array = self._low[top // STRIP_ROWS, layer].reshape(
            -1, STRIP_ROWS * self._cell
        )
        return cells[:, first * self._cell : (first + bottom - top) * self._cell]

    def blocks(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Return low and high part as blocks, each row of 8 values as one item.

        Views of the shape (strips, layers, cells, blocks of a strip and cell, 8).
        """
        return _as_blocks(self._low), _as_blocks(self._high)

    def begin_frame(self) -> None:
        """Count one more frame, and carry where it might not fit.

        Where is asked of the sums themselves: a dark sky lets many more frames in than the
        brightest possible one.
        """
        self.frames += 1
        for strip, layer in np.argwhere(self._room <= 0).tolist():
            self._lent[strip] = 0
            brightest = int(self._low[strip, layer].max())
            room = (_LARGEST_LOW - brightest) // self._largest
            if 2 * room < self._between_carries:
                self._carry(strip, layer)
                room = self._between_carries
            self._room[strip, layer] = room
        self._room -= 1

    def borrow(self, rows: NDArray[np.intp]) -> None:
        """Prepare the strips of some rows for one sample of each pixel going out or in.

        So much moves from the high part into the low one that this may be asked several times.
        """
        chosen = np.zeros(len(self._lent), bool)
        chosen[rows // STRIP_ROWS] = True
        most = min(
            (_BORROWED << _LOW_BITS) // self._largest,
            (_LARGEST_LOW - (_BORROWED << _LOW_BITS) - int(_LOW_MASK)) // self._largest,
        )
        for strip in np.flatnonzero(chosen & (self._lent <= 0)).tolist():
            for layer in range(self._shape[0]):
                self._carry(strip, layer)
                low, high = self._low[strip, layer], self._high[strip, layer]
                moved = np.minimum(high, high.dtype.type(_BORROWED))
                np.subtract(high, moved, out=high)
                np.add(low, np.left_shift(moved, _LOW_BITS, dtype=np.uint16), out=low)
            self._lent[strip] = most
            self._room[strip] = 0
        self._lent[chosen] -= 1

    def _carry(self, strip: int, layer: int) -> None:
        """Move all but the low bits of a strip into the high part."""
        if self._high.dtype == np.uint8 and self.frames * self._largest >= 256 << _LOW_BITS:
            self._high = self._high.astype(np.uint16)
        low, high = self._low[strip, layer], self._high[strip, layer]
        moved = np.right_shift(low, _LOW_BITS)
        np.add(high, moved, out=high, casting="unsafe", dtype=high.dtype)
        np.bitwise_and(low, _LOW_MASK, out=low)

    def rows(self, layer: int, first: int, last: int) -> UInt32Array:
        """Return the exact sums of the rows first <= y < last, shape (rows, width)."""
        cells = self._low.shape[2]
        total: UInt32Array = np.empty((last - first, cells, self._cell), np.uint32)
        for strip, rows, part in _pieces(first, last):
            piece = total[part].transpose(1, 0, 2)
            np.copyto(piece, self._high[strip, layer, :, rows])
            np.left_shift(piece, _LOW_BITS, out=piece)
            np.add(piece, self._low[strip, layer, :, rows], out=piece)
        every: UInt32Array = total.reshape(last - first, -1)
        return every[:, : self._shape[2]]

    def strip(self, number: int, layer: int) -> NDArray[np.int32]:
        """Return the exact sums of a whole strip, rows below the last one too.

        Of the shape (STRIP_ROWS, width), in cells only as many columns as whole cells take.
        Four times as fast as `rows`.
        """
        high = _in_rows(self._high[number, layer])
        total = high.astype(np.int32)
        np.left_shift(total, _LOW_BITS, out=total)
        np.add(total, _in_rows(self._low[number, layer]), out=total)
        return total[:, : self._shape[2]]

    def total(
        self, layer: NDArray[np.int64] | int, y: NDArray[np.int64], x: NDArray[np.int64]
    ) -> UInt32Array:
        """Return the exact sums at places, of the shape of the numbers given together."""
        where = (y // STRIP_ROWS, layer, x // self._cell, y % STRIP_ROWS, x % self._cell)
        high: UInt32Array = self._high[where].astype(np.uint32)
        np.left_shift(high, _LOW_BITS, out=high)
        np.add(high, self._low[where], out=high)
        return high

    def replace(self, layer: int, y: int, x: int, total: int) -> None:
        """Set one sum."""
        where = (y // STRIP_ROWS, layer, x // self._cell, y % STRIP_ROWS, x % self._cell)
        self._high[where] = total >> _LOW_BITS
        self._low[where] = total & int(_LOW_MASK)

    def planes(self) -> Float32Array:
        """Return the sums' own memory as three float planes, to be overwritten strip by strip.

        Of one layer, the strip that begins at row 2 i of the sums begins at row i of planes of
        half the height and width, shape (3, height / 2, width / 2). Of four layers, it begins at
        the same row of the planes, shape (3, height, width).
        """
        layers, height, width = self._shape
        half = 2 if layers == 1 else 1
        across = self._low.shape[2] * self._cell // half
        floats = self._bytes.reshape(-1).view(np.float32).reshape(-1, 3, across)
        return floats[: height // half, :, : width // half].transpose(1, 0, 2)

    def shelve(self, name: str, shelf: Shelf) -> None:
        """Write the sums to a checkpoint, or read them."""
        shelf.numbers(name, self, "frames")
        shelf.array(f"{name}.bytes", self._bytes)
        shelf.array(f"{name}.room", self._room)
        shelf.array(f"{name}.lent", self._lent)
        if not shelf.reading and self._high.dtype == np.uint16:
            shelf.array(f"{name}.high", self._high)
        if shelf.reading and f"{name}.high" in shelf.arrays:
            self._high = shelf.array(f"{name}.high", self._high)


def _as_blocks(part: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.void]:
    """Return a view of one part of the sums by blocks, see `Counters.blocks`."""
    strips, layers, cells, _, width = part.shape
    whole = width // CELL_PX
    items = part[..., : whole * CELL_PX].view(f"V{CELL_PX * part.itemsize}")
    items = items.reshape(strips, layers, cells, -1, CELL_PX, whole)
    # either all cells are of eight columns, or there is one of the whole width
    return np.asarray(items[..., 0] if whole == 1 else items[:, :, 0].transpose(0, 1, 4, 2, 3))


def _in_rows(cells: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.unsignedinteger[Any]]:
    """Return cells (cells, rows, columns) as rows, each row of a cell moved as one item."""
    if len(cells) == 1:
        return np.asarray(cells[0])
    _, rows, columns = cells.shape
    items = cells.view(f"V{columns * cells.itemsize}")[..., 0]
    moved = np.ascontiguousarray(items.T).view(cells.dtype)
    return np.asarray(moved.reshape(rows, -1))


def _pieces(first: int, last: int) -> Iterator[tuple[int, slice, slice]]:
    """Yield the strips that rows first <= y < last lie in, the rows there, and their places."""
    for strip in range(first // STRIP_ROWS, -(-last // STRIP_ROWS)):
        top = strip * STRIP_ROWS
        begin, end = max(first, top), min(last, top + STRIP_ROWS)
        yield strip, slice(begin - top, end - top), slice(begin - first, end - first)


def _aligned(strips: int, size: int) -> UInt8Array:
    """Return zeros of the shape (strips, size) that begin at a cache line."""
    room: UInt8Array = np.zeros(strips * size + _LINE_BYTES, np.uint8)
    first = -room.ctypes.data % _LINE_BYTES
    return room[first : first + strips * size].reshape(strips, size)
