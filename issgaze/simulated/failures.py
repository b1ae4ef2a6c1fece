"""Which of a scenario's failures are on at this moment."""

from issgaze.civil import seconds_between
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.scenario import FailureScenario, Scenario


class Failures:
    """The cues of a scenario, read against true time."""

    def __init__(self, scenario: Scenario, clock: SimulatedClock) -> None:
        self._cues = scenario.failures
        self._start = scenario.start_utc
        self._clock = clock

    def active(self, what: str) -> FailureScenario | None:
        """Return the cue of that name which is on now, None when all is well."""
        now_s = self.now_s()
        for cue in self._cues:
            if cue.what == what and cue.start_s <= now_s < cue.start_s + cue.lasts_s:
                return cue
        return None

    def now_s(self) -> float:
        """Return the true seconds since the scenario began."""
        return seconds_between(self._start, self._clock.true_utc())

    def last_on_s(self, what: str) -> float | None:
        """Return when a cue of that name was last on, now at the latest; None if never yet."""
        now_s = self.now_s()
        ends = [
            min(now_s, cue.start_s + cue.lasts_s)
            for cue in self._cues
            if cue.what == what and cue.start_s <= now_s
        ]
        return max(ends, default=None)

    def longest_on_s(self, what: str, since_s: float) -> float:
        """Return for how long at most a cue of that name was on at a stretch since then."""
        now_s = self.now_s()
        spans = [
            min(now_s, cue.start_s + cue.lasts_s) - max(since_s, cue.start_s)
            for cue in self._cues
            if cue.what == what
        ]
        return max([0.0, *spans])
