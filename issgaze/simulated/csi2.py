"""Raw frames as the camera's bus carries them: packed by MIPI CSI-2, rows padded to a stride."""

import numpy as np

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.errors import FrameError

_ALIGNMENT_BYTES = 32


def packed(mosaic: UInt16Array, *, bit_depth: int) -> UInt8Array:
    """Return a mosaic packed as CSI2P, shape (height, stride in bytes).

    MIPI CSI-2 (version 1.3, sections 11.4.4 and 11.4.5): RAW12 puts two pixels into three bytes,
    RAW10 four into five; upper bits first, the lower ones together in the last byte, the first
    pixel's lowest. Rows are padded with zeros to 32 bytes, as on a Raspberry Pi.

    Raises:
        FrameError: The depth is neither 10 nor 12, or the width does not fill whole groups.
    """
    group = {10: 4, 12: 2}.get(bit_depth)
    if group is None:
        raise FrameError(
            f"{bit_depth} bits cannot be packed, 10 and 12 can",
            remedy="Use the frame unpacked, 16 bits a pixel.",
        )
    height, width = mosaic.shape
    if width % group:
        raise FrameError(
            f"a row of {width} pixels cannot be packed, a multiple of {group} can",
            remedy="Use the frame unpacked, 16 bits a pixel.",
        )
    low_bits = bit_depth - 8
    pixels = mosaic.reshape(height, width // group, group)
    grouped = np.zeros((height, width // group, group + 1), dtype=np.uint8)
    grouped[..., :group] = pixels >> low_bits
    lowest = pixels & ((1 << low_bits) - 1)
    for place in range(group):
        grouped[..., group] |= (lowest[..., place] << (low_bits * place)).astype(np.uint8)
    used = width // group * (group + 1)
    stride = -(-used // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES
    rows = np.zeros((height, stride), dtype=np.uint8)
    rows[:, :used] = grouped.reshape(height, used)
    return rows
