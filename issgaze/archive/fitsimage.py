"""The first image of a FITS file, read a piece at a time into an array of its own."""

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from issgaze.archive.atomic import disk_error
from issgaze.archive.fitscards import BLOCK, Header, parse_header
from issgaze.arrays import UInt8Array
from issgaze.errors import FrameError

_SIGN_BIT = np.uint16(0x8000)
_TYPES = {8: ">u1", 16: ">i2", 32: ">i4", -32: ">f4", -64: ">f8"}
_MAX_HEADER_BLOCKS = 400
_MAGIC = b"SIMPLE  ="
# what is read at once is turned round and over while it lies in the cache
_BYTES_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An image in a file, which stands at its first pixel."""

    header: Header
    shape: tuple[int, ...]


class ImageRoom:
    """Memory for the images of a series, of which one after the other is read and let go.

    A frame's memory costs almost as much to get, page by page, as its pixels cost to read.
    """

    def __init__(self) -> None:
        self._bytes: UInt8Array = np.empty(0, np.uint8)
        # how many references are counted when nobody else has one; that depends on the Python
        self._alone = self._references()

    def take(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
        """Return an array of any content: in the memory of the image before, if nobody holds it."""
        size = math.prod(shape) * kind.itemsize
        # an image is a view, which holds on to the bytes
        if self._bytes.nbytes != size or self._references() > self._alone:
            self._bytes = np.empty(size, np.uint8)
        return self._bytes.view(kind).reshape(shape)

    def _references(self) -> int:
        return sys.getrefcount(self._bytes)


def read_image(path: Path, *, room: ImageRoom | None = None) -> tuple[NDArray[Any], Header]:
    """Return the first image of a FITS file and its header.

    The array is (height, width) or (planes, height, width), in native byte order; unsigned 16-bit
    data stay uint16, scaled data become float64.

    Args:
        path: The file.
        room: Where the image may lie, new memory when None.

    Raises:
        FrameError: It is no FITS file, cut short, or holds no plain image.
    """
    try:
        with path.open("rb") as file:
            return image_in(file, path.name, room=room)
    except FileNotFoundError as error:
        raise FrameError(f"{path}: no such file", remedy="Check the path.") from error
    except OSError as error:
        raise disk_error(path, error) from error


def read_header(path: Path) -> Header:
    """Return the header of the first image of a FITS file, of which no pixel is read.

    Raises:
        FrameError: It is no FITS file, its header is cut short, or it holds no plain image.
    """
    try:
        with path.open("rb") as file:
            return _find(file, path.name).header
    except FileNotFoundError as error:
        raise FrameError(f"{path}: no such file", remedy="Check the path.") from error
    except OSError as error:
        raise disk_error(path, error) from error


def image_in(
    file: BinaryIO, name: str, *, room: ImageRoom | None = None
) -> tuple[NDArray[Any], Header]:
    """Return the first image of an open FITS file, see `read_image`.

    Raises:
        FrameError: It is no FITS file, cut short, or holds no plain image.
        OSError: It cannot be read.
    """
    found = _find(file, name)
    return _pixels(file, found, room or ImageRoom(), name), found.header


def _find(file: BinaryIO, name: str) -> _Found:
    """Go to the pixels of the first image."""
    primary: Header = {}
    while True:
        header = _header(file, name, first=not primary)
        if header is None:
            break
        shape = _shape(header, name)
        kind = str(header.get("XTENSION", "IMAGE"))
        if shape and kind == "IMAGE":
            return _Found(header={**primary, **header}, shape=shape)
        if kind == "BINTABLE" and header.get("ZIMAGE") is True:
            raise _broken(name, "the image is compressed inside the FITS file")
        primary = primary or header
        file.seek(_data_bytes(header, shape), os.SEEK_CUR)
    raise _broken(name, "it holds no image")


def _header(file: BinaryIO, name: str, *, first: bool) -> Header | None:
    """Return the next header, None at the end of the file."""
    content = file.read(BLOCK)
    if first and not content.startswith(_MAGIC):
        raise _broken(name, "not a FITS file")
    if not content:
        return None
    while True:
        if len(content) % BLOCK:
            raise _broken(name, "its header is cut short")
        if _ends(content[-BLOCK:]):
            break
        if len(content) >= _MAX_HEADER_BLOCKS * BLOCK:
            raise _broken(name, f"its header is longer than {_MAX_HEADER_BLOCKS} blocks")
        more = file.read(BLOCK)
        if not more:
            raise _broken(name, "its header is cut short")
        content += more
    return parse_header(content)


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


def _data_bytes(header: Header, shape: tuple[int, ...]) -> int:
    """Return the size of what follows a header, in whole blocks."""
    bits = header.get("BITPIX")
    count = math.prod(shape) if shape else 0
    extra = header.get("PCOUNT", 0)
    size = count * abs(bits) // 8 + int(extra) if isinstance(bits, int) else 0
    return -(-max(0, size) // BLOCK) * BLOCK


def _pixels(file: BinaryIO, found: _Found, room: ImageRoom, name: str) -> NDArray[Any]:
    header, shape = found.header, found.shape
    bits = header.get("BITPIX")
    if not isinstance(bits, int) or bits not in _TYPES:
        raise _broken(name, f"BITPIX is {bits}")
    if len(shape) not in {2, 3} or 0 in shape:
        raise _broken(name, f"its image has the shape {shape}")
    stored = np.dtype(_TYPES[bits])
    size = math.prod(shape) * stored.itemsize
    begin = file.tell()
    there = file.seek(0, os.SEEK_END) - begin
    if there < size:
        raise _broken(name, f"{there} of {size} bytes of pixels are there")
    file.seek(begin)
    zero, scale = _number(header, "BZERO", 0.0), _number(header, "BSCALE", 1.0)
    unsigned = bits == 16 and zero == _SIGN_BIT and scale == 1
    values = room.take(shape, stored.newbyteorder("="))
    _fill(values, file, stored, _SIGN_BIT if unsigned else None, name)
    if unsigned:
        return values.view(np.uint16)
    return values if (zero, scale) == (0, 1) else values * scale + zero


def _fill(
    values: NDArray[Any],
    file: BinaryIO,
    stored: np.dtype[Any],
    flipped: np.uint16 | None,
    name: str,
) -> None:
    """Read the values that the file stands at into an array in the machine's byte order.

    Of 16-bit values the bits `flipped` are turned over.
    """
    flat = values.reshape(-1)
    if flipped is not None:
        flat, stored = flat.view(np.uint16), np.dtype(">u2")
    read_in: NDArray[Any] = np.empty(min(_BYTES_AT_ONCE // stored.itemsize, flat.size), stored)
    room = read_in.view(np.uint8).data
    for first in range(0, flat.size, read_in.size):
        piece = flat[first : first + read_in.size]
        if piece.nbytes < read_in.nbytes:
            read_in, room = read_in[: piece.size], room[: piece.nbytes]
        if file.readinto(room) < piece.nbytes:  # type: ignore[attr-defined]
            raise _broken(name, "it was cut short while it was read")
        # a copy turns bytes round many at a time, where turning them in place takes one by one:
        # 1.1 instead of 6.0 aarch64 instructions a value
        np.copyto(piece, read_in)
        if flipped is not None:
            np.bitwise_xor(piece, flipped, out=piece)


def _number(header: Header, key: str, otherwise: float) -> float:
    value = header.get(key)
    return float(value) if isinstance(value, int | float) else otherwise


def _broken(name: str, what: str) -> FrameError:
    return FrameError(
        f"{name}: {what}", remedy="Leave this file out, or copy it again from where it came."
    )
