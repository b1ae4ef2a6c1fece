"""The system's clock, judged by chronyd and the receiver as `issgaze gnss` publishes them."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from issgaze.civil import parse_utc, seconds_between
from issgaze.errors import TimeError
from issgaze.ports import Clock, ClockQuality, ClockTrust
from issgaze.service.gnss import GNSS_FILE

# gnss.json is written once a second; an older one says nothing of now
_STALE_S = 30.0
_LOOK_S = 1.0


class JudgedClock:
    """A clock that is no more trusted than all who judge it agree on, implementing ports.Clock.

    The kernel's bound grows between two updates of chronyd, which knows better: where both say
    that the clock is right, the tighter bound holds.

    Args:
        clock: The system's.
        run: The run folder with gnss.json.
    """

    def __init__(self, clock: Clock, run: Path) -> None:
        self._clock = clock
        self._file = run / GNSS_FILE
        self._looked_s: float | None = None
        self._told: ClockQuality | None = None

    def now_utc(self) -> datetime:
        """Return the present instant as the system knows it."""
        return self._clock.now_utc()

    def monotonic_s(self) -> float:
        """Return seconds that never step."""
        return self._clock.monotonic_s()

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        """Wait until the instant; return False when `wake` became true before."""
        return self._clock.sleep_until(instant, wake=wake)

    def quality(self) -> ClockQuality:
        """Return how far the clock can be believed now."""
        kernel = self._clock.quality()
        told = self._look()
        if told is None or kernel.trust == "untrusted":
            return kernel
        if told.trust == "untrusted" or kernel.bound_s is None or told.bound_s is None:
            return told
        return told if told.bound_s < kernel.bound_s else kernel

    def _look(self) -> ClockQuality | None:
        now_s = self.monotonic_s()
        if self._looked_s is None or now_s - self._looked_s >= _LOOK_S:
            self._looked_s = now_s
            self._told = _read(self._file, self.now_utc())
        return self._told


def _read(path: Path, now: datetime) -> ClockQuality | None:
    try:
        document: Any = json.loads(path.read_bytes())
        clock = document["clock"]
        age_s = seconds_between(parse_utc(str(document["utc"])), now)
    except (OSError, ValueError, KeyError, TypeError, TimeError):
        return None
    if not abs(age_s) <= _STALE_S or not isinstance(clock, dict):
        return None
    return _quality(clock)


def _quality(clock: dict[str, Any]) -> ClockQuality | None:
    trust: ClockTrust | None = next(
        (known for known in get_args(ClockTrust) if known == clock.get("trust")), None
    )
    bound_s = clock.get("bound_s")
    good = isinstance(bound_s, int | float) and not isinstance(bound_s, bool) and bound_s >= 0.0
    if trust is None or (trust != "untrusted" and not good):
        return None
    return ClockQuality(
        trust=trust,
        bound_s=float(str(bound_s)) if good else None,
        source=str(clock.get("source", "gnss")),
    )
