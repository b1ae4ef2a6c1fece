"""What the page knows: everything is read from disk, nothing is computed or written."""

import dataclasses
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import OUTCOMES, Ledger, Row
from issgaze.archive.passfiles import (
    GUEST_FILE,
    PASS_ID,
    PICTURE_FILE,
    REPORT_FILE,
    digested_count,
    folder_path,
    read_object,
)
from issgaze.archive.status import STATUS_FILE
from issgaze.errors import ArchiveError
from issgaze.web.publicnames import PublicNames
from issgaze.web.sound import (
    sound_chart,
    sound_predictions,
    sound_report,
    sound_status,
)

LIVE_FILE = "live.jpg"
# what a visitor may have of a pass folder; what names the site or the lens is not among it
GUEST_FILES = {
    PICTURE_FILE: "image/jpeg",
    "screen.jpg": "image/jpeg",
    "preview.jpg": "image/jpeg",
    "thumb.jpg": "image/jpeg",
    "single.jpg": "image/jpeg",
    LIVE_FILE: "image/jpeg",
    "timelapse.mp4": "video/mp4",
    "timelapse-stars.mp4": "video/mp4",
    "preview.webp": "image/webp",
    "alt.txt": "text/plain; charset=utf-8",
    "alt.fr.txt": "text/plain; charset=utf-8",
}
OWNER_FILES = GUEST_FILES | {
    # names and a track with times tell more of the place than the sky alone
    "picture-names.jpg": "image/jpeg",
    "picture-star-trails.jpg": "image/jpeg",
    "picture-all-lights.jpg": "image/jpeg",
    "picture-ground.jpg": "image/jpeg",
    "picture-stars.jpg": "image/jpeg",
    REPORT_FILE: "application/json",
    "report.html": "text/html; charset=utf-8",
    "caption.txt": "text/plain; charset=utf-8",
    "caption.fr.txt": "text/plain; charset=utf-8",
}
_MOST_KEPT = 24
# in the reason of a pass that flew past the camera's frame (stacking/trailfit)
BESIDE = "The predicted path lies outside the picture"
_EMPTY: dict[str, Any] = {"elements": [], "site": None, "passes": []}


