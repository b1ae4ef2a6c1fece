"""Values of an owner's TOML file, held against the dataclasses that say what they must be."""

import dataclasses
import difflib
import ipaddress
import re
import types
import typing
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

# so much alike two names are one, wrongly spelt
_SAME_KEY = 0.8


def read_table(
    kind: Any,
    table: Any,
    section: str,
    faults: list[str],
    *,
    homes: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """Return the sound values of one TOML table for a dataclass of settings.

    Args:
        kind: The dataclass; its fields carry their limits as metadata.
        table: What the file holds there.
        section: Its name, for the faults.
        faults: Is given a text for each value that cannot be taken.
        homes: The sections of each key of the whole file, for keys that stand in a wrong one.
    """
    if not isinstance(table, dict):
        faults.append(f"{section} = {table!r} must be a table [{section}]")
        return {}
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    faults += unknown_keys(table, fields, where=f"key in [{section}]", homes=homes)
    values: dict[str, Any] = {}
    for key, field in fields.items():
        if key in table:
            try:
                values[key] = check_value(table[key], hints[key], field.metadata)
            except ValueError as error:
                faults.append(f"{section}.{key} = {table[key]!r} {error}")
    return values


def unknown_keys(
    given: Mapping[str, Any],
    known: Collection[str],
    *,
    where: str,
    homes: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """Return a text for each key that is not known, with the nearest that is.

    Args:
        given: What the file holds there.
        known: What may stand there.
        where: What such a key is called.
        homes: The sections of each key of the whole file, for keys that stand in a wrong one.
    """
    faults: list[str] = []
    for key in given:
        if key in known:
            continue
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
        # a table is a section, and no key that went astray
        home = None if isinstance(given[key], dict) else _home(key, near, homes or {})
        if home:
            hint = f", {home}"
        else:
            hint = f", did you mean {near[0]}?" if near else f", known: {', '.join(known)}"
        faults.append(f"unknown {where}: {key}{hint}")
    return faults


def _home(key: str, near: Sequence[str], homes: Mapping[str, Sequence[str]]) -> str:
    """Return where a key belongs, empty where it is more like one that may stand here."""
    found = difflib.get_close_matches(key, homes, n=1, cutoff=_SAME_KEY)
    if not found or difflib.get_close_matches(key, near, cutoff=_SAME_KEY):
        return ""
    sections = " or ".join(f"[{section}]" for section in homes[found[0]])
    if found[0] == key:
        return f"it belongs under {sections}"
    return f"did you mean {found[0]} under {sections}?"


def check_value(value: Any, hint: Any, limits: Mapping[str, Any]) -> Any:
    """Return a value from TOML as its field wants it.

    Raises:
        ValueError: It has the wrong type or lies outside its limits; the text says which.
    """
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        hint = next(kind for kind in typing.get_args(hint) if kind is not type(None))
        return check_value(value, hint, limits)
    if origin is Literal:
        return _chosen(value, typing.get_args(hint))
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError("must be a list in brackets")
        return tuple(check_value(item, typing.get_args(hint)[0], limits) for item in value)
    return _check_scalar(value, hint, limits)


def _chosen(value: Any, choices: tuple[str, ...]) -> str:
    """Return the one of several words that is meant: IMX-477, as on the camera, is imx477."""
    plain = {_plain(one): one for one in choices}
    if isinstance(value, str) and _plain(value) in plain:
        return plain[_plain(value)]
    near = difflib.get_close_matches(_plain(str(value)), plain, n=1)
    hint = f" (did you mean {plain[near[0]]}?)" if near else ""
    raise ValueError(f"must be one of {', '.join(choices)}{hint}")


def _plain(text: str) -> str:
    """Return a name without what people write in different ways."""
    return re.sub(r"[\W_]", "", text).casefold()


_KINDS = {str: "a text in quotes", bool: "true or false", int: "a whole number", float: "a number"}


def _check_scalar(value: Any, kind: Any, limits: Mapping[str, Any]) -> Any:
    accepted = (int, float) if kind is float else (kind,)
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"must be {_KINDS[kind]}{_number_meant(value, kind)}")
    low, high = limits.get("low"), limits.get("high")
    if low is None or high is None or not isinstance(value, int | float):
        return value
    if not low <= value <= high:
        raise ValueError(f"must lie in {low:.10g} to {high:.10g}")
    return float(value) if kind is float else value


def _number_meant(value: Any, kind: Any) -> str:
    """Return how a number is written that was given as a text, empty where none is meant."""
    if kind not in {int, float} or not isinstance(value, str):
        return ""
    meant = value.strip()
    if re.fullmatch(r"[-+]?\d+,\d+", meant):
        return f" with a point: {meant.replace(',', '.')}"
    return f" without quotes: {meant}" if re.fullmatch(r"[-+]?\d+(\.\d+)?", meant) else ""


def check_host(text: str) -> None:
    """Refuse what is neither an address nor the name of a host.

    Raises:
        ValueError: The text says why, and how to write it.
    """
    bare = text.strip("[]")
    if "://" in text or "/" in text:
        name = text.rpartition("://")[2].partition("/")[0]
        raise ValueError(f"is a web address, a host alone is needed{_as_in(name)}")
    if text != text.strip() or re.search(r"\s", text):
        raise ValueError(f"must have no spaces{_as_in(text.strip())}")
    if ":" in bare and not _is_address(bare):
        raise ValueError(f"must be a host alone, the port is given elsewhere{_as_in(bare)}")
    if re.fullmatch(r"[\d.]*\.[\d.]*", bare) and not _is_address(bare):
        raise ValueError("must have four numbers from 0 to 255, as in 192.168.1.20")
    # underscores are common in home networks; letters of all alphabets have a name of their own
    if text != "*" and ":" not in bare and not re.fullmatch(r"\w([\w.-]{0,251}\w)?\.?", bare):
        raise ValueError("must be an address or the name of a host, as in 192.168.1.20")


def _as_in(text: str) -> str:
    """Return what a host may have been meant to be, empty where nothing is left of it."""
    name = text.rpartition("@")[2].partition(":")[0].strip()
    return f": {name}" if re.fullmatch(r"\w[\w.-]*", name) else ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def check_source(text: str) -> None:
    """Refuse what is no address of a source of element sets.

    Raises:
        ValueError: The text says why, and how to write it.
    """
    try:
        address = urlsplit(text)
    except ValueError as error:
        raise ValueError("must be a web address: its brackets are no IPv6 address") from error
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ValueError("must be a web address that begins with https:// or http://")
    if not text.isascii() or re.search(r"[\s\"<>\\^`|]", text):
        raise ValueError("must have no spaces or letters that are foreign to web addresses")
    check_host(address.hostname)
    try:
        _ = address.port
    except ValueError as error:
        raise ValueError("must have a port from 1 to 65535 behind the host's colon") from error
    left = re.search(r"[{}]", text.replace("{norad_id}", ""))
    if left:
        raise ValueError("must have no braces but {norad_id}, which the number takes the place of")
