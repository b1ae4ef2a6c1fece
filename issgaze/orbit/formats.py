"""Reads element sets in any format that sources serve, told apart by their content alone."""

from collections.abc import Mapping

from issgaze.civil import format_fits
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.omm_csv import parse_csv
from issgaze.orbit.omm_json import parse_json
from issgaze.orbit.omm_kvn import looks_like_kvn, parse_kvn
from issgaze.orbit.omm_xml import parse_xml
from issgaze.orbit.records import ParsedElements, RefusedRecord, broken
from issgaze.orbit.tle import looks_like_tle, parse_tle_text

__all__ = [
    "ParsedElements",
    "RefusedRecord",
    "element_record",
    "parse_element_record",
    "parse_elements",
]

_WEB_PAGE = ("<!doctype html", "<html")


def parse_elements(data: bytes, *, source: str) -> ParsedElements:
    """Read TLE, 2LE, 3LE, alpha-5, or OMM as JSON, CSV, XML or KVN.

    Broken records are refused one by one; whether a set is of the right satellite and of today is
    judged elsewhere.

    Args:
        data: The document as it came.
        source: Where from, for people; kept in each set.

    Raises:
        ElementError: The document as a whole is of no use: empty, a web page, cut off, no text.
    """
    text = _decode(data).strip("\x00 \t\r\n") + _final_newline(data)
    start = text.lstrip()[:512].lower()
    if not start:
        raise broken(f"the reply of {source} is empty")
    if start.startswith(("{", "[")):
        parsed = parse_json(text, source=source)
    elif any(tag in start for tag in _WEB_PAGE):
        raise broken(f"{source} sent a web page instead of element sets")
    elif start.startswith("<"):
        parsed = parse_xml(text, source=source)
    elif "norad_cat_id" in start.splitlines()[0] and "," in start.splitlines()[0]:
        parsed = parse_csv(text, source=source)
    elif looks_like_kvn(text):
        parsed = parse_kvn(text, source=source)
    elif looks_like_tle(text):
        parsed = parse_tle_text(text, source=source)
    else:
        shown = " ".join(text.split())[:80]
        raise broken(f"{source} sent no element set but {shown!r}")
    if not parsed.sets and not parsed.refused:
        raise broken(f"the document of {source} holds no element set")
    return parsed


def element_record(elements: ElementSet) -> dict[str, str | int | float]:
    """Return an element set as an OMM record for JSON, from which it is read back exactly."""
    return {
        "OBJECT_NAME": elements.name,
        "OBJECT_ID": elements.cospar_id,
        "EPOCH": format_fits(elements.epoch),
        "MEAN_MOTION": elements.mean_motion_rev_per_day,
        "ECCENTRICITY": elements.eccentricity,
        "INCLINATION": elements.inclination_deg,
        "RA_OF_ASC_NODE": elements.raan_deg,
        "ARG_OF_PERICENTER": elements.arg_of_perigee_deg,
        "MEAN_ANOMALY": elements.mean_anomaly_deg,
        "EPHEMERIS_TYPE": 0,
        "CLASSIFICATION_TYPE": "U",
        "NORAD_CAT_ID": elements.norad_id,
        "ELEMENT_SET_NO": elements.element_set_no,
        "REV_AT_EPOCH": elements.rev_at_epoch,
        "BSTAR": elements.bstar,
        "MEAN_MOTION_DOT": elements.mean_motion_dot,
        "MEAN_MOTION_DDOT": elements.mean_motion_ddot,
    }


def parse_element_record(record: Mapping[str, object], *, source: str) -> ElementSet:
    """Return the element set of one OMM record from JSON.

    Raises:
        ElementError: A value is missing, unreadable or out of its range.
    """
    fields = {
        key: str(value)
        for key, value in record.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    return element_set_from_fields(fields, source=source)


def _decode(data: bytes) -> str:
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise broken(f"the document is no text: {error.reason} at byte {error.start}") from error
    if "\x00" in text.rstrip("\x00"):
        raise broken(f"the document is no text: a zero byte at character {text.index(chr(0))}")
    return text


def _final_newline(data: bytes) -> str:
    """Return a line end if the document had one: without it, its last line may be cut."""
    return "\n" if data.rstrip(b" \t\x00").endswith((b"\n", b"\r")) else ""
