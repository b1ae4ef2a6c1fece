"""Documents from disk in the shape that pages rely on: what is of another kind is left out.

A file torn by a failing card costs its own lines on a page, not the page.
"""

from collections.abc import Iterable
from typing import Any, TypeGuard

from issgaze.civil import parse_utc
from issgaze.errors import TimeError

_STATUS_OBJECTS = (
    "clock", "disk", "camera", "site", "capture", "roof", "sky", "health", "configuration",
)  # fmt: skip
_REPORT_OBJECTS = (
    "pass", "proof", "quality", "light_curve", "dead_time", "captions", "exposure", "resources",
)  # fmt: skip
_EVENTS = ("rise", "culmination", "set")
_EVENT_NUMBERS = ("altitude_deg", "azimuth_deg", "range_km")


def is_number(value: Any) -> TypeGuard[int | float]:
    """Return whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _objects(document: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {
        key: value
        for key, value in document.items()
        if key not in keys or isinstance(value, dict) or value is None
    }


def _list_of_objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def sound_status(document: dict[str, Any]) -> dict[str, Any]:
    """Return a status."""
    found = _objects(document, _STATUS_OBJECTS)
    if "elements" in found:
        found["elements"] = _list_of_objects(found["elements"])
    return found


def sound_report(document: dict[str, Any]) -> dict[str, Any]:
    """Return a report."""
    found = _objects(document, _REPORT_OBJECTS)
    for key in ("frames", "missing"):
        if key in found:
            found[key] = _list_of_objects(found[key])
    found["frames"] = [frame for frame in found.get("frames", []) if _is_frame(frame)]
    if not is_pass(found.get("pass")):
        found.pop("pass", None)
    for key in ("proof", "quality", "dead_time"):
        part = found.get(key)
        if isinstance(part, dict):
            found[key] = {name: value for name, value in part.items() if _is_plain(value)}
    curve = found.get("light_curve")
    if isinstance(curve, dict):
        found["light_curve"] = {
            # their instants are read once and not for every visitor
            "samples": [
                one | {"at_s": parse_utc(one["utc"]).timestamp()}
                for one in _list_of_objects(curve.get("samples"))
                if _is_sample(one)
            ],
            "fades": _list_of_objects(curve.get("fades")),
        }
    captions = found.get("captions")
    if isinstance(captions, dict):
        found["captions"] = {name: one for name, one in captions.items() if isinstance(one, dict)}
    return found


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict) and (
        not isinstance(value, list) or all(is_number(item) for item in value)
    )


def _is_frame(frame: dict[str, Any]) -> bool:
    start = frame.get("start_utc")
    numbers = (frame.get("exposure_s"), frame.get("dead_time_s"))
    return (start is None or is_instant(start)) and all(
        value is None or is_number(value) for value in numbers
    )


def _is_sample(sample: dict[str, Any]) -> bool:
    predicted = sample.get("predicted_magnitude")
    return (
        is_instant(sample.get("utc"))
        and is_number(sample.get("magnitude"))
        and (predicted is None or is_number(predicted))
    )


def is_instant(value: Any) -> bool:
    """Return whether a value is an ISO instant."""
    if not isinstance(value, str):
        return False
    try:
        parse_utc(value)
    except (TimeError, ValueError, OverflowError):
        return False
    return True


def is_event(value: Any) -> bool:
    """Return whether a value is an event of a pass."""
    return (
        isinstance(value, dict)
        and is_instant(value.get("utc"))
        and all(is_number(value.get(key)) for key in _EVENT_NUMBERS)
    )


def is_pass(value: Any) -> bool:
    """Return whether a value is the document of a pass."""
    if not isinstance(value, dict) or not all(is_event(value.get(key)) for key in _EVENTS):
        return False
    magnitude = value.get("peak_magnitude")
    lit = value.get("lit", [])
    return (
        (magnitude is None or is_number(magnitude))
        and isinstance(lit, list)
        and all(
            isinstance(one, dict)
            and is_event(one.get("from"))
            and is_event(one.get("to"))
            and {"from_cause", "to_cause"} <= one.keys()
            for one in lit
        )
    )


def sound_predictions(document: dict[str, Any]) -> dict[str, Any]:
    """Return predictions: the passes in them that are whole, with their verdicts."""
    passes = [
        item
        for item in _list_of_objects(document.get("passes"))
        if is_pass(item) and {"id", "visible", "verdict", "reason"} <= item.keys()
    ]
    elements = _list_of_objects(document.get("elements"))
    return document | {"passes": passes, "elements": elements}


def sound_chart(document: dict[str, Any]) -> dict[str, Any]:
    """Return a chart with its track, or without one that is broken."""
    track = document.get("track")
    points = track.get("points") if isinstance(track, dict) else None
    fits = (
        isinstance(track, dict)
        and is_instant(track.get("from_utc"))
        and is_number(track.get("step_s"))
        and track["step_s"] > 0
        and isinstance(points, list)
        and all(
            isinstance(one, list)
            and len(one) == 5
            and all(is_number(one[n]) for n in (0, 1, 2, 4))
            and (one[3] is None or is_number(one[3]))
            for one in points
        )
    )
    return document if fits else {key: value for key, value in document.items() if key != "track"}
