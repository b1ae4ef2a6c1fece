"""The ledger: what became of every pass, and the sum that must come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from issgaze.archive.ledger import OUTCOMES, Row, is_final, ledger_document
from issgaze.civil import evening_of, format_utc
from issgaze.web.passpage import reason_for
from issgaze.web.publicnames import PublicPass
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.shots import outcome_words
from issgaze.web.visit import Visit, site_longitude

PAGE_ROWS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One pass in the ledger."""

    id: str
    day: str
    night: str
    time: str
    outcome: str
    caught: bool
    reason: str
    pictured: bool


def ledger_page(readings: Readings, visit: Visit, *, outcome: str | None, page: int) -> str:
    """Return the ledger, newest first.

    Args:
        readings: The archive.
        visit: Who looks.
        outcome: One of OUTCOMES, None for all.
        page: From 1 on.
    """
    _ = visit.words
    rows = readings.rows()
    document = ledger_document(rows, visit.now)
    counts = {name: document["by_outcome"][name] for name in OUTCOMES}
    listed = [
        row
        for row in reversed(rows)
        if row.set_utc < visit.now or is_final(row, visit.now) or row.outcome == "withdrawn"
    ]
    over = [row for row in listed if outcome is None or row.outcome == outcome]
    pages = max(1, -(-len(over) // PAGE_ROWS))
    page = min(max(1, page), pages)
    shown = over[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    sums = [
        f"{count} {_one_or_more(name, count, visit)}" for name, count in counts.items() if count
    ]
    if document["unexplained"]:
        sums.append(f"{document['unexplained']} " + _("unexplained"))
    return render(
        "ledger.html",
        visit,
        headline=_predicted(document["predicted"], visit)
        + (" = " + " + ".join(sums) if sums else ""),
        unexplained=document["unexplained"],
        since=_day_and_time(rows[0], readings.names.of(rows[0]), visit)[0] if rows else "",
        filters=[(None, f"{_('All')} {len(listed)}")]
        # what never came about is no choice
        + [
            (name, f"{outcome_words(name, visit)} {counts[name]}")
            for name in OUTCOMES
            if counts[name] or name == outcome
        ],
        waiting=f"{_open(listed, document, visit)} {_waiting(rows, visit)}".strip(),
        outcome=outcome,
        rows=[ledger_line(row, readings, visit) for row in shown],
        page=page,
        pages=pages,
    )


def _one_or_more(name: str, count: int, visit: Visit) -> str:
    """Return an outcome after its count."""
    alone = count == 1 and name != "clouded"
    return outcome_words(name, visit).lower() if alone else visit.words(name)


def _predicted(count: int, visit: Visit) -> str:
    _ = visit.words
    return _("1 predicted") if count == 1 else _("{count} predicted", count=count)


def _open(listed: Sequence[Row], document: dict[str, Any], visit: Visit) -> str:
    """Return how many passes are over and still developed; they are in no sum yet either."""
    _ = visit.words
    count = sum(row.outcome is None for row in listed) - int(document["unexplained"])
    if count <= 0:
        return ""
    if count == 1:
        return _("One pass is still being developed; it counts when it is settled.")
    return _("{count} passes are still being developed; they count when settled.", count=count)


def _waiting(rows: Sequence[Row], visit: Visit) -> str:
    """Return how many passes are withdrawn and may come back; they are in no sum yet."""
    _ = visit.words
    count = sum(row.outcome == "withdrawn" and not is_final(row, visit.now) for row in rows)
    if not count:
        return ""
    if count == 1:
        return _("One coming pass is withdrawn for now; that is final when it would rise.")
    return _(
        "{count} coming passes are withdrawn for now; that is final when they would rise.",
        count=count,
    )


def _day_and_time(row: Row, public: PublicPass | None, visit: Visit) -> tuple[str, str]:
    """Return day and minute of a pass; guests know those of the rounded site, or the night."""
    if visit.owner:
        wall = visit.wall_minute(format_utc(row.culmination_utc))
    else:
        if public is None:
            evening = evening_of(row.culmination_utc, site_longitude(visit) or 0.0)
            return visit.words.day(evening), ""
        wall = visit.wall_minute(public.culmination_utc)
    return visit.words.day(wall), f"{wall:%H:%M}"


def _standing(row: Row, visit: Visit) -> str:
    _ = visit.words
    if row.outcome == "withdrawn" and not is_final(row, visit.now):
        return _("Withdrawn for now")
    if row.outcome is None and row.set_utc > visit.now:
        return _("Will be skipped") if row.verdict == "skip" else _("Will be shot")
    return outcome_words(row.outcome, visit)


def ledger_line(row: Row, readings: Readings, visit: Visit) -> LedgerLine:
    """Return the line of a row; to guests without what only this very roof tells."""
    longitude = site_longitude(visit)
    public = None if visit.owner else readings.names.of(row)
    day, time = _day_and_time(row, public, visit)
    return LedgerLine(
        id=row.id if visit.owner else public.id if public else "",
        day=day,
        night="" if longitude is None else evening_of(row.culmination_utc, longitude).isoformat(),
        time=time,
        outcome=_standing(row, visit),
        caught=row.outcome in {"caught", "partial"},
        reason=reason_for(row, visit),
        pictured=row.folder is not None,
    )
