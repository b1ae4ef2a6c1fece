"""The names by which guests know passes: those that the rounded site gives them.

An id tells the minute of culmination, and some hundred of them would place the roof within its cell
of the grid. So guests see the id of the same pass over the middle of the cell: the one of the
guests' report once a pass is developed, the one of the guests' prediction before. A pass with
neither has a night for guests, but no name and no time.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issgaze.archive.ledger import SAME_PASS_S, Row
from issgaze.archive.passfiles import GUEST_FILE, PASS_ID, folder_path
from issgaze.civil import later, parse_utc, seconds_between

if TYPE_CHECKING:
    from issgaze.web.readings import Readings

_MOST_KEPT = 4096
_SEARCH_S = 3600.0
# a ledger asks for hundreds of rows at a time
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPass:
    """What everybody may know of a pass in the ledger.

    Attributes:
        id: Of the same pass over the rounded site.
        rise_utc, culmination_utc: Over the rounded site, to the minute.
    """

    id: str
    rise_utc: str
    culmination_utc: str


class PublicNames:
    """Knows passes by both of their names.

    Args:
        readings: The archive.
    """

    def __init__(self, readings: "Readings") -> None:
        self._readings = readings
        self._lock = threading.Lock()
        self._kept: dict[Path, tuple[int, PublicPass | None]] = {}
        self._looked_s = -_LOOK_S
        self._foreseen: tuple[Any, list[tuple[str, datetime, PublicPass]]] = (None, [])

    def of(self, row: Row) -> PublicPass | None:
        """Return what everybody may know of a row; None where that is nothing."""
        return (self._reported(row) if row.folder else None) or self._predicted(row)

    def find(self, asked: str, *, owner: bool) -> str | None:
        """Return the id of the pass that somebody asks for, None where there is none.

        Args:
            asked: A name: guests know the public ones, owners both.
            owner: Who asks.
        """
        if not PASS_ID.fullmatch(asked):
            return None
        if owner and (self._readings.row(asked) or self._readings.folder(asked)):
            return asked
        stamp, _dash, norad = asked.partition("-")
        try:
            when = parse_utc(f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}Z")
            early, late = later(when, -_SEARCH_S), later(when, _SEARCH_S)
        except (ValueError, OverflowError):
            return None
        for row in self._readings.rows():
            near = early < row.culmination_utc < late and str(row.norad_id) == norad
            public = self.of(row) if near else None
            if public is not None and public.id == asked:
                return row.id
        return None

    def _reported(self, row: Row) -> PublicPass | None:
        path = folder_path(self._readings.archive, row.id) / GUEST_FILE
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return None
        with self._lock:
            kept = self._kept.get(path)
        if kept is None or kept[0] != stamp:
            kept = stamp, _of_report(self._readings.report(row.id, guest=True), row)
            with self._lock:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[path] = kept
        return kept[1]

    def _predicted(self, row: Row) -> PublicPass | None:
        foreseen = self._predictions()
        # most rows of a ledger lie before all that is foreseen
        if not foreseen or seconds_between(row.culmination_utc, foreseen[0][1]) > SAME_PASS_S:
            return None
        norad = str(row.norad_id)
        near = [
            (gap, one)
            for satellite, when, one in foreseen
            if satellite == norad
            and (gap := abs(seconds_between(row.culmination_utc, when))) < SAME_PASS_S
        ]
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def _predictions(self) -> list[tuple[str, datetime, PublicPass]]:
        """Return satellite, culmination and what is public of all that is foreseen, by time."""
        now_s = time.monotonic()
        with self._lock:
            held, found = self._foreseen
            fresh = now_s - self._looked_s < _LOOK_S
        if fresh:
            return found
        document = self._readings.predictions(guest=True)
        if held is not document:
            named = [
                (
                    str(one["id"]).partition("-")[2],
                    parse_utc(one["culmination"]["utc"]),
                    _public(one, str(one["id"])),
                )
                for one in document["passes"]
            ]
            found = sorted(named, key=lambda entry: entry[1])
        with self._lock:
            self._foreseen, self._looked_s = (document, found), now_s
        return found


def _of_report(report: dict[str, Any], row: Row) -> PublicPass | None:
    passed: dict[str, Any] = report.get("pass") or {}
    if not passed:
        return None
    utc = str(passed["culmination"]["utc"])
    # a report from before this was thought of has the exact id, but the rounded site's time
    stamp = "".join(letter for letter in utc[:16] if letter.isdigit() or letter == "T")
    name = str(passed.get("id")) if "shown" in report else f"{stamp}Z-{row.norad_id}"
    return _public(passed, name) if PASS_ID.fullmatch(name) else None


def _public(item: dict[str, Any], name: str) -> PublicPass:
    return PublicPass(
        id=name,
        rise_utc=str(item["rise"]["utc"]),
        culmination_utc=str(item["culmination"]["utc"]),
    )
