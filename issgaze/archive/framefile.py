"""Frames of any camera: FITS, camera raws, TIFF, PNG and JPEG, each brought into one raw mosaic.

What is not a mosaic is made one without loss: each pixel of a colour picture becomes one 2x2 cell,
so that half-resolution products have the picture's own size. Pictures of 8 bits are taken to be
encoded as sRGB and are made linear; 16 bits are taken to be linear.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from issgaze.archive import fits
from issgaze.archive.exif import ExifFacts, read_exif
from issgaze.archive.fitscards import CardValue
from issgaze.archive.fitsimage import ImageRoom, read_header, read_image
from issgaze.arrays import UInt16Array
from issgaze.civil import from_unix, later, parse_utc
from issgaze.errors import FrameError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.sky.site import Site

FITS_SUFFIXES = frozenset({".fits", ".fit", ".fts"})
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff"})
RAW_SUFFIXES = frozenset(
    {".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw"}
)
_FLIPPED = {"RGGB": "GBRG", "GBRG": "RGGB", "BGGR": "GRBG", "GRBG": "BGGR", "MONO": "MONO"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHints:
    """What the owner says of frames whose headers do not; it wins over the headers.

    Attributes:
        start_utc: Start of the first exposure.
        exposure_s: Of every frame.
        interval_s: From start to start; the exposure when None.
        zone: In which EXIF times without an offset are meant.
    """

    start_utc: datetime | None = None
    exposure_s: float | None = None
    interval_s: float | None = None
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFacts:
    """What is known of a frame in a file without its pixels.

    Attributes:
        start_utc: A mere running number of seconds when `timed` is False.
        exposure_s: One second when `exposed` is False.
        timed: True when the start of exposure is known.
        exposed: True when the length of exposure is known.
        site: Where the header says it was taken, None when it does not.
        clock_error_s: Bound on the error of start_utc, None when it is not known.
        simulated: True when the header says that it was rendered.
        note: What was known but not used, for people; empty when nothing.
    """

    start_utc: datetime
    exposure_s: float
    timed: bool
    exposed: bool
    site: Site | None
    clock_error_s: float | None
    simulated: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFrame:
    """A frame from a file, with what is known of it."""

    frame: Frame
    facts: FrameFacts


def survey_frame(path: Path, *, number: int, hints: FrameHints) -> FrameFacts:
    """Return what a file says of its frame; pixels are not read.

    Args:
        path: The file; its suffix says what it is.
        number: Place in the series, 0 for the first.
        hints: What is said of the series.

    Raises:
        FrameError: Its header cannot be read, or it is of no supported kind.
    """
    if _kind(path) != "fits":
        return _completed(read_exif(path, hints.zone), hints, number)
    header = read_header(path)
    bits = header.get("BITPIX")
    if isinstance(bits, int) and bits < 0:
        # fractions may be a frame or a product: its pixels tell, and a product tells no times
        return load_frame(path, number=number, hints=hints).facts
    info = _fits_info(header, path.name)
    facts = _completed(_fits_facts(header, info, path.name), hints, number)
    return dataclasses.replace(facts, simulated=info.simulated)


def load_frame(
    path: Path, *, number: int, hints: FrameHints, room: ImageRoom | None = None
) -> LoadedFrame:
    """Read a frame of any supported kind.

    Args:
        path: The file; its suffix says what it is.
        number: Place in the series, 0 for the first.
        hints: What is said of the series.
        room: Where a mosaic may lie, new memory when None.

    Raises:
        FrameError: It cannot be read or is of no supported kind.
    """
    kind = _kind(path)
    if kind == "fits":
        mosaic, info, said = _from_fits(path, room)
    elif kind == "picture":
        mosaic, info, said = _from_picture(path, hints.zone)
    else:
        mosaic, info, said = _from_raw(path, hints.zone)
    facts = _completed(said, hints, number)
    info = dataclasses.replace(
        info,
        start_utc=facts.start_utc,
        exposure_s=facts.exposure_s,
        clock_error_s=facts.clock_error_s,
    )
    return LoadedFrame(frame=Frame(mosaic=mosaic, info=info), facts=facts)


def _kind(path: Path) -> Literal["fits", "picture", "raw"]:
    suffix = path.suffix.lower()
    if suffix in FITS_SUFFIXES:
        return "fits"
    if suffix in PICTURE_SUFFIXES:
        return "picture"
    if suffix in RAW_SUFFIXES:
        return "raw"
    known = " ".join(sorted(FITS_SUFFIXES | PICTURE_SUFFIXES | RAW_SUFFIXES))
    raise FrameError(f"{path.name}: no kind of frame that is known", remedy=f"Known are {known}.")


def _completed(said: ExifFacts, hints: FrameHints, number: int) -> FrameFacts:
    """Return what a header says with the hints put in, which win."""
    exposure_s = hints.exposure_s or said.exposure_s
    start = _start(said, hints, number, exposure_s)
    return FrameFacts(
        start_utc=start or from_unix(number * (exposure_s or 1.0)),
        exposure_s=exposure_s or 1.0,
        timed=start is not None,
        exposed=exposure_s is not None,
        site=said.site,
        clock_error_s=None if hints.start_utc else said.clock_error_s,
        simulated=False,
        note="" if start is not None else said.note,
    )


def _start(
    facts: ExifFacts, hints: FrameHints, number: int, exposure_s: float | None
) -> datetime | None:
    if hints.start_utc is None:
        return facts.start_utc
    interval_s = hints.interval_s or exposure_s
    if number and interval_s is None:
        return None
    return later(hints.start_utc, number * (interval_s or 0.0))


_Read = tuple[UInt16Array, FrameInfo, ExifFacts]


def _fits_info(header: Mapping[str, CardValue], name: str) -> FrameInfo:
    """Return what the header says of a frame; start and exposure are filled in by the caller."""
    return fits.frame_info({**header, "DATE-OBS": "2000-01-01", "EXPTIME": 1.0}, name)


def _fits_facts(header: Mapping[str, CardValue], info: FrameInfo, name: str) -> ExifFacts:
    start, exposure = header.get("DATE-OBS"), header.get("EXPTIME", header.get("EXPOSURE"))
    return ExifFacts(
        start_utc=_fits_instant(start, name) if start else None,
        exposure_s=float(exposure) if isinstance(exposure, int | float) and exposure > 0 else None,
        site=fits.site_of(header),
        clock_error_s=info.clock_error_s,
    )


def _from_fits(path: Path, room: ImageRoom | None) -> _Read:
    values, header = read_image(path, room=room)
    info = _fits_info(header, path.name)
    facts = _fits_facts(header, info, path.name)
    if values.ndim == 3:
        return _cells(_whole(np.moveaxis(values, 0, -1), path.name)), _picture_info(info), facts
    mosaic = _whole(values, path.name)
    if str(header.get("ROWORDER", "TOP-DOWN")).strip().upper() == "BOTTOM-UP":
        mosaic = np.ascontiguousarray(mosaic[::-1])
        flips = mosaic.shape[0] % 2 == 0
        pattern = _FLIPPED.get(info.bayer_pattern, "MONO") if flips else info.bayer_pattern
        info = dataclasses.replace(info, bayer_pattern=pattern, row_time_s=-info.row_time_s)
    return mosaic, info, facts


def _fits_instant(value: CardValue, name: str) -> datetime:
    try:
        return parse_utc(str(value))
    except ValueError as error:
        raise FrameError(
            f"{name}: DATE-OBS is {value!r}, no instant", remedy="Give --start and --exposure."
        ) from error


def _whole(values: NDArray[Any], name: str) -> UInt16Array:
    """Return values as uint16; fractions, as in calibrated frames, are spread over the range."""
    if values.dtype.kind == "f":
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        if low >= 0.0 and high <= 1.0:
            return np.asarray(np.rint(np.nan_to_num(values) * 65535.0), dtype=np.uint16)
    return fits.as_uint16(values, name)


def _from_picture(path: Path, zone: ZoneInfo | None) -> _Read:
    facts = read_exif(path, zone)
    values = _decode(path)
    if values.dtype == np.uint8:
        values = _linear_table()[values]
    blank = FrameInfo(start_utc=from_unix(0.0), exposure_s=1.0)
    if values.ndim == 2 and path.suffix.lower() in {".tif", ".tiff"}:
        # a 16-bit TIFF in grey is what mono cameras write
        return values, dataclasses.replace(_picture_info(blank), bayer_pattern="MONO"), facts
    if values.ndim == 2:
        values = np.repeat(values[..., np.newaxis], 3, axis=-1)
    return _cells(values), _picture_info(blank), facts


def _picture_info(info: FrameInfo) -> FrameInfo:
    return dataclasses.replace(
        info, bayer_pattern="RGGB", black_level_adu=0.0, white_level_adu=65535.0
    )


def _decode(path: Path) -> NDArray[Any]:
    """Return a picture as uint8 or uint16, (h, w) or (h, w, 3).

    Pillow reads colour of 16 bits as 8; PyAV, which is here for the time-lapse, reads it whole.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            if picture.mode in {"I;16", "I;16B", "I"}:
                return fits.as_uint16(np.asarray(picture), path.name)
            if path.suffix.lower() not in {".jpg", ".jpeg"} and picture.mode in {"RGB", "RGBA"}:
                deep = _deep_colour(path)
                if deep is not None:
                    return deep
            mode = "L" if picture.mode in {"1", "L", "LA"} else "RGB"
            return np.asarray(picture.convert(mode))
    except FileNotFoundError as error:
        raise FrameError(f"{path}: no such file", remedy="Check the path.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise FrameError(
            f"{path.name}: no readable picture ({error})",
            remedy="Leave this file out, or copy it again from where it came.",
        ) from error


