"""Where the blocks of a frame come from, and where they go in the sums."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, UInt8Array
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import CELL_PX, STRIP_ROWS
from issgaze.stacking.strips import CellShifts, layer_of

_NO_LAYER = 255
_STRIP_BLOCKS = STRIP_ROWS // BLOCK_PX


class BlockPlaces(NamedTuple):
    """Blocks of a frame: in the stack their row, number and layer; in the frame their pixels."""

    row: NDArray[np.intp]
    block: NDArray[np.intp]
    layer: NDArray[np.intp]
    y: NDArray[np.intp]
    x: NDArray[np.intp]

    @property
    def among(self) -> tuple[NDArray[np.intp], ...]:
        """Where the blocks are among those of the sums."""
        return self.row // _STRIP_BLOCKS, self.layer, self.block, self.row % _STRIP_BLOCKS


class FrameBlocks:
    """Where the blocks of a frame come from and which layer they go to."""

    def __init__(self, shifts: CellShifts, layers: int) -> None:
        layer = layer_of(shifts.shift_y, shifts.shift_x, layers).astype(np.uint8)
        layer[~shifts.usable] = _NO_LAYER
        self._shift_y, self._shift_x = shifts.shift_y, shifts.shift_x
        self._blocks_per_strip = shifts.strip_px // BLOCK_PX
        rows = shifts.rows_px // BLOCK_PX
        self.layer: UInt8Array = np.repeat(layer, self._blocks_per_strip, axis=0)[:rows]
        self.usable: BoolArray = self.layer != _NO_LAYER

    def places(self, chosen: BoolArray) -> BlockPlaces:
        """Return where chosen blocks that are usable come from and go to."""
        row, block = np.divmod(np.flatnonzero(chosen & self.usable), chosen.shape[1])
        strip = row // self._blocks_per_strip
        return BlockPlaces(
            row=row,
            block=block,
            layer=self.layer[row, block].astype(np.intp),
            y=np.asarray(row * BLOCK_PX + self._shift_y[strip, block], np.intp),
            x=np.asarray(block * CELL_PX + self._shift_x[strip, block], np.intp),
        )
