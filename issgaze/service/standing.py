"""The settings that hold: those of the file, or the last good ones while the file is wrong.

A typing error over SSH must not stop a device on a roof. observe keeps a copy of each file that was
right; the programs start from that copy, and say so, until the file is right again.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from issgaze.archive.atomic import write_atomic
from issgaze.config import Settings, load_settings
from issgaze.errors import ArchiveError, ConfigurationError

LAST_GOOD_FILE = "issgaze.last-good.toml"
_LOOK_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Settings and where they come from.

    Attributes:
        settings: What holds.
        complaint: What is wrong with the file, empty when it holds itself.
        remedy: What to do about it.
    """

    settings: Settings
    complaint: str = ""
    remedy: str = ""


def standing_settings(path: Path | None, kept_in: Path | None) -> Standing:
    """Return the settings of a file, or of the last one that was right.

    Args:
        path: The configuration file, None where defaults hold.
        kept_in: Folder of the archive that the copy lies in; None where it is not known.

    Raises:
        ConfigurationError: The file is wrong and there is no copy.
    """
    try:
        return Standing(settings=load_settings(path))
    except ConfigurationError as error:
        if kept_in is None or not (kept_in / LAST_GOOD_FILE).is_file():
            raise
        kept = load_settings(kept_in / LAST_GOOD_FILE)
        return Standing(settings=kept, complaint=error.message, remedy=error.remedy)


def changed_settings(
    load: Callable[[], Settings],
    held: Settings,
    *,
    monotonic_s: Callable[[], float] = time.monotonic,
) -> Callable[[], bool]:
    """Return a function that becomes true when other settings hold than those given.

    It looks every few seconds at most; a file that is wrong, or being written, is no change.

    Args:
        load: Reads the settings that hold now; a ConfigurationError leaves things as they are.
        held: What the program goes by.
        monotonic_s: A clock that never steps.
    """
    last_s = monotonic_s()
    known = False

    def asked() -> bool:
        nonlocal last_s, known
        if not known and monotonic_s() - last_s >= _LOOK_S:
            last_s = monotonic_s()
            with contextlib.suppress(ConfigurationError):
                known = load() != held
        return known

    return asked


def keep_good(path: Path | None, archive: Path) -> None:
    """Keep a copy of a file that was just found right; without room there is none.

    Args:
        path: The file, None where defaults hold.
        archive: Folder of the archive.
    """
    with contextlib.suppress(ArchiveError, OSError):
        text = path.read_bytes() if path else b""
        kept = archive / LAST_GOOD_FILE
        if not kept.is_file() or kept.read_bytes() != text:
            write_atomic(kept, text)
