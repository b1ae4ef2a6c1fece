"""The path of a satellite over a site, sampled in time."""

from dataclasses import dataclass
from datetime import datetime

from issgaze.arrays import Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A sampled path; every array has shape (n,).

    Attributes:
        start: Instant that `seconds` counts from.
        seconds: Offsets in s, ascending.
        altitude_deg: Apparent altitude.
        azimuth_deg: From north through east, 0 to 360.
        range_km: Distance from the site.
        light: Sunlight on the satellite, 0 (umbra) to 1.
        magnitude: Visual magnitude with phase, range and extinction; inf without light.
    """

    start: datetime
    seconds: Float64Array
    altitude_deg: Float64Array
    azimuth_deg: Float64Array
    range_km: Float64Array
    light: Float64Array
    magnitude: Float64Array
