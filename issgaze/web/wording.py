"""Numbers in plain words, as the page says them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from issgaze.civil import local, parse_utc

_POINTS = [
    "N",
    "NNE",
    "NE",
    "ENE",
    "E",
    "ESE",
    "SE",
    "SSE",
    "S",
    "SSW",
    "SW",
    "WSW",
    "W",
    "WNW",
    "NW",
    "NNW",
]  # 16 winds, clockwise from north
EVENT_NAMES = {
    "shadow_entry": "Into shadow",
    "shadow_exit": "Out of shadow",
    "mask_clear": "Clears the horizon",
    "mask_blocked": "Behind the horizon",
    "dark_enough": "Sky dark enough",
    "too_bright": "Sky too bright",
}


def compass(azimuth_deg: float) -> str:
    """Return the wind of an azimuth."""
    return _POINTS[round(azimuth_deg / 22.5) % 16]


def signed(value: float, decimals: int = 1) -> str:
    """Return a number with a true minus sign."""
    return f"{value:.{decimals}f}".replace("-", "−")


def clock_time(utc: str, zone: ZoneInfo, *, seconds: bool) -> str:
    """Return the wall-clock time of an ISO instant."""
    return local(parse_utc(utc), zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(utc: str, zone: ZoneInfo) -> str:
    """Return the local day of an ISO instant, short."""
    return local(parse_utc(utc), zone).strftime("%a %-d %b")


def long_time(utc: str, zone: ZoneInfo) -> str:
    """Return the local day and minute of an ISO instant."""
    return local(parse_utc(utc), zone).strftime("%A %-d %B %Y, %H:%M")


def countdown(seconds: float, *, whole_minutes: bool) -> str:
    """Return a stretch of time as days, hours, minutes and perhaps seconds."""
    left = max(0, round(seconds))
    days, left = divmod(left, 86400)
    hours, left = divmod(left, 3600)
    minutes, rest = divmod(left, 60)
    text = (
        f"{hours} h {minutes:02d} min"
        if whole_minutes or days
        else (f"{hours} h {minutes:02d} min {rest:02d} s")
    )
    return f"{days} d {text}" if days else text


def zone_name(now: datetime, zone: ZoneInfo) -> str:
    """Return the zone's abbreviation and offset at an instant."""
    wall = local(now, zone)
    offset = wall.strftime("%z")
    hours = f"{int(offset[:3]):+d}".replace("-", "−")
    minutes = "" if offset[3:] == "00" else f":{offset[3:]}"
    abbreviation = wall.strftime("%Z")
    utc = f"UTC{hours}{minutes}"
    return utc if abbreviation[:1] in "+-" else f"{abbreviation} ({utc})"


def health(status: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the health strip: what, and how it is."""
    rows: list[tuple[str, str]] = []
    clock = status.get("clock") or {}
    if clock:
        bound = clock.get("bound_s")
        good = "unknown" if bound is None else f"good to {_span(float(bound))}"
        rows.append(("Clock", good if clock.get("trust") != "untrusted" else "not to be trusted"))
    rows += [
        ("Orbit", f"element set {_age(float(item['age_days']))} old")
        for item in status.get("elements") or []
    ]
    camera = status.get("camera") or {}
    if camera:
        known = "known" if camera.get("lens_known") else "not known yet"
        rows.append(("Lens", known))
        rows.append(("Camera", f"{str(camera.get('sensor', '')).upper()}, {camera.get('mode')}"))
    disk = status.get("disk") or {}
    if disk:
        rows.append(("Room", f"{float(disk['free_gb']):.0f} GB free"))
    return rows


def _span(seconds: float) -> str:
    if seconds < 1.0:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s"


def _age(days: float) -> str:
    return f"{days * 24:.0f} h" if days < 3 else f"{days:.0f} days"
