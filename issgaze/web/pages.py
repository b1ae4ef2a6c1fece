"""The pages: what each shows, handed to its template."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import bottle

from issgaze import __version__
from issgaze.archive.ledger import OUTCOMES, Row, ledger_document, standing
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import format_utc, local, parse_utc, seconds_between, time_zone
from issgaze.errors import TimeError
from issgaze.web import wording
from issgaze.web.readings import Readings

_TEMPLATES = [str(Path(__file__).parent / "templates")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request.

    Attributes:
        owner: True shows exact values.
        theme: What the visitor chose, None for the system's.
        status: status.json as it is now.
        now: The device's present instant.
    """

    owner: bool
    theme: str | None
    status: dict[str, Any]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone people live by at the site."""
        name = (self.status.get("site") or {}).get("time_zone", "UTC")
        try:
            return time_zone(name)
        except TimeError:
            return time_zone("UTC")


def _render(template: str, visit: Visit, **values: Any) -> str:
    text: str = bottle.template(
        template,
        template_lookup=_TEMPLATES,
        visit=visit,
        version=__version__,
        footer=_footer(visit),
        **values,
    )
    return text


def _footer(visit: Visit) -> list[str]:
    site = visit.status.get("site") or {}
    lines = [str(site["name"])] if site.get("name") else []
    lines.append(f"Times are {wording.zone_name(visit.now, visit.zone)}")
    if visit.status.get("simulated"):
        lines.append("Simulated sky: everything here was rendered, not photographed.")
    elif not visit.owner:
        lines.append("Guests see minutes and whole degrees.")
    return lines


def home_page(readings: Readings, visit: Visit) -> str:
    """Return the first page: what happens now, what comes next, the last picture."""
    document = readings.predictions(guest=not visit.owner)
    ahead = [item for item in document["passes"] if parse_utc(item["set"]["utc"]) > visit.now]
    visible = [item for item in ahead if item["visible"]]
    upcoming = next((item for item in visible if item["verdict"] == "shoot"), None)
    capture = visit.status.get("capture") or None
    pictures = readings.pictures()
    return _render(
        "home.html",
        visit,
        upcoming=_upcoming(upcoming, visit) if upcoming else None,
        chart=readings.chart(upcoming["id"], guest=not visit.owner) if upcoming else "",
        capture=_capture(capture, readings, visit) if capture else None,
        shot=_shot(pictures[0], readings, visit) if pictures else None,
        health=wording.health(visit.status),
        table=[_line(item, visit) for item in visible],
        shoots=sum(item["verdict"] == "shoot" for item in visible),
    )


def _upcoming(item: dict[str, Any], visit: Visit) -> dict[str, Any]:
    first = item["lit"][0]["from"] if item["lit"] else item["rise"]
    left = seconds_between(visit.now, parse_utc(first["utc"]))
    return {
        "when": wording.clock_time(first["utc"], visit.zone, seconds=False),
        "utc": first["utc"],
        "day": _day_words(first["utc"], visit),
        "left_s": round(left) if visit.owner else None,
        "speed": visit.status.get("speed") or 1,
        "left": wording.countdown(left, whole_minutes=not visit.owner),
        "verdict": "Will shoot." if item["verdict"] == "shoot" else "Will skip.",
        "reason": item["reason"],
        "events": _events(item, visit),
    }


def _day_words(utc: str, visit: Visit) -> str:
    days = (local(parse_utc(utc), visit.zone).date() - local(visit.now, visit.zone).date()).days
    when = local(parse_utc(utc), visit.zone)
    if days == 0:
        return "tonight" if when.hour >= 12 else "this morning" if when.hour >= 3 else "tonight"
    return "tomorrow" if days == 1 else when.strftime("on %A, %-d %B")


def _events(item: dict[str, Any], visit: Visit) -> list[tuple[str, str, str, str, bool]]:
    named = [("Rises", item["rise"], False), ("Highest", item["culmination"], True)]
    named += [
        (wording.EVENT_NAMES[cause], stretch[end], False)
        for stretch in item["lit"]
        for end, cause in (("from", stretch["from_cause"]), ("to", stretch["to_cause"]))
        if cause in wording.EVENT_NAMES
    ]
    named.append(("Sets", item["set"], False))
    return [
        (
            name,
            wording.clock_time(event["utc"], visit.zone, seconds=visit.owner),
            f"{event['altitude_deg']:.0f}°",
            wording.compass(event["azimuth_deg"]),
            key,
        )
        for name, event, key in sorted(named, key=lambda entry: entry[1]["utc"])
    ]


def _line(item: dict[str, Any], visit: Visit) -> dict[str, Any]:
    top = item["culmination"]
    magnitude = item["peak_magnitude"]
    return {
        "day": wording.day(top["utc"], visit.zone),
        "time": wording.clock_time(top["utc"], visit.zone, seconds=False),
        "height": f"{top['altitude_deg']:.0f}°",
        "way": f"{wording.compass(item['rise']['azimuth_deg'])} → "
        f"{wording.compass(item['set']['azimuth_deg'])}",
        "magnitude": "" if magnitude is None else wording.signed(magnitude),
        "shoot": item["verdict"] == "shoot",
        "reason": item["reason"],
    }


def _capture(capture: dict[str, Any], readings: Readings, visit: Visit) -> dict[str, Any]:
    folder = readings.folder(str(capture.get("pass_id", "")))
    digested = folder.digested() if folder else 0
    dead = capture.get("dead_time_s")
    return {
        "id": capture["pass_id"],
        "phase": capture["phase"],
        "done": capture["done"],
        "planned": capture["planned"],
        "live": bool(folder and (folder.path / "live.jpg").is_file()),
        "digested": digested,
        "numbers": [
            ("Frame", f"{capture['done']} of {capture['planned']}"),
            ("Exposure", f"{capture['exposure_s']:.1f} s, gain {capture['analogue_gain']:.1f}"),
            ("Dead time", "none yet" if dead is None else f"{dead * 1000:.1f} ms"),
            ("Developed", f"{digested} frames"),
        ],
        "time": wording.clock_time(format_utc(visit.now), visit.zone, seconds=visit.owner),
    }


def _shot(row: Row, readings: Readings, visit: Visit) -> dict[str, Any]:
    folder = readings.folder(row.id)
    report = (folder.report() if folder else None) or {}
    return {
        "id": row.id,
        "title": wording.long_time(format_utc(row.culmination_utc), visit.zone),
        "outcome": row.outcome or "developing",
        "summary": _summary(report),
        "alt": _text(folder, "alt.txt") or "A pass of the space station.",
        "row": row,
    }


def _summary(report: dict[str, Any]) -> str:
    frames = report.get("frames") or []
    used = sum(bool(frame.get("used")) for frame in frames)
    gaps = [frame["dead_time_s"] for frame in frames if frame.get("dead_time_s") is not None]
    text = f"{used} frames" if used else ""
    return f"{text}, no gap longer than {max(gaps) * 1000:.0f} ms" if text and gaps else text


def _text(folder: PassFolder | None, name: str) -> str:
    if folder is None:
        return ""
    try:
        return (folder.path / name).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def pass_page(readings: Readings, visit: Visit, pass_id: str) -> str | None:
    """Return the page of one pass; None where there is none."""
    row = next((row for row in readings.rows() if row.id == pass_id), None)
    folder = readings.folder(pass_id)
    if row is None or folder is None:
        return None
    report = folder.report() or {}
    return _render(
        "pass.html",
        visit,
        shot=_shot(row, readings, visit),
        picture=(folder.path / "picture.jpg").is_file(),
        video=(folder.path / "timelapse.mp4").is_file(),
        caption=_text(folder, "caption.txt") if visit.owner else "",
        numbers=_numbers(row, report),
        frames=[
            (
                frame["file"],
                wording.clock_time(frame["start_utc"], visit.zone, seconds=visit.owner)
                if frame.get("start_utc")
                else "",
                "" if frame.get("dead_time_s") is None else f"{frame['dead_time_s'] * 1000:.1f} ms",
                "used" if frame.get("used") else str(frame.get("reason")),
            )
            for frame in report.get("frames") or []
        ],
        missing=report.get("missing") or [],
        reason=row.reason,
    )


def _numbers(row: Row, report: dict[str, Any]) -> list[tuple[str, str]]:
    proof, quality = report.get("proof") or {}, report.get("quality") or {}
    resources = report.get("resources") or {}
    frames = report.get("frames") or []
    used = sum(bool(frame.get("used")) for frame in frames)
    values = [
        ("Outcome", standing(row).capitalize()),
        ("Proved", "yes" if proof.get("accepted") else "no"),
        ("Across the track", _with(proof.get("cross_track_arcmin"), "′", 1)),
        ("Along the track", _with(proof.get("along_track_s"), " s", 2)),
        ("Frames used", f"{used} of {len(frames)}"),
        ("Stars", _with(quality.get("star_count"), "", 0)),
        ("Star width", _with(quality.get("fwhm_px"), " px", 1)),
        ("Developed in", _with(resources.get("seconds"), " s", 0)),
        ("Peak memory", _with(resources.get("peak_rss_mb"), " MB", 0)),
    ]
    return [(name, value) for name, value in values if value]


def _with(value: Any, unit: str, decimals: int) -> str:
    return f"{wording.signed(float(value), decimals)}{unit}" if value is not None else ""


def gallery_page(readings: Readings, visit: Visit) -> str:
    """Return all pictures, month by month, newest first."""
    months: dict[str, list[dict[str, Any]]] = {}
    for row in readings.pictures():
        month = local(row.culmination_utc, visit.zone).strftime("%B %Y")
        months.setdefault(month, []).append(_shot(row, readings, visit))
    count = sum(len(shots) for shots in months.values())
    return _render("gallery.html", visit, months=months, count=count)


def ledger_page(readings: Readings, visit: Visit, outcome: str | None) -> str:
    """Return the ledger, newest first, filtered by outcome if asked."""
    rows = readings.rows()
    document = ledger_document(rows, visit.now)
    counts = Counter({name: document["by_outcome"][name] for name in OUTCOMES})
    shown = [
        row
        for row in reversed(rows)
        if (row.outcome is not None or row.set_utc < visit.now)
        and (outcome is None or row.outcome == outcome)
    ]
    return _render(
        "ledger.html",
        visit,
        document=document,
        counts=counts,
        outcome=outcome,
        rows=[
            {
                "id": row.id,
                "day": wording.day(format_utc(row.culmination_utc), visit.zone),
                "time": wording.clock_time(
                    format_utc(row.culmination_utc), visit.zone, seconds=False
                ),
                "outcome": (row.outcome or "not yet settled").capitalize(),
                "caught": row.outcome in {"caught", "partial"},
                "reason": row.reason,
                "linked": row.folder is not None,
            }
            for row in shown
        ],
    )