def _deep_colour(path: Path) -> UInt16Array | None:
    """Return a picture of 16 bits a colour; None when it has fewer."""
    import av.error

    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
    except (av.error.FFmpegError, StopIteration):
        return None
    if not frame.format.name.startswith(("rgb48", "rgba64")):
        return None
    return np.asarray(frame.to_ndarray(format="rgb48le"), dtype=np.uint16)


def _cells(colours: NDArray[Any]) -> UInt16Array:
    """Return a mosaic in which each pixel of a colour picture is one RGGB cell."""
    height, width, _ = colours.shape
    mosaic = np.empty((2 * height, 2 * width), dtype=np.uint16)
    mosaic[0::2, 0::2] = colours[..., 0]
    mosaic[0::2, 1::2] = colours[..., 1]
    mosaic[1::2, 0::2] = colours[..., 1]
    mosaic[1::2, 1::2] = colours[..., 2]
    return mosaic


def _linear_table() -> UInt16Array:
    """Return the 16-bit linear values of 8-bit sRGB (IEC 61966-2-1)."""
    value = np.arange(256) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.rint(linear * 65535.0), dtype=np.uint16)


def _from_raw(path: Path, zone: ZoneInfo | None) -> _Read:
    try:
        import rawpy
    except ImportError as error:
        raise FrameError(
            f"{path.name}: camera raws need the rawpy library",
            remedy="Install it with `pip install issgaze[raw]`, or convert the frames to FITS.",
        ) from error
    try:
        with rawpy.imread(str(path)) as raw:
            mosaic = np.array(raw.raw_image_visible, dtype=np.uint16)
            colours = raw.color_desc.decode()
            pattern = "MONO"
            if raw.raw_pattern is not None and raw.raw_pattern.shape == (2, 2):
                pattern = "".join(colours[index] for index in raw.raw_pattern.ravel())
            black = float(np.mean(raw.black_level_per_channel))
            white = float(raw.white_level)
    except FileNotFoundError as error:
        raise FrameError(f"{path}: no such file", remedy="Check the path.") from error
    except (rawpy.LibRawError, OSError, ValueError) as error:
        raise FrameError(
            f"{path.name}: no readable camera raw ({error})",
            remedy="Leave this file out, or copy it again from where it came.",
        ) from error
    if mosaic.ndim != 2 or pattern not in _FLIPPED:
        raise FrameError(
            f"{path.name}: its pixels are no 2x2 Bayer mosaic ({pattern or 'unknown'})",
            remedy="Convert it to a 16-bit TIFF first.",
        )
    info = FrameInfo(
        start_utc=from_unix(0.0),
        exposure_s=1.0,
        bayer_pattern=pattern,
        black_level_adu=black,
        white_level_adu=white,
    )
    return mosaic, info, read_exif(path, zone)
