"""live.jpg: the trail so far, in the pass folder a moment after each sub-exposure."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from issgaze.archive.atomic import write_atomic
from issgaze.arrays import Float32Array, UInt16Array
from issgaze.imaging.bayer import sites_of
from issgaze.imaging.frame import Frame
from issgaze.picture.encode import jpeg_from_8bit
from issgaze.service.series import Light

LIVE_FILE = "live.jpg"
_WIDTH_PX = 720
_QUALITY = 80
# of the encoded picture, 0 to 1
_SKY_LEVEL = 0.14


def with_live_preview(lights: Iterable[Light], folder: Path) -> Iterator[Light]:
    """Pass lights on, and write what the brightest of all of them so far look like.

    The picture is written before a light goes on, as the digest may work in its pixels.

    Raises:
        ArchiveError: The disk refuses it.
    """
    preview = LivePreview()
    for light in lights:
        if light.frame is not None:
            preview.add(light.frame)
            write_atomic(folder / LIVE_FILE, preview.jpeg(), durable=False)
        yield light
        # not held while the next one is read
        del light


class LivePreview:
    """The largest values so far on a small grid, where a thin trail is not lost."""

    def __init__(self) -> None:
        self._largest: UInt16Array | None = None
        self._black: Float32Array = np.zeros(3, np.float32)
        self._gain: Float32Array = np.ones(3, np.float32)

    def add(self, frame: Frame) -> None:
        """Take the next frame; one of another size begins anew."""
        planes = _small(frame)
        if self._largest is None or self._largest.shape != planes.shape:
            self._largest = planes
            level = np.median(planes[:, ::4, ::4], axis=(1, 2)).astype(np.float32)
            self._black = np.minimum(level, np.float32(frame.info.black_level_adu))
            sky = np.maximum(level - self._black, np.float32(1.0))
            # a grey sky, until the white balance of stars is known
            self._gain = np.float32(1.0) / sky
        else:
            np.maximum(self._largest, planes, out=self._largest)

    def jpeg(self) -> bytes:
        """Return the picture."""
        assert self._largest is not None
        light = self._largest.astype(np.float32)
        light -= self._black[:, np.newaxis, np.newaxis]
        light *= self._gain[:, np.newaxis, np.newaxis]
        np.maximum(light, np.float32(0.0), out=light)
        curve = np.arcsinh(light) * np.float32(_SKY_LEVEL / np.arcsinh(1.0))
        curve *= np.float32(255.0)
        eight = np.minimum(curve, np.float32(255.0)).astype(np.uint8)
        return jpeg_from_8bit(np.ascontiguousarray(np.moveaxis(eight, 0, -1)), quality=_QUALITY)


def _small(frame: Frame) -> UInt16Array:
    """Return the largest red, green and blue of blocks of cells, uint16 (3, h, w)."""
    mosaic = frame.mosaic
    height, width = mosaic.shape[0] // 2, mosaic.shape[1] // 2
    factor = max(1, round(width / _WIDTH_PX))
    height, width = height // factor, width // factor
    planes = np.zeros((3, height, width), np.uint16)
    for colour in range(3):
        # one of the greens is enough for a preview
        row, column = sites_of(frame.info.bayer_pattern, colour)[0]
        for down in range(factor):
            for right in range(factor):
                part = mosaic[row + 2 * down :: 2 * factor, column + 2 * right :: 2 * factor]
                np.maximum(planes[colour], part[:height, :width], out=planes[colour])
    return planes
