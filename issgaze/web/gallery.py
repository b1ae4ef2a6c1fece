"""The gallery: month by month, newest first, a page at a time."""

from collections.abc import Callable
from typing import Any

from issgaze.archive.ledger import Row
from issgaze.archive.passfiles import STAR_FILE
from issgaze.web.readings import BESIDE, Readings
from issgaze.web.render import render
from issgaze.web.shots import Shot, shot
from issgaze.web.visit import Visit

PAGE_SHOTS = 24
FILTERS = ("all", "starred", "caught", "partial")


def gallery_page(readings: Readings, visit: Visit, *, kind: str, page: int) -> str:
    """Return the pictures of a page.

    Args:
        readings: The archive.
        visit: Who looks.
        kind: One of FILTERS.
        page: From 1 on.
    """
    _ = visit.words
    rows = readings.pictures(owner=visit.owner)
    keep: dict[str, Callable[[Row], bool]] = {
        "starred": lambda row: readings.has(row.id, STAR_FILE),
        "caught": lambda row: row.outcome == "caught",
        "partial": lambda row: row.outcome == "partial",
    }
    counts = {name: sum(map(test, rows)) for name, test in keep.items()}
    chosen = [row for row in rows if kind == "all" or keep[kind](row)]
    pages = max(1, -(-len(chosen) // PAGE_SHOTS))
    page = min(max(1, page), pages)
    months: dict[str, list[tuple[Row, Shot]]] = {}
    for row in chosen[(page - 1) * PAGE_SHOTS : page * PAGE_SHOTS]:
        one = shot(row, readings, visit)
        months.setdefault(one.month, []).append((row, one))
    lead = page == 1 and bool(months) and _lead_first(next(iter(months.values())), readings)
    names = {
        "all": _("All"),
        "starred": _("Starred"),
        "caught": _("Caught"),
        "partial": _("Partial"),
    }
    filters: list[dict[str, Any]] = [
        {
            "label": f"{names[name]} {len(rows) if name == 'all' else counts[name]}",
            "href": "/gallery" if name == "all" else f"/gallery?kind={name}",
            "current": name == kind,
        }
        for name in FILTERS
        if name in {"all", kind} or counts[name]
    ]
    first = rows[-1] if rows else None
    return render(
        "gallery.html",
        visit,
        months={month: [one for _row, one in pairs] for month, pairs in months.items()},
        lead=lead,
        count=len(rows),
        since=_in_a_sentence(shot(first, readings, visit).month, visit) if first else "",
        filters=filters if len(filters) > 1 else [],
        kind=kind,
        page=page,
        pages=pages,
    )


def _lead_first(pairs: list[tuple[Row, Shot]], readings: Readings) -> bool:
    """Put the best picture of a month at its head; return whether one is fit to be shown large."""
    worth = [_worth(row, readings) for row, _shot in pairs]
    best = max(worth)
    if len(pairs) < 2 or best[0] == 0:
        return False
    pairs.insert(0, pairs.pop(worth.index(best)))
    return True


def _worth(row: Row, readings: Readings) -> tuple[int, bool, float]:
    """Return how good a picture is: whole, in part or no trail; starred; how high the pass was."""
    # the order of the owner's exact heights would tell guests more than theirs do
    report = readings.report(row.id, guest=True)
    top = (report.get("pass") or {}).get("culmination") or {}
    empty = BESIDE in (row.reason or "") or report.get("trail_found") is False
    return (
        0 if empty else {"caught": 2, "partial": 1}.get(row.outcome or "", 0),
        readings.has(row.id, STAR_FILE),
        float(top.get("altitude_deg") or 0.0),
    )


def _in_a_sentence(month: str, visit: Visit) -> str:
    """Return a month that is no heading: French writes it small."""
    return month.lower() if visit.words.language == "fr" else month
