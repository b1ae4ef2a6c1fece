"""DNG, for those who develop raw frames by hand: a TIFF with a mosaic and what to make of it.

A writer of our own: PiDNG compiles C on the device, and the file is thirty tags (Adobe DNG 1.4).
"""

import struct
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from issgaze.archive.atomic import write_atomic
from issgaze.imaging.bayer import colour_cell
from issgaze.imaging.frame import Frame
from issgaze.picture.encode import TiffEntry, tiff_directory

_UNIQUE_NAME = "issgaze"
# XYZ to the chip's colours for daylight: a plain sRGB chip, as nothing better is known of it
_MATRIX = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
_D65 = 21


def write_dng(path: Path, frame: Frame) -> int:
    """Write a raw mosaic as uncompressed 16-bit DNG; return its bytes.

    The site is left out on purpose: files of this kind are passed on.

    Raises:
        ArchiveError: The disk refuses it.
    """
    pixels = np.ascontiguousarray(frame.mosaic, dtype="<u2")
    return write_atomic(path, dng_header(frame), pixels.data.cast("B"))


def dng_header(frame: Frame) -> bytes:
    """Return all that stands before the pixels."""
    info = frame.info
    height, width = frame.mosaic.shape
    camera = info.instrument.upper() or _UNIQUE_NAME
    entries: list[TiffEntry] = [
        (254, 4, 1, 0),
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 16),
        (259, 3, 1, 1),
        (262, 3, 1, 34892 if info.bayer_pattern == "MONO" else 32803),
        _text(271, _UNIQUE_NAME),
        _text(272, camera),
        (273, 4, 1, 0),
        (274, 3, 1, 1),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, 2 * height * width),
        (284, 3, 1, 1),
        _text(305, _UNIQUE_NAME),
        _text(306, _exif_time(info.start_utc)),
        (33434, 5, 1, _fractions([info.exposure_s])),
        (34855, 3, 1, min(65535, round(100.0 * info.analogue_gain))),
        _text(36867, _exif_time(info.start_utc)),
        (50706, 1, 4, bytes((1, 4, 0, 0))),
        (50707, 1, 4, bytes((1, 1, 0, 0))),
        _text(50708, f"{_UNIQUE_NAME} {camera}"),
        (50714, 5, 1, _fractions([info.black_level_adu])),
        (50717, 4, 1, round(info.white_level_adu)),
        (50721, 10, 9, _fractions(_MATRIX)),
        (50728, 5, 3, _fractions([1.0, 1.0, 1.0])),
        (50778, 3, 1, _D65),
    ]
    if info.bayer_pattern != "MONO":
        cell = colour_cell(info.bayer_pattern)
        entries += [
            (33421, 3, 2, struct.pack("<2H", 2, 2)),
            (33422, 1, 4, bytes((*cell[0], *cell[1]))),
            (50710, 1, 3, bytes((0, 1, 2))),
        ]
    return tiff_directory(sorted(entries, key=lambda entry: entry[0]))


def _text(tag: int, text: str) -> TiffEntry:
    plain = text.encode("ascii", "replace") + b"\0"
    return tag, 2, len(plain), plain


def _exif_time(instant: datetime) -> str:
    return f"{instant:%Y:%m:%d %H:%M:%S}"


def _fractions(values: "tuple[float, ...] | list[float]") -> bytes:
    parts = [Fraction(value).limit_denominator(10000) for value in values]
    return b"".join(struct.pack("<ii", part.numerator, part.denominator) for part in parts)
