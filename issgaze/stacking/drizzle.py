"""The four layers of sums as red, green and blue at every pixel, a strip at a time.

Counts and levels are those of 8x8 blocks, so that within a block all pixels of a colour with the
same parities share theirs: everything but the sums themselves is worked out for blocks.
"""

from collections.abc import Iterator

import numpy as np

from issgaze.arrays import Float32Array
from issgaze.imaging.bayer import colour_cell
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import STRIP_ROWS
from issgaze.stacking.registered import Registered
from issgaze.stacking.skysums import beyond_whole, excess, lacks
from issgaze.stacking.thinpixels import HALO_PX, Framed
from issgaze.stacking.tints import tints

# rows before a strip: those that wait for it, and the halo above them
_BEFORE = 2 * HALO_PX
# columns of zeros behind each row, a multiple of what a register holds
_FRAME_PX = 8
# pixels of a block, along one axis, that share a parity
_ALIKE = BLOCK_PX // 2


class Drizzle:
    """The next rows of the stars to finish, and those around them.

    From the top there lie: a row that is finished; one of the last strip that had to wait for the
    row below it; a strip; a row of nothing, below the last strip of all.

    Attributes:
        columns: That the sums cover, in whole blocks.
    """

    def __init__(self, registered: Registered, pattern: str) -> None:
        """Prepare to read the sums from the top down."""
        self._registered = registered
        self._mono = pattern == "MONO"
        self._cell = colour_cell(pattern)
        self.columns = registered.counts.shape[2] * BLOCK_PX
        shape = (3, _BEFORE + STRIP_ROWS + HALO_PX, self.columns + _FRAME_PX)
        self._totals: Float32Array = np.zeros(shape, np.float32)
        self._counts: Float32Array = np.zeros(shape, np.float32)
        self._means: Float32Array = np.zeros(shape, np.float32)
        self._samples: Float32Array = np.zeros(shape[1:], np.float32)
        # the second green sums of a strip
        self._greens: Float32Array = np.zeros((STRIP_ROWS, self.columns), np.float32)
        self._next = _BEFORE

    def read(self, top: int, bottom: int) -> None:
        """Read the strip of the rows top <= y < bottom, whole blocks of them."""
        rows = bottom - top
        # above the first strip none waits
        self._next = HALO_PX if top else _BEFORE
        for each in (self._totals, self._counts, self._means, self._samples):
            each[..., :_BEFORE, :] = each[..., STRIP_ROWS : STRIP_ROWS + _BEFORE, :]
            each[..., _BEFORE + rows :, :] = 0.0
        blocks = slice(top // BLOCK_PX, bottom // BLOCK_PX)
        samples = self._registered.counts[:, blocks].astype(np.float32)
        self._read_sums(top // STRIP_ROWS, rows)
        counts = self._by_parity(samples)
        parts: Float32Array = np.reciprocal(np.maximum(counts, 1.0))
        totals = self._by_blocks(self._totals, rows)
        levels = _levels(totals, counts, parts) - beyond_whole(self._registered)
        changes = self._by_parity(lacks(self._registered, blocks, samples))
        changes *= tints(levels)[:, :, np.newaxis, :, np.newaxis]
        changes -= beyond_whole(self._registered) * counts
        means, every = (self._by_blocks(each, rows) for each in (self._means, self._counts))
        wide = [_across(blocks) for blocks in (changes, parts, counts)]
        for plane in range(3):
            totals[plane] += wide[0][plane]
            np.multiply(totals[plane], wide[1][plane], out=means[plane])
            every[plane] = wide[2][plane]
        of_all = np.repeat(np.repeat(samples.sum(axis=0), BLOCK_PX, axis=1), BLOCK_PX, axis=0)
        self._samples[_BEFORE : _BEFORE + rows, : self.columns] = of_all

    def framed(self, plane: int, rows: int) -> Framed:
        """Return one colour of the next rows to finish, with their halo."""
        part = slice(self._next - HALO_PX, self._next + rows + HALO_PX)
        return Framed(
            totals=self._totals[plane, part],
            counts=self._counts[plane, part],
            means=self._means[plane, part],
        )

    def samples(self, rows: int) -> Float32Array:
        """Return the samples of all colours of the next rows to finish, (rows, columns + zeros)."""
        return self._samples[self._next : self._next + rows]

    def _read_sums(self, strip: int, rows: int) -> None:
        """Fill the totals of a strip with its sums above the whole ADU of the pedestal."""
        totals = self._totals[:, _BEFORE : _BEFORE + rows, : self.columns]
        layers = range(self._registered.layers)
        if self._mono:
            totals[...] = sum(excess(self._registered, strip, layer, rows) for layer in layers)
            return
        greens = self._greens[:rows]
        for layer in layers:
            sums = excess(self._registered, strip, layer, rows)
            for y, x, plane in self._sites(layer):
                # each row of a cell holds one green: of a pixel's two, the first comes from
                # layers 0 and 1
                target = greens if plane == 1 and layer > 1 else totals[plane]
                target[y::2, x::2] = sums[y::2, x::2]
        totals[1] += greens

    def _sites(self, layer: int) -> Iterator[tuple[int, int, int]]:
        """Yield the parities of row and column, and the colour of the layer's samples there.

        That is the one of the site they came from, at the pixel plus the shift.
        """
        for y in (0, 1):
            for x in (0, 1):
                yield y, x, self._cell[(y + (layer >> 1)) & 1][(x + layer) & 1]

    def _by_parity(self, layers: Float32Array) -> Float32Array:
        """Return what blocks of layers hold as that of colours, (3, rows, 2, blocks, 2)."""
        _, rows, blocks = layers.shape
        planes: Float32Array = np.zeros((3, rows, 2, blocks, 2), np.float32)
        for layer, values in enumerate(layers):
            for y, x, plane in self._sites(layer):
                planes[plane, :, y, :, x] += values
        if self._mono:
            planes[[0, 2]] = planes[1]
        return planes

    def _by_blocks(self, rows_of_planes: Float32Array, rows: int) -> Float32Array:
        """Return a strip as (3, block rows, 4, 2, columns): the rows of each parity together."""
        strip = rows_of_planes[:, _BEFORE : _BEFORE + rows, : self.columns]
        return strip.reshape(3, -1, _ALIKE, 2, self.columns)


def _levels(totals: Float32Array, counts: Float32Array, parts: Float32Array) -> Float32Array:
    """Return the mean of each block and colour, nan where it has none, shape (3, rows, blocks).

    Args:
        totals: Sums, (3, rows, 4, 2, columns).
        counts: Samples of a pixel, (3, rows, 2, blocks, 2).
        parts: One over those.
    """
    # axis by axis, each time in runs as long as can be
    down = np.add.reduce(totals, axis=2)
    down *= _across(parts)[:, :, 0]
    rows = np.add(down[:, :, 0], down[:, :, 1])
    level: Float32Array = np.einsum("prbx->prb", rows.reshape(*rows.shape[:2], -1, BLOCK_PX))
    known = np.minimum(counts, 1.0)
    known = known[:, :, 0] + known[:, :, 1]
    pixels = np.float32(_ALIKE**2) * (known[..., 0] + known[..., 1])
    with np.errstate(invalid="ignore"):
        level /= pixels
    return level


def _across(blocks: Float32Array) -> Float32Array:
    """Return the values of pixels from those of blocks and parities.

    Args:
        blocks: Shape (3, rows, 2, blocks, 2), C-contiguous.

    Returns:
        Float32 (3, rows, 1, 2, columns), for the rows of a block to share.
    """
    # the two columns of a cell move as one item
    pairs = blocks.view(np.uint64)[..., 0]
    return np.repeat(pairs, _ALIKE, axis=-1).view(np.float32)[:, :, np.newaxis]
