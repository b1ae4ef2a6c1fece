"""The health strip: each part of the device in plain words."""

from typing import Any

from issgaze.web.readings import Readings
from issgaze.web.sound import is_instant
from issgaze.web.visit import Visit

# what the raw frames and products of a pass take, when the archive cannot tell
_PASS_GB = 0.6
# less than this is haze and chance
_CLEAR = 0.15


def health(
    readings: Readings, visit: Visit, upcoming: dict[str, Any] | None, *, full: bool = False
) -> list[tuple[str, str]]:
    """Return what, and how it is; what is not known is left out.

    Args:
        readings: The archive.
        visit: Who looks.
        upcoming: The pass that is photographed next.
        full: Whether there is room for all that is known of the sky.
    """
    _ = visit.words
    rows = [
        (_("Clock"), _clock(visit)),
        (_("Orbit"), _orbit(visit, upcoming)),
        (_("Sky"), _sky(visit, full=full)),
        (_("Lens"), _lens(readings, visit)),
        (_("Room"), _room(visit)),
    ]
    return [(name, value) for name, value in rows if value]


def _clock(visit: Visit) -> str:
    _ = visit.words
    clock = visit.status.get("clock") or {}
    if not clock:
        return ""
    bound = clock.get("bound_s")
    if clock.get("trust") == "untrusted" or bound is None:
        return _("not to be trusted")
    span = (
        f"{_.number(float(bound) * 1000)} ms"
        if float(bound) < 1.0
        else f"{_.number(float(bound), 1)} s"
    )
    return _("good to {span}", span=span)


def _orbit(visit: Visit, upcoming: dict[str, Any] | None) -> str:
    _ = visit.words
    held = visit.status.get("elements") or []
    if not held:
        return _("no element set") if visit.status else ""
    days = max(float(item.get("age_days") or 0.0) for item in held)
    age = (
        _("{count} h old", count=_.number(days * 24))
        if days < 3.0
        else _("{count} days old", count=_.number(days))
    )
    off = (upcoming or {}).get("timing_uncertainty_s")
    if not isinstance(off, int | float):
        return age
    bound = f"{_.number(off, 1)} s" if off < 10.0 else f"{_.number(off)} s"
    return _("{age}, good to ±{bound}", age=age, bound=bound)


def _sky(visit: Visit, *, full: bool) -> str:
    """Return what the roof says of the weather, where there is one."""
    _ = visit.words
    sky: dict[str, Any] = visit.status.get("sky") or {}
    roof: dict[str, Any] = visit.status.get("roof") or {}
    parts: list[str] = []
    if isinstance(roof.get("rain"), bool):
        parts.append(_("rain") if roof["rain"] else _("no rain"))
    cloud = sky.get("cloud_fraction")
    if not isinstance(cloud, int | float):
        cloud = roof.get("cloud_fraction")
    if isinstance(cloud, int | float):
        clear = cloud < _CLEAR
        percent = _.number(100.0 * cloud)
        parts.append(_("clear") if clear else _("{percent} % cloud", percent=percent))
    dark = sky.get("sky_mag_arcsec2")
    if full and isinstance(dark, int | float):
        parts.append(f"{_.number(dark, 1)} mag/arcsec²")
    cover = {"open": _("cover open"), "closed": _("cover shut"), "moving": _("cover moving")}
    parts.append(cover.get(str(roof.get("cover")), ""))
    text = ", ".join(part for part in parts if part)
    when = sky.get("utc")
    if full and text and isinstance(when, str) and is_instant(when):
        return _("{sky}, seen at {time}", sky=text, time=visit.clock_time(when, seconds=False))
    return text


def last_lens(readings: Readings) -> dict[str, Any]:
    """Return the last good line of the lens's history, empty without."""
    rows = readings.lines(readings.archive.calibration / "lens-history.jsonl")
    return rows[-1] if rows else {}


def _lens(readings: Readings, visit: Visit) -> str:
    _ = visit.words
    camera = visit.status.get("camera") or {}
    row = last_lens(readings)
    if not row.get("utc"):
        if not camera:
            return ""
        return _("given") if camera.get("lens_known") else _("found at the first clear pass")
    when = _.day(visit.wall(str(row["utc"])))
    off = row.get("median_residual_px")
    if not isinstance(off, int | float):
        return _("solved {day}", day=when)
    return _("solved {day}, stars within {off} px", day=when, off=_.number(off, 2))


def _room(visit: Visit) -> str:
    _ = visit.words
    free = (visit.status.get("disk") or {}).get("free_gb")
    if not isinstance(free, int | float):
        return ""
    return _("{free} GB, some {count} passes", free=_.number(free), count=int(free / _PASS_GB))
