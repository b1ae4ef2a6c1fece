"""Requests to the running programs, and their answers: small files in the run folder.

<run>/requests/<number>.json   {"id", "kind", "utc", ...}   by whoever wants something
<run>/answers/<number>.json    {"id", "done", "message", ...}   by the program that does it

A program does what is of its kinds and takes the request away; the asker takes the answer away.
"""

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.errors import ArchiveError, DeviceError

_POLL_S = 0.05
# nobody waits for an answer longer than this
_STALE_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody wants of a program.

    Attributes:
        id: Names its file and its answer's.
        kind: What is wanted, such as "reload".
        facts: What belongs to it.
    """

    id: str
    kind: str
    facts: dict[str, Any]


class Requests:
    """The two folders.

    Args:
        run: The run folder of an archive.
    """

    def __init__(self, run: Path) -> None:
        self._requests = run / "requests"
        self._answers = run / "answers"

    def ask(self, kind: str, **facts: Any) -> str:
        """Drop a request; return its id.

        Raises:
            ArchiveError: The disk refuses it, or this user may not ask.
        """
        # ids sort by time, so that requests are done in order
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        document = {**facts, "id": name, "kind": kind}
        write_atomic(self._requests / f"{name}.json", json.dumps(document).encode(), durable=False)
        return name

    def pending(self, kinds: Collection[str]) -> list[Request]:
        """Return what waits to be done, of some kinds, oldest first; what cannot be read goes."""
        found: list[Request] = []
        for path in sorted(self._requests.glob("*.json")):
            try:
                document = json.loads(path.read_bytes())
                kind = str(document.pop("kind"))
                request = Request(id=path.stem, kind=kind, facts=document)
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                _forget(path)
                continue
            if kind in kinds:
                found.append(request)
        return found

    def answer(self, request: Request, *, done: bool, message: str, **facts: Any) -> None:
        """Answer a request and take it away; answers that nobody came for go as well."""
        document = {**facts, "id": request.id, "done": done, "message": message}
        path = self._answers / f"{request.id}.json"
        with contextlib.suppress(ArchiveError):
            write_atomic(path, json.dumps(document).encode(), durable=False)
        _forget(self._requests / f"{request.id}.json")
        for old in self._answers.glob("*.json"):
            with contextlib.suppress(OSError):
                if time.time() - old.stat().st_mtime > _STALE_S:
                    old.unlink()

    def wait(self, name: str, *, timeout_s: float) -> dict[str, Any]:
        """Return the answer to a request, and take it away.

        Raises:
            DeviceError: None came in time; the request is taken back.
        """
        path = self._answers / f"{name}.json"
        pause = threading.Event()
        end_s = time.monotonic() + timeout_s
        while True:
            try:
                answer: dict[str, Any] = json.loads(path.read_bytes())
            except FileNotFoundError:
                if time.monotonic() >= end_s:
                    break
                pause.wait(_POLL_S)
            except (OSError, ValueError) as error:
                raise disk_error(path, OSError(str(error))) from error
            else:
                _forget(path)
                return answer
        _forget(self._requests / f"{name}.json")
        raise DeviceError(
            f"no answer within {timeout_s:.0f} s: the program that would do it does not run",
            remedy="Start it: `sudo systemctl start issgaze-observe issgaze-develop`.",
        )


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
