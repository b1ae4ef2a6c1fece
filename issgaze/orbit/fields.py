"""Judges the values of one record, whatever format they came in."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from issgaze.civil import later, parse_utc
from issgaze.errors import TimeError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.records import broken

LARGEST_NORAD_ID = 999_999_999
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"\+?[0-9]{1,12}")
_CALENDAR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z?")
_DAY_OF_YEAR = re.compile(r"([0-9]{4})-([0-9]{3})T([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)Z?")
# some messages name the object by its launch alone
_KNOWN_LAUNCHES = {"1998-067A": "25544", "2021-035A": "48274", "1990-037B": "20580"}
_FIRST_YEAR, _LAST_YEAR = 1957, 2100

_UNITS = {
    "MEAN_MOTION": "rev/day",
    "INCLINATION": "deg",
    "RA_OF_ASC_NODE": "deg",
    "ARG_OF_PERICENTER": "deg",
    "MEAN_ANOMALY": "deg",
    "BSTAR": "1/er",
    "MEAN_MOTION_DOT": "rev/day**2",
    "MEAN_MOTION_DDOT": "rev/day**3",
}
# key: smallest and largest value that makes sense for any satellite of the Earth
_RANGES = {
    "MEAN_MOTION": (0.01, 17.5),
    "ECCENTRICITY": (0.0, 0.999999),
    "INCLINATION": (0.0, 180.0),
    "RA_OF_ASC_NODE": (0.0, 360.0),
    "ARG_OF_PERICENTER": (0.0, 360.0),
    "MEAN_ANOMALY": (0.0, 360.0),
    "BSTAR": (-1.0, 1.0),
    "MEAN_MOTION_DOT": (-10.0, 10.0),
    "MEAN_MOTION_DDOT": (-10.0, 10.0),
}
_MEANINGS = {
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4"),
    # 4 means SGP4-XP, whose elements ordinary SGP4 misreads
    "EPHEMERIS_TYPE": ("", "0", "+0", "2"),
}


def element_set_from_fields(fields: Mapping[str, str], *, source: str) -> ElementSet:
    """Return the element set of a record's keywords, named as in a CCSDS OMM.

    Raises:
        ElementError: A value is missing, unreadable or out of its range.
    """
    for key, meanings in _MEANINGS.items():
        value = fields.get(key, "").strip().upper()
        if value and value not in meanings:
            raise broken(
                f"{key} is {value!r}, only {' or '.join(filter(None, meanings))} can be used"
            )
    cospar_id = fields.get("OBJECT_ID", "").strip()
    elements = ElementSet(
        norad_id=_integer(
            fields, "NORAD_CAT_ID", smallest=1, default=_KNOWN_LAUNCHES.get(cospar_id)
        ),
        name=fields.get("OBJECT_NAME", "").strip(),
        cospar_id=cospar_id,
        epoch=_epoch(_required(fields, "EPOCH")),
        mean_motion_rev_per_day=_number(fields, "MEAN_MOTION"),
        eccentricity=_number(fields, "ECCENTRICITY"),
        inclination_deg=_number(fields, "INCLINATION"),
        raan_deg=_number(fields, "RA_OF_ASC_NODE"),
        arg_of_perigee_deg=_number(fields, "ARG_OF_PERICENTER"),
        mean_anomaly_deg=_number(fields, "MEAN_ANOMALY"),
        bstar=_number(fields, "BSTAR"),
        mean_motion_dot=_number(fields, "MEAN_MOTION_DOT", default="0"),
        mean_motion_ddot=_number(fields, "MEAN_MOTION_DDOT", default="0"),
        element_set_no=_integer(fields, "ELEMENT_SET_NO", default="999"),
        rev_at_epoch=_integer(fields, "REV_AT_EPOCH", default="0"),
        source=source,
    )
    _require_above_ground(elements)
    return elements


def epoch_of_year(year: int, days: float) -> datetime:
    """Return the instant `days` (1.0 is 1 January, 0 h) into a year.

    Raises:
        ElementError: The year or the day does not exist.
    """
    last = 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1.0 <= days < last + 1.0):
        raise broken(f"the epoch is day {days} of {year}, which does not exist")
    return later(datetime(year, 1, 1, tzinfo=UTC), (days - 1.0) * 86400.0)


def _epoch(text: str) -> datetime:
    by_day = _DAY_OF_YEAR.fullmatch(text)
    try:
        if by_day is not None:
            midnight = epoch_of_year(int(by_day[1]), float(by_day[2]))
            clock = parse_utc(f"2000-01-01T{by_day[3]}Z") - datetime(2000, 1, 1, tzinfo=UTC)
            return midnight + clock
        if _CALENDAR.fullmatch(text) is None:
            raise broken(f"EPOCH is {text!r}, which is no instant")
        epoch = parse_utc(text)
    except (TimeError, OverflowError) as error:
        raise broken(f"EPOCH is {text!r}, which is no instant") from error
    if not _FIRST_YEAR <= epoch.year <= _LAST_YEAR:
        raise broken(f"EPOCH is in {epoch.year}, the limits are {_FIRST_YEAR} and {_LAST_YEAR}")
    return epoch


def _required(fields: Mapping[str, str], key: str, default: str | None = None) -> str:
    value = fields.get(key, "").strip() or default
    if value is None:
        raise broken(f"{key} is missing")
    return value


def _number(fields: Mapping[str, str], key: str, default: str | None = None) -> float:
    text = _required(fields, key, default)
    unit = re.fullmatch(r"(\S+)\s*\[(.*)\]", text)
    if unit is not None:
        if unit[2].strip().lower() != _UNITS.get(key):
            raise broken(f"{key} is in {unit[2]!r}, only {_UNITS.get(key, 'no unit')} can be used")
        text = unit[1]
    if _NUMBER.fullmatch(text) is None:
        raise broken(f"{key} is {text!r}, which is no number")
    value = float(text)
    smallest, largest = _RANGES[key]
    if not smallest <= value <= largest:
        raise broken(f"{key} is {text}, the limits are {smallest:g} and {largest:g}")
    return value


def _integer(
    fields: Mapping[str, str],
    key: str,
    *,
    smallest: int = 0,
    largest: int = LARGEST_NORAD_ID,
    default: str | None = None,
) -> int:
    text = _required(fields, key, default)
    if _INTEGER.fullmatch(text) is None:
        raise broken(f"{key} is {text!r}, which is no whole number from {smallest} to {largest}")
    value = int(text)
    if not smallest <= value <= largest:
        raise broken(f"{key} is {value}, the limits are {smallest} and {largest}")
    return value


def _require_above_ground(elements: ElementSet) -> None:
    # Kepler's third law with the constant of WGS 72, in km^3/s^2
    rate = elements.mean_motion_rev_per_day * 2.0 * 3.141592653589793 / 86400.0
    axis_km = float((398600.8 / rate**2) ** (1.0 / 3.0))
    perigee_km = axis_km * (1.0 - elements.eccentricity)
    if perigee_km < 6378.135:
        raise broken(
            f"the perigee lies {6378.135 - perigee_km:.0f} km below the ground "
            f"(MEAN_MOTION {elements.mean_motion_rev_per_day}, "
            f"ECCENTRICITY {elements.eccentricity})"
        )
