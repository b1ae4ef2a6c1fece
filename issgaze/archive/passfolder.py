"""Pass folders: everything about one pass, written so that any crash leaves old or new files.

<archive>/passes/YYYY-MM-DD/<id>/
plan.json      before the first photon
lights/NNNN.fits  darks/NNNN.fits
events.jsonl   what happened, one line each
sealed         capture is over: no more frames will come
products and report.json, by develop
"""

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import append_line, disk_error, make_folder, write_atomic
from issgaze.archive.fits import write_raw
from issgaze.archive.layout import Archive
from issgaze.archive.passfiles import (
    DIGESTED_FILE,
    REPORT_FILE,
    digested_count,
    folder_path,
    read_object,
)
from issgaze.archive.planfile import PLAN_FILE, PlanFile, read_plan, write_plan
from issgaze.civil import format_utc
from issgaze.errors import ArchiveError
from issgaze.imaging.frame import Frame
from issgaze.sky.site import Site

_SEALED = "sealed"
_ID = re.compile(r"[0-9]{8}T[0-9]{4}Z-[0-9]{1,9}")


class PassFolder:
    """One pass on disk; use `create`, `open_folder` or `find`.

    Args:
        path: An existing pass folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._site: Site | None = None
        self._lender: PassFolder | None = None

    @classmethod
    def create(cls, archive: Archive, plan_file: PlanFile) -> "PassFolder":
        """Make the folder of a pass with its plan, or go on with the one there is.

        A capture that was stopped and goes on takes back that it was over, and the report of what
        there was until then; its products stay until they are made anew.

        Raises:
            ArchiveError: The disk refuses it.
        """
        folder = cls(folder_path(archive, plan_file.pass_id))
        try:
            make_folder(folder.path)
            # in this order: sealed with an old report is a pass that nobody develops again
            folder.take_back_report()
            (folder.path / _SEALED).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(folder.path, error) from error
        write_plan(folder.path, plan_file)
        return folder

    @classmethod
    def open_folder(cls, path: Path) -> "PassFolder":
        """Return an existing pass folder.

        Raises:
            ArchiveError: There is no plan.json in it.
        """
        if not (path / PLAN_FILE).is_file():
            raise ArchiveError(
                f"{path}: no pass folder, {PLAN_FILE} is missing",
                remedy="Give a folder below passes/ of the archive.",
            )
        return cls(path)

    @property
    def id(self) -> str:
        """Id of the pass."""
        return self.path.name

    @property
    def frames_folder(self) -> "PassFolder":
        """The folder that holds the frames: another pass's where they are shared."""
        if self._lender is None:
            # those that poll ask this of every pass there ever was: most have frames of their own,
            # and are known by a look at the folder
            own = (self.path / _SEALED).exists() or (self.path / "lights").is_dir()
            lender = None if own else lender_of(self.path)
            self._lender = self if lender is None else PassFolder(lender)
        return self._lender

    @property
    def borrows(self) -> bool:
        """True when the frames are another pass's."""
        return self.frames_folder is not self

    def plan_file(self) -> PlanFile:
        """Return the plan; ArchiveError when it is broken."""
        return read_plan(self.path)

    def add_light(self, frame: Frame) -> Path:
        """Write the next sub-exposure, on the disk before this returns."""
        return self._add("lights", frame)

    def add_dark(self, frame: Frame) -> Path:
        """Write the next dark, on the disk before this returns."""
        return self._add("darks", frame)

    def _add(self, kind: str, frame: Frame) -> Path:
        held = self._frames(kind)
        number = int(held[-1].stem) + 1 if held else 0
        path = self.path / kind / f"{number:04d}.fits"
        if self._site is None:
            self._site = self.plan_file().site
        write_raw(path, frame, site=self._site)
        return path

    def lights(self) -> list[Path]:
        """Return the sub-exposures in order; a frame being written is not among them."""
        return self.frames_folder._frames("lights")  # noqa: SLF001 - of this class

    def darks(self) -> list[Path]:
        """Return the darks in order."""
        return self.frames_folder._frames("darks")  # noqa: SLF001 - of this class

    def _frames(self, kind: str) -> list[Path]:
        return sorted(path for path in (self.path / kind).glob("*.fits") if path.stem.isdigit())

    def note(self, now: datetime, event: str, **facts: Any) -> None:
        """Add an event to events.jsonl."""
        line = {"utc": format_utc(now), "event": event, **facts}
        append_line(self.path / "events.jsonl", json.dumps(line))

    def seal(self, now: datetime, reason: str) -> None:
        """Say that no more frames will come, and why."""
        document = {"utc": format_utc(now), "reason": reason, "lights": len(self.lights())}
        write_atomic(self.path / _SEALED, json.dumps(document).encode() + b"\n")

    @property
    def is_sealed(self) -> bool:
        """True when no more frames will come."""
        return (self.frames_folder.path / _SEALED).exists()

    def sealed_reason(self) -> str | None:
        """Return why no more frames come; None before, or when it cannot be read."""
        try:
            reason = json.loads((self.frames_folder.path / _SEALED).read_text())["reason"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return str(reason)

    def mark_digested(self, count: int) -> None:
        """Say how many lights are digested, for whoever shows progress or waits for it."""
        document = json.dumps({"lights": count})
        write_atomic(self.path / DIGESTED_FILE, document.encode(), durable=False)

    def digested(self) -> int:
        """Return how many lights are digested."""
        return digested_count(self.path)

    def report(self) -> dict[str, Any] | None:
        """Return report.json; None before the pass is developed or when it is broken."""
        return read_object(self.path / REPORT_FILE)

    def take_back_report(self) -> None:
        """Remove the report of a capture that went on, so that it is developed anew."""
        (self.path / REPORT_FILE).unlink(missing_ok=True)

    def remove_leftovers(self) -> None:
        """Remove halves of files that a develop was killed over; its lock must be held."""
        for half in self.path.glob(".*.tmp"):
            # those may be observe's, at work on them now
            if not half.name.startswith((f".{PLAN_FILE}.", f".{_SEALED}.")):
                with contextlib.suppress(OSError):
                    half.unlink()

    @property
    def is_developed(self) -> bool:
        """True when develop has had its last word on a sealed folder."""
        return self.is_sealed and (self.path / REPORT_FILE).is_file()


def lender_of(path: Path) -> Path | None:
    """Return the folder whose frames a pass folder shares, None for frames of its own.

    A plan that cannot be read lends nothing.
    """
    try:
        lender = json.loads((path / PLAN_FILE).read_text()).get("lights_from")
    except (OSError, ValueError, AttributeError):
        return None
    if not isinstance(lender, str) or not _ID.fullmatch(lender):
        return None
    return path.parent.parent / f"{lender[:4]}-{lender[4:6]}-{lender[6:8]}" / lender


def pass_folders(archive: Archive) -> Iterator[PassFolder]:
    """Yield every pass folder, oldest first."""
    for plan in sorted(archive.passes.glob(f"*/*/{PLAN_FILE}")):
        yield PassFolder(plan.parent)


def newest_plan(archive: Archive) -> PlanFile | None:
    """Return the plan of the newest pass folder whose plan can be read, None without any."""
    for plan in sorted(archive.passes.glob(f"*/*/{PLAN_FILE}"), reverse=True):
        with contextlib.suppress(ArchiveError):
            return read_plan(plan.parent)
    return None
