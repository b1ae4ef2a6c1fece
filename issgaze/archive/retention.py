"""What goes when room runs out: raw frames first, then what can be made from them; never pictures.

Nothing goes of a pass that is being photographed, that is not developed yet, that the owner has
starred, or whose frames another such pass shares.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from issgaze.archive.jsonfile import write_json
from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.civil import format_utc, later, parse_utc
from issgaze.errors import ArchiveError

STAR_FILE = "starred"
# says what went, when and why; written before anything goes
REMOVED_FILE = "removed.json"
_RAW_FOLDERS = ("lights", "darks")
# linear products: what the picture was made from, many times its size
_HEAVY = ("stars.fits", "trail.fits", "ground.fits", "picture.tif", "digest.checkpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the archive may take.

    Attributes:
        most_bytes: All pass folders together.
        oldest: Raw frames of passes before this go whatever the room; None keeps them.
        free_bytes: What must stay free on the disk, for the next pass.
    """

    most_bytes: float
    oldest: datetime | None
    free_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What of a pass is to go.

    Attributes:
        folder: The pass.
        paths: Folders and files in it.
        size_bytes: What they take.
        reason: For people.
    """

    folder: PassFolder
    paths: tuple[Path, ...]
    size_bytes: int
    reason: str


def keep_within(archive: Archive, budget: Budget, now: datetime) -> list[Removal]:
    """Remove what must go; return it.

    Args:
        archive: What is in it is measured anew.
        budget: What it may take.
        now: The device's clock.

    Raises:
        ArchiveError: The disk refuses.
    """
    removals = plan_removals(archive, budget, free_bytes=_free_bytes(archive.root))
    for removal in removals:
        _remove(removal, now)
    return removals


def plan_removals(archive: Archive, budget: Budget, *, free_bytes: float) -> list[Removal]:
    """Return what would go, the oldest pass first; nothing is touched.

    Args:
        archive: The archive.
        budget: What it may take.
        free_bytes: What is free on its disk.
    """
    folders = list(pass_folders(archive))
    spared = _spared(folders)
    sizes = {folder.id: _size(folder.path) for folder in folders}
    over = max(sum(sizes.values()) - budget.most_bytes, budget.free_bytes - free_bytes)
    removals: list[Removal] = []
    for folder in folders:
        paths = _there(folder, _RAW_FOLDERS)
        old = budget.oldest is not None and _day(folder) < budget.oldest
        if folder.id in spared or not paths or not (over > 0 or old):
            continue
        reason = "older than the budget in days" if old else "room for newer passes"
        removals.append(_removal(folder, paths, reason))
        over -= removals[-1].size_bytes
    for folder in folders:
        paths = _there(folder, _HEAVY)
        if over > 0 and paths and folder.id not in spared:
            removals.append(_removal(folder, paths, "room for newer passes"))
            over -= removals[-1].size_bytes
    return removals


def _spared(folders: Iterable[PassFolder]) -> set[str]:
    """Return the ids of passes that nothing may go of, frames that others share included."""
    spared: set[str] = set()
    for folder in folders:
        if folder.is_developed and not (folder.path / STAR_FILE).exists():
            continue
        spared.add(folder.id)
        try:
            shared = folder.plan_file().lights_from
        except ArchiveError:
            continue
        if shared is not None:
            spared.add(shared)
    return spared


def _removal(folder: PassFolder, paths: tuple[Path, ...], reason: str) -> Removal:
    size = sum(_size(path) for path in paths)
    return Removal(folder=folder, paths=paths, size_bytes=size, reason=reason)


def _there(folder: PassFolder, names: Iterable[str]) -> tuple[Path, ...]:
    return tuple(path for name in names if (path := folder.path / name).exists())


def _day(folder: PassFolder) -> datetime:
    """Return the instant that an id begins with; one that has none counts as new."""
    name = folder.id
    try:
        return parse_utc(f"{name[:4]}-{name[4:6]}-{name[6:8]}T{name[9:11]}:{name[11:13]}:00Z")
    except ValueError:
        return later(parse_utc("9000-01-01T00:00:00Z"), 0.0)


def _remove(removal: Removal, now: datetime) -> None:
    folder = removal.folder.path
    # first: a power cut in between leaves frames that go the next time, not a riddle
    write_json(
        folder / REMOVED_FILE,
        {
            "utc": format_utc(now),
            "what": [path.name for path in removal.paths],
            "bytes": removal.size_bytes,
            "reason": removal.reason,
        },
    )
    for path in removal.paths:
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ArchiveError(
                f"{path}: cannot be removed: {(error.strerror or str(error)).lower()}",
                remedy="Look at `dmesg`: the disk may have gone read-only.",
            ) from error


def archive_bytes(archive: Archive) -> int:
    """Return what all pass folders take."""
    return _size(archive.passes)


def _size(path: Path) -> int:
    """Return the room that a file or folder takes; what vanishes meanwhile counts nothing."""
    return sum(_file_sizes(path))


def _file_sizes(path: Path) -> Iterator[int]:
    try:
        if not path.is_dir():
            yield path.stat().st_blocks * 512
            return
        for each in path.iterdir():
            yield from _file_sizes(each)
    except OSError:
        return


def _free_bytes(root: Path) -> float:
    try:
        return float(shutil.disk_usage(root).free)
    except OSError:
        return float("inf")
