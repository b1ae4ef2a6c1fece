"""What `issgaze setup` asks, in order, and how each answer is checked at once."""

import dataclasses
import math
import re
import shutil
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

from issgaze.archive.cities import City, find_cities, nearest_city
from issgaze.civil import time_zone
from issgaze.config import Settings, check_value
from issgaze.errors import IssgazeError
from issgaze.sky.horizon import parse_horizon

# of the disk that the archive lies on; the rest is left to the system and to the pictures
_SHARE = 0.6
_LEAST_GB, _MOST_GB = 2.0, 200.0

Answers = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the machine itself knows, looked at once before the first question.

    Attributes:
        position: Of a GNSS receiver: latitude and longitude in deg, height in m.
        sensors: Names of the chips of the cameras that are plugged in.
        camera_note: What was found, or why nothing was, for people.
        roof_port: Where a roof controller is plugged in, None for none.
        free_gb: Room on the archive's disk.
    """

    position: tuple[float, float, float] | None = None
    sensors: tuple[str, ...] = ()
    camera_note: str = ""
    roof_port: str | None = None
    free_gb: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        key: Of the answer, mostly SECTION.KEY of the configuration.
        text: The question.
        help: Shown with it, and why it matters.
        default: Taken for an empty line, given the answers so far; None where one must be typed.
        read: Turns a text into answers by key; ValueError says what is wrong with it.
        applies: Whether it is asked, given the answers so far.
    """

    key: str
    text: str
    help: str
    default: Callable[[Answers, Found], str | None]
    read: Callable[[str, Answers], Answers]
    applies: Callable[[Answers, Found], bool] = field(default=lambda _answers, _found: True)


class Choice(ValueError):  # noqa: N818 - it is a question, no error
    """An answer that may mean several places."""

    def __init__(self, cities: list[City]) -> None:
        super().__init__("which of them?")
        self.cities = cities


def questions() -> tuple[Question, ...]:
    """Return the questions in the order they are asked."""
    return (
        Question(
            key="site.latitude_deg",
            text="Where does the camera stand? A city, or latitude, longitude",
            help="Four decimals, as a phone's map shows them: 0.005° each way is 5 arcminutes at "
            "the zenith. A city gives the time zone and a first guess.",
            default=_default_place,
            read=_read_place,
        ),
        Question(
            key="exact",
            text="Latitude, longitude of the roof itself",
            help="The middle of the city may be ten kilometres away: too far.",
            default=lambda answers, _: _place(answers),
            read=_read_coordinates,
            applies=lambda answers, _: bool(answers.get("city")),
        ),
        Question(
            key="site.height_m",
            text="Height in metres",
            help="As a map shows it; fifty metres off make no difference.",
            default=lambda _, found: f"{found.position[2]:.0f}" if found.position else "0",
            read=lambda text, _: _setting("site.height_m", text),
        ),
        Question(
            key="site.time_zone",
            text="Time zone",
            help="",
            default=_default_zone,
            read=_read_zone,
        ),
        Question(
            key="site.name",
            text="What do you call the place?",
            help="For captions, which leave the device; empty for none.",
            default=lambda _answers, _found: "",
            read=lambda text, _: {"site.name": text},
        ),
        Question(
            key="camera.sensor",
            text="Camera: imx477, imx708, imx462, imx290, imx296, imx219, or folder",
            help="folder takes frames that another program writes.",
            default=lambda _, found: found.sensors[0] if found.sensors else "imx477",
            read=_read_camera,
        ),
        Question(
            key="camera.folder",
            text="Folder that the other program writes its frames into",
            help="FITS with DATE-OBS and EXPTIME; the group issgaze must be able to read it.",
            default=lambda _answers, _found: None,
            read=_read_folder,
            applies=lambda answers, _: answers.get("camera.adapter") == "folder",
        ),
        Question(
            key="camera.mode",
            text="Size of the frames: full or binned",
            help="binned (half the side) is for boards with 512 MB and for small cards.",
            default=lambda _answers, _found: "full" if _memory_gb() > 0.9 else "binned",
            read=lambda text, _: _setting("camera.mode", text),
        ),
        Question(
            key="camera.focal_mm",
            text="Focal length of the lens in mm",
            help="As printed on it. The stars of the first clear pass tell the rest.",
            default=lambda _answers, _found: "2.7",
            read=lambda text, _: _setting("camera.focal_mm", text.removesuffix("mm")),
        ),
        Question(
            key="camera.f_number",
            text="f-number of the lens",
            help="As in f/2.0 or 1:2.0.",
            default=lambda _answers, _found: "2.0",
            read=lambda text, _: _setting(
                "camera.f_number", text.lower().removeprefix("f/").removeprefix("1:")
            ),
        ),
        Question(
            key="camera.lens_file",
            text="lens.json of `issgaze calibrate`, or Enter to find out tonight",
            help="",
            default=lambda _answers, _found: "",
            read=_read_lens_file,
        ),
        Question(
            key="site.horizon",
            text="Horizon as azimuth:altitude pairs, or Enter to learn it",
            help='As in "0:12 90:25 180:8"; clear passes teach it.',
            default=lambda _answers, _found: "",
            read=_read_horizon,
        ),
        Question(
            key="archive.budget_gb",
            text="GB for raw frames",
            help="Then the oldest raw frames go; pictures stay.",
            default=_default_budget,
            read=lambda text, _: _setting("archive.budget_gb", text.upper().removesuffix("GB")),
        ),
        Question(
            key="roof.controller",
            text="Roof controller (cover, heater, rain): none, pico or gpio",
            help="pico is the one on USB, gpio the Pi's own pins.",
            default=lambda _, found: "pico" if found.roof_port else "none",
            read=lambda text, _: _setting("roof.controller", text.lower()),
            applies=lambda _answers, _found: "roof.controller" in _kinds(),
        ),
        Question(
            key="camera.has_cover",
            text="Is there a cover over the lens that it can shut? yes or no",
            help="Darks are taken under it, and rain shuts it.",
            default=lambda _answers, _found: "no",
            read=lambda text, _: {"camera.has_cover": yes_or_no(text)},
            applies=lambda answers, _: answers.get("roof.controller", "none") != "none",
        ),
        Question(
            key="page",
            text="Show the page in the home network? yes or no",
            help="All there may look; changes, and your place, need the token.",
            default=lambda _answers, _found: "yes",
            read=lambda text, _: {"page": yes_or_no(text)},
        ),
    )


