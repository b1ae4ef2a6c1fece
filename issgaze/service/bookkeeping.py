"""Keeping the ledger honest: rows are opened by predictions and closed by what happened."""

import dataclasses
from collections.abc import Callable, Iterable
from datetime import datetime

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import OUTCOMES, Ledger, Row
from issgaze.archive.passfiles import folder_path
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import later
from issgaze.planning.plan import Choice

# a pass is over this long after its set, so that a late element set or a slow frame finds it open
_SETTLE_AFTER_S = 120.0


class Bookkeeper:
    """Opens and settles the rows of the ledger.

    Args:
        archive: Where pass folders lie.
        ledger: The ledger to keep.
        started: Since when the device has been watching; earlier passes were missed.
        hindrance: Tells what stood in the way of a pass, None when nothing is known to have.
    """

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        started: datetime,
        hindrance: Callable[[Row], str | None] = lambda _row: None,
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._started = started
        self._hindrance = hindrance
        # captured passes that were not developed when last looked at
        self._awaited: list[Row] = []
        # passes that this run has given a folder
        self._captured: dict[str, PassFolder] = {}

    def foresee(self, choices: Iterable[Choice], now: datetime) -> None:
        """Open a row for every visible pass; withdraw those that are not visible any more."""
        choices = tuple(choices)
        visible = [choice for choice in choices if choice.iss_pass.visible]
        for choice in visible:
            self._ledger.open(choice)
        seen = {self._row_id(choice) for choice in visible}
        hidden = {
            self._row_id(choice): choice.reason for choice in choices if not choice.iss_pass.visible
        }
        for row in self._ledger.rows():
            ahead = now < row.rise_utc <= later(now, 9.5 * 86400.0)
            if row.outcome is None and row.folder is None and ahead and row.id not in seen:
                reason = hidden.get(row.id, "By a newer element set it does not rise")
                self._ledger.settle(row.id, "withdrawn", reason)

    def _row_id(self, choice: Choice) -> str | None:
        culmination = choice.iss_pass.culmination.utc
        row = self._ledger.same_pass(choice.iss_pass.norad_id, culmination)
        return row.id if row else None

    def row_of(self, choice: Choice) -> Row:
        """Return the row of a pass, opened if need be."""
        return self._ledger.open(choice)

    def captured(self, row: Row, folder: PassFolder) -> None:
        """Say that a pass has a folder, so that its outcome waits for the report."""
        self._captured[row.id] = folder
        relative = str(folder.path.relative_to(self._archive.root))
        held = self._ledger.row(row.id)
        if held is not None and held.folder != relative:
            self._ledger.put(dataclasses.replace(held, folder=relative))

    def settle(self, now: datetime) -> None:
        """Close every row whose pass is over and whose frames, if any, are developed."""
        self._awaited = []
        for row in self._ledger.rows():
            if (
                row.outcome is None
                and row.folder is not None
                and not self._folder(row).is_developed
            ):
                self._awaited.append(row)
            if row.outcome is not None or later(row.set_utc, _SETTLE_AFTER_S) > now:
                continue
            if row.folder is not None:
                self._settle_captured(row)
            else:
                self._settle_uncaptured(row)

    def has_news(self, now: datetime) -> bool:
        """Return whether a pass that was awaited is developed: its row can be settled."""
        return any(
            later(row.set_utc, _SETTLE_AFTER_S) <= now and self._folder(row).is_developed
            for row in self._awaited
        )

    def finished(self) -> int:
        """Return how many captures since the start are developed and have a final row.

        A pass of another satellite that the same frames show is no capture of its own; the capture
        is not done before it is.
        """
        undone = {
            folder.frames_folder.id
            for row_id, folder in self._captured.items()
            if not self._is_done(row_id, folder)
        }
        return sum(
            not folder.borrows and folder.id not in undone for folder in self._captured.values()
        )

    def _is_done(self, row_id: str, folder: PassFolder) -> bool:
        row = self._ledger.row(row_id)
        return folder.is_developed and row is not None and row.outcome is not None

    def _folder(self, row: Row) -> PassFolder:
        return PassFolder(folder_path(self._archive, row.id))

    def _settle_captured(self, row: Row) -> None:
        folder = self._folder(row)
        # asked first: raw frames of a developed pass may be gone
        if folder.is_developed:
            report = folder.report() or {}
            outcome = report.get("outcome")
            if outcome in OUTCOMES:
                self._ledger.settle(row.id, str(outcome), str(report.get("reason", "")))
        elif folder.is_sealed and not folder.lights():
            self._ledger.settle(row.id, "missed", "the camera gave no frame")

    def _settle_uncaptured(self, row: Row) -> None:
        if row.rise_utc < self._started:
            self._ledger.settle(row.id, "missed", "the device was not running")
        elif row.verdict == "skip":
            self._ledger.settle(row.id, "skipped", row.reason)
        else:
            reason = self._hindrance(row) or "the capture did not begin"
            self._ledger.settle(row.id, "missed", reason)
