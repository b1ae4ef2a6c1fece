"""The ledger: one row for every visible pass, from prediction to picture or reason.

It is a journal: each line is a whole row as it stood at some moment, the last line of an id holds.
A line is on the disk before the call returns; a power cut can at most leave a torn last line, which
is left out when reading.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import append_line, disk_error, write_atomic
from issgaze.civil import format_utc, parse_utc, seconds_between
from issgaze.planning.plan import Choice, Verdict

OUTCOMES = ("caught", "partial", "clouded", "skipped", "missed", "withdrawn")
# two predictions of one satellite that culminate closer than this are the same pass (its period is
# 92 min, and ten days of error in the element set move it by 11 min at most)
SAME_PASS_S = 20 * 60.0
_COMPACT_AT_LINES_PER_ROW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A visible pass and what became of it.

    Attributes:
        id: Frozen when the row is opened.
        verdict: Of the last prediction before rise, "shoot" or "skip".
        outcome: One of OUTCOMES, None until final.
        reason: Why, for people; before it is final the verdict's reason.
        folder: Pass folder relative to the archive, None without frames.
    """

    id: str
    norad_id: int
    rise_utc: datetime
    culmination_utc: datetime
    set_utc: datetime
    verdict: Verdict
    outcome: str | None
    reason: str
    folder: str | None


class Ledger:
    """The journal in one file. One process writes; any number read.

    Args:
        path: The journal; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, Row] = {}
        self._lines = 0
        self._torn = False
        self._read()

    def _read(self) -> None:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise disk_error(self._path, error) from error
        for line in text.splitlines():
            row = _parse(line)
            if row is not None:
                self._rows[row.id] = row
                self._lines += 1
        self._torn = bool(text) and not text.endswith("\n")

    def rows(self) -> tuple[Row, ...]:
        """Return all rows by time of culmination."""
        return tuple(sorted(self._rows.values(), key=lambda row: row.culmination_utc))

    def row(self, pass_id: str) -> Row | None:
        """Return the row of an id."""
        return self._rows.get(pass_id)

    def same_pass(self, norad_id: int, culmination: datetime) -> Row | None:
        """Return the row of that satellite's pass that culminates within 20 min, the nearest."""
        near = [
            (abs(seconds_between(row.culmination_utc, culmination)), row)
            for row in self._rows.values()
            if row.norad_id == norad_id
        ]
        gap, row = min(near, key=lambda pair: pair[0], default=(SAME_PASS_S, None))
        return row if gap < SAME_PASS_S else None

    def open(self, choice: Choice) -> Row:
        """Open a row for a visible pass, or renew the times and verdict of the one it has."""
        iss_pass = choice.iss_pass
        held = self.same_pass(iss_pass.norad_id, iss_pass.culmination.utc)
        if held is not None and held.outcome not in {None, "withdrawn"}:
            return held
        row = Row(
            id=held.id if held else iss_pass.id,
            norad_id=iss_pass.norad_id,
            rise_utc=iss_pass.rise.utc,
            culmination_utc=iss_pass.culmination.utc,
            set_utc=iss_pass.set.utc,
            verdict=choice.verdict,
            outcome=None,
            reason=choice.reason,
            folder=held.folder if held else None,
        )
        if row != held:
            self.put(row)
        return row

    def settle(self, pass_id: str, outcome: str, reason: str, *, folder: str | None = None) -> None:
        """Write the outcome of a row.

        Raises:
            ValueError: The outcome is none of OUTCOMES (a programming error).
            KeyError: There is no such row.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"{outcome!r} is none of {OUTCOMES}")
        row = self._rows[pass_id]
        self.put(
            dataclasses.replace(row, outcome=outcome, reason=reason, folder=folder or row.folder)
        )

    def put(self, row: Row) -> None:
        """Write a row as it stands now."""
        if self._torn:
            # keep the new line from growing onto the one that a power cut tore
            append_line(self._path, "")
            self._torn = False
        append_line(self._path, json.dumps(row_document(row)))
        self._rows[row.id] = row
        self._lines += 1
        if self._lines > 64 + _COMPACT_AT_LINES_PER_ROW * len(self._rows):
            self._compact()

    def _compact(self) -> None:
        text = "".join(json.dumps(row_document(row)) + "\n" for row in self.rows())
        write_atomic(self._path, text.encode())
        self._lines = len(self._rows)


def standing(row: Row, now: datetime) -> str:
    """Return the outcome of a row, before it is final what is meant to become of it."""
    if is_final(row, now):
        return str(row.outcome)
    if row.outcome == "withdrawn":
        return "to withdraw"
    return "to skip" if row.verdict == "skip" else "expected"


def is_final(row: Row, now: datetime) -> bool:
    """Return whether an outcome stands; a withdrawn pass may come back before it would rise."""
    return row.outcome is not None and (row.outcome != "withdrawn" or row.rise_utc <= now)


def row_document(row: Row) -> dict[str, Any]:
    """Return a row as JSON, instants as ISO 8601 UTC."""
    document = dataclasses.asdict(row)
    for key in ("rise_utc", "culmination_utc", "set_utc"):
        document[key] = format_utc(document[key])
    return document


def _parse(line: str) -> Row | None:
    try:
        document = json.loads(line)
        for key in ("rise_utc", "culmination_utc", "set_utc"):
            document[key] = parse_utc(document[key])
        return Row(**document)
    except (ValueError, TypeError, KeyError):
        return None


def ledger_document(rows: Iterable[Row], now: datetime) -> dict[str, Any]:
    """Return the ledger as `issgaze ledger --json` prints it.

    A row counts as predicted once its pass is over and its frames, if it has any, are developed.
    A row without outcome and without frames whose pass is over is unexplained.
    """
    rows = tuple(rows)
    final = {row.id: row.outcome for row in rows if is_final(row, now)}
    outcomes = Counter(final.values())
    unexplained = sum(
        row.outcome is None and row.folder is None and row.set_utc < now for row in rows
    )
    return {
        "rows": [
            {
                "id": row.id,
                "norad_id": row.norad_id,
                "rise_utc": format_utc(row.rise_utc),
                "outcome": final.get(row.id),
                "reason": row.reason,
                "folder": row.folder,
            }
            for row in rows
        ],
        "predicted": sum(outcomes.values()) + unexplained,
        "by_outcome": {name: outcomes.get(name, 0) for name in OUTCOMES},
        "unexplained": unexplained,
    }
