"""The first page: what happens now, what comes next, the last picture, and whether all is well."""

from dataclasses import dataclass
from typing import Any

from issgaze.civil import seconds_between
from issgaze.web.charts import chart_svg
from issgaze.web.health import health
from issgaze.web.livepass import LivePass, live_pass
from issgaze.web.passlines import ahead, countdown, events, line, when_seen
from issgaze.web.readings import LIVE_FILE, Readings
from issgaze.web.render import render
from issgaze.web.sentences import day_words, doing, troubles
from issgaze.web.shots import shot
from issgaze.web.visit import FRESH_S, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The next pass worth a picture.

    Attributes:
        utc: Of the first light, for the countdown; empty for guests.
        left: The countdown as text, empty when nobody is there to photograph it and when it is up.
        instead: What is said where there is no countdown.
    """

    id: str
    eyebrow: str
    time: str
    iso: str
    utc: str
    left: str
    instead: str
    verdict: str
    reason: str


def next_pass(document: dict[str, Any], visit: Visit) -> dict[str, Any] | None:
    """Return the pass that is photographed next or now, None where there is none."""
    wanted = (item for item in ahead(document, visit) if item["verdict"] == "shoot")
    return next(wanted, None)


def home_page(readings: Readings, visit: Visit) -> str:
    """Return the first page."""
    guest = not visit.owner
    document = readings.predictions(guest=guest)
    item = next_pass(document, visit)
    chart = readings.chart(item["id"], guest=guest) if item else {}
    live: LivePass | None = live_pass(readings, visit, item, chart)
    visible = [one for one in ahead(document, visit) if one["visible"]]
    last = readings.last_picture(owner=visit.owner)
    return render(
        "home.html",
        visit,
        doing=doing(visit, item),
        troubles=troubles(visit, document),
        upcoming=_upcoming(item, visit) if item else None,
        # with the station below the horizon the chart is the next pass's, the frames are not
        events=events(item, visit) if item and (live is None or live.to_come) else [],
        chart=chart_svg(chart, visit, live.station if live else None),
        live=live,
        shot=shot(last, readings, visit) if last else None,
        fresh=fresh_trail(readings, visit) if live is None else "",
        health=health(readings, visit, item),
        table=[line(one, visit) for one in visible],
        shoots=sum(one["verdict"] == "shoot" for one in visible),
    )


def fresh_trail(readings: Readings, visit: Visit) -> str:
    """Return the address of the trail of a pass whose picture is being made, empty without.

    Guests see none: when a capture ends tells how long the pass was lit at this very roof.
    """
    if not visit.owner:
        return ""
    row = readings.undeveloped()
    if row is None or seconds_between(row.set_utc, visit.now) > FRESH_S:
        return ""
    return f"/passes/{row.id}/{LIVE_FILE}"


def _upcoming(item: dict[str, Any], visit: Visit) -> Upcoming:
    _ = visit.words
    first = when_seen(item)
    left = visit.left_s(first["utc"])
    return Upcoming(
        id=item["id"],
        eyebrow=_("Next pass, {day}", day=day_words(visit, item)),
        time=visit.clock_time(first["utc"], seconds=False),
        iso=first["utc"],
        utc=first["utc"] if visit.owner else "",
        left=countdown(_, left, whole_minutes=not visit.owner) if visit.alive and left > 0 else "",
        instead=_("It is up now.") if visit.alive else _("Nobody is there to photograph it."),
        verdict=_("Will shoot.") if visit.alive else _("Would be shot."),
        reason=_.reason(str(item["reason"])),
    )
