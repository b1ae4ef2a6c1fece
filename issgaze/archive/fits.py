"""FITS files: raw frames as Siril and astropy read them, and the linear products.

A reader and writer of our own: astropy costs 0.5 s of import and 65 MB on a board that has 80 MB
for the whole digest (docs/decisions/0002-own-fits.md). The tests hold it against astropy.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from issgaze.archive.atomic import write_atomic, write_stream
from issgaze.archive.fitscards import BLOCK, Cards, CardValue, header_bytes
from issgaze.archive.fitsimage import ImageRoom, read_image
from issgaze.arrays import Float32Array
from issgaze.civil import format_fits, parse_utc
from issgaze.errors import FrameError, TimeError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.sky.site import Site

_SIGN_BIT = np.uint16(0x8000)
_ROWS_AT_ONCE = 256
_COLOURS = 3


def write_raw(path: Path, frame: Frame, *, site: Site | None, durable: bool = True) -> int:
    """Write a raw mosaic as 16-bit FITS; return the number of bytes.

    Raises:
        ArchiveError: The disk refuses it.
    """
    height, width = frame.mosaic.shape
    cards = header_bytes(
        [
            ("SIMPLE", True, "FITS 4.0"),
            ("BITPIX", 16, "bits per value"),
            ("NAXIS", 2, "axes"),
            ("NAXIS1", width, "columns"),
            ("NAXIS2", height, "rows"),
            ("BZERO", 32768, "values are unsigned"),
            ("BSCALE", 1, ""),
            *_frame_cards(frame.info),
            *_site_cards(site),
        ]
    )
    # flipping the sign bit turns unsigned values into FITS' signed ones less BZERO
    signed = frame.mosaic ^ _SIGN_BIT
    if sys.byteorder == "little":
        signed.byteswap(inplace=True)
    return write_atomic(
        path, cards, signed.data.cast("B"), _padding(signed.nbytes), durable=durable
    )


def _frame_cards(info: FrameInfo) -> list[tuple[str, CardValue, str]]:
    cards: list[tuple[str, CardValue, str]] = [
        ("DATE-OBS", format_fits(info.start_utc), "UTC start of exposure, row read first"),
        ("EXPTIME", info.exposure_s, "[s] exposure of every row"),
        ("ROWTIME", info.row_time_s, "[s] start of a stored row after the one before"),
        ("ROWORDER", "TOP-DOWN", "first stored row is the top one"),
        ("BLKLEVEL", info.black_level_adu, "[adu] pedestal"),
        ("WHTLEVEL", info.white_level_adu, "[adu] saturation"),
        ("GAIN", info.analogue_gain, "analogue gain, 1 = none"),
        ("FRAMENO", info.sequence, "running number of the camera"),
    ]
    if info.bayer_pattern != "MONO":
        cards.append(("BAYERPAT", info.bayer_pattern, "of the stored array, first 2x2 cell"))
    if info.simulated:
        cards.append(("SIMULATE", True, "rendered, not photographed"))
    if info.instrument:
        cards.append(("INSTRUME", info.instrument, "sensor"))
    optional = (
        ("CLKERR", info.clock_error_s, "[s] bound on the error of DATE-OBS"),
        ("CCD-TEMP", info.temperature_c, "[degC] sensor"),
        ("DEADTIME", info.dead_time_s, "[s] since the end of the frame before"),
    )
    cards += [(key, value, text) for key, value, text in optional if value is not None]
    return cards


def _site_cards(site: Site | None) -> list[tuple[str, CardValue, str]]:
    if site is None:
        return []
    return [
        ("SITELAT", site.latitude_deg, "[deg] north positive, WGS 84"),
        ("SITELONG", site.longitude_deg, "[deg] east positive"),
        ("SITEELEV", site.height_m, "[m] above the ellipsoid"),
    ]


def read_raw(path: Path, *, room: ImageRoom | None = None) -> Frame:
    """Read a raw mosaic of 16 bits or fewer.

    Args:
        path: The file.
        room: Where the mosaic may lie, new memory when None.

    Raises:
        FrameError: It cannot be read, is no mosaic, or names no start of exposure.
    """
    values, header = read_image(path, room=room)
    if values.ndim != 2:
        raise FrameError(
            f"{path.name}: {values.ndim} axes where a raw mosaic has 2",
            remedy="Give raw, undemosaiced frames.",
        )
    return Frame(mosaic=as_uint16(values, path.name), info=frame_info(header, path.name))


def frame_info(header: Mapping[str, CardValue], name: str) -> FrameInfo:
    """Return what a header says of a frame.

    Raises:
        FrameError: DATE-OBS or EXPTIME is missing or unreadable.
    """
    try:
        start = parse_utc(str(header["DATE-OBS"]))
        exposure = float(header.get("EXPTIME", header.get("EXPOSURE", "")))
    except (KeyError, ValueError) as error:
        what = error.message if isinstance(error, TimeError) else "no DATE-OBS or EXPTIME"
        raise FrameError(
            f"{name}: {what}", remedy="Give --start and --exposure for frames without them."
        ) from error
    return FrameInfo(
        start_utc=start,
        exposure_s=exposure,
        row_time_s=_number(header, "ROWTIME") or 0.0,
        clock_error_s=_number(header, "CLKERR"),
        bayer_pattern=str(header.get("BAYERPAT", "MONO")).strip().upper(),
        black_level_adu=_number(header, "BLKLEVEL") or 0.0,
        white_level_adu=_number(header, "WHTLEVEL") or 65535.0,
        analogue_gain=_number(header, "GAIN") or 1.0,
        temperature_c=_number(header, "CCD-TEMP"),
        instrument=str(header.get("INSTRUME", "")),
        dead_time_s=_number(header, "DEADTIME"),
        sequence=int(_number(header, "FRAMENO") or 0),
        simulated=header.get("SIMULATE") is True,
    )


def site_of(header: Mapping[str, CardValue]) -> Site | None:
    """Return the site that a header names, None where it names none."""
    latitude, longitude = _number(header, "SITELAT"), _number(header, "SITELONG")
    if latitude is None or longitude is None:
        return None
    return Site(
        latitude_deg=latitude,
        longitude_deg=longitude,
        height_m=_number(header, "SITEELEV") or 0.0,
    )


def _number(header: Mapping[str, CardValue], key: str) -> float | None:
    value = header.get(key)
    return float(value) if isinstance(value, int | float) else None


def as_uint16(values: NDArray[Any], name: str) -> NDArray[np.uint16]:
    """Return pixel values as uint16, unchanged.

    Raises:
        FrameError: A value lies outside 0 to 65535 or between two whole numbers.
    """
    if values.dtype == np.uint16:
        return values
    whole = values.astype(np.uint16)
    if not np.array_equal(whole, values):
        raise FrameError(
            f"{name}: pixel values are not whole numbers from 0 to 65535",
            remedy="Give raw frames as the camera wrote them.",
        )
    return whole


class PlaneRows(Protocol):
    """A picture in three colours that is made a few rows at a time."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        ...

    def rows(self, top: int, bottom: int) -> Float32Array:
        """Return rows top <= y < bottom, float32 (3, bottom - top, width)."""
        ...


