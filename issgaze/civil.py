"""The only door for instants: aware UTC datetimes, split Julian dates, the site's time zone.

One instant is an aware `datetime` in UTC. Many instants are a `JulianDates`, split into a whole and
a fractional part so that a float64 keeps better than a microsecond. Nothing else in the package
constructs or parses a datetime.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from issgaze.errors import TimeError

if TYPE_CHECKING:
    # numpy is half of what the page's process would hold, and single instants do without it
    from issgaze.arrays import Float64Array

SECONDS_PER_DAY = 86400.0
J2000_JD = 2451545.0
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIX_EPOCH_JD = 2440587.5
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JulianDates:
    """Many instants, as UTC Julian dates split in two.

    Attributes:
        whole: Whole part in days, shape (n,), usually the midnight before the first instant.
        fraction: The rest in days, shape (n,), float64.
    """

    whole: "Float64Array"
    fraction: "Float64Array"

    @classmethod
    def after(cls, start: datetime, seconds: "Float64Array") -> "JulianDates":
        """Return the instants `seconds` (s, any shape) after `start`."""
        import numpy as np

        whole, fraction = julian_date(start)
        offsets = np.asarray(seconds, dtype=np.float64)
        return cls(
            whole=np.full(offsets.shape, whole), fraction=fraction + offsets / SECONDS_PER_DAY
        )

    def centuries(self) -> "Float64Array":
        """Return Julian centuries of 36525 days since J2000.0, on the UTC scale."""
        return ((self.whole - J2000_JD) + self.fraction) / 36525.0


def julian_date(instant: datetime) -> tuple[float, float]:
    """Return the Julian date of an aware instant as (midnight before, fraction of the day)."""
    elapsed = require_utc(instant) - _UNIX_EPOCH
    seconds = elapsed.seconds + elapsed.microseconds * 1e-6
    return _UNIX_EPOCH_JD + elapsed.days, seconds / SECONDS_PER_DAY


def require_utc(instant: datetime) -> datetime:
    """Return the instant in UTC.

    Raises:
        TimeError: The datetime carries no zone.
    """
    if instant.tzinfo is None:
        raise TimeError(
            f"the instant {instant.isoformat()} carries no time zone",
            remedy="Give it in UTC with a Z, as in 2026-03-01T19:30:00Z.",
        )
    return instant.astimezone(UTC)


def parse_utc(text: str) -> datetime:
    """Read an ISO 8601 instant; one without a zone counts as UTC.

    Raises:
        TimeError: The text is no date or instant.
    """
    match = _ISO.fullmatch(text.strip())
    if match is None:
        raise _unreadable(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        instant = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=UTC
        )
    except ValueError as error:
        raise _unreadable(text) from error
    if int(second or 0) > 60:
        raise _unreadable(text)
    # a leap second 60 becomes the first second of the next minute
    instant += timedelta(
        seconds=int(second or 0), microseconds=round(float(fraction or 0) * 1_000_000)
    )
    return instant - _zone_offset(zone)


def _zone_offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta(0)
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


def _unreadable(text: str) -> TimeError:
    return TimeError(
        f"the instant {text!r} cannot be read",
        remedy="Write it in UTC like 2026-03-01T19:30:00Z, or a date alone like 2026-03-01.",
    )


def format_utc(instant: datetime, *, decimals: int = 3) -> str:
    """Return the instant as ISO 8601 with a Z, for machines."""
    return format_fits(instant, decimals=decimals) + "Z"


def format_fits(instant: datetime, *, decimals: int = 6) -> str:
    """Return the instant as FITS wants it: ISO 8601 in UTC without a zone."""
    if not 0 <= decimals <= 6:
        raise TimeError(
            f"{decimals} decimals of a second were asked for, the limit is 6",
            remedy="Ask for 0 to 6 decimals.",
        )
    step_us = 10 ** (6 - decimals)
    utc = require_utc(instant)
    rounded = utc + timedelta(
        microseconds=math.floor(utc.microsecond / step_us + 0.5) * step_us - utc.microsecond
    )
    text = rounded.strftime("%Y-%m-%dT%H:%M:%S")
    return text if decimals == 0 else f"{text}.{rounded.microsecond // step_us:0{decimals}d}"


def pass_id(culmination: datetime, norad_id: int) -> str:
    """Return the id of a pass: the culmination's UTC minute, seconds cut off, and the satellite."""
    return f"{require_utc(culmination):%Y%m%dT%H%MZ}-{norad_id}"


def later(instant: datetime, seconds: float) -> datetime:
    """Return the instant `seconds` later (earlier when negative), to the microsecond."""
    return instant + timedelta(microseconds=round(seconds * 1e6))


def seconds_between(start: datetime, end: datetime) -> float:
    """Return the seconds from start to end, negative when end is earlier."""
    return (end - start).total_seconds()


def from_unix(seconds: float) -> datetime:
    """Return the aware UTC instant of a POSIX time in seconds."""
    return _UNIX_EPOCH + timedelta(microseconds=round(seconds * 1e6))


def time_zone(name: str) -> ZoneInfo:
    """Return an IANA time zone.

    Raises:
        TimeError: There is no zone of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeError(
            f"there is no time zone {name!r}",
            remedy="Use an IANA name such as Europe/Vienna or UTC.",
        ) from error


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant on the site's wall clock, offset included."""
    return require_utc(instant).astimezone(zone)


def from_local(text: str, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of an ISO 8601 wall-clock time in a zone.

    A time that the clock shows twice, in autumn, counts as the first.

    Raises:
        TimeError: The text is no date or instant.
    """
    wall = parse_utc(text).replace(tzinfo=zone)
    return wall.astimezone(UTC)


def nearest_minute(instant: datetime) -> datetime:
    """Return the whole minute nearest to an instant, the later one of two."""
    return (instant + timedelta(seconds=30)).replace(second=0, microsecond=0)


def wall_minute(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the minute that a clock on the wall shows for an event: the nearest, never cut off.

    Whatever is shown without its seconds goes through here, day and minute alike, so that two
    places never tell two minutes of one event.
    """
    return local(nearest_minute(instant), zone)


def evening_of(instant: datetime, longitude_deg: float) -> date:
    """Return the evening that names the night of an instant.

    A night runs from local mean solar noon to the next, so that it never splits at midnight;
    mean solar time differs from UTC by 4 minutes a degree of longitude (east positive).
    """
    solar = require_utc(instant) + timedelta(minutes=4.0 * longitude_deg)
    return (solar - timedelta(hours=12)).date()
