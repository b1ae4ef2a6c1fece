"""What a program works with, whoever chose it."""

from dataclasses import dataclass
from typing import Any

from issgaze.optics.sensor import SensorProfile
from issgaze.ports import Camera, Clock, ElementSource, GnssReceiver, RoofController


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """Everything outside the program, real or simulated.

    Attributes:
        lens: lens.json of the camera, None when it is not known.
        focal_px: Focal length in raw pixels of the capture mode, from the lens or its data sheet.
        minimum_interval_s: Shortest sub-exposure that can be written and digested in time.
        speed: Of the simulated clock, None for a real one, "max" when it jumps.
        gnss: A receiver that observe asks itself, as in a simulated world, where no second program
            does; None otherwise.
        boot_id: Names the run of the clock that never steps, the same for every program until the
            board is started anew; empty where that clock ends with the program.
        holds_for_develop: True when observe must wait for develop at each frame.
    """

    clock: Clock
    camera: Camera
    roof: RoofController | None
    element_source: ElementSource | None
    sensor: SensorProfile
    lens: dict[str, Any] | None
    focal_px: float
    minimum_interval_s: float
    simulated: bool
    speed: float | str | None
    holds_for_develop: bool
    gnss: GnssReceiver | None = None
    boot_id: str = ""
