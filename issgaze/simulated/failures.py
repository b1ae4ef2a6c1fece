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
        now_s = seconds_between(self._start, self._clock.true_utc())
        for cue in self._cues:
            if cue.what == what and cue.start_s <= now_s < cue.start_s + cue.lasts_s:
                return cue
        return None
