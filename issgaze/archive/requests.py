"""Requests: whoever wants something of a device drops a file, and finds an answer beside it.

The run folder holds `requests/<id>.json` and `answers/<id>.json`. A request is
`{"what": "roof.open", ...}`; its answer `{"ok": true, ...}` or
`{"ok": false, "message", "remedy"}`. Both are written whole or not at all; the program that holds
the device takes the request away before it carries it out, so that a crash never does it twice.
"""

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.errors import ArchiveError, DeviceError

REQUESTS, ANSWERS = "requests", "answers"
# an answer that nobody fetched, a request that nobody took: gone after this
STALE_S = 60.0
_POLL_S = 0.05
_ID = re.compile(r"[a-z0-9_.-]{1,64}\.json")
_LARGEST_BYTES = 65536

Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def ask(
    run: Path,
    what: str,
    *,
    limit_s: float = 30.0,
    pause: Callable[[float], object] = time.sleep,
    **more: Any,
) -> dict[str, Any]:
    """Drop a request and wait for its answer.

    Args:
        run: The run folder of the archive.
        what: Of whom and what, as in "roof.open".
        limit_s: How long to wait at most.
        pause: Waits that many seconds.
        more: What else the request says.

    Raises:
        ArchiveError: The run folder cannot be written.
        DeviceError: No answer came, or it is a refusal, in the words of who refused.
    """
    name = f"{what}-{secrets.token_hex(6)}.json"
    request, answer = run / REQUESTS / name, run / ANSWERS / name
    write_atomic(request, json.dumps({"what": what, **more}).encode() + b"\n", durable=False)
    for _ in range(max(1, int(limit_s / _POLL_S))):
        found = _read(answer)
        if found is not None:
            answer.unlink(missing_ok=True)
            if found.get("ok") is True:
                return found
            raise DeviceError(
                str(found.get("message", "refused")), remedy=str(found.get("remedy", ""))
            )
        pause(_POLL_S)
    request.unlink(missing_ok=True)
    raise DeviceError(
        f"{what}: no answer within {limit_s:.0f} s",
        remedy="See `issgaze status` and the log of the issgaze-observe service.",
    )


def answer_requests(run: Path, handlers: Mapping[str, Handler], *, now_s: float) -> list[str]:
    """Carry out every request that waits; return one line for each, for the log.

    Args:
        run: The run folder of the archive.
        handlers: By what a request wants; a name without a dot takes all that begin with it.
        now_s: Seconds of the file system's clock, to sweep out what is stale.

    Raises:
        ArchiveError: An answer cannot be written.
    """
    said: list[str] = []
    for path in sorted((run / REQUESTS).glob("*.json")):
        stale = _age_s(path, now_s) > STALE_S
        request = _read(path)
        path.unlink(missing_ok=True)
        if stale or not _ID.fullmatch(path.name):
            continue
        what = str(request.get("what")) if request is not None else "?"
        reply = _carry_out(what, request, handlers)
        write_atomic(run / ANSWERS / path.name, json.dumps(reply).encode() + b"\n", durable=False)
        said.append(f"{what}: {'done' if reply['ok'] else reply['message']}")
    for path in (run / ANSWERS).glob("*.json"):
        if _age_s(path, now_s) > STALE_S:
            path.unlink(missing_ok=True)
    return said


def _carry_out(
    what: str, request: Mapping[str, Any] | None, handlers: Mapping[str, Handler]
) -> dict[str, Any]:
    handler = handlers.get(what) or handlers.get(what.partition(".")[0])
    if request is None or handler is None:
        known = ", ".join(sorted(handlers)) or "none"
        return _refusal(
            f"{what}: nobody here can do that, known: {known}",
            "Update issgaze, or see whether that device is configured.",
        )
    try:
        return {"ok": True, **handler(request)}
    except (DeviceError, ArchiveError) as error:
        return _refusal(error.message, error.remedy)
    except (KeyError, TypeError, ValueError) as error:
        return _refusal(f"{what}: the request makes no sense: {error!r}", "Mend the request file.")


def _refusal(message: str, remedy: str) -> dict[str, Any]:
    return {"ok": False, "message": message, "remedy": remedy}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return None
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _age_s(path: Path, now_s: float) -> float:
    try:
        return now_s - path.stat().st_mtime
    except OSError:
        return 0.0
