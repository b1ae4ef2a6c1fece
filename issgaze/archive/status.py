"""status.json: what the device is doing, written by observe once a second, read by everybody."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.civil import parse_utc, seconds_between
from issgaze.errors import ArchiveError, TimeError

STATUS_FILE = "status.json"
# written once a second; what is older was left behind
FRESH_S = 10.0


def write_status(run: Path, status: dict[str, Any]) -> None:
    """Replace the status; readers see the old one or the new one, never a part.

    It is not flushed to the disk: a status is worth nothing after a power cut, and one flush a
    second would wear out the card.
    """
    write_atomic(run / STATUS_FILE, json.dumps(status).encode() + b"\n", durable=False)


def read_status(run: Path) -> dict[str, Any]:
    """Return the last status.

    Raises:
        ArchiveError: There is none, because nothing runs on this archive.
    """
    try:
        status: dict[str, Any] = json.loads((run / STATUS_FILE).read_text())
    except FileNotFoundError as error:
        raise ArchiveError(
            f"{run / STATUS_FILE}: no status, nothing has run here",
            remedy="Start `issgaze run` or the issgaze-observe service, or give its --archive.",
        ) from error
    except (OSError, ValueError) as error:
        if isinstance(error, OSError):
            raise disk_error(run / STATUS_FILE, error) from error
        raise ArchiveError(
            f"{run / STATUS_FILE}: {error}", remedy="Start `issgaze run` again."
        ) from error
    return status


def observe_runs(run: Path, now: datetime) -> bool:
    """Return whether observe writes its status, as it does once a second while it runs."""
    try:
        status = read_status(run)
        fresh = abs(seconds_between(parse_utc(status["utc"]), now)) < FRESH_S
    except (ArchiveError, TimeError, KeyError, TypeError):
        return False
    return status.get("state") != "stopped" and (fresh or status.get("simulated") is True)


def device_now(run: Path, now: datetime) -> datetime:
    """Return what the device's clock shows: of a simulated device what it showed last.

    Args:
        run: The run folder.
        now: What the system's clock shows, which is that of any real device.
    """
    try:
        status = read_status(run)
        return parse_utc(str(status["utc"])) if status.get("simulated") is True else now
    except (ArchiveError, TimeError, KeyError, TypeError):
        return now


def clock_trust_of(run: Path, now: datetime) -> str | None:
    """Return how far observe believes the clock, None when it does not run.

    For programs that are not allowed to ask the kernel themselves.
    """
    try:
        status = read_status(run)
        if abs(seconds_between(parse_utc(status["utc"]), now)) < FRESH_S:
            return str(status["clock"]["trust"])
    except (ArchiveError, TimeError, KeyError, TypeError):
        pass
    return None
