"""What guests may know: nothing of the exact site, neither its numbers nor its seconds."""

import re
from typing import Any

from issgaze.civil import format_utc, later, parse_utc

_CLAUSE = re.compile(r"[:;,]")
_DIGIT = re.compile(r"\d")
_STATUS_KEYS = ("version", "simulated", "speed", "state", "clock", "elements", "camera", "disk")
_LEDGER_STEP_S = 600.0


def guest_reason(reason: str) -> str:
    """Return as much of a reason as holds no number.

    Heights, durations and brightnesses in the ledger are those of the exact site.
    """
    clauses = _CLAUSE.split(reason)
    if _DIGIT.search(clauses[0]):
        return ""
    kept = reason
    for found in list(_CLAUSE.finditer(reason))[::-1]:
        if not _DIGIT.search(kept):
            break
        kept = reason[: found.start()]
    return "" if _DIGIT.search(kept) else kept.strip()


def guest_status(status: dict[str, Any], sentence: str) -> dict[str, Any]:
    """Return what anyone may know of the status, with a sentence made for guests.

    Args:
        status: status.json.
        sentence: What the device does, without exact times.
    """
    shown = {key: status[key] for key in _STATUS_KEYS if key in status}
    if "utc" in status:
        shown["utc"] = str(status["utc"])[:16] + ":00Z"
    clock = shown.get("clock")
    if isinstance(clock, dict):
        # the source may be the name of a machine of the house
        shown["clock"] = {key: clock.get(key) for key in ("trust", "bound_s")}
    return shown | {"sentence": sentence}


def guest_ledger(document: dict[str, Any]) -> dict[str, Any]:
    """Return the ledger without what places the site: times to ten minutes, reasons in words."""
    return document | {
        "rows": [
            row
            | {
                "rise_utc": _coarse(row["rise_utc"]),
                "reason": guest_reason(str(row.get("reason", ""))),
            }
            for row in document["rows"]
        ]
    }


def _coarse(utc: str) -> str:
    instant = parse_utc(utc)
    seconds = instant.timestamp() % _LEDGER_STEP_S
    shift = -seconds if seconds < _LEDGER_STEP_S / 2 else _LEDGER_STEP_S - seconds
    return format_utc(later(instant, shift), decimals=0)
