"""A device that cannot begin: it says what is missing, and tries again."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from issgaze import __version__
from issgaze.archive.requests import Requests
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, from_unix
from issgaze.errors import ArchiveError, IssgazeError
from issgaze.service.desk import Desk

_AGAIN_S = 60.0
_POLL_S = 0.25


def wait_for_help(
    run: Path, error: IssgazeError, *, stop: Callable[[], bool], again_s: float = _AGAIN_S
) -> bool:
    """Say in the status what is missing, until it is time to try again; False when stopped.

    Args:
        run: The run folder.
        error: Why the device cannot begin.
        stop: Becomes true when the program shall end.
        again_s: After so long, or as soon as a reload is asked for, it is tried again.
    """
    asked = threading.Event()

    def reload(_facts: Mapping[str, Any]) -> str:
        asked.set()
        return "trying again"

    desk = Desk(Requests(run), {"reload": reload})
    end_s = time.monotonic() + again_s
    while not stop():
        _say(run, error)
        desk.look()
        if asked.wait(_POLL_S) or time.monotonic() >= end_s:
            return True
    return False


def _say(run: Path, error: IssgazeError) -> None:
    status = {
        "utc": format_utc(from_unix(time.time())),
        "version": __version__,
        "simulated": False,
        "state": "faulty",
        "sentence": f"{error.message}. {error.remedy}",
    }
    try:
        write_status(run, status)
    except ArchiveError:
        return
