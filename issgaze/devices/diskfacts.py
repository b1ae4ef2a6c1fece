"""What the kernel says of the disk under a folder: read-only, errors, bytes written."""

import os
from dataclasses import dataclass
from pathlib import Path

_SECTOR_BYTES = 512
# Documentation/ABI/testing/procfs-diskstats: sectors written
_WRITTEN_FIELD = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFacts:
    """What can be read; None for what this disk does not show.

    Attributes:
        free_gb: Room for this user.
        total_gb: Size of the file system.
        read_only: True when it takes nothing, as after an error.
        errors: That the file system has counted since it was made or checked (ext4).
        written_bytes: To the whole disk since the board was started.
        disk_gb: Size of the whole disk.
        name: As in /dev.
    """

    free_gb: float | None
    total_gb: float | None
    read_only: bool | None
    errors: int | None
    written_bytes: int | None
    disk_gb: float | None
    name: str | None


def disk_facts(folder: Path, root: Path = Path("/")) -> DiskFacts:
    """Return what is known of the disk under a folder.

    Args:
        folder: It need not exist: the one above it counts then.
        root: Where /sys is.
    """
    place = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    try:
        held = os.statvfs(place)
        device = place.stat().st_dev
    except OSError:
        return DiskFacts(free_gb=None, total_gb=None, read_only=None, errors=None,
                         written_bytes=None, disk_gb=None, name=None)  # fmt: skip
    block = root / "sys/dev/block" / f"{os.major(device)}:{os.minor(device)}"
    part = block.resolve()
    whole = part.parent if (part / "partition").exists() else part
    sectors = _number(whole / "size")
    return DiskFacts(
        free_gb=held.f_bavail * held.f_frsize / 1e9,
        total_gb=held.f_blocks * held.f_frsize / 1e9,
        read_only=bool(held.f_flag & os.ST_RDONLY),
        errors=_number(root / "sys/fs/ext4" / part.name / "errors_count"),
        written_bytes=_written(whole / "stat"),
        disk_gb=None if sectors is None else sectors * _SECTOR_BYTES / 1e9,
        name=whole.name if block.exists() else None,
    )


def _written(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[_WRITTEN_FIELD]) * _SECTOR_BYTES
    except (OSError, ValueError, IndexError):
        return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
