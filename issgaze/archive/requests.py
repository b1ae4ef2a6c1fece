"""Requests between programs: a file dropped into the run folder, a file that answers it.

<run>/requests/<kind>-<id>.json   by whoever wants something
<run>/answers/<id>.json           by the program that does it, within a second
"""

import json
import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.archive.passfiles import read_object

_NAME = re.compile(r"([a-z_]{1,24})-([0-9a-f]{16})\.json")
_POLL_S = 0.05
# a request that nobody took by then is not done any more: who asked has gone
_STALE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that is wanted.

    Attributes:
        id: Names the answer.
        kind: What is wanted, in lower case.
        facts: What belongs to it.
    """

    id: str
    kind: str
    facts: dict[str, Any]


def ask(run: Path, kind: str, facts: dict[str, Any], *, wait_s: float) -> dict[str, Any] | None:
    """Drop a request and wait for its answer; None when nobody answers in time.

    Args:
        run: The run folder.
        kind: What is wanted, in lower case.
        facts: What belongs to it.
        wait_s: How long to wait.

    Raises:
        ArchiveError: The run folder cannot be written.
    """
    name = secrets.token_hex(8)
    question = run / "requests" / f"{kind}-{name}.json"
    write_atomic(question, json.dumps(facts).encode(), durable=False)
    path = run / "answers" / f"{name}.json"
    pause = threading.Event()
    end = time.monotonic() + wait_s
    while True:
        found = read_object(path)
        if found is not None:
            with suppress(OSError):
                path.unlink()
            return found
        if time.monotonic() >= end:
            # nobody shall do it behind the back of somebody who was told that it failed
            with suppress(OSError):
                question.unlink()
            return None
        pause.wait(_POLL_S)


def take(run: Path, kinds: Iterable[str]) -> Iterator[Request]:
    """Yield the requests of these kinds that wait, oldest first; each is removed as it is taken."""
    wanted = set(kinds)
    try:
        paths = sorted((run / "requests").iterdir(), key=_age_key)
    except OSError:
        return
    for path in paths:
        name = _NAME.fullmatch(path.name)
        if name is None or name.group(1) not in wanted or path.is_symlink():
            continue
        facts = read_object(path)
        try:
            stale = time.time() - path.stat().st_mtime > _STALE_S
            path.unlink()
        except OSError:
            # withdrawn in this very moment
            continue
        if not stale:
            yield Request(id=name.group(2), kind=name.group(1), facts=facts or {})


def _age_key(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def answer(run: Path, request: Request, *, done: bool, message: str) -> None:
    """Answer a request.

    Args:
        run: The run folder.
        request: What was wanted.
        done: Whether it was done.
        message: What was done, or why not, for people.

    Raises:
        ArchiveError: The run folder cannot be written.
    """
    document = {"done": done, "message": message}
    write_atomic(
        run / "answers" / f"{request.id}.json", json.dumps(document).encode(), durable=False
    )
