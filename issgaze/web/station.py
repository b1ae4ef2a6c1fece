"""Where the station is now, between the points of the track that observe has left for the page."""

import math
from dataclasses import dataclass
from typing import Any

from issgaze.web.visit import Visit

_RADIUS = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """The station at this instant.

    Attributes:
        x, y: On the chart.
        lit: False in the Earth's shadow.
    """

    altitude_deg: float
    azimuth_deg: float
    range_km: float
    magnitude: float | None
    lit: bool
    x: float
    y: float


def station_now(chart: dict[str, Any], visit: Visit) -> Station | None:
    """Return where the station is; None when it is not above the horizon, or nobody knows.

    Args:
        chart: Of the pass; its track has points (altitude, azimuth, range in km, magnitude or
            null, light 0 to 1) at even steps from an instant on.
        visit: Guests get the rounded site's whole degrees and tens of km.
    """
    track: dict[str, Any] = chart.get("track") or {}
    points: list[list[Any]] = track.get("points") or []
    if len(points) < 2:
        return None
    place = -visit.left_s(str(track["from_utc"])) / float(track["step_s"])
    if not 0.0 <= place <= len(points) - 1:
        return None
    index = min(int(place), len(points) - 2)
    part = place - index
    first, second = points[index], points[index + 1]
    # unit vectors and not angles: the azimuth runs through a whole turn at the zenith
    east, north, up = (
        (1.0 - part) * one + part * other
        for one, other in zip(_direction(first), _direction(second), strict=True)
    )
    altitude = math.degrees(math.atan2(up, math.hypot(east, north)))
    azimuth = round(math.degrees(math.atan2(east, north)), 6) % 360.0
    distance = (1.0 - part) * first[2] + part * second[2]
    if not visit.owner:
        altitude, azimuth = round(altitude), round(azimuth)
        distance = round(distance / 10.0) * 10
    radius = _RADIUS * (90.0 - altitude) / 90.0
    magnitude = first[3] if part < 0.5 else second[3]
    return Station(
        altitude_deg=altitude,
        azimuth_deg=azimuth,
        range_km=distance,
        magnitude=magnitude,
        lit=bool(first[4] > 0.0),
        x=round(-radius * math.sin(math.radians(azimuth)), 1),
        y=round(-radius * math.cos(math.radians(azimuth)), 1),
    )


def _direction(point: list[Any]) -> tuple[float, float, float]:
    altitude, azimuth = math.radians(point[0]), math.radians(point[1])
    flat = math.cos(altitude)
    return flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(altitude)
