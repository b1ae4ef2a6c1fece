"""The device's own idea of the time: ahead, drifting, stepped, on cue."""

from datetime import datetime

from issgaze.civil import later, seconds_between
from issgaze.simulated.scenario import Scenario


class DeviceTime:
    """How a scenario's clock reads against true time.

    Args:
        scenario: Its `clock_error_s`, `clock_drift_ppm` and `clock_step` cues; a step is on from
            its start for as long as it lasts, then somebody sets the clock right again.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._start = scenario.start_utc
        self._error_s = scenario.clock_error_s
        self._rate = scenario.clock_drift_ppm * 1e-6
        self._steps = [cue for cue in scenario.failures if cue.what == "clock_step"]
        self.is_true = not (self._error_s or self._rate or self._steps)

    def ahead_s(self, true: datetime) -> float:
        """Return by how much the clock is ahead at a true instant."""
        passed = seconds_between(self._start, true)
        return self._error_s + self._rate * passed + self._stepped(passed)

    def reading(self, true: datetime) -> datetime:
        """Return what the clock shows at a true instant."""
        return true if self.is_true else later(true, self.ahead_s(true))

    def stepped_s(self, one: datetime, other: datetime) -> float:
        """Return by how much the clock was set between two true instants."""
        before = self._stepped(seconds_between(self._start, one))
        return self._stepped(seconds_between(self._start, other)) - before

    def true_when(self, reading: datetime, *, after: datetime | None = None) -> datetime:
        """Return the first true instant, not before `after`, when the clock shows that or more."""
        if self.is_true:
            return reading if after is None else max(reading, after)
        shown = seconds_between(self._start, reading)
        edges = sorted({e for c in self._steps for e in (c.start_s, c.start_s + c.lasts_s)})
        least = float("-inf") if after is None else seconds_between(self._start, after)
        for begin, end in zip((float("-inf"), *edges), (*edges, float("inf")), strict=True):
            if end <= least:
                continue
            inside = begin if begin > float("-inf") else (edges[0] - 1.0 if edges else 0.0)
            wanted = (shown - self._error_s - self._stepped(inside)) / (1.0 + self._rate)
            instant = max(wanted, begin, least)
            if instant < end:
                return later(self._start, instant)
        return later(self._start, max(shown, least))

    def _stepped(self, passed_s: float) -> float:
        return sum(
            cue.amount for cue in self._steps if cue.start_s <= passed_s < cue.start_s + cue.lasts_s
        )
