"""What may leave the device: the site on a 0.1 degree grid, whole degrees, 10 km, the minute."""

from typing import Any

from issgaze.civil import format_utc, nearest_minute, parse_utc
from issgaze.sky.site import Site

_GRID_DEG = 0.1
_HEIGHT_STEP_M = 100.0
# the path of a transit is a few km wide and means the rounded site, where nobody stands
_HIDDEN = {"transits"}


def guest_site(site: Site) -> Site:
    """Return the site rounded to the grid, always to the same point."""
    return Site(
        latitude_deg=_on_grid(site.latitude_deg),
        longitude_deg=_on_grid(site.longitude_deg),
        height_m=round(site.height_m / _HEIGHT_STEP_M) * _HEIGHT_STEP_M,
    )


def _on_grid(angle_deg: float) -> float:
    return round(round(angle_deg / _GRID_DEG) * _GRID_DEG, 1)


def guest_document(document: Any) -> Any:
    """Return a passes document, already computed for the rounded site, with rounded values."""
    if isinstance(document, list):
        return [guest_document(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {key: _rounded(key, value) for key, value in document.items() if key not in _HIDDEN}


def _rounded(key: str, value: Any) -> Any:
    if isinstance(value, str) and (key == "utc" or key.endswith("_utc")):
        return minute(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        if key == "range_km":
            return round(value / 10.0) * 10
        if key.endswith("_deg") and key not in {"latitude_deg", "longitude_deg"}:
            return round(value)
        if key == "peak_magnitude":
            return round(value, 1)
    return guest_document(value)


def minute(utc: str) -> str:
    """Return an ISO instant rounded to the minute."""
    return format_utc(nearest_minute(parse_utc(utc)), decimals=0)
