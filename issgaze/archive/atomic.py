"""Files that survive a power cut: either the old content or the new, never a part of either."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from issgaze.errors import ArchiveError, remedy_for

# asked before each write; only a simulated device has one, whose disk fails on cue
_guards: list[Callable[[Path], None]] = []

_FILE_MODE = 0o660  # owner and the common group, nobody else


def guard_writes(guard: Callable[[Path], None] | None) -> None:
    """Let a function be asked before each write of this process, which refuses by an OSError.

    Args:
        guard: The function; None lets every write pass again.
    """
    _guards[:] = [] if guard is None else [guard]


def _ask_guards(path: Path) -> None:
    for guard in _guards:
        guard(path)


def write_atomic(
    path: Path, *chunks: bytes | memoryview, durable: bool = True, keep_access: bool = False
) -> int:
    """Replace a file by the chunks, joined; return the number of bytes.

    The chunks go to a temporary file in the same folder, which is flushed to the disk, renamed
    over `path`, and its folder flushed too.

    Args:
        path: Where the file shall be; its folder is made if it is missing.
        chunks: What the file shall hold.
        durable: False leaves out both flushes, for what may be lost in a power cut but must never
            be seen half-written, such as the status of this second.
        keep_access: True leaves a file that was there to whom it belonged, as readable as it was.

    Raises:
        ArchiveError: The disk is full, read-only or failing.
    """
    return write_stream(path, chunks, durable=durable, keep_access=keep_access)


def write_stream(
    path: Path,
    chunks: Iterable[bytes | memoryview],
    *,
    durable: bool = True,
    keep_access: bool = False,
) -> int:
    """Replace a file as `write_atomic` does by chunks that come one after the other.

    Raises:
        ArchiveError: The disk is full, read-only or failing.
    """
    try:
        _ask_guards(path)
        make_folder(path.parent)
        return _replace(path, chunks, durable=durable, keep_access=keep_access)
    except OSError as error:
        raise disk_error(path, error) from error


def _replace(
    path: Path, chunks: Iterable[bytes | memoryview], *, durable: bool, keep_access: bool
) -> int:
    held = path.stat() if keep_access and path.exists() else None
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            if held is not None:
                # each by itself: a member of the group may give it to the group, not to root
                for owner, group in ((-1, held.st_gid), (held.st_uid, -1)):
                    with contextlib.suppress(PermissionError):
                        os.fchown(descriptor, owner, group)
            os.fchmod(descriptor, stat.S_IMODE(held.st_mode) if held else _FILE_MODE)
            size = sum(file.write(chunk) for chunk in chunks)
            file.flush()
            if durable:
                os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if durable:
        flush_folder(path.parent)
    return size


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each name brought to the disk before anything lies in it.

    Raises:
        OSError: The disk refuses it.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    # where the common group works, whoever makes a folder makes it for all: root's umask, or an
    # owner's, would shut the other programs out
    if folder.parent.stat().st_mode & stat.S_ISGID:
        with contextlib.suppress(PermissionError):
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IRWXG)
    flush_folder(folder.parent)


def share_file(descriptor: int) -> None:
    """Let the common group write an open file, whatever the umask of whoever has made it."""
    with contextlib.suppress(PermissionError):
        os.fchmod(descriptor, _FILE_MODE)


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, after a file in it was made, renamed or removed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append_line(path: Path, line: str) -> None:
    """Add one line to a file and bring it to the disk.

    A power cut can leave at most a last line without its end, which readers leave out.

    Raises:
        ArchiveError: The disk is full, read-only or failing.
    """
    try:
        _ask_guards(path)
        make_folder(path.parent)
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _FILE_MODE)
        try:
            if is_new:
                share_file(descriptor)
            os.write(descriptor, line.rstrip("\n").encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            flush_folder(path.parent)
    except OSError as error:
        raise disk_error(path, error) from error


def disk_error(path: Path, error: OSError) -> ArchiveError:
    """Return the error to raise when the disk refused to take or give a file."""
    if isinstance(error, ArchiveError):
        return error
    reason = (error.strerror or str(error)).lower()
    return ArchiveError(f"{path}: {reason}", remedy=remedy_for(error))
