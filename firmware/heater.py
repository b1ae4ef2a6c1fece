"""The dew heater: as much as the dew point asks for, never for longer than it may."""

from faults import Faults
from roofwire import HEATER_LEASE_S

# full heat from this margin between dome and dew point down, none from that one up
_FULL_C = 2.0
_NONE_C = 6.0
# without a sensor that lives: enough for most nights, too little to hurt
BLIND_DUTY = 0.3
_HOT_C = 40.0
_COOL_C = 35.0
# a winter's night; then it rests, so that nothing is ever simply left on
LONGEST_MS = 14 * 3600 * 1000
REST_MS = 15 * 60 * 1000


class Heater:
    """Decides the heater's duty, 0 to 1."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._hand_duty = 0.0
        self._hand_until_ms: int | None = None
        # since when it has not rested, and since when it is off
        self._since_ms: int | None = None
        self._off_since_ms = 0
        self._rests = False
        self._hot = False
        self.by = "dew"
        self.duty = 0.0

    def by_hand(self, now_ms: int, duty: float, seconds: float) -> None:
        """Heat as told, for so long, at most HEATER_LEASE_S."""
        self._hand_duty = min(1.0, max(0.0, duty))
        self._hand_until_ms = now_ms + int(min(seconds, HEATER_LEASE_S) * 1000)

    def by_itself(self) -> None:
        """Look after itself again."""
        self._hand_until_ms = None

    def step(self, now_ms: int, air_c: float | None, margin_c: float | None, low: bool) -> float:
        """Return the duty now."""
        if self._hand_until_ms is not None and now_ms >= self._hand_until_ms:
            self._hand_until_ms = None
        if air_c is not None:
            self._hot = air_c > (_COOL_C if self._hot else _HOT_C)
        self._faults.see("hot", self._hot)
        self.by, duty = self._wanted(margin_c)
        if low:
            self.by, duty = "supply", 0.0
        elif self._hot:
            self.by, duty = "hot", 0.0
        self.duty = self._limited(now_ms, duty)
        return self.duty

    def _wanted(self, margin_c: float | None) -> tuple[str, float]:
        if self._hand_until_ms is not None:
            return "hand", self._hand_duty
        if margin_c is None:
            return "blind", BLIND_DUTY
        share = (_NONE_C - margin_c) / (_NONE_C - _FULL_C)
        return "dew", min(1.0, max(0.0, share))

    def _limited(self, now_ms: int, duty: float) -> float:
        if self._rests and now_ms - self._off_since_ms >= REST_MS:
            self._rests = False
        if self.duty == 0.0 and now_ms - self._off_since_ms >= REST_MS:
            self._since_ms = None
        if duty > 0.0 and not self._rests:
            if self._since_ms is None:
                self._since_ms = now_ms
            if now_ms - self._since_ms >= LONGEST_MS:
                self._rests = True
        if self._rests:
            self.by, duty = "rest", 0.0
        if duty == 0.0 and self.duty > 0.0:
            self._off_since_ms = now_ms
        return duty
