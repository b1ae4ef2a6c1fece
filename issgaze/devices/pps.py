"""The pulse of a GNSS receiver, as the kernel counts it (dtoverlay=pps-gpio)."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.civil import from_unix, seconds_between

_ASSERT = Path("/sys/class/pps/pps0/assert")
_STAMP = re.compile(r"(\d+)\.(\d{9})#(\d+)")


def pulse_document(now: datetime, path: Path = _ASSERT) -> dict[str, Any] | None:
    """Return what is known of the pulse, None where there is none.

    Returns:
        `count` of pulses, `age_s` of the last, and `missed_s`: by how much it missed the clock's
        full second.
    """
    try:
        found = _STAMP.fullmatch(path.read_text().strip())
    except OSError:
        return None
    if found is None or found[3] == "0":
        return None
    nanoseconds = int(found[2])
    missed_s = (nanoseconds if nanoseconds < 500_000_000 else nanoseconds - 1_000_000_000) * 1e-9
    at = from_unix(int(found[1]) + nanoseconds * 1e-9)
    return {
        "count": int(found[3]),
        "age_s": round(seconds_between(at, now), 3),
        "missed_s": missed_s,
    }
