"""The observing site."""

from dataclasses import dataclass


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
