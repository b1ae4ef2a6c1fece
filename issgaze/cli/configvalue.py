"""What is typed behind `issgaze config set`, read as the setting wants it."""

import re
import tomllib
from typing import Any, get_args, get_origin

# a comma may be a part of a web address
_BETWEEN_ADDRESSES = r"[\s,]+(?=https?://)"


def read_value(key: str, text: str) -> Any:
    """Read a value as TOML would, and as people type it.

    A text needs no quotes, a list no brackets, and a truth may be yes or no. What suits no setting
    of that kind is returned as it is: the check of the whole names the fault.

    Args:
        key: SECTION.KEY, which is known.
        text: What was typed.
    """
    # setup has the setting's kinds and its own way to ask
    from issgaze.cli.setupreading import setting_kinds, yes_or_no

    kind, _ = setting_kinds()[key]
    value = _as_toml(text)
    if get_origin(kind) is tuple and not isinstance(value, list):
        return _list(text)
    if kind is bool and isinstance(value, str):
        try:
            return yes_or_no(value)
        except ValueError:
            return value
    if kind is str and isinstance(value, int | float):
        # a place may be called 1010
        return text
    return value


def way_to_write(key: str, text: str) -> str:
    """Return how the value of a setting is written, after one was refused.

    Args:
        key: SECTION.KEY, which is known.
        text: What was typed.
    """
    from issgaze.cli.setupreading import setting_kinds

    if key == "site.time_zone":
        from issgaze.cli.zonemeant import zone_meant

        zone = zone_meant(text)
        return f"Did you mean {zone}?" if zone else "Use an IANA name such as Europe/Vienna or UTC."
    kind, _ = setting_kinds()[key]
    if kind is bool:
        return "Write true or false."
    if get_origin(kind) is tuple and int in get_args(kind):
        return "Write whole numbers with commas between them, as in 25544,48274."
    return "Give another value."


def _as_toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _list(text: str) -> list[Any]:
    """Return what stands between commas; a shell may have taken the quotes away."""
    inside = text.strip().removeprefix("[").removesuffix("]").strip()
    between = _BETWEEN_ADDRESSES if "://" in inside else ","
    parts = [part.strip() for part in re.split(between, inside)]
    return [_as_toml(part) for part in parts if part]
