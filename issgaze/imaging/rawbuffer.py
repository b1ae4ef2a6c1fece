"""Raw buffers as a camera's bus leaves them in memory, and the mosaics that they hold.

MIPI CSI-2 (version 1.3, sections 11.4.4 and 11.4.5): packed RAW12 holds two pixels in three bytes,
RAW10 four in five, the upper bits first, the lower ones together in the last byte.
"""

import re
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.errors import FrameError

_FORMAT = re.compile(r"S(?:RGGB|BGGR|GRBG|GBRG)(10|12|16)(_CSI2P)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBuffer:
    """One frame's memory.

    Attributes:
        rows: Bytes, shape (height, stride); what lies behind the last pixel of a row is padding.
        width_px: Pixels of a row.
        format: As libcamera names it: SRGGB12 (16-bit words) or SRGGB12_CSI2P (packed).
    """

    rows: UInt8Array
    width_px: int
    format: str


def mosaic_of(buffer: RawBuffer) -> UInt16Array:
    """Return the mosaic in a buffer, 16 bits a pixel, whether it came packed or not.

    Raises:
        FrameError: The format is another one, such as the lossy PISP_COMP1, or rows are too short.
    """
    known = _FORMAT.fullmatch(buffer.format)
    if known is None or (known[2] and known[1] == "16"):
        raise FrameError(
            f"raw format {buffer.format}, an unpacked or CSI2P-packed Bayer format is needed",
            remedy="Ask the camera for unpacked raw, such as SRGGB12.",
        )
    bits = int(known[1]) if known[2] else 16
    needed = -(-buffer.width_px * bits // 8)
    if buffer.rows.shape[1] < needed:
        raise FrameError(
            f"rows of {buffer.rows.shape[1]} bytes, {buffer.width_px} pixels of {buffer.format} "
            f"need {needed}",
            remedy="Read format, size and stride back from the camera's configuration.",
        )
    used = buffer.rows[:, :needed]
    if bits == 16 and buffer.rows.flags.c_contiguous and buffer.rows.shape[1] % 2 == 0:
        # no copy: the camera's own memory, seen as pixels
        return buffer.rows.view("<u2")[:, : buffer.width_px].astype(np.uint16, copy=False)
    if bits == 16:
        return np.ascontiguousarray(used).view("<u2").astype(np.uint16, copy=False)
    return _unpacked(used, bits)


def _unpacked(used: UInt8Array, bits: int) -> UInt16Array:
    group = 2 if bits == 12 else 4
    low = bits - 8
    whole = used.reshape(len(used), -1, group + 1)
    mosaic = np.empty((len(used), whole.shape[1], group), dtype=np.uint16)
    for place in range(group):
        mosaic[..., place] = whole[..., place]
        mosaic[..., place] <<= low
        mosaic[..., place] |= (whole[..., group] >> (low * place)) & ((1 << low) - 1)
    return mosaic.reshape(len(used), -1)
