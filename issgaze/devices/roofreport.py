"""What the roof controller says, in this program's words."""

from typing import Any, get_args

from issgaze.errors import DeviceError
from issgaze.ports import CoverState, RoofState
from issgaze.roofwire import DRY_S

_COVERS = {"opening": "moving", "closing": "moving", "none": "open"}

# why a command was refused: in words, and what to do about it
_REFUSALS = {
    "rain": ("it rains", "Nothing to do; it opens after the rain."),
    "wet": (
        f"it rained less than {DRY_S} s ago",
        "Nothing to do; it opens when it has been dry for a while.",
    ),
    "rain_sensor": ("the rain sensor is dead", "Check the rain sensor and its cable."),
    "supply": ("the 12 V supply is low", "Check the supply, or charge the battery."),
    "fault": (
        "a fault is latched",
        "See `issgaze roof status`, look at the cover, then `issgaze roof clear`.",
    ),
    "busy": (
        "the controller is busy with the Pi, or has power-cycled it three times today",
        "Wait, and see `issgaze roof status`.",
    ),
    "late": ("the command came too late", "Try again; if it happens often, the Pi is overloaded."),
    "early": ("the controller has just been reset", "Try again."),
    "value": ("the controller has no such thing", "Check what was asked for."),
    "unknown": ("the controller does not know that", "Update its firmware: `issgaze roof flash`."),
}


def refusal(what: str, code: str) -> DeviceError:
    """Return the error for a refused command."""
    reason, remedy = _REFUSALS.get(code, (code, "See `issgaze roof status`."))
    if what == "open":
        return DeviceError(f"the cover stays closed: {reason}", remedy=remedy)
    return DeviceError(f"{what} is refused: {reason}", remedy=remedy)


def roof_state(tick: dict[str, Any], hello: dict[str, Any]) -> RoofState:
    """Return a report and the controller's answer to hello as a RoofState; nonsense is None."""
    faults = tick.get("faults")
    return RoofState(
        cover=_cover(tick.get("cover")),
        rain=tick["rain"] if isinstance(tick.get("rain"), bool) else None,
        heater_duty=_number(tick, "heater"),
        air_temperature_c=_number(tick, "air"),
        humidity_percent=_number(tick, "hum"),
        sky_temperature_c=_number(tick, "sky"),
        faults=tuple(sorted(faults)) if isinstance(faults, dict) else (),
        wet_s=_number(tick, "wet"),
        heater_by=_text(tick, "by"),
        dew_margin_c=_number(tick, "margin"),
        cloud_percent=_number(tick, "cloud"),
        sky_lux=_number(tick, "lux"),
        supply_v=_number(tick, "volt"),
        pi=_text(tick, "pi"),
        firmware=_text(hello, "firmware"),
        reset_cause=_text(hello, "reset"),
    )


def _cover(told: object) -> CoverState:
    name = _COVERS.get(str(told), str(told))
    return next((known for known in get_args(CoverState) if known == name), "unknown")


def _number(found: dict[str, Any], key: str) -> float | None:
    value = found.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _text(found: dict[str, Any], key: str) -> str | None:
    value = found.get(key)
    return value if isinstance(value, str) else None
