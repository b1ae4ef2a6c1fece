"""The roof controller of a simulated night."""

from issgaze.errors import DeviceError
from issgaze.ports import CoverState, RoofState
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.failures import Failures
from issgaze.simulated.scenario import Scenario


class SimulatedRoof:
    """Cover, heater and weather sensors, implementing ports.RoofController.

    The cover refuses what a real one refuses: opening in the rain. It starts closed.
    """

    def __init__(self, scenario: Scenario, clock: SimulatedClock) -> None:
        self._scenario = scenario
        self._failures = Failures(scenario, clock)
        self._cover: CoverState = "closed"

    @property
    def cover(self) -> CoverState:
        """Where the cover truly is."""
        return self._cover

    def state(self) -> RoofState:
        """Return the latest report; DeviceError when the controller is silent."""
        self._answer()
        cloudy = self._scenario.sky.cloud_cover
        return RoofState(
            cover=self._cover,
            rain=self._raining(),
            heater_duty=min(1.0, self._scenario.sky.dew),
            air_temperature_c=self._scenario.camera.temperature_c - 4.0,
            humidity_percent=60.0 + 38.0 * self._scenario.sky.dew,
            sky_temperature_c=-22.0 + 20.0 * cloudy,
            faults=(),
        )

    def open_cover(self) -> None:
        """Open the lens cover; DeviceError when rain forbids it."""
        self._answer()
        if self._raining():
            raise DeviceError(
                "the cover stays closed: it rains", remedy="Nothing to do; it opens after the rain."
            )
        self._cover = "open"

    def close_cover(self) -> None:
        """Shut the lens cover."""
        self._answer()
        self._cover = "closed"

    def _raining(self) -> bool:
        return self._failures.active("rain") is not None

    def _answer(self) -> None:
        if self._failures.active("roof_silent") is not None:
            raise DeviceError(
                "the roof controller is silent for 2 s, the limit is 1 s",
                remedy="Check its cable and supply; the lens cover shuts by itself.",
            )
