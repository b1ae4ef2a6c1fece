"""The owner's own horizon: a picture as large as the field, white where the sky is."""

from pathlib import Path

import numpy as np
from PIL import Image

from issgaze.arrays import UInt8Array
from issgaze.errors import ScenarioError

_REMEDY = (
    "Give foreground.mask_file a picture of the camera's whole field: white sky, black ground."
)

# half of white: what is darker everywhere lets no sky through
_SKY_GREY = 128


def mask_picture(path: str, *, width_px: int, height_px: int) -> UInt8Array:
    """Return how much of the sky each pixel sees, 0 to 255, shape (height, width).

    Raises:
        ScenarioError: The picture is missing, unreadable or of another shape.
    """
    if not path:
        raise ScenarioError('foreground.kind = "picture" names no mask_file', remedy=_REMEDY)
    try:
        with Image.open(Path(path)) as picture:
            grey = picture.convert("L")
    except OSError as error:
        raise ScenarioError(
            f"foreground.mask_file: {path} cannot be read", remedy=_REMEDY
        ) from error
    wanted, given = width_px / height_px, grey.width / grey.height
    if abs(given / wanted - 1.0) > 0.01:
        raise ScenarioError(
            f"foreground.mask_file: {path} is {grey.width}x{grey.height}, "
            f"{width_px}x{height_px} or the same shape is needed",
            remedy=_REMEDY,
        )
    brightest = int(np.asarray(grey).max())
    if brightest < _SKY_GREY:
        raise ScenarioError(
            f"foreground.mask_file: {path} shows no sky, its brightest pixel is {brightest}, "
            f"the limit is {_SKY_GREY}",
            remedy=_REMEDY,
        )
    if grey.size != (width_px, height_px):
        grey = grey.resize((width_px, height_px), Image.Resampling.BILINEAR)
    return np.asarray(grey, dtype=np.uint8)
