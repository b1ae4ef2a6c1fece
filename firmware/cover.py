"""The lens cover: shut unless somebody asked for it to be open, lately, and nothing forbids it."""

from faults import Faults
from roofwire import DRY_S, OPEN_LEASE_S, TRAVEL_S

OPENS = 1
RESTS = 0
SHUTS = -1

# a bridge is given this long between two directions
_PAUSE_MS = 300
# a cover that does not shut is tried again after so long, for ever
_AGAIN_MS = 60_000
# an end stop that bounces is none
_STEADY_MS = 200


class Cover:
    """Drives the cover's motor; at power-up it shuts.

    Args:
        kind: "motor" or "servo", both with end stops (a servo's driver tells them by time), or
            "none".
    """

    def __init__(self, kind: str, faults: Faults) -> None:
        self.kind = kind
        self._faults = faults
        # None: nobody wants it open; else until when, in ms of the controller's clock
        self._open_until_ms: int | None = None
        self._dry_at_ms = DRY_S * 1000
        self._drive = RESTS
        self._rested_ms = 0
        self._moves_since_ms: int | None = None
        self._again_ms: int | None = None
        self._both_since_ms: int | None = None
        self.place = "none" if kind == "none" else "unknown"

    def refuses(self, rain: bool | None, low: bool, now_ms: int) -> str | None:
        """Return why it may not open now, None when it may."""
        if self.kind == "none":
            return "value"
        if rain is None:
            return "rain_sensor"
        if rain:
            return "rain"
        if now_ms < self._dry_at_ms:
            return "wet"
        if low:
            return "supply"
        if self._faults.latched("stuck") or self._faults.latched("end_stops"):
            return "fault"
        return None

    def ask_open(self, now_ms: int) -> None:
        """Open it, or let it stay open; `refuses` was asked before."""
        self._open_until_ms = now_ms + OPEN_LEASE_S * 1000

    def ask_close(self) -> None:
        """Shut it."""
        self._open_until_ms = None

    def wet_s(self, now_ms: int) -> int:
        """Return for how long it still counts as wet."""
        return max(0, (self._dry_at_ms - now_ms + 999) // 1000)

    def step(
        self,
        now_ms: int,
        rain: bool | None,
        low: bool,
        at_open: bool,
        at_closed: bool,
    ) -> int:
        """Return which way the motor goes now: OPENS, RESTS or SHUTS."""
        if self.kind == "none":
            return RESTS
        # a sensor that is dead may be a sensor that is drowned
        if rain is not False:
            self._dry_at_ms = now_ms + DRY_S * 1000
        self._watch_stops(now_ms, at_open and at_closed)
        if self._open_until_ms is not None and (
            now_ms >= self._open_until_ms or self.refuses(rain, low, now_ms) is not None
        ):
            self._open_until_ms = None
        opens = self._open_until_ms is not None
        arrived = at_open if opens else at_closed
        self._note_place(at_open, at_closed)
        wanted = RESTS if arrived and not (at_open and at_closed) else OPENS if opens else SHUTS
        if arrived and not (at_open and at_closed):
            self._faults.see("stuck", False)
            self._again_ms = None
        return self._move(now_ms, wanted)

    def _watch_stops(self, now_ms: int, both: bool) -> None:
        if not both:
            self._both_since_ms = None
        elif self._both_since_ms is None:
            self._both_since_ms = now_ms
        held = self._both_since_ms is not None and now_ms - self._both_since_ms >= _STEADY_MS
        self._faults.see("end_stops", held)

    def _note_place(self, at_open: bool, at_closed: bool) -> None:
        if at_open != at_closed:
            self.place = "open" if at_open else "closed"
        elif self._drive == RESTS:
            self.place = "unknown"
        else:
            self.place = "opening" if self._drive == OPENS else "closing"

    def _move(self, now_ms: int, wanted: int) -> int:
        if wanted != self._drive and self._drive != RESTS:
            # never from one direction into the other: through rest
            self._rest(now_ms)
            return RESTS
        if wanted == RESTS:
            return RESTS
        if self._drive == RESTS:
            if now_ms - self._rested_ms < _PAUSE_MS:
                return RESTS
            if wanted == SHUTS and self._again_ms is not None and now_ms < self._again_ms:
                return RESTS
            self._drive = wanted
            self._moves_since_ms = now_ms
        assert self._moves_since_ms is not None
        if now_ms - self._moves_since_ms >= TRAVEL_S * 1000:
            self._give_up(now_ms, wanted)
            return RESTS
        return self._drive

    def _give_up(self, now_ms: int, wanted: int) -> None:
        # seen anew each time, so that tries are counted
        self._faults.see("stuck", False)
        self._faults.see("stuck", True)
        self._open_until_ms = None
        if wanted == SHUTS:
            self._again_ms = now_ms + _AGAIN_MS
        self._rest(now_ms)

    def _rest(self, now_ms: int) -> None:
        self._drive = RESTS
        self._rested_ms = now_ms
        self._moves_since_ms = None
