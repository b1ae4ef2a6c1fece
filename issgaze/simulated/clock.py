"""A clock that jumps from deadline to deadline, or runs at its own pace."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from issgaze.civil import format_utc, later, seconds_between
from issgaze.ports import ClockQuality
from issgaze.simulated.devicetime import DeviceTime
from issgaze.simulated.scenario import FailureScenario, Scenario

_WAKE_INTERVAL_S = 0.05
_BOUND_S = 0.001


class PowerCut(SystemExit):
    """The power has failed: whatever was not on the disk is gone.

    No IssgazeError: nothing may catch it. The program ends; started again, it finds its clock
    after the cut.
    """


class SimulatedClock:
    """The simulated world's clock, implementing ports.Clock.

    Behind the time that the device shows runs the true one, which the sky and the scenario's cues
    follow.

    Args:
        begin: What the device shows at the start.
        speed: Its pace against real time; None jumps to each deadline at once and otherwise stands.
        scenario: How wrong it is and what befalls it; None for a perfect clock.
    """

    def __init__(
        self, begin: datetime, *, speed: float | None = None, scenario: Scenario | None = None
    ) -> None:
        self._device = DeviceTime(scenario) if scenario is not None else None
        self._begin = self._device.true_when(begin) if self._device is not None else begin
        self._cues: tuple[FailureScenario, ...] = ()
        self._scenario_start = begin
        if scenario is not None:
            self._cues, self._scenario_start = scenario.failures, scenario.start_utc
        self._power_cuts = [cue for cue in self._cues if cue.what == "power_cut"]
        # up to here power cuts have been looked for
        self._powered_s = seconds_between(self._scenario_start, self._begin)
        self._speed = speed
        self._jumped_s = 0.0
        self._started_s = time.monotonic()
        self._lock = threading.Lock()

    def now_utc(self) -> datetime:
        """Return the present instant as the device knows it."""
        return self.shown_at(self.true_utc())

    def true_utc(self) -> datetime:
        """Return what a perfect clock would show."""
        return later(self._begin, self.monotonic_s())

    def shown_at(self, true: datetime) -> datetime:
        """Return what the device's clock shows at a true instant."""
        return true if self._device is None else self._device.reading(true)

    def stepped_s(self, one: datetime, other: datetime) -> float:
        """Return by how much the device's clock was set between two true instants."""
        return 0.0 if self._device is None else self._device.stepped_s(one, other)

    def true_when(self, shown: datetime) -> datetime:
        """Return the true instant, now or later, when the device's clock shows that or more."""
        if self._device is None:
            return max(shown, self.true_utc())
        return self._device.true_when(shown, after=self.true_utc())

    def monotonic_s(self) -> float:
        """Return seconds since the start."""
        with self._lock:
            jumped_s = self._jumped_s
        if self._speed is None:
            return jumped_s
        return jumped_s + (time.monotonic() - self._started_s) * self._speed

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        """Wait until the clock shows the instant; return False when `wake` became true before."""
        if wake is not None and wake():
            return False
        return self.wait_until(self.true_when(instant), wake=wake)

    def wait_until(self, true: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        """Wait until a true instant; return False when `wake` became true before.

        Raises:
            PowerCut: The power fails in the meantime.
        """
        cut = self._cut_before(max(true, self.true_utc()))
        target = true if cut is None else later(self._scenario_start, cut.start_s)
        if self._speed is None:
            self._jump_to(target)
        elif not self._run_to(target, self._speed, wake):
            return False
        if cut is not None:
            failed = format_utc(self.now_utc(), decimals=0)
            self._jump_to(later(target, cut.lasts_s))
            # who goes on with this clock does not meet the same cut again, nor one without power
            self._powered_s = max(
                cut.start_s + max(cut.lasts_s, 1e-3),
                seconds_between(self._scenario_start, self.true_utc()),
            )
            raise PowerCut(f"the power failed at {failed}; start again to go on after the cut")
        self._powered_s = max(
            self._powered_s, seconds_between(self._scenario_start, self.true_utc())
        )
        return True

    def _jump_to(self, true: datetime) -> None:
        ahead_s = seconds_between(self.true_utc(), true)
        with self._lock:
            if self._speed is None:
                # set, not added: a deadline must be met to the last digit
                self._jumped_s = max(self._jumped_s, seconds_between(self._begin, true))
            else:
                self._jumped_s += max(ahead_s, 0.0)

    def _run_to(self, true: datetime, speed: float, wake: Callable[[], bool] | None) -> bool:
        pause = threading.Event()
        while (left_s := seconds_between(self.true_utc(), true)) > 0:
            if wake is not None and wake():
                return False
            pause.wait(min(left_s / speed, _WAKE_INTERVAL_S))
        return True

    def _cut_before(self, true: datetime) -> FailureScenario | None:
        """Return the next power cut between the last look and an instant."""
        then_s = seconds_between(self._scenario_start, true)
        cuts = [cue for cue in self._power_cuts if self._powered_s <= cue.start_s < then_s]
        return min(cuts, key=lambda cue: cue.start_s, default=None)

    def quality(self) -> ClockQuality:
        """Return how far it believes itself; it knows nothing of its scenario's error."""
        now_s = seconds_between(self._scenario_start, self.true_utc())
        for cue in self._cues:
            on = cue.start_s <= now_s < cue.start_s + cue.lasts_s
            if cue.what == "clock_untrusted" and on:
                return ClockQuality(trust="untrusted", bound_s=None, source="simulated")
        return ClockQuality(trust="trusted", bound_s=_BOUND_S, source="simulated")