def write_product(path: Path, planes: Float32Array | PlaneRows, header: Cards) -> int:
    """Write a linear product of shape (3, height, width) as float32 FITS; return its bytes.

    Raises:
        ArchiveError: The disk refuses it.
    """
    height, width = planes.shape[-2:]
    cards = header_bytes(
        [
            ("SIMPLE", True, "FITS 4.0"),
            ("BITPIX", -32, "bits per value"),
            ("NAXIS", 3, "axes"),
            ("NAXIS1", width, "columns"),
            ("NAXIS2", height, "rows"),
            ("NAXIS3", _COLOURS, "red, green, blue"),
            ("BUNIT", "adu", "of a calibrated single frame"),
            ("ROWORDER", "TOP-DOWN", "first stored row is the top one"),
            *((key, value, comment) for key, (value, comment) in header.items()),
        ]
    )
    return write_stream(path, _product_chunks(cards, planes))


def _product_chunks(cards: bytes, planes: Float32Array | PlaneRows) -> Iterator[bytes | memoryview]:
    """Yield the file a few rows at a time: a board cannot spare 150 MB for a turned copy."""
    yield cards
    height, width = planes.shape[-2:]
    for colour in range(_COLOURS):
        for first in range(0, height, _ROWS_AT_ONCE):
            last = min(first + _ROWS_AT_ONCE, height)
            if isinstance(planes, np.ndarray):
                rows = planes[colour, first:last]
            else:
                rows = planes.rows(first, last)[colour]
            yield rows.astype(">f4", order="C").data.cast("B")
    yield _padding(4 * _COLOURS * height * width)


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)