def _kinds() -> dict[str, tuple[Any, Mapping[str, Any]]]:
    """Return the type and limits of each setting by SECTION.KEY."""
    found: dict[str, tuple[Any, Mapping[str, Any]]] = {}
    sections = get_type_hints(Settings)
    for section in dataclasses.fields(Settings):
        hints = get_type_hints(sections[section.name])
        for each in dataclasses.fields(sections[section.name]):
            found[f"{section.name}.{each.name}"] = (hints[each.name], each.metadata)
    return found


def _setting(key: str, text: str) -> Answers:
    """Read a text as a setting wants it.

    Raises:
        ValueError: It has the wrong type or lies outside its limits.
    """
    kind, limits = _kinds()[key]
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


def _place(answers: Answers) -> str | None:
    if "site.latitude_deg" not in answers:
        return None
    return f"{answers['site.latitude_deg']}, {answers['site.longitude_deg']}"


def _default_place(answers: Answers, found: Found) -> str | None:
    if found.position is not None and not _place(answers):
        return f"{found.position[0]:.4f}, {found.position[1]:.4f}"
    return _place(answers)


def _read_place(text: str, answers: Answers) -> Answers:
    """Read a city or coordinates.

    Raises:
        ValueError: It is neither; `Choice` when it may mean several cities.
    """
    if re.match(r"[-+]?\d", text.strip()):
        return _read_coordinates(text, answers) | {"city": ""}
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


def _read_coordinates(text: str, _answers: Answers) -> Answers:
    # 48.2° N is one number
    joined = re.sub(r"[°\s]+(?=[NSEWnsew]\b)", "", text.strip())
    numbers = [part for part in re.split(r"[,;\s]+", joined) if part]
    if len(numbers) == 4:
        # commas where others have points
        numbers = [".".join(numbers[:2]), ".".join(numbers[2:])]
    if len(numbers) != 2:
        raise ValueError(f"{text!r} is not latitude, longitude, as in 48.2082, 16.3738")
    answers: Answers = {}
    for name, number in zip(("latitude", "longitude"), numbers, strict=True):
        try:
            answers |= _setting(f"site.{name}_deg", _number(number))
        except ValueError as error:
            raise ValueError(f"{name} {error}") from error
    return answers


def _number(text: str) -> str:
    """Return a number as Python reads it; degrees may carry a sign or a letter of the sky."""
    word = text.strip("°").upper()
    sign = "-" if word[-1:] in {"S", "W"} else ""
    word = word.rstrip("NESW°")
    try:
        float(word)
    except ValueError as error:
        raise ValueError(f"{text!r} is no number") from error
    return sign + word


def _default_zone(answers: Answers, _found: Found) -> str | None:
    if "site.time_zone" in answers:
        return str(answers["site.time_zone"])
    if "site.latitude_deg" in answers:
        return nearest_city(answers["site.latitude_deg"], answers["site.longitude_deg"]).time_zone
    return None


def _read_zone(text: str, _answers: Answers) -> Answers:
    try:
        time_zone(text.strip())
    except IssgazeError as error:
        raise ValueError(f"{error.message}. {error.remedy}") from error
    return {"site.time_zone": text.strip()}


def _read_camera(text: str, _answers: Answers) -> Answers:
    word = text.strip().lower()
    if word == "folder":
        return {"camera.adapter": "folder"}
    try:
        return {"camera.adapter": "picamera"} | _setting("camera.sensor", word)
    except ValueError as error:
        raise ValueError(f"{error}, or folder") from error


def _read_folder(text: str, _answers: Answers) -> Answers:
    path = Path(text.strip()).expanduser().absolute()
    if not path.is_dir():
        raise ValueError(f"{path} is no folder")
    return {"camera.folder": str(path)}


def _read_lens_file(text: str, _answers: Answers) -> Answers:
    if not text.strip():
        return {"camera.lens_file": ""}
    from issgaze.archive.lensfile import read_lens

    path = Path(text.strip()).expanduser().absolute()
    try:
        read_lens(path)
    except IssgazeError as error:
        raise ValueError(error.message) from error
    return {"camera.lens_file": str(path)}


def _read_horizon(text: str, _answers: Answers) -> Answers:
    parse_horizon(text.strip())
    return {"site.horizon": text.strip()}


def _default_budget(_answers: Answers, found: Found) -> str:
    if found.free_gb is None:
        return "20"
    return f"{budget_gb(found.free_gb):.0f}"


def budget_gb(free_gb: float) -> float:
    """Return the budget for raw frames that suits a disk with so much room."""
    return min(_MOST_GB, max(_LEAST_GB, _SHARE * free_gb))


def _memory_gb() -> float:
    import os

    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def room_gb(path: Path) -> float | None:
    """Return the free room of the disk that a folder lies on, or will lie on."""
    place = next((one for one in (path, *path.parents) if one.exists()), Path("/"))
    try:
        return shutil.disk_usage(place).free / 1e9
    except OSError:
        return None
