"""Reads two-line element sets, with names or without, alpha-5 catalogue numbers included.

The columns are those of CelesTrak's "NORAD Two-Line Element Set Format". Every line must be whole
and carry its right checksum: a broken one shifts the station by minutes without looking wrong.
"""

import re
from functools import partial

from issgaze.orbit.elements import ElementSet
from issgaze.orbit.fields import element_set_from_fields, epoch_of_year
from issgaze.orbit.records import Harvest, ParsedElements, broken

_LENGTH = 69
_STARTS = re.compile(r"[12] [ 0-9A-Z][ 0-9]{4}")
# I and O are left out, they look like digits
_ALPHA_5 = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LINE_1 = re.compile(
    r"1 (?P<id>[ 0-9A-Z][ 0-9]{3}[0-9])[ A-Z] (?P<cospar>[ 0-9A-Z]{8}) "
    r"(?P<year>[0-9]{2})(?P<day>[ 0-9]{2}[0-9]\.[0-9]{8}) (?P<dot>[ +-]\.[0-9]{8}) "
    r"(?P<ddot>[ +-][ 0-9]{5}[+-][0-9]) (?P<bstar>[ +-][ 0-9]{5}[+-][0-9]) "
    r"(?P<type>[ 0-9]) (?P<number>[ 0-9]{4})[0-9]"
)
_LINE_2 = re.compile(
    r"2 (?P<id>[ 0-9A-Z][ 0-9]{3}[0-9]) (?P<inclination>[ 0-9]{3}\.[0-9]{4}) "
    r"(?P<raan>[ 0-9]{3}\.[0-9]{4}) (?P<eccentricity>[ 0-9]{7}) (?P<perigee>[ 0-9]{3}\.[0-9]{4}) "
    r"(?P<anomaly>[ 0-9]{3}\.[0-9]{4}) (?P<motion>[ 0-9]{2}\.[0-9]{8})"
    r"(?P<revolution>[ 0-9]{5})[0-9]"
)


def looks_like_tle(text: str) -> bool:
    """Return whether any line begins like one of a two-line element set."""
    return any(_STARTS.match(line) for line in text.splitlines())


def parse_tle_text(text: str, *, source: str) -> ParsedElements:
    """Read TLE, 2LE and 3LE, one after another."""
    harvest = Harvest()
    name, first = "", ""

    def refuse(reason: str) -> None:
        harvest.refuse(name or _number_of(first) or "a line", reason)

    for line in filter(str.strip, (line.rstrip() for line in text.splitlines())):
        if line.startswith("2 ") and first:
            read = partial(parse_tle, name, first, line, source=source)
            harvest.take(name or _number_of(first), read)
            name, first = "", ""
            continue
        if first:
            refuse("line 2 is missing")
            name, first = "", ""
        if line.startswith("1 ") and _STARTS.match(line):
            first = line
        elif line.startswith("2 ") and _STARTS.match(line):
            refuse("line 1 is missing")
            name = ""
        else:
            if name:
                refuse("lines 1 and 2 are missing")
            name = line.removeprefix("0 ").strip()
    if first:
        refuse("line 2 is missing")
    elif name:
        refuse("lines 1 and 2 are missing")
    return harvest.parsed()


def parse_tle(name: str, first: str, second: str, *, source: str) -> ElementSet:
    """Return the element set of two lines.

    Raises:
        ElementError: A line has the wrong length, form or checksum, a value is out of its range,
            or the lines belong to different satellites.
    """
    one = _match(_LINE_1, first, 1)
    two = _match(_LINE_2, second, 2)
    if one["id"] != two["id"]:
        raise broken(f"line 1 is of {one['id'].strip()}, line 2 of {two['id'].strip()}")
    year = int(one["year"])
    epoch = epoch_of_year(year + (1900 if year >= 57 else 2000), float(one["day"]))
    fields = {
        "OBJECT_NAME": name,
        "OBJECT_ID": _cospar_id(one["cospar"].strip()),
        "NORAD_CAT_ID": str(alpha_5(one["id"])),
        "EPOCH": epoch.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "MEAN_MOTION": two["motion"].strip(),
        "ECCENTRICITY": "0." + two["eccentricity"].replace(" ", "0"),
        "INCLINATION": two["inclination"].strip(),
        "RA_OF_ASC_NODE": two["raan"].strip(),
        "ARG_OF_PERICENTER": two["perigee"].strip(),
        "MEAN_ANOMALY": two["anomaly"].strip(),
        "BSTAR": _packed(one["bstar"]),
        "MEAN_MOTION_DOT": one["dot"].strip(),
        "MEAN_MOTION_DDOT": _packed(one["ddot"]),
        "EPHEMERIS_TYPE": one["type"].strip(),
        "ELEMENT_SET_NO": one["number"].strip(),
        "REV_AT_EPOCH": two["revolution"].strip(),
    }
    return element_set_from_fields(fields, source=source)


def checksum(line: str) -> int:
    """Return the sum of the digits of the first 68 characters modulo 10, a minus counting 1."""
    return sum(int(c) if c in "0123456789" else int(c == "-") for c in line[:68]) % 10


def alpha_5(text: str) -> int:
    """Return a catalogue number of five characters; a leading letter counts 10 to 33 ten-thousands.

    Raises:
        ElementError: The letter is I or O, or the rest is no number.
    """
    padded = text.replace(" ", "0")
    if padded.isdigit():
        return int(padded)
    if padded[0] not in _ALPHA_5 or not padded[1:].isdigit():
        raise broken(f"the catalogue number {text!r} is neither digits nor alpha-5")
    return (10 + _ALPHA_5.index(padded[0])) * 10000 + int(padded[1:])


def _match(pattern: re.Pattern[str], line: str, number: int) -> re.Match[str]:
    if len(line) != _LENGTH:
        raise broken(f"line {number} has {len(line)} characters, {_LENGTH} are right")
    if not line.isascii() or not line[-1].isdigit():
        raise broken(f"line {number} does not end in a checksum digit")
    if int(line[-1]) != checksum(line):
        raise broken(f"line {number} ends in checksum {line[-1]}, {checksum(line)} is right")
    match = pattern.fullmatch(line)
    if match is None:
        raise broken(f"line {number} is not in the columns of a two-line element set: {line!r}")
    return match


def _packed(text: str) -> str:
    """Return a number with an assumed decimal point and exponent, such as -70517-5, as usual."""
    sign = "-" if text[0] == "-" else ""
    return f"{sign}0.{text[1:6].replace(' ', '0')}e{text[6:]}"


def _cospar_id(short: str) -> str:
    launch = re.fullmatch(r"([0-9]{2})([0-9]{3})([A-Z]{1,3})", short)
    if launch is None:
        return ""
    century = "19" if int(launch[1]) >= 57 else "20"
    return f"{century}{launch[1]}-{launch[2]}{launch[3]}"


def _number_of(line: str) -> str:
    return line[2:7].strip()
