"""What the page knows: everything is read from disk, nothing is computed or written."""

import json
import re
from pathlib import Path
from typing import Any

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger, Row
from issgaze.archive.passfolder import PassFolder, folder_path
from issgaze.archive.status import read_status
from issgaze.errors import ArchiveError

_PASS_ID = re.compile(r"\d{8}T\d{4}Z-\d{1,9}")
# what a visitor may have of a pass folder; what names the site or the lens is not among it
GUEST_FILES = {
    "picture.jpg": "image/jpeg",
    "preview.jpg": "image/jpeg",
    "timelapse.mp4": "video/mp4",
    "alt.txt": "text/plain; charset=utf-8",
}
OWNER_FILES = GUEST_FILES | {
    "report.json": "application/json",
    "caption.txt": "text/plain; charset=utf-8",
}


class Readings:
    """A read-only look at an archive.

    Args:
        archive: The archive; it need not exist yet.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    @property
    def archive(self) -> Archive:
        """The archive that is read."""
        return self._archive

    def status(self) -> dict[str, Any]:
        """Return status.json; where nothing has run, a status that says so."""
        try:
            return read_status(self._archive.run)
        except ArchiveError:
            return {"state": "silent", "sentence": "Nothing is running on this archive."}

    def predictions(self, *, guest: bool) -> dict[str, Any]:
        """Return the passes of the coming days; for guests those of the rounded site."""
        path = self._archive.guest_predictions if guest else self._archive.predictions
        try:
            document: dict[str, Any] = json.loads(path.read_text())
        except (OSError, ValueError):
            return {"elements": [], "site": None, "passes": []}
        return document

    def chart(self, pass_id: str, *, guest: bool) -> str:
        """Return the sky chart of a pass as SVG, empty when it is of another pass or missing."""
        path = self._archive.guest_chart if guest else self._archive.chart
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return str(document["svg"]) if document["id"] == pass_id else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def rows(self) -> tuple[Row, ...]:
        """Return the ledger's rows by time."""
        try:
            return Ledger(self._archive.ledger).rows()
        except ArchiveError:
            return ()

    def folder(self, pass_id: str) -> PassFolder | None:
        """Return the folder of an id; None for anything that is no id of a pass we have."""
        if not _PASS_ID.fullmatch(pass_id):
            return None
        path = folder_path(self._archive, pass_id)
        return PassFolder(path) if path.is_dir() else None

    def file(self, pass_id: str, name: str, *, owner: bool) -> tuple[Path, str] | None:
        """Return a file of a pass and its content type; None where the visitor may not have it."""
        kind = (OWNER_FILES if owner else GUEST_FILES).get(name)
        folder = self.folder(pass_id)
        if kind is None or folder is None:
            return None
        path = folder.path / name
        return (path, kind) if path.is_file() and not path.is_symlink() else None

    def pictures(self) -> list[Row]:
        """Return the rows whose pass has a picture, newest first."""
        return [
            row
            for row in reversed(self.rows())
            if row.folder and (self._archive.root / row.folder / "picture.jpg").is_file()
        ]
