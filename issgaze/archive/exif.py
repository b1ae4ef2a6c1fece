"""What EXIF says of a picture: when, how long, where; and when it does not really say."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from issgaze.civil import from_local, parse_utc
from issgaze.errors import TimeError
from issgaze.sky.site import Site

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TAKEN, _FRACTION, _OFFSET, _EXPOSURE = 0x9003, 0x9291, 0x9011, 0x829A
# whole seconds, and cameras differ in when they stamp
_CLOCK_ERROR_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifFacts:
    """What a header says; None where it says nothing.

    Attributes:
        start_utc: Start of exposure.
        exposure_s: Its length.
        site: Where.
        clock_error_s: Bound on the error of start_utc.
        note: What was there but could not be used, for people.
    """

    start_utc: datetime | None = None
    exposure_s: float | None = None
    site: Site | None = None
    clock_error_s: float | None = None
    note: str = ""


def read_exif(path: Path, zone: ZoneInfo | None) -> ExifFacts:
    """Return what the EXIF of a picture or camera raw says; nothing when it has none.

    Args:
        path: A file that Pillow can open.
        zone: In which a time without an offset is meant; None leaves such a time unused.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            exif = picture.getexif()
            shot, gps = dict(exif.get_ifd(_EXIF_IFD)), dict(exif.get_ifd(_GPS_IFD))
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, TypeError):
        return ExifFacts()
    facts = _taken(shot, zone)
    exposure = _number(shot.get(_EXPOSURE))
    return dataclasses.replace(
        facts, exposure_s=exposure if exposure and exposure > 0.0 else None, site=_site(gps)
    )


def _taken(shot: Mapping[int, Any], zone: ZoneInfo | None) -> ExifFacts:
    text = str(shot.get(_TAKEN, "")).strip("\0 ")
    if not text:
        return ExifFacts()
    fraction = str(shot.get(_FRACTION, "")).strip("\0 ")
    local_text = text.replace(":", "-", 2) + (f".{fraction}" if fraction.isdigit() else "")
    offset = str(shot.get(_OFFSET, "")).strip("\0 ")
    try:
        if offset:
            start = parse_utc(local_text + offset)
        elif zone is not None:
            start = from_local(local_text, zone)
        else:
            parse_utc(local_text)
            return ExifFacts(
                note=f"the EXIF time {text} has no zone and was not used: give --time-zone"
            )
    except TimeError:
        return ExifFacts(note=f"the EXIF time {text!r} cannot be read")
    return ExifFacts(start_utc=start, clock_error_s=_CLOCK_ERROR_S)


def _site(gps: Mapping[int, Any]) -> Site | None:
    latitude, longitude = _degrees(gps.get(2)), _degrees(gps.get(4))
    if latitude is None or longitude is None or not gps.get(1) or not gps.get(3):
        return None
    if latitude > 90.0 or longitude > 180.0 or (latitude == 0.0 and longitude == 0.0):
        return None
    return Site(
        latitude_deg=-latitude if str(gps[1]).startswith("S") else latitude,
        longitude_deg=-longitude if str(gps[3]).startswith("W") else longitude,
        height_m=_number(gps.get(6)) or 0.0,
    )


def _degrees(value: Any) -> float | None:
    try:
        parts = [float(part) for part in value]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if len(parts) != 3:
        return None
    total = parts[0] + parts[1] / 60.0 + parts[2] / 3600.0
    return total if 0.0 <= total <= 180.0 else None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if number == number and abs(number) < 1e9 else None
