"""What the command line says against what the headers of the frames say: told, not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from issgaze.sky.site import Site

# a header may be a town's; what is farther away is another sky
_FARTHEST_KM = 100.0
# headers count whole seconds, and cameras differ in when they stamp
_NO_DIFFERENCE_S = 2.0
# zones are whole or half hours from UTC, but for a few; clocks of cameras are off by a minute
_HALF_HOUR_S = 1800.0
_NEAR_ZONE_S = 90.0
_FARTHEST_ZONE_S = 14.0 * 3600.0 + _NEAR_ZONE_S


def far_from_home(given: Site | None, told: Site | None) -> list[str]:
    """Return a note where --site contradicts the headers of the frames."""
    from issgaze.sky.site import kilometres_apart

    if given is None or told is None:
        return []
    away_km = kilometres_apart(given, told)
    if away_km <= _FARTHEST_KM:
        return []
    return [
        f"--site lies {away_km:.0f} km from the place in the frames' headers, the limit is "
        f"{_FARTHEST_KM:.0f} km; --site is used. If it is wrong, sky and trail are looked for in "
        "the wrong place: leave it out."
    ]


def off_the_clock(given: datetime | None, path: Path, option: str) -> list[str]:
    """Return a note where an instant that was given contradicts the header of its frame.

    Args:
        given: Start of that frame's exposure, None where nothing was given.
        path: The frame.
        option: What it was given with.
    """
    from issgaze.archive.framefile import FrameHints, survey_frame
    from issgaze.civil import format_utc, seconds_between
    from issgaze.errors import ArchiveError, FrameError

    if given is None:
        return []
    try:
        told = survey_frame(path, number=0, hints=FrameHints())
    except (FrameError, ArchiveError):
        # a time that cannot be read is what the option is there for
        return []
    apart_s = seconds_between(told.start_utc, given)
    if not told.timed or abs(apart_s) <= _NO_DIFFERENCE_S:
        return []
    return [
        f"{option} {format_utc(given, decimals=0)} is {_length(abs(apart_s))} "
        f"{'later' if apart_s > 0.0 else 'earlier'} than {format_utc(told.start_utc, decimals=0)} "
        f"in the header of {path.name}; {option} is used.{_local_time(given, apart_s, option)}"
    ]


def _local_time(given: datetime, apart_s: float, option: str) -> str:
    """Return the question whether an instant was local time, where its difference looks like it."""
    halves = round(apart_s / _HALF_HOUR_S)
    near = abs(apart_s - halves * _HALF_HOUR_S) <= _NEAR_ZONE_S
    if not near or halves == 0 or abs(apart_s) > _FARTHEST_ZONE_S:
        return ""
    hours, half = divmod(abs(halves), 2)
    offset = f"{'+' if halves > 0 else '-'}{hours:02d}:{half * 30:02d}"
    return (
        f" Is that local time? The sky turns by {abs(halves) * _HALF_HOUR_S / 240.0:.0f}° in "
        f"between, and the azimuth found turns with it: write {option} "
        f"{given:%Y-%m-%dT%H:%M:%S}{offset}, or leave it out."
    )


def _length(seconds: float) -> str:
    """Return a length of time exactly enough to know a time zone or a wrong date by it."""
    if seconds < 100.0:
        return f"{seconds:.0f} s"
    if seconds < 3600.0:
        return f"{seconds / 60.0:.1f} min"
    hours = seconds / 3600.0
    return f"{hours:.2f} h" if hours < 48.0 else f"{hours / 24.0:.1f} days"
