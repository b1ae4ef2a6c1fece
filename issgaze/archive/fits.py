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

from issgaze.archive.atomic import disk_error, write_atomic, write_stream
from issgaze.archive.fitscards import BLOCK, Cards, CardValue, Header, header_bytes, parse_header
from issgaze.arrays import Float32Array
from issgaze.civil import format_fits, parse_utc
from issgaze.errors import FrameError, TimeError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.sky.site import Site

_SIGN_BIT = np.uint16(0x8000)
_TYPES = {8: ">u1", 16: ">i2", 32: ">i4", -32: ">f4", -64: ">f8"}
_MAX_HEADER_BLOCKS = 400
_ROWS_AT_ONCE = 256
_VALUES_AT_ONCE = 1 << 16
_MAGIC = b"SIMPLE  ="
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


def read_raw(path: Path) -> Frame:
    """Read a raw mosaic of 16 bits or fewer.

    Raises:
        FrameError: It cannot be read, is no mosaic, or names no start of exposure.
    """
    values, header = read_image(path)
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


def read_image(path: Path) -> tuple[NDArray[Any], Header]:
    """Return the first image of a FITS file and its header.

    The array is (height, width) or (planes, height, width), in native byte order; unsigned 16-bit
    data stay uint16, scaled data become float64.

    Raises:
        FrameError: It is no FITS file, cut short, or holds no plain image.
    """
    try:
        # a writable buffer becomes the array itself: a frame takes its size in memory once. An
        # empty array, unlike a bytearray, is not filled with zeros first
        content = np.empty(path.stat().st_size, np.uint8)
        with path.open("rb") as file:
            size = file.readinto(content.data)
    except FileNotFoundError as error:
        raise FrameError(f"{path}: no such file", remedy="Check the path.") from error
    except OSError as error:
        raise disk_error(path, error) from error
    return parse_image(content[:size].data, path.name)


def read_header(path: Path) -> Header:
    """Return the header of the first image of a FITS file, of which no pixel is read.

    Raises:
        FrameError: It is no FITS file, its header is cut short, or it holds no plain image.
    """
    primary: Header = {}
    offset = 0
    try:
        with path.open("rb") as file:
            while content := file.read(BLOCK):
                if not offset and not content.startswith(_MAGIC):
                    raise _broken(path.name, "not a FITS file")
                while not _ends(content[-BLOCK:]) and len(content) < _MAX_HEADER_BLOCKS * BLOCK:
                    more = file.read(BLOCK)
                    if not more:
                        break
                    content += more
                start = _data_start(content, 0, path.name)
                header = parse_header(content[:start])
                shape = _shape(header, path.name)
                if shape and str(header.get("XTENSION", "IMAGE")) == "IMAGE":
                    return {**primary, **header}
                primary = primary or header
                offset += start + _data_blocks(header, shape)
                file.seek(offset)
    except FileNotFoundError as error:
        raise FrameError(f"{path}: no such file", remedy="Check the path.") from error
    except OSError as error:
        raise disk_error(path, error) from error
    raise _broken(path.name, "it holds no image" if offset else "not a FITS file")


def parse_image(content: bytes | memoryview, name: str) -> tuple[NDArray[Any], Header]:
    """Return the first image in the bytes of a FITS file, see `read_image`.

    Writable memory is given up: the array takes it.

    Raises:
        FrameError: It is no FITS file, cut short, or holds no plain image.
    """
    if bytes(content[: len(_MAGIC)]) != _MAGIC:
        raise _broken(name, "not a FITS file")
    offset = 0
    primary: Header = {}
    while offset < len(content):
        start = _data_start(content, offset, name)
        header = parse_header(bytes(content[offset:start]))
        shape = _shape(header, name)
        kind = str(header.get("XTENSION", "IMAGE"))
        if shape and kind == "IMAGE":
            return _pixels(content, start, header, shape, name), {**primary, **header}
        if kind == "BINTABLE" and header.get("ZIMAGE") is True:
            raise _broken(name, "the image is compressed inside the FITS file")
        primary = primary or header
        offset = start + _data_blocks(header, shape)
    raise _broken(name, "it holds no image")


def _data_start(content: bytes | memoryview, offset: int, name: str) -> int:
    for block in range(_MAX_HEADER_BLOCKS):
        start = offset + block * BLOCK
        chunk = bytes(content[start : start + BLOCK])
        if len(chunk) < BLOCK:
            raise _broken(name, "its header is cut short")
        if _ends(chunk):
            return start + BLOCK
    raise _broken(name, f"its header is longer than {_MAX_HEADER_BLOCKS} blocks")


def _ends(block: bytes) -> bool:
    return any(block[card : card + 8] == b"END     " for card in range(0, BLOCK, 80))


def _shape(header: Header, name: str) -> tuple[int, ...]:
    axes = header.get("NAXIS")
    if not isinstance(axes, int) or not 0 <= axes <= 999:
        raise _broken(name, f"NAXIS is {axes}")
    sizes = [header.get(f"NAXIS{axis}") for axis in range(axes, 0, -1)]
    if not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise _broken(name, f"its axes are {sizes}")
    return tuple(size for size in sizes if isinstance(size, int))


def _data_blocks(header: Header, shape: tuple[int, ...]) -> int:
    bits = header.get("BITPIX")
    count = int(np.prod(shape, dtype=np.int64)) if shape else 0
    extra = header.get("PCOUNT", 0)
    size = count * abs(bits) // 8 + int(extra) if isinstance(bits, int) else 0
    return -(-size // BLOCK) * BLOCK


def _pixels(
    content: bytes | memoryview, start: int, header: Header, shape: tuple[int, ...], name: str
) -> NDArray[Any]:
    bits = header.get("BITPIX")
    if not isinstance(bits, int) or bits not in _TYPES:
        raise _broken(name, f"BITPIX is {bits}")
    if len(shape) not in {2, 3} or 0 in shape:
        raise _broken(name, f"its image has the shape {shape}")
    stored = np.dtype(_TYPES[bits])
    count = int(np.prod(shape, dtype=np.int64))
    if len(content) - start < count * stored.itemsize:
        raise _broken(
            name, f"{len(content) - start} of {count * stored.itemsize} bytes of pixels are there"
        )
    data = np.frombuffer(content, dtype=stored, count=count, offset=start).reshape(shape)
    zero, scale = _number(header, "BZERO") or 0.0, _number(header, "BSCALE") or 1.0
    unsigned = bits == 16 and zero == _SIGN_BIT and scale == 1
    native = _native(data, _SIGN_BIT if unsigned else None)
    if unsigned:
        return native.view(np.uint16)
    return native if (zero, scale) == (0, 1) else native * scale + zero


def _native(stored: NDArray[Any], flipped: np.uint16 | None) -> NDArray[Any]:
    """Return values in the machine's byte order, in their own memory where that may be written.

    Of 16-bit values the bits `flipped` are turned over.
    """
    kind = stored.dtype.newbyteorder("=")
    if not stored.flags.writeable:
        stored = stored.copy()
    flat = stored.reshape(-1)
    # a piece is turned round and over while it lies in the cache
    for first in range(0, flat.size, _VALUES_AT_ONCE):
        piece = flat[first : first + _VALUES_AT_ONCE]
        if kind != stored.dtype:
            piece.byteswap(inplace=True)
        if flipped is not None:
            bits = piece.view(np.uint16)
            np.bitwise_xor(bits, flipped, out=bits)
    return stored.view(kind)


def _broken(name: str, what: str) -> FrameError:
    return FrameError(
        f"{name}: {what}", remedy="Leave this file out, or copy it again from where it came."
    )


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
