"""Pictures in smaller sizes, without a copy of the large one."""

import numpy as np
from PIL import Image

from issgaze.arrays import UInt8Array


def smaller_picture(picture: UInt8Array, width_px: int) -> UInt8Array:
    """Return a picture, uint8 (h, w, 3), shrunk to a width; as it is when it is no wider.

    Whole blocks are averaged first, down to less than twice the width, so that what is resampled
    with care is small.
    """
    height, width = picture.shape[:2]
    if width <= width_px:
        return picture
    factor = width // width_px
    blocks = _block_means(picture, factor) if factor > 1 else picture
    if blocks.shape[1] <= width_px:
        return blocks
    size = (width_px, max(1, round(height * width_px / width)))
    image = Image.fromarray(np.ascontiguousarray(blocks)).resize(size, Image.Resampling.LANCZOS)
    return np.asarray(image)


def _block_means(picture: UInt8Array, factor: int) -> UInt8Array:
    height, width = picture.shape[0] // factor, picture.shape[1] // factor
    small = np.empty((height, width, 3), np.uint8)
    for row in range(height):
        rows = picture[row * factor : (row + 1) * factor, : width * factor]
        blocks = rows.reshape(factor, width, factor, 3)
        small[row] = blocks.mean(axis=(0, 2), dtype=np.float32) + np.float32(0.5)
    return small
