"""The satellite-navigation receiver of a simulated roof."""

from issgaze.errors import DeviceError
from issgaze.ports import GnssFix
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.failures import Failures
from issgaze.simulated.scenario import Scenario

_SATELLITES = 9
_TOO_FEW = 2


class SimulatedGnss:
    """A receiver that knows the true time and place, implementing ports.GnssReceiver.

    On cue it loses its fix, falls silent, or jumps northward by the cue's `amount` in degrees.
    """

    def __init__(self, scenario: Scenario, clock: SimulatedClock) -> None:
        self._site = scenario.site
        self._clock = clock
        self._failures = Failures(scenario, clock)

    def read(self) -> GnssFix:
        """Return the latest fix; DeviceError when the receiver is silent."""
        if self._failures.active("gnss_silent") is not None:
            raise DeviceError(
                "the GNSS receiver is silent for 5 s, the limit is 2 s",
                remedy="Check its cable and that no other program holds its port.",
            )
        if self._failures.active("gnss_no_fix") is not None:
            return GnssFix(
                utc=None,
                latitude_deg=None,
                longitude_deg=None,
                height_m=None,
                satellites=_TOO_FEW,
            )
        jump = self._failures.active("gnss_jumps")
        north_deg = 0.0 if jump is None else jump.amount
        return GnssFix(
            utc=self._clock.true_utc(),
            latitude_deg=self._site.latitude_deg + north_deg,
            longitude_deg=self._site.longitude_deg,
            height_m=self._site.height_m,
            satellites=_SATELLITES,
        )
