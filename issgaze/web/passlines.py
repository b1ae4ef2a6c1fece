"""Predicted passes as lines of tables: events of one, a line for each of many."""

from dataclasses import dataclass
from typing import Any

from issgaze.archive.passdocument import lit_document, lit_from_document
from issgaze.orbit.flicker import without_flicker
from issgaze.web.visit import Visit
from issgaze.web.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One line of the chart's twin table.

    Attributes:
        utc: For a countdown beside it, empty for guests.
        key: True for the culmination.
    """

    name: str
    time: str
    height: str
    wind: str
    utc: str
    left: str
    key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLine:
    """One line of the list of passes."""

    id: str
    day: str
    time: str
    height: str
    way: str
    magnitude: str
    shoot: bool
    visible: bool
    reason: str


def events(item: dict[str, Any], visit: Visit) -> list[EventLine]:
    """Return what happens during a pass, in order."""
    _ = visit.words
    causes = {
        "shadow_entry": _("Into shadow"),
        "shadow_exit": _("Out of shadow"),
        "mask_clear": _("Clears the horizon"),
        "mask_blocked": _("Behind the horizon"),
        "dark_enough": _("Sky dark enough"),
        "too_bright": _("Sky too bright"),
    }
    named: list[tuple[str, dict[str, Any], bool]] = [
        (_("Rises"), item["rise"], False),
        (_("Highest"), item["culmination"], True),
    ]
    for stretch in lit_stretches(item):
        for end, cause in (("from", stretch["from_cause"]), ("to", stretch["to_cause"])):
            if cause in causes:
                named.append((causes[cause], stretch[end], False))
    named.append((_("Sets"), item["set"], False))
    return [
        EventLine(
            name=name,
            time=visit.clock_time(event["utc"]),
            height=f"{visit.words.number(event['altitude_deg'])}°",
            wind=visit.words.compass(event["azimuth_deg"]),
            utc=event["utc"] if visit.owner else "",
            left=left_words(visit, event["utc"]),
            key=key,
        )
        for name, event, key in sorted(named, key=lambda entry: entry[1]["utc"])
    ]


def lit_stretches(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return when a pass is in the light, as its chart marks it: twigs part nothing."""
    return lit_document(without_flicker(lit_from_document(item.get("lit") or ())))


def left_words(visit: Visit, utc: str) -> str:
    """Return how long it is until an instant, or that it is past."""
    left = visit.left_s(utc)
    return countdown(visit.words, left, whole_minutes=not visit.owner) if left > 0 else "–"


def countdown(words: Words, seconds: float, *, whole_minutes: bool) -> str:
    """Return a stretch of time ahead, short stretches in seconds alone."""
    if not whole_minutes and seconds < 120.0:
        return f"{round(seconds)} s"
    return words.countdown(seconds, whole_minutes=whole_minutes)


def line(item: dict[str, Any], visit: Visit) -> PassLine:
    """Return the line of a pass."""
    _ = visit.words
    top, magnitude = item["culmination"], item.get("peak_magnitude")
    rise, fall = item["rise"]["azimuth_deg"], item["set"]["azimuth_deg"]
    return PassLine(
        id=item["id"],
        day=_.day(visit.wall_minute(top["utc"])),
        time=visit.clock_time(top["utc"], seconds=False),
        height=f"{_.number(top['altitude_deg'])}°",
        way=f"{_.compass(rise)} → {_.compass(fall)}",
        magnitude="" if magnitude is None else _.number(magnitude, 1),
        shoot=item["verdict"] == "shoot",
        visible=bool(item["visible"]),
        reason=_.reason(str(item["reason"])),
    )


def when_seen(item: dict[str, Any]) -> dict[str, Any]:
    """Return the event at which a pass becomes visible, its rise where it never does."""
    lit = lit_stretches(item)
    event: dict[str, Any] = lit[0]["from"] if lit else item["rise"]
    return event


def ahead(document: dict[str, Any], visit: Visit) -> list[dict[str, Any]]:
    """Return the predicted passes that are not over."""
    return [item for item in document["passes"] if visit.left_s(item["set"]["utc"]) > 0.0]
