"""Notices when the system's clock is set while a pass is photographed."""

from dataclasses import dataclass

from issgaze.ports import Clock, ClockTrust

# NTP slews by 500 ppm at most (adjtimex(2)); what moves faster was set
_FASTEST_SLEW = 500e-6
_LEAST_STEP_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockNews:
    """What became of the clock since the last look.

    Attributes:
        stepped_s: By how much it was set, forward positive; 0 when it was not.
        trust: How far it is believed now, None when that has not changed.
    """

    stepped_s: float
    trust: ClockTrust | None


class ClockWatch:
    """Holds the system's clock against the one that never steps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._trust = clock.quality().trust
        self._ahead_s, self._at_s = self._read()

    def look(self) -> ClockNews:
        """Return what changed since the last look."""
        ahead_s, at_s = self._read()
        moved_s = ahead_s - self._ahead_s
        slewed_s = _FASTEST_SLEW * (at_s - self._at_s) + _LEAST_STEP_S
        self._ahead_s, self._at_s = ahead_s, at_s
        trust = self._clock.quality().trust
        changed = trust if trust != self._trust else None
        self._trust = trust
        return ClockNews(stepped_s=moved_s if abs(moved_s) > slewed_s else 0.0, trust=changed)

    def _read(self) -> tuple[float, float]:
        at_s = self._clock.monotonic_s()
        return self._clock.now_utc().timestamp() - at_s, at_s