class Readings:
    """A read-only look at an archive; what has not changed on disk is not read twice.

    Args:
        archive: The archive; it need not exist yet.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._kept: OrderedDict[Path, tuple[tuple[int, int, int], Any]] = OrderedDict()
        self.names = PublicNames(self)

    @property
    def archive(self) -> Archive:
        """The archive that is read."""
        return self._archive

    def status(self) -> tuple[dict[str, Any], float | None]:
        """Return status.json and its age in s; nothing and None where nothing has run."""
        path = self._archive.run / STATUS_FILE
        document: dict[str, Any] | None = self._read(path, _reader(sound_status))
        if document is None:
            return {}, None
        try:
            return document, max(0.0, time.time() - path.stat().st_mtime)
        except OSError:
            return {}, None

    def predictions(self, *, guest: bool) -> dict[str, Any]:
        """Return the passes of the coming days; for guests those of the rounded site."""
        path = self._archive.guest_predictions if guest else self._archive.predictions
        document: dict[str, Any] = self._read(path, _reader(sound_predictions)) or _EMPTY
        return document

    def chart(self, pass_id: str, *, guest: bool) -> dict[str, Any]:
        """Return the sky chart of a pass; empty when it is of another pass or missing."""
        path = self._archive.guest_chart if guest else self._archive.chart
        document: dict[str, Any] = self._read(path, _reader(sound_chart)) or {}
        fits = document.get("id") == pass_id and isinstance(document.get("svg"), str)
        return document if fits else {}

    def rows(self) -> tuple[Row, ...]:
        """Return the ledger's rows by time; what is developed has its outcome at once.

        The ledger itself is settled when the passes are next predicted, hours later.
        """
        rows: tuple[Row, ...] = self._read(self._archive.ledger, _rows) or ()
        return tuple(self._developed(row) for row in rows)

    def _developed(self, row: Row) -> Row:
        if row.outcome is not None or row.folder is None:
            return row
        report = self.report(row.id, guest=False)
        outcome = report.get("outcome")
        if outcome not in OUTCOMES:
            return row
        return dataclasses.replace(row, outcome=outcome, reason=str(report.get("reason") or ""))

    def row(self, pass_id: str) -> Row | None:
        """Return the row of an id."""
        return next((row for row in self.rows() if row.id == pass_id), None)

    def folder(self, pass_id: str) -> Path | None:
        """Return the folder of an id; None for anything that is no id of a pass we have."""
        if not PASS_ID.fullmatch(pass_id):
            return None
        path = folder_path(self._archive, pass_id)
        return path if path.is_dir() else None

    def report(self, pass_id: str, *, guest: bool) -> dict[str, Any]:
        """Return the report of a pass, for guests the one of the rounded site; empty without."""
        folder = self.folder(pass_id)
        if folder is None:
            return {}
        name = GUEST_FILE if guest else REPORT_FILE
        found: dict[str, Any] = self._read(folder / name, _reader(sound_report)) or {}
        return found

    def digested(self, pass_id: str) -> int:
        """Return how many lights of a pass are digested."""
        folder = self.folder(pass_id)
        return digested_count(folder) if folder else 0

    def text(self, pass_id: str, name: str) -> str:
        """Return a text of a pass folder, empty without."""
        folder = self.folder(pass_id)
        text: str = (self._read(folder / name, _text) if folder else None) or ""
        return text

    def has(self, pass_id: str, name: str) -> bool:
        """Return whether a pass has a file."""
        folder = self.folder(pass_id)
        return folder is not None and (folder / name).is_file()

    def file(self, pass_id: str, name: str, *, owner: bool) -> tuple[Path, str] | None:
        """Return a file of a pass and its content type; None where the visitor may not have it."""
        kind = (OWNER_FILES if owner else GUEST_FILES).get(name)
        folder = self.folder(pass_id)
        if kind is None or folder is None:
            return None
        path = folder / name
        return (path, kind) if path.is_file() and not path.is_symlink() else None

    def pictures(self, *, owner: bool) -> list[Row]:
        """Return the rows whose pass has a picture that the visitor may see, newest first."""
        return list(self._pictures(owner=owner))

    def last_picture(self, *, owner: bool) -> Row | None:
        """Return the row of the newest picture that the visitor may see.

        One whose pass was wholly beside the camera's view shows the empty sky: an older one is
        rather shown, if there is one.
        """
        newest = None
        for row in self._pictures(owner=owner):
            newest = newest or row
            if BESIDE not in (row.reason or ""):
                return row
        return newest

    def _pictures(self, *, owner: bool) -> Iterator[Row]:
        for row in reversed(self.rows()):
            if row.folder and self._pictured(row) and (owner or self.names.of(row)):
                yield row

    def undeveloped(self) -> Row | None:
        """Return the row of a pass that is photographed and not developed, with its trail."""
        rows = (
            row
            for row in reversed(self.rows())
            if row.folder
            and row.outcome is None
            and self.has(row.id, LIVE_FILE)
            and not self._pictured(row)
        )
        return next(rows, None)

    def _pictured(self, row: Row) -> bool:
        return (folder_path(self._archive, row.id) / PICTURE_FILE).is_file()

    def document(self, path: Path) -> dict[str, Any]:
        """Return a JSON object of the archive, empty without."""
        found: dict[str, Any] = self._read(path, read_object) or {}
        return found

    def lines(self, path: Path) -> list[dict[str, Any]]:
        """Return the objects of a file with one a line; what is broken is left out."""
        found: list[dict[str, Any]] = self._read(path, _objects) or []
        return found

    def _read(self, path: Path, reader: Callable[[Path], Any]) -> Any:
        """Return what a reader makes of a file, again only when the file has changed."""
        try:
            stat = path.stat()
        except OSError:
            return None
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        with self._lock:
            kept = self._kept.get(path)
            if kept is not None and kept[0] == stamp:
                self._kept.move_to_end(path)
                return kept[1]
        value = reader(path)
        with self._lock:
            self._kept[path] = (stamp, value)
            self._kept.move_to_end(path)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return value


def _reader(shape: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Path], Any]:
    """Return a reader of objects of a shape."""

    def read(path: Path) -> dict[str, Any] | None:
        document = read_object(path)
        return None if document is None else shape(document)

    return read


def _rows(path: Path) -> tuple[Row, ...]:
    try:
        return Ledger(path).rows()
    except ArchiveError:
        return ()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _objects(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found: list[dict[str, Any]] = []
    for line in lines:
        try:
            document: Any = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict):
            found.append(document)
    return found
