"""What a pass is: the arc of a satellite above the horizon, and the parts of it that are seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LitCause = Literal[
    "rise",
    "set",
    "shadow_exit",
    "shadow_entry",
    "dark_enough",
    "too_bright",
    "mask_clear",
    "mask_blocked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An instant on the track: altitude_deg apparent, azimuth_deg from north through east."""

    utc: datetime
    altitude_deg: float
    azimuth_deg: float
    range_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LitInterval:
    """A stretch in which the station can be seen, with what begins and ends it."""

    start: Event
    end: Event
    start_cause: LitCause
    end_cause: LitCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """The way through the penumbra.

    Attributes:
        direction: "in" into the shadow or "out" of it.
        start_utc: Edge of full light.
        half_utc: Half light.
        gone_utc: Edge of no light. Out of the shadow these run gone, half, start.
    """

    direction: Literal["in", "out"]
    start_utc: datetime
    half_utc: datetime
    gone_utc: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoonConditions:
    """The Moon at culmination, and its least distance from the station above the horizon."""

    altitude_deg: float
    illuminated_fraction: float
    min_separation_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transit:
    """A way over the face of the Sun or the Moon, or so near to it that it may be one.

    Attributes:
        body: "sun" or "moon".
        utc: Least separation.
        separation_deg: Of the satellite from the centre then.
        radius_deg: Of the disc.
        error_deg: By which the site and the element set may shift the path across its direction.
    """

    body: Literal["sun", "moon"]
    utc: datetime
    separation_deg: float
    radius_deg: float
    error_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass of one satellite over one site.

    Attributes:
        id: `<culmination UTC>-<norad_id>`, see `civil.pass_id`.
        rise, culmination, set: Crossings of the minimum altitude and the highest point between.
        lit: Stretches above minimum altitude and mask, in half light or more, under a dark sky.
        shadow_entry, shadow_exit: Crossings of the oblate umbra between rise and set.
        peak_magnitude: Brightest in `lit`, extinction included; None when never lit.
        sun_altitude_deg: The Sun's geometric altitude at culmination.
        timing_uncertainty_s: Along-track error to expect, 95 %, in seconds.
        transits: Over Sun and Moon, where they fall within the error of the site.
    """

    id: str
    norad_id: int
    rise: Event
    culmination: Event
    set: Event
    visible: bool
    lit: tuple[LitInterval, ...]
    shadow_entry: Event | None
    shadow_exit: Event | None
    fades: tuple[Fade, ...]
    peak_magnitude: float | None
    sun_altitude_deg: float
    moon: MoonConditions
    timing_uncertainty_s: float
    transits: tuple[Transit, ...] = ()
