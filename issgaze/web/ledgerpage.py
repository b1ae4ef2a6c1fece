"""The ledger: what became of every pass, and the sum that must come out."""

from dataclasses import dataclass

from issgaze.archive.ledger import OUTCOMES, Row, ledger_document
from issgaze.civil import evening_of, format_utc
from issgaze.web.passpage import reason_for
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
    over = [
        row
        for row in reversed(rows)
        if row.set_utc < visit.now and (outcome is None or row.outcome == outcome)
    ]
    pages = max(1, -(-len(over) // PAGE_ROWS))
    page = min(max(1, page), pages)
    shown = over[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    plural = {name: _(name) for name in OUTCOMES}
    sums = [f"{count} {plural[name]}" for name, count in counts.items() if count]
    if document["unexplained"]:
        sums.append(f"{document['unexplained']} " + _("unexplained"))
    return render(
        "ledger.html",
        visit,
        headline=_("{count} predicted", count=document["predicted"])
        + (" = " + " + ".join(sums) if sums else ""),
        unexplained=document["unexplained"],
        since=_.day(visit.wall(format_utc(rows[0].culmination_utc))) if rows else "",
        filters=[(None, f"{_('All')} {document['predicted']}")]
        + [(name, f"{outcome_words(name, visit)} {counts[name]}") for name in OUTCOMES],
        outcome=outcome,
        rows=[ledger_line(row, visit) for row in shown],
        page=page,
        pages=pages,
    )


def _standing(row: Row, visit: Visit) -> str:
    _ = visit.words
    if row.outcome is None and row.set_utc > visit.now:
        return _("Will be skipped") if row.verdict == "skip" else _("Will be shot")
    return outcome_words(row.outcome, visit)


def ledger_line(row: Row, visit: Visit) -> LedgerLine:
    """Return the line of a row."""
    wall = visit.wall(format_utc(row.culmination_utc))
    longitude = site_longitude(visit)
    return LedgerLine(
        id=row.id,
        day=visit.words.day(wall),
        night="" if longitude is None else evening_of(row.culmination_utc, longitude).isoformat(),
        time=wall.strftime("%H:%M"),
        outcome=_standing(row, visit),
        caught=row.outcome in {"caught", "partial"},
        reason=reason_for(row, visit),
        pictured=row.folder is not None,
    )
