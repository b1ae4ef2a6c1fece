"""A clock that jumps from deadline to deadline, or runs at its own pace."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from issgaze.civil import later, seconds_between
from issgaze.ports import ClockQuality

_WAKE_INTERVAL_S = 0.05


class SimulatedClock:
    """The simulated world's clock, implementing ports.Clock.

    Args:
        begin: Where it starts.
        speed: Its pace against real time; None jumps to each deadline at once and otherwise stands.
    """

    def __init__(self, begin: datetime, *, speed: float | None = None) -> None:
        self._begin = begin
        self._speed = speed
        self._jumped_s = 0.0
        self._started_s = time.monotonic()
        self._lock = threading.Lock()
        self._quality = ClockQuality(trust="trusted", bound_s=0.001, source="simulated")

    def now_utc(self) -> datetime:
        """Return the present instant."""
        return later(self._begin, self.monotonic_s())

    def monotonic_s(self) -> float:
        """Return seconds since the start."""
        if self._speed is None:
            with self._lock:
                return self._jumped_s
        return (time.monotonic() - self._started_s) * self._speed

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        """Wait until the instant; return False when `wake` became true before."""
        if wake is not None and wake():
            return False
        if self._speed is None:
            with self._lock:
                self._jumped_s = max(self._jumped_s, seconds_between(self._begin, instant))
            return True
        pause = threading.Event()
        while (left_s := seconds_between(self.now_utc(), instant)) > 0:
            if wake is not None and wake():
                return False
            pause.wait(min(left_s / self._speed, _WAKE_INTERVAL_S))
        return True

    def quality(self) -> ClockQuality:
        """Return how far it can be believed."""
        return self._quality
