"""The report of a night: what it was to bring, what it brought, and how good its sky was."""

from datetime import date
from typing import Any

from issgaze.archive.ledger import Row
from issgaze.archive.passfiles import PICTURE_FILE
from issgaze.civil import evening_of
from issgaze.web.ledgerpage import ledger_line
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.shots import shot
from issgaze.web.visit import Visit, site_longitude


def night_page(readings: Readings, visit: Visit, name: str) -> str | None:
    """Return the report of the night that an evening's date names; None without one."""
    _ = visit.words
    try:
        evening = date.fromisoformat(name)
    except ValueError:
        return None
    longitude = site_longitude(visit)
    if longitude is None:
        return None
    by_night: dict[date, list[Row]] = {}
    for row in readings.rows():
        by_night.setdefault(evening_of(row.culmination_utc, longitude), []).append(row)
    rows = by_night.get(evening)
    if rows is None:
        return None
    nights = sorted(by_night)
    place = nights.index(evening)
    reports = [readings.report(row.id, guest=not visit.owner) for row in rows if row.folder]
    pictured = [
        row
        for row in rows
        if readings.has(row.id, PICTURE_FILE) and (visit.owner or readings.names.of(row))
    ]
    done = sum(row.outcome in {"caught", "partial"} for row in rows)
    return render(
        "night.html",
        visit,
        title=_("Night of {day}", day=_.long_day(evening)),
        summary=_("Visible passes photographed: {done} of {count}.", done=done, count=len(rows)),
        rows=[ledger_line(row, readings, visit) for row in rows],
        shots=[shot(row, readings, visit) for row in pictured],
        numbers=_numbers(reports, visit),
        complaints=_complaints(readings, rows, visit) if visit.owner else [],
        before=nights[place - 1].isoformat() if place else "",
        after=nights[place + 1].isoformat() if place + 1 < len(nights) else "",
    )


def _numbers(reports: list[dict[str, Any]], visit: Visit) -> list[tuple[str, str]]:
    _ = visit.words
    frames = [frame for report in reports for frame in report.get("frames") or ()]
    used = sum(bool(frame.get("used")) for frame in frames)
    exposed = sum(float(f.get("exposure_s") or 0.0) for f in frames if f.get("used"))

    def middle(key: str) -> float | None:
        values = [(report.get("quality") or {}).get(key) for report in reports]
        known = [float(value) for value in values if isinstance(value, int | float)]
        # without the module for it, which costs a megabyte
        return sorted(known)[len(known) // 2] if known else None

    dark, faintest, width = (
        middle("background_mag_arcsec2"),
        middle("limiting_magnitude"),
        middle("fwhm_px"),
    )
    values = [
        (_("Frames used"), _("{used} of {all}", used=used, all=len(frames)) if frames else ""),
        (_("Light gathered"), _("{count} min", count=_.number(exposed / 60.0)) if exposed else ""),
        (_("Sky background"), "" if dark is None else f"{_.number(dark, 1)} mag/arcsec²"),
        (_("Faintest star"), "" if faintest is None else f"{_.number(faintest, 1)} mag"),
        (_("Star width"), "" if width is None else f"{_.number(width, 1)} px"),
    ]
    return [(name, value) for name, value in values if value]


def _complaints(readings: Readings, rows: list[Row], visit: Visit) -> list[tuple[str, str]]:
    """Return what the checks before the passes of a night complained of."""
    found: list[tuple[str, str]] = []
    for row in rows:
        folder = readings.folder(row.id)
        for event in readings.lines(folder / "events.jsonl") if folder else ():
            for check in event.get("checks") or ():
                if isinstance(check, dict) and check.get("state") in {"warn", "fail"}:
                    words = f"{check.get('name')}: {check.get('value')}. {check.get('remedy')}"
                    time = visit.clock_time(str(event.get("utc")))
                    found.append((time, visit.words.reason(words)))
    return found
