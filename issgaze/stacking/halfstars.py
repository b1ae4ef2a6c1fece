"""The one layer of sums at half resolution as the means of red, green and blue of each 2x2 cell."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array
from issgaze.imaging.bayer import sites_of
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import STRIP_ROWS
from issgaze.stacking.registered import Registered
from issgaze.stacking.skysums import beyond_whole, excess, lacks
from issgaze.stacking.tints import tints

# rows and columns of cells in a block
_CELLS = BLOCK_PX // 2


def half_means(
    registered: Registered, pattern: str, strip: int, rows: int
) -> tuple[Float32Array, Float32Array]:
    """Return the means of a strip's first rows, and the samples of each.

    Args:
        registered: The sums.
        pattern: Bayer order of the mosaic.
        strip: Its number.
        rows: Of the sums, in whole blocks.

    Returns:
        Means in units of the sums above the pedestal, float32 (3, rows / 2, w), and how many frames
        gave them, float32 (rows / 2, w), 0 for none.
    """
    first = strip * STRIP_ROWS // BLOCK_PX
    blocks = slice(first, first + rows // BLOCK_PX)
    samples = registered.counts[:, blocks].astype(np.float32)
    known = samples > 0
    parts: Float32Array = np.divide(known, np.maximum(samples, 1.0), dtype=np.float32)
    means = _site_sums(excess(registered, strip, 0, rows), pattern)
    by_blocks = means.reshape(3, -1, _CELLS, means.shape[2])
    sites = np.array([len(sites_of(pattern, plane)) for plane in range(3)], np.float32)
    shares: Float32Array = np.divide(parts, sites[:, np.newaxis, np.newaxis])
    levels = _block_sums(by_blocks) * shares / np.float32(_CELLS**2) - beyond_whole(registered)
    offsets = tints(np.where(known, levels, np.nan))
    offsets *= lacks(registered, blocks, samples) * parts
    offsets -= beyond_whole(registered)
    by_blocks *= _across(shares)
    by_blocks += _across(offsets)
    return means, np.repeat(_across(samples)[0, :, 0], _CELLS, axis=0)


def _site_sums(sums: NDArray[np.int32], pattern: str) -> Float32Array:
    """Return the sums of each colour in each 2x2 cell, float32 (3, rows, columns)."""
    planes: Float32Array = np.empty((3, sums.shape[0] // 2, sums.shape[1] // 2), np.float32)
    for plane in range(3):
        first, *others = (sums[y::2, x::2] for y, x in sites_of(pattern, plane))
        planes[plane] = sum(others, start=first)
    return planes


def _block_sums(by_blocks: Float32Array) -> Float32Array:
    """Return the sums over blocks, shape (3, rows, blocks), of cells (3, rows, 4, columns)."""
    down = np.add.reduce(by_blocks, axis=2)
    return np.asarray(np.einsum("prbx->prb", down.reshape(*down.shape[:2], -1, _CELLS)))


def _across(blocks: Float32Array) -> Float32Array:
    """Return the values of blocks at each of their columns, for their rows to share."""
    return np.repeat(blocks, _CELLS, axis=-1)[:, :, np.newaxis]
