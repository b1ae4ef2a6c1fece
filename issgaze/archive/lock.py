"""One worker at a time on a folder."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from issgaze.archive.atomic import disk_error, share_file
from issgaze.errors import LockedError


@contextmanager
def folder_lock(folder: Path, *, wait: bool) -> Generator[None]:
    """Hold the lock of a folder; the system frees it when the process dies.

    Args:
        folder: An existing folder.
        wait: True waits for whoever holds it.

    Raises:
        LockedError: Somebody else holds it and `wait` is False.
        ArchiveError: The folder cannot be written.
    """
    try:
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o660)
        # of the lock of another user nothing can be changed, and need not be
        share_file(descriptor)
    except OSError as error:
        raise disk_error(folder, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise LockedError(
                f"{folder}: another process is at work here",
                remedy="Wait until it is done, or stop it.",
            ) from error
        yield
    finally:
        os.close(descriptor)
