"""What `issgaze setup` asks, in order, and how each answer is checked at once."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from issgaze.archive.cities import nearest_city
from issgaze.cli.setupreading import (
    Answers,
    read_camera,
    read_coordinates,
    read_folder,
    read_horizon,
    read_lens_file,
    read_place,
    read_setting,
    read_zone,
    setting_kinds,
    yes_or_no,
)

# of the disk that the archive lies on; the rest is left to the system and to the pictures
_SHARE = 0.6
_LEAST_GB, _MOST_GB = 2.0, 200.0


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


def questions() -> tuple[Question, ...]:
    """Return the questions in the order they are asked."""
    return (
        Question(
            key="site.latitude_deg",
            text="Where does the camera stand? A city, or latitude, longitude",
            help="Four decimals, as a phone's map shows them: 0.005° each way is 5 arcminutes at "
            "the zenith. A city gives the time zone and a first guess.",
            default=_default_place,
            read=read_place,
        ),
        Question(
            key="exact",
            text="Latitude, longitude of the roof itself",
            help="The middle of the city may be ten kilometres away: too far.",
            default=lambda answers, _: _place(answers),
            read=read_coordinates,
            applies=lambda answers, _: bool(answers.get("city")),
        ),
        Question(
            key="site.height_m",
            text="Height in metres",
            help="As a map shows it; fifty metres off make no difference.",
            default=lambda _, found: f"{found.position[2]:.0f}" if found.position else "0",
            read=lambda text, _: read_setting("site.height_m", text),
        ),
        Question(
            key="site.time_zone",
            text="Time zone",
            help="",
            default=_default_zone,
            read=read_zone,
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
            read=read_camera,
        ),
        Question(
            key="camera.folder",
            text="Folder that the other program writes its frames into",
            help="FITS with DATE-OBS and EXPTIME; the group issgaze must be able to read it.",
            default=lambda _answers, _found: None,
            read=read_folder,
            applies=lambda answers, _: answers.get("camera.adapter") == "folder",
        ),
        Question(
            key="camera.mode",
            text="Size of the frames: full or binned",
            help="binned (half the side) is for boards with 512 MB and for small cards.",
            default=lambda _answers, _found: "full" if _memory_gb() > 0.9 else "binned",
            read=lambda text, _: read_setting("camera.mode", text),
        ),
        Question(
            key="camera.focal_mm",
            text="Focal length of the lens in mm",
            help="As printed on it. The stars of the first clear pass tell the rest.",
            default=lambda _answers, _found: "2.7",
            read=lambda text, _: read_setting("camera.focal_mm", text.removesuffix("mm")),
        ),
        Question(
            key="camera.f_number",
            text="f-number of the lens",
            help="As in f/2.0 or 1:2.0.",
            default=lambda _answers, _found: "2.0",
            read=lambda text, _: read_setting(
                "camera.f_number", text.lower().removeprefix("f/").removeprefix("1:")
            ),
        ),
        Question(
            key="camera.lens_file",
            text="lens.json of `issgaze calibrate`, or Enter to find out tonight",
            help="",
            default=lambda _answers, _found: "",
            read=read_lens_file,
        ),
        Question(
            key="site.horizon",
            text="Horizon as azimuth:altitude pairs, or Enter to learn it",
            help='As in "0:12 90:25 180:8"; clear passes teach it.',
            default=lambda _answers, _found: "",
            read=read_horizon,
        ),
        Question(
            key="archive.budget_gb",
            text="GB for raw frames",
            help="Then the oldest raw frames go; pictures stay.",
            default=_default_budget,
            read=lambda text, _: read_setting("archive.budget_gb", text.upper().removesuffix("GB")),
        ),
        Question(
            key="roof.controller",
            text="Roof controller (cover, heater, rain): none, pico or gpio",
            help="pico is the one on USB, gpio the Pi's own pins.",
            default=lambda _, found: "pico" if found.roof_port else "none",
            read=lambda text, _: read_setting("roof.controller", text.lower()),
            applies=lambda _answers, _found: "roof.controller" in setting_kinds(),
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


def _place(answers: Answers) -> str | None:
    if "site.latitude_deg" not in answers:
        return None
    return f"{answers['site.latitude_deg']}, {answers['site.longitude_deg']}"


def _default_place(answers: Answers, found: Found) -> str | None:
    if found.position is not None and not _place(answers):
        return f"{found.position[0]:.4f}, {found.position[1]:.4f}"
    return _place(answers)


def _default_zone(answers: Answers, _found: Found) -> str | None:
    if "site.time_zone" in answers:
        return str(answers["site.time_zone"])
    if "site.latitude_deg" in answers:
        return nearest_city(answers["site.latitude_deg"], answers["site.longitude_deg"]).time_zone
    return None


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
