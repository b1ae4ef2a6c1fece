"""What is decided about a pass: the choice and the capture plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from issgaze.civil import later
from issgaze.orbit.passes import Pass

Verdict = Literal["shoot", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A verdict on a pass with a reason that an owner understands.

    Attributes:
        shares: Id of the better pass at the same time whose frames show this one as well, None for
            a pass with frames of its own.
    """

    iss_pass: Pass
    verdict: Verdict
    reason: str
    shares: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureBlock:
    """Sub-exposures in one unbroken stream with one setting.

    Attributes:
        start_utc: When the first exposure should begin.
        exposure_s: Length of each.
        analogue_gain: Sensor gain of each.
        count: How many.
        interval_s: From start to start: exposure plus the sensor's dead time.
    """

    start_utc: datetime
    exposure_s: float
    analogue_gain: float
    count: int
    interval_s: float

    @property
    def end_utc(self) -> datetime:
        """When the last exposure is over."""
        return later(self.start_utc, self.count * self.interval_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePlan:
    """How one pass will be photographed.

    Attributes:
        iss_pass: The pass as predicted when the plan was made.
        mode: Capture size, "binned" or "full".
        lights: Blocks of sub-exposures in order of time.
        darks: A block with the cover shut, None without a cover.
        expected_snr: Station at culmination, summed over the trail's width and 10 px of its
            length, in sigma; None when not computed.
        reasons: Why each number was chosen, for people.
    """

    iss_pass: Pass
    mode: str
    lights: tuple[ExposureBlock, ...]
    darks: ExposureBlock | None
    expected_snr: float | None
    reasons: tuple[str, ...]
