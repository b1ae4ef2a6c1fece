"""Exact sums of many frames in three bytes a pixel, which become the float planes in place."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, UInt8Array, UInt16Array, UInt32Array
from issgaze.stacking.checkpoint import Shelf

# the low part keeps this many bits between two carries
_LOW_BITS = 12
_LOW_MASK = np.uint16((1 << _LOW_BITS) - 1)
_LARGEST_LOW = 65535
_BAND_PX = 32768
_LINE_BYTES = 64
# 7 x 4096 are more than any value, and leave room for another
_BORROWED = 7
# raws are shifted down to this many bits, so that three of them fit above a carried low part
LARGEST_BITS = 14


def needed_shift(white_level_adu: float) -> int:
    """Return how many bits raw values must lose to fit the sums; 0 up to 14 bits."""
    return max(0, int(white_level_adu).bit_length() - LARGEST_BITS)


class Counters:
    """Sums of uint16 values in layers, low and high parts apart: sum = low + 4096 high.

    Values are added straight into views of `low`; `count_frame` carries when the next frame would
    not fit. The high part is one byte as long as no sum can outgrow it, then two.

    The low and high parts of a row lie side by side, so that the three bytes of four pixels are
    the twelve bytes of three floats: see `planes`.

    Attributes:
        low: uint16 of shape (layers, height, width); even width and height.
        high: uint8 or uint16 of the same shape.
        frames: Frames counted.
    """

    def __init__(self, shape: tuple[int, int, int], *, largest_value: int) -> None:
        layers, height, width = shape
        self._shape = shape
        self._bytes = _aligned(height, 3 * layers * width)
        low = self._bytes[:, : 2 * layers * width].view(np.uint16)
        high = self._bytes[:, 2 * layers * width : 3 * layers * width]
        self.low: UInt16Array = low.reshape(height, layers, width).transpose(1, 0, 2)
        self.high: UInt8Array | UInt16Array = high.reshape(height, layers, width).transpose(1, 0, 2)
        self._largest = max(1, largest_value)
        self._since_carry = 0
        self.frames = 0

    @property
    def frames_between_carries(self) -> int:
        """Frames that fit into the low part above what a carry leaves there."""
        return (_LARGEST_LOW - int(_LOW_MASK)) // self._largest

    def count_frame(self) -> None:
        """Take note that one more frame was added; carry when the next would not fit."""
        self.frames += 1
        self._since_carry += 1
        if self._since_carry >= self.frames_between_carries:
            self.carry()

    def borrow(self) -> None:
        """Move so much from the high part into the low one that a frame can be taken out or in.

        `carry` must follow before the next frame.
        """
        self.carry()
        for layer in range(self._shape[0]):
            for rows in self._pieces():
                low, high = self.low[layer, rows], self.high[layer, rows]
                moved = np.minimum(high, high.dtype.type(_BORROWED))
                np.subtract(high, moved, out=high)
                np.add(low, np.left_shift(moved, _LOW_BITS, dtype=np.uint16), out=low)

    def carry(self) -> None:
        """Move all but the low bits into the high part."""
        self._since_carry = 0
        if self.high.dtype == np.uint8 and self.frames * self._largest >= 256 << _LOW_BITS:
            self.high = self.high.astype(np.uint16)
        for layer in range(self._shape[0]):
            for rows in self._pieces():
                low, high = self.low[layer, rows], self.high[layer, rows]
                moved = np.right_shift(low, _LOW_BITS)
                np.add(high, moved, out=high, casting="unsafe", dtype=self.high.dtype)
                np.bitwise_and(low, _LOW_MASK, out=low)

    def _pieces(self) -> list[slice]:
        """Return the rows in pieces that fit into the cache."""
        _, height, width = self._shape
        step = max(1, _BAND_PX // max(1, width))
        return [slice(top, top + step) for top in range(0, height, step)]

    def total(self, where: tuple[slice | int | NDArray[np.int64], ...]) -> UInt32Array:
        """Return the exact sums of a part of the array, uint32."""
        high = self.high[where].astype(np.uint32)
        np.left_shift(high, _LOW_BITS, out=high)
        np.add(high, self.low[where], out=high)
        return high

    def replace(self, where: tuple[int, int, int], total: int) -> None:
        """Set one sum."""
        self.high[where] = total >> _LOW_BITS
        self.low[where] = total & int(_LOW_MASK)

    def planes(self) -> Float32Array:
        """Return the sums' own memory as three float planes, to be overwritten row by row.

        Of one layer, rows 2 i and 2 i + 1 of the sums are row i of planes of half the height and
        width, shape (3, height / 2, width / 2). Of four layers, row i of the sums is row i of the
        planes, shape (3, height, width).
        """
        layers, height, width = self._shape
        rows = height // 2 if layers == 1 else height
        across = width // 2 if layers == 1 else width
        floats = self._bytes.reshape(rows, -1).view(np.float32)[:, : 3 * across]
        return floats.reshape(rows, 3, across).transpose(1, 0, 2)

    def shelve(self, name: str, shelf: Shelf) -> None:
        """Write the sums to a checkpoint, or read them."""
        shelf.numbers(name, self, "frames", "_since_carry")
        shelf.array(f"{name}.bytes", self._bytes)
        if not shelf.reading and self.high.dtype == np.uint16:
            shelf.array(f"{name}.high", self.high)
        if shelf.reading and f"{name}.high" in shelf.arrays:
            self.high = shelf.array(f"{name}.high", self.high)


def _aligned(height: int, width: int) -> UInt8Array:
    """Return zeros of at least that width whose rows begin at cache lines."""
    stride = -(-width // _LINE_BYTES) * _LINE_BYTES
    room: UInt8Array = np.zeros(height * stride + _LINE_BYTES, np.uint8)
    first = -room.ctypes.data % _LINE_BYTES
    return room[first : first + height * stride].reshape(height, stride)
