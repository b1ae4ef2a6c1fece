"""Exact sums of many frames in three bytes a pixel."""

import numpy as np

from issgaze.arrays import UInt8Array, UInt16Array, UInt32Array

# the low part keeps this many bits between two carries
_LOW_BITS = 12
_LOW_MASK = np.uint16((1 << _LOW_BITS) - 1)
_LARGEST_LOW = 65535
_PIECE = 32768
# raws are shifted down to this many bits, so that three of them fit above a carried low part
LARGEST_BITS = 14


def needed_shift(white_level_adu: float) -> int:
    """Return how many bits raw values must lose to fit the sums; 0 up to 14 bits."""
    return max(0, int(white_level_adu).bit_length() - LARGEST_BITS)


class Counters:
    """Sums of uint16 values, low and high parts apart: sum = low + 4096 high.

    Values are added straight into views of `low`; `carry` must be called at least every
    `frames_between_carries` frames, which `count_frame` does. The high part is one byte as long as
    no sum can outgrow it, then two.

    Attributes:
        low: uint16, any shape.
        high: uint8 or uint16 of the same shape.
    """

    def __init__(self, shape: tuple[int, ...], *, largest_value: int) -> None:
        self.low: UInt16Array = np.zeros(shape, np.uint16)
        self.high: UInt8Array | UInt16Array = np.zeros(shape, np.uint8)
        self._largest = max(1, largest_value)
        self._since_carry = 0
        self._frames = 0

    @property
    def frames_between_carries(self) -> int:
        """Frames that fit into the low part above what a carry leaves there."""
        return (_LARGEST_LOW - int(_LOW_MASK)) // self._largest

    def count_frame(self) -> None:
        """Take note that one more frame was added; carry when the next would not fit."""
        self._frames += 1
        self._since_carry += 1
        if self._since_carry >= self.frames_between_carries:
            self.carry()

    def carry(self) -> None:
        """Move all but the low bits into the high part."""
        self._since_carry = 0
        if self.high.dtype == np.uint8 and self._frames * self._largest >= 256 << _LOW_BITS:
            self.high = self.high.astype(np.uint16)
        low, high = self.low.reshape(-1), self.high.reshape(-1)
        wide = np.empty(_PIECE, np.uint16)
        moved = np.empty(_PIECE, self.high.dtype)
        for start in range(0, len(low), _PIECE):
            piece = low[start : start + _PIECE]
            part = wide[: len(piece)]
            np.right_shift(piece, _LOW_BITS, out=part)
            np.copyto(moved[: len(piece)], part, casting="unsafe")
            carried = high[start : start + _PIECE]
            np.add(carried, moved[: len(piece)], out=carried)
            np.bitwise_and(piece, _LOW_MASK, out=piece)

    def total(self, where: tuple[slice | int, ...]) -> UInt32Array:
        """Return the exact sums of a part of the array, uint32."""
        high = self.high[where].astype(np.uint32)
        np.left_shift(high, _LOW_BITS, out=high)
        np.add(high, self.low[where], out=high)
        return high

    def replace(self, where: tuple[int, ...], total: int) -> None:
        """Set one sum."""
        self.high[where] = total >> _LOW_BITS
        self.low[where] = total & int(_LOW_MASK)
