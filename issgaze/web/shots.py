"""Pictures on pages: in the size of the screen, with words for those who cannot see them."""

from dataclasses import dataclass
from typing import Any

from issgaze.archive.ledger import Row
from issgaze.archive.passfiles import PICTURE_FILE, STAR_FILE
from issgaze.civil import format_utc
from issgaze.web.readings import Readings
from issgaze.web.visit import Visit

# as develop writes them, with the widths that it promises at most
EDITIONS = (("thumb.jpg", 480), ("preview.jpg", 960), ("screen.jpg", 1920))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture of a pass.

    Attributes:
        source: Address of the edition for browsers that choose none.
        choices: Value of srcset, empty when there is one edition alone.
        when: Day and minute in full; `day` and `time` apart for short lines.
    """

    id: str
    source: str
    choices: str
    alt: str
    when: str
    month: str
    weekday: str
    day: str
    time: str
    outcome: str
    caught: bool
    height: str
    starred: bool
    summary: str


def shot(row: Row, readings: Readings, visit: Visit) -> Shot:
    """Return the picture of a row for a page; for guests the row is one that has a public name."""
    _ = visit.words
    report = readings.report(row.id, guest=not visit.owner)
    public = None if visit.owner else readings.names.of(row)
    name = row.id if public is None else public.id
    base = f"/passes/{name}/"
    held = [one for one in EDITIONS if readings.has(row.id, one[0])]
    names = [edition for edition, _width in held]
    moment = (report.get("pass") or {}).get("culmination") or {}
    known = format_utc(row.culmination_utc) if visit.owner else None
    utc = str(moment.get("utc") or (public.culmination_utc if public else known))
    wall = visit.wall_minute(utc)
    height = moment.get("altitude_deg")
    return Shot(
        id=name,
        source=base + ("preview.jpg" if "preview.jpg" in names else PICTURE_FILE),
        choices=", ".join(f"{base}{edition} {width}w" for edition, width in held)
        if len(held) > 1
        else "",
        alt=alt_words(row.id, readings, visit),
        when=_.long_time(wall),
        month=_.month(wall),
        weekday=_.weekday(wall),
        day=_.day(wall),
        time=wall.strftime("%H:%M"),
        outcome=outcome_words(row.outcome, visit),
        caught=row.outcome == "caught",
        height="" if height is None else _("{height}° high", height=_.number(height)),
        starred=readings.has(row.id, STAR_FILE),
        summary=_summary(report, visit),
    )


def alt_words(pass_id: str, readings: Readings, visit: Visit) -> str:
    """Return what a picture shows, for those who cannot see it."""
    told = open_words(pass_id, readings, visit).get("alt_text")
    if told:
        return told
    for name in (f"alt.{visit.words.language}.txt", "alt.txt"):
        text = readings.text(pass_id, name)
        if text:
            return text
    return visit.words("A pass of the space station.")


def open_words(pass_id: str, readings: Readings, visit: Visit) -> dict[str, str]:
    """Return title, caption and alt text as everybody may have them, in the visitor's language."""
    captions: dict[str, Any] = readings.report(pass_id, guest=True).get("captions") or {}
    words: dict[str, Any] = captions.get(visit.words.language) or next(iter(captions.values()), {})
    return {key: str(value) for key, value in words.items()}


def outcome_words(outcome: str | None, visit: Visit) -> str:
    """Return an outcome as a word at the beginning of a sentence."""
    _ = visit.words
    names = {
        "caught": _("Caught"),
        "partial": _("Partial"),
        "clouded": _("Clouded"),
        "skipped": _("Skipped"),
        "missed": _("Missed"),
        "withdrawn": _("Withdrawn"),
    }
    return names.get(outcome or "", _("Not settled yet"))


def _summary(report: dict[str, Any], visit: Visit) -> str:
    """Return how many frames there are and how long it was dark between them."""
    _ = visit.words
    frames = [one for one in report.get("frames") or () if one.get("used")]
    if not frames:
        return ""
    gaps = [one["dead_time_s"] for one in frames if one.get("dead_time_s") is not None]
    if not gaps:
        return _("{count} frames.", count=len(frames))
    longest = 1000.0 * max(gaps)
    gap = visit.words.number(longest, 1 if longest < 10.0 else 0)
    return _("{count} frames, no gap longer than {gap} ms.", count=len(frames), gap=gap)
