"""The roof controller of a simulated night."""

from issgaze.errors import DeviceError
from issgaze.ports import CoverState, RoofState, RoofTask
from issgaze.roofwire import DRY_S, HEATER_LEASE_S, OPEN_LEASE_S
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.failures import Failures
from issgaze.simulated.scenario import Scenario


class SimulatedRoof:
    """Cover, heater and weather sensors, implementing ports.RoofController.

    The cover does what a real one does: it starts closed, refuses to open in the rain and until it
    has dried, shuts by itself when rain comes, and when its program cannot reach it for too long.
    """

    def __init__(self, scenario: Scenario, clock: SimulatedClock) -> None:
        self._scenario = scenario
        self._failures = Failures(scenario, clock)
        # when it was opened, in seconds of the scenario; None: it is closed
        self._opened_s: float | None = None
        self._by_hand: tuple[float, float] | None = None

    @property
    def cover(self) -> CoverState:
        """Where the cover truly is."""
        if self._opened_s is not None and self._must_be_shut(self._opened_s):
            self._opened_s = None
        return "closed" if self._opened_s is None else "open"

    def state(self) -> RoofState:
        """Return the latest report; DeviceError when the controller is silent."""
        self._answer()
        cloudy = self._scenario.sky.cloud_cover
        duty = self._hand_duty()
        return RoofState(
            cover=self.cover,
            rain=self._raining(),
            heater_duty=min(1.0, self._scenario.sky.dew) if duty is None else duty,
            air_temperature_c=self._scenario.camera.temperature_c - 4.0,
            humidity_percent=60.0 + 38.0 * self._scenario.sky.dew,
            sky_temperature_c=-22.0 + 20.0 * cloudy,
            faults=(),
            wet_s=self._wet_s(),
            heater_by="dew" if duty is None else "hand",
            supply_v=12.4,
            pi="alive",
            firmware="simulated",
            reset_cause="power",
        )

    def open_cover(self) -> None:
        """Open the lens cover; DeviceError when rain forbids it."""
        self._answer()
        if self._raining():
            raise DeviceError(
                "the cover stays closed: it rains", remedy="Nothing to do; it opens after the rain."
            )
        if self._wet_s() > 0.0:
            raise DeviceError(
                f"the cover stays closed: it rained less than {DRY_S} s ago",
                remedy="Nothing to do; it opens when it has been dry for a while.",
            )
        self._opened_s = self._failures.now_s()

    def close_cover(self) -> None:
        """Shut the lens cover."""
        self._answer()
        self._opened_s = None

    def heat(self, duty: float | None, *, seconds: float = 600.0) -> None:
        """Heat by hand for so long; None lets the dew point decide again."""
        self._answer()
        if duty is not None and not 0.0 <= duty <= 1.0:
            raise DeviceError(f"duty {duty:g}, limits 0 to 1", remedy="Give a share of full heat.")
        until_s = self._failures.now_s() + min(seconds, HEATER_LEASE_S)
        self._by_hand = None if duty is None else (duty, until_s)

    def maintain(self, task: RoofTask, *, seconds: float = 0.0) -> None:  # noqa: ARG002 - of the port
        """Take note; there is no Pi to hold, and nothing to clear."""
        self._answer()
        if task in {"power", "update"}:
            raise DeviceError(
                f"a simulated roof knows no {task}", remedy="Try it on a real controller."
            )

    def close(self) -> None:
        """Let go of it; the world goes on."""

    def _hand_duty(self) -> float | None:
        if self._by_hand is not None and self._failures.now_s() >= self._by_hand[1]:
            self._by_hand = None
        return None if self._by_hand is None else self._by_hand[0]

    def _must_be_shut(self, opened_s: float) -> bool:
        rained_s = self._failures.last_on_s("rain")
        if rained_s is not None and rained_s >= opened_s:
            return True
        return self._failures.longest_on_s("roof_silent", opened_s) > OPEN_LEASE_S

    def _raining(self) -> bool:
        return self._failures.active("rain") is not None

    def _wet_s(self) -> float:
        rained_s = self._failures.last_on_s("rain")
        return 0.0 if rained_s is None else max(0.0, DRY_S - (self._failures.now_s() - rained_s))

    def _answer(self) -> None:
        if self._failures.active("roof_silent") is not None:
            raise DeviceError(
                "the roof controller is silent for 2 s, the limit is 1 s",
                remedy="Check its cable and supply; the lens cover shuts by itself.",
            )
