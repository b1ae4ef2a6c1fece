"""The observing site."""

import math
from dataclasses import dataclass

_KM_PER_DEG = 111.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place on Earth.

    Attributes:
        latitude_deg: Geodetic latitude (WGS 84), north positive, -90 to 90.
        longitude_deg: Longitude, east positive, -180 to 180.
        height_m: Height above the WGS 84 ellipsoid in metres.
    """

    latitude_deg: float
    longitude_deg: float
    height_m: float = 0.0


def kilometres_apart(one: Site, other: Site) -> float:
    """Return how far two sites are apart along a great circle of a round Earth, in km."""
    north, north_too = math.radians(one.latitude_deg), math.radians(other.latitude_deg)
    east = math.radians(other.longitude_deg - one.longitude_deg)
    half = (
        math.sin((north_too - north) / 2.0) ** 2
        + math.cos(north) * math.cos(north_too) * math.sin(east / 2.0) ** 2
    )
    return 2.0 * math.degrees(math.asin(min(1.0, math.sqrt(half)))) * _KM_PER_DEG
