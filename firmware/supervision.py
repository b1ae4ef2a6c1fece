"""The Pi: a heartbeat that stays away ends in a request to shut down, then in a power cycle."""

from faults import Faults
from roofwire import BEAT_LOST_S, HOLD_LEASE_S

# a Pi that was just powered may check its disk first
GRACE_MS = 15 * 60 * 1000
# it is asked to shut down, and given so long to do it
STOPPING_MS = 60 * 1000
OFF_MS = 10 * 1000
MOST_A_DAY = 3
_DAY_MS = 24 * 3600 * 1000


class Supervision:
    """Watches over the Pi's heartbeat.

    Args:
        now_ms: Of the controller's clock.
        earlier: Power cycles before the controller's last reset; taken as if they were just now.
    """

    def __init__(self, now_ms: int, earlier: int, faults: Faults) -> None:
        self._faults = faults
        self.state = "boot"
        self._since_ms = now_ms
        self._heard_ms = now_ms
        self._hold_until_ms: int | None = None
        self._cycles_ms = [now_ms] * min(earlier, MOST_A_DAY)

    @property
    def cuts(self) -> bool:
        """Whether the Pi's supply is cut now."""
        return self.state == "off"

    @property
    def asks(self) -> bool:
        """Whether the Pi is asked to shut down now."""
        return self.state == "stopping"

    def cycles(self) -> int:
        """Return how many power cycles there were within a day."""
        return len(self._cycles_ms)

    def beat(self, now_ms: int) -> None:
        """Hear the heartbeat."""
        self._heard_ms = now_ms
        # what was asked to shut down will have to be switched on again, so that goes on
        if self.state not in ("stopping", "off"):
            self._enter("alive", now_ms)
        self._faults.see("pi_dead", False)

    def hold(self, now_ms: int, seconds: float) -> bool:
        """Leave the Pi alone for so long; 0 ends it. Return whether it was in time for that."""
        if self.state in ("stopping", "off"):
            return False
        if seconds <= 0:
            if self._hold_until_ms is not None:
                self._release(now_ms)
            return True
        self._hold_until_ms = now_ms + int(min(seconds, HOLD_LEASE_S) * 1000)
        return True

    def cycle(self, now_ms: int) -> bool:
        """Begin a power cycle on command; return whether that may be."""
        busy = self.state in ("stopping", "off") or self._hold_until_ms is not None
        if busy or self.cycles() >= MOST_A_DAY:
            return False
        self._stop(now_ms)
        return True

    def step(self, now_ms: int, low: bool) -> None:
        """Go on to the next state when it is time.

        Args:
            now_ms: Of the controller's clock.
            low: Whether the supply is low: a Pi that died of it is not helped by a power cycle.
        """
        while self._cycles_ms and now_ms - self._cycles_ms[0] >= _DAY_MS:
            self._cycles_ms.pop(0)
        if self._hold_until_ms is not None and now_ms >= self._hold_until_ms:
            self._release(now_ms)
        if self.state == "stopping" and now_ms - self._since_ms >= STOPPING_MS:
            # a day is counted from the cut itself
            if self._cycles_ms:
                self._cycles_ms.pop()
            self._cycles_ms.append(now_ms)
            self._enter("off", now_ms)
        elif self.state == "off" and now_ms - self._since_ms >= OFF_MS:
            self._heard_ms = now_ms
            self._enter("boot", now_ms)
        elif self.state not in ("stopping", "off") and self._lost(now_ms):
            self._hold_or_stop(now_ms, low)

    def shown(self) -> str:
        """Return the state's name for the report."""
        return "hold" if self._hold_until_ms is not None else self.state

    def _lost(self, now_ms: int) -> bool:
        if self.state == "boot":
            return now_ms - self._since_ms >= GRACE_MS
        return now_ms - self._heard_ms >= BEAT_LOST_S * 1000

    def _hold_or_stop(self, now_ms: int, low: bool) -> None:
        if self._hold_until_ms is not None or low:
            if self.state == "alive":
                self._enter("silent", now_ms)
        elif self.cycles() >= MOST_A_DAY:
            self._enter("given_up", now_ms)
            self._faults.see("pi_dead", True)
        else:
            self._stop(now_ms)

    def _stop(self, now_ms: int) -> None:
        self._cycles_ms.append(now_ms)
        self._enter("stopping", now_ms)

    def _release(self, now_ms: int) -> None:
        """End the hold with the grace of a start: an update ends with one."""
        self._hold_until_ms = None
        self._heard_ms = now_ms
        self._enter("boot", now_ms)

    def _enter(self, state: str, now_ms: int) -> None:
        if state != self.state:
            self.state = state
            self._since_ms = now_ms
