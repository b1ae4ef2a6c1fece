"""The frames of a scenario's pass, rendered one after the other without a clock to wait on."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from issgaze.civil import later, seconds_between
from issgaze.imaging.frame import Frame
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.camera import frame_info, frame_number, stamped_start
from issgaze.simulated.chip import Chip
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.passes import SimulatedPass, first_pass
from issgaze.simulated.projection import capture_mode
from issgaze.simulated.rawport import through_port
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene

DARKS = 8
_BEFORE, _AFTER = 3, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """When the frames of a pass begin.

    Attributes:
        visible: The pass.
        first_utc: Start of the first exposure.
        interval_s: From start to start.
        count: How many.
    """

    visible: SimulatedPass
    first_utc: datetime
    exposure_s: float
    interval_s: float
    count: int


def sequence(scenario: Scenario, *, mode: str, count: int | None) -> Sequence:
    """Return the frames of the scenario's pass.

    Without a count they span the lit arc, with three before and one after; with one they lie
    around the culmination, or the end of the lit arc that is nearest to it.
    """
    visible = first_pass(scenario)
    sensor = sensor_profile(scenario.camera.sensor)
    gap_s = capture_mode(sensor, mode).dead_time_s + scenario.camera.extra_dead_time_s
    interval_s = scenario.camera.exposure_s + gap_s
    lit_s = seconds_between(visible.lit_start, visible.lit_end)
    whole = math.ceil(lit_s / interval_s) + _BEFORE + _AFTER
    if count is None or count >= whole:
        extra = (count or whole) - whole
        first = later(visible.lit_start, -(_BEFORE + extra // 2) * interval_s)
        frames = count or whole
    else:
        half_s = count * interval_s / 2
        lead_s = seconds_between(visible.lit_start, visible.culmination)
        middle_s = min(max(lead_s, min(half_s, lit_s / 2)), max(lit_s - half_s, lit_s / 2))
        first, frames = later(visible.lit_start, middle_s - half_s), count
    return Sequence(
        visible=visible,
        first_utc=first,
        exposure_s=scenario.camera.exposure_s,
        interval_s=interval_s,
        count=frames,
    )


def frames(
    scenario: Scenario, scene: Scene, chip: Chip, plan: Sequence, *, dark: bool = False
) -> Iterator[Frame]:
    """Render the frames of a sequence; behind a shut cover, `DARKS` of them."""
    gap_s = plan.interval_s - plan.exposure_s
    clock = SimulatedClock(scenario.start_utc, scenario=scenario)
    first = later(plan.first_utc, -(DARKS * plan.interval_s + 30.0)) if dark else plan.first_utc
    for index in range(DARKS if dark else plan.count):
        start = later(first, index * plan.interval_s)
        light = None if dark else scene.expose(start, plan.exposure_s)
        mosaic = chip.read(
            light,
            exposure_s=plan.exposure_s,
            analogue_gain=scenario.camera.analogue_gain,
            frame=frame_number(scenario, start),
        )
        info = frame_info(
            scenario,
            mode=scene.mode,
            start=stamped_start(scenario, clock, start, plan.exposure_s),
            exposure_s=plan.exposure_s,
            analogue_gain=scenario.camera.analogue_gain,
            dead_time_s=gap_s if index else None,
            sequence=index + 1,
            clock_bound_s=clock.quality().bound_s,
        )
        yield Frame(mosaic=through_port(mosaic, scenario.camera), info=info)
