"""What strips of the registered sums hold above the pedestal, and what their blocks lack."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import STRIP_ROWS
from issgaze.stacking.registered import Registered


def excess(registered: Registered, strip: int, layer: int, rows: int) -> NDArray[np.int32]:
    """Return the sums of a strip's first rows above the whole ADU of the pedestal.

    Args:
        registered: The sums.
        strip: Its number.
        layer: Of the sums.
        rows: In whole blocks.

    Returns:
        Int32 (rows, columns in whole blocks).
    """
    first, columns = strip * STRIP_ROWS // BLOCK_PX, registered.counts.shape[2] * BLOCK_PX
    sums = registered.sums.strip(strip, layer)[:rows, :columns]
    counts = registered.counts[layer, first : first + rows // BLOCK_PX].astype(np.int32)
    pedestals = np.repeat(counts * int(registered.pedestal_adu // 1.0), BLOCK_PX, axis=1)
    blocks = sums.reshape(-1, BLOCK_PX, columns)
    blocks -= pedestals[:, np.newaxis]
    return sums


def beyond_whole(registered: Registered) -> np.float32:
    """Return what the pedestal has beyond its whole ADU."""
    return np.float32(registered.pedestal_adu % 1.0)


def lacks(registered: Registered, rows: slice, samples: Float32Array) -> Float32Array:
    """Return what the sums of blocks lack to be of samples with the mean background of all frames.

    Layers and blocks hold samples of different frames: without this a changing sky would draw
    their pattern. Where there are no samples nothing is missing.

    Args:
        registered: The sums.
        rows: Of blocks.
        samples: Of each layer and block of those rows, shape (layers, rows, blocks).
    """
    # as they are, not as `mean_levels` continues them: beyond the sky there are no samples
    mean = registered.all_levels[rows] * np.float32(1.0 / registered.frame_count)
    missing = mean * samples
    missing -= registered.levels[:, rows]
    return missing
