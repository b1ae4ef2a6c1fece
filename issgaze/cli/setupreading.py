"""How the answers of `issgaze setup` are read, and checked at once.

Each function takes a text and the answers so far, and returns answers by key; a ValueError says
what is wrong with it.
"""

import dataclasses
import math
import re
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

from issgaze.archive.cities import City, find_cities
from issgaze.civil import time_zone
from issgaze.cli.coordinates import parse_coordinates
from issgaze.cli.zonemeant import zone_meant
from issgaze.config import Settings
from issgaze.configvalues import check_value
from issgaze.errors import IssgazeError
from issgaze.sky.horizon import parse_horizon

Answers = dict[str, Any]


class Choice(ValueError):  # noqa: N818 - it is a question, no error
    """An answer that may mean several places."""

    def __init__(self, cities: list[City]) -> None:
        super().__init__("which of them?")
        self.cities = cities


def yes_or_no(text: str) -> bool:
    """Read yes or no.

    Raises:
        ValueError: It is neither.
    """
    word = text.strip().lower()
    if word in {"y", "yes", "true"}:
        return True
    if word in {"n", "no", "false"}:
        return False
    raise ValueError(f"{text!r} is neither yes nor no")


def read_setting(key: str, text: str) -> Answers:
    """Read a text as a setting wants it.

    Raises:
        ValueError: It has the wrong type or lies outside its limits.
    """
    kind, limits = setting_kinds()[key]
    if isinstance(kind, types.UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    value: Any = text.strip()
    if kind in {float, int}:
        if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+", value):
            raise ValueError(
                f"{text!r} may be {value.replace(',', '')} or {value.replace(',', '.')}: "
                "write it without a comma"
            )
        try:
            value = kind(value.replace(",", "."))
        except ValueError as error:
            raise ValueError(f"{text!r} is no number") from error
        if not math.isfinite(value):
            raise ValueError(f"{text!r} is no number")
    try:
        return {key: check_value(value, kind, limits)}
    except ValueError as error:
        raise ValueError(f"{value} {error}") from error


def setting_kinds() -> dict[str, tuple[Any, Mapping[str, Any]]]:
    """Return the type and limits of each setting by SECTION.KEY."""
    found: dict[str, tuple[Any, Mapping[str, Any]]] = {}
    sections = get_type_hints(Settings)
    for section in dataclasses.fields(Settings):
        hints = get_type_hints(sections[section.name])
        for each in dataclasses.fields(sections[section.name]):
            found[f"{section.name}.{each.name}"] = (hints[each.name], each.metadata)
    return found


def read_place(text: str, answers: Answers) -> Answers:
    """Read a city or coordinates.

    Raises:
        ValueError: It is neither; `Choice` when it may mean several cities.
    """
    if re.match(r"[NSEWnsew]?\s*[-+]?\d", text.strip()):
        return read_coordinates(text, answers) | {"city": ""}
    cities = find_cities(text)
    if not cities:
        raise ValueError(
            f"no place above 15,000 people is called {text!r}: try a larger one nearby, "
            "or type latitude, longitude"
        )
    named = [city for city in cities if city.is_called(text)]
    if len(named or cities) > 1:
        raise Choice(named or cities)
    return of_city((named or cities)[0])


def of_city(city: City) -> Answers:
    """Return the answers that a city gives."""
    return {
        "city": city.label,
        "site.latitude_deg": city.latitude_deg,
        "site.longitude_deg": city.longitude_deg,
        "site.time_zone": city.time_zone,
    }


def read_coordinates(text: str, _answers: Answers) -> Answers:
    """Read latitude and longitude in degrees, as people write them.

    Raises:
        ValueError: They are none, or outside their limits.
    """
    try:
        place = parse_coordinates(text)[:2]
    except ValueError as error:
        raise ValueError(f"{error}, as in 48.2082, 16.3738") from error
    answers: Answers = {}
    for name, degrees in zip(("latitude", "longitude"), place, strict=True):
        try:
            answers |= read_setting(f"site.{name}_deg", f"{degrees:.6f}")
        except ValueError as error:
            raise ValueError(f"{name} {error}") from error
    return answers


def read_zone(text: str, _answers: Answers) -> Answers:
    """Read the IANA name of a time zone.

    Raises:
        ValueError: There is none of that name.
    """
    try:
        time_zone(text.strip())
    except IssgazeError as error:
        zone = zone_meant(text)
        remedy = f"Did you mean {zone}?" if zone else error.remedy
        raise ValueError(f"{error.message}. {remedy}") from error
    return {"site.time_zone": text.strip()}


def read_camera(text: str, _answers: Answers) -> Answers:
    """Read the name of a sensor, or folder.

    Raises:
        ValueError: It is neither.
    """
    word = text.strip().lower()
    if word == "folder":
        return {"camera.adapter": "folder"}
    try:
        return {"camera.adapter": "picamera"} | read_setting("camera.sensor", word)
    except ValueError as error:
        raise ValueError(f"{error}, or folder") from error


def read_folder(text: str, _answers: Answers) -> Answers:
    """Read the name of a folder.

    Raises:
        ValueError: There is none of that name.
    """
    path = Path(text.strip()).expanduser().absolute()
    if not path.is_dir():
        raise ValueError(f"{path} is no folder")
    return {"camera.folder": str(path)}


def read_lens_file(text: str, _answers: Answers) -> Answers:
    """Read the name of a lens.json, or nothing.

    Raises:
        ValueError: It cannot be read.
    """
    if not text.strip():
        return {"camera.lens_file": ""}
    from issgaze.archive.lensfile import read_lens

    path = Path(text.strip()).expanduser().absolute()
    try:
        read_lens(path)
    except IssgazeError as error:
        raise ValueError(error.message) from error
    return {"camera.lens_file": str(path)}


def read_horizon(text: str, _answers: Answers) -> Answers:
    """Read pairs of azimuth and altitude, or nothing.

    Raises:
        ValueError: They are none.
    """
    parse_horizon(text.strip())
    return {"site.horizon": text.strip()}
