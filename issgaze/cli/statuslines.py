"""status.json in words, for a terminal of any kind."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from issgaze.archive.status import FRESH_S
from issgaze.civil import from_unix, local, parse_utc, seconds_between, time_zone
from issgaze.errors import TimeError
from issgaze.planning.wording import countdown

_SECTORS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def status_lines(status: Mapping[str, Any], *, now: datetime | None = None) -> list[str]:
    """Return the status in words.

    Args:
        status: As observe wrote it.
        now: What the clock shows; a simulated status has its own.
    """
    lines = [str(status.get("sentence", ""))]
    shown = (_capture(status), _next(status), _clock(status), *_elements(status), _board(status),
             _disk(status), _dew(status), _roof(status))  # fmt: skip
    lines += [line for line in shown if line]
    lines += list(_troubles(status, now or from_unix(time.time())))
    return lines


def _table(status: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = status.get(key)
    return found if isinstance(found, Mapping) else {}


def _capture(status: Mapping[str, Any]) -> str:
    capture = _table(status, "capture")
    if not capture:
        return ""
    dead = capture.get("dead_time_s")
    gap = f", {dead * 1000:.1f} ms apart" if isinstance(dead, float) else ""
    return (
        f"Capture   {capture['phase'][:-1]} {capture['done']} of {capture['planned']}, "
        f"{capture['exposure_s']:.1f} s each{gap}"
    )


def _next(status: Mapping[str, Any]) -> str:
    upcoming, site = _table(status, "next_pass"), _table(status, "site")
    if not upcoming:
        return ""
    top = upcoming["culmination"]
    try:
        zone = time_zone(str(site.get("time_zone", "UTC")))
        rise, now = parse_utc(upcoming["rise"]["utc"]), parse_utc(str(status["utc"]))
    except (TimeError, KeyError):
        return ""
    sector = _SECTORS[round(top["azimuth_deg"] / 45.0) % 8]
    left_s = seconds_between(now, rise)
    left = f", in {countdown(left_s)}" if left_s >= 0.0 else ""
    return (
        f"Next      {local(rise, zone):%a %-d %b %H:%M:%S %z}, {top['altitude_deg']:.0f}° high in "
        f"the {sector}{left}"
    )


def _clock(status: Mapping[str, Any]) -> str:
    clock = _table(status, "clock")
    if not clock:
        return ""
    bound = clock.get("bound_s")
    good = f"good to {bound * 1000:.0f} ms" if isinstance(bound, float | int) else "bound unknown"
    return f"Clock     {clock.get('trust')}, {good}"


def _elements(status: Mapping[str, Any]) -> list[str]:
    elements = status.get("elements")
    if not isinstance(elements, list):
        return []
    return [f"Elements  {item['name']}, {item['age_days'] * 24:.0f} h old" for item in elements]


def _board(status: Mapping[str, Any]) -> str:
    health = _table(status, "health")
    memory = _table(health, "memory")
    parts: list[str] = []
    if health.get("board_temperature_c") is not None:
        parts.append(f"{health['board_temperature_c']:.0f} °C")
    if memory.get("available_mb") is not None:
        parts.append(f"{memory['available_mb']:.0f} of {memory['total_mb']:.0f} MB to be had")
    now = health.get("throttled_now")
    if now is not None:
        parts.append(", ".join(now) if now else "voltage good")
    return f"Board     {', '.join(parts)}" if parts else ""


def _disk(status: Mapping[str, Any]) -> str:
    disk, wear = _table(status, "disk"), _table(_table(status, "health"), "disk")
    if not disk:
        return ""
    parts = [f"{disk['free_gb']:.1f} GB free"]
    if wear.get("written_per_night_gb") is not None:
        parts.append(f"{wear['written_per_night_gb']:.1f} GB written a night")
    if wear.get("life_years") is not None:
        parts.append(f"a cheap card lasts {wear['life_years']:.0f} years so")
    return f"Disk      {', '.join(parts)}"


def _dew(status: Mapping[str, Any]) -> str:
    margin = _table(status, "health").get("dew_margin_c")
    return "" if margin is None else f"Dew       {margin:.1f} °C away"


def _roof(status: Mapping[str, Any]) -> str:
    roof = _table(status, "roof")
    if not roof:
        return ""
    if roof.get("silent"):
        return f"Roof      {roof['silent']}"
    parts = [f"cover {roof.get('cover')}"]
    if roof.get("rain") is not None:
        parts.append("rain" if roof["rain"] else "dry")
    if roof.get("heater_duty") is not None:
        parts.append(f"heater at {100 * roof['heater_duty']:.0f} %")
    if roof.get("faults"):
        parts.append(f"faults: {', '.join(roof['faults'])}")
    return f"Roof      {', '.join(parts)}"


def _troubles(status: Mapping[str, Any], now: datetime) -> Iterator[str]:
    configuration = _table(status, "configuration")
    if configuration.get("complaint"):
        yield f"! {configuration['complaint']}"
        yield "  The last good configuration holds; `issgaze config edit` mends the file."
    for complaint in _table(status, "health").get("complaints") or ():
        yield f"! {complaint['message']}"
        yield f"  {complaint['remedy']}"
    try:
        age_s = seconds_between(parse_utc(str(status["utc"])), now)
    except (TimeError, KeyError):
        return
    if status.get("simulated") is not True and status.get("state") != "stopped" and age_s > FRESH_S:
        yield f"! That was {age_s:.0f} s ago: observe does not run any more"
        yield (
            "  Start it again: `issgaze run`, or `issgaze observe`."
            if status.get("by_hand") is True
            else "  `sudo systemctl status issgaze-observe` says why."
        )
