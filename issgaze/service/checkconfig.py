"""Settings of the right type that still cannot work: said when they are made, not on the roof.

A program that runs does not refuse them: a page that cannot be had must not cost a pass. They are
refused where an owner sets them, and `issgaze doctor` names those that are there already.
"""

import difflib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from issgaze.config import SYSTEM_CONFIG, ArchiveSettings, Settings
from issgaze.configvalues import check_host, check_source
from issgaze.errors import DeviceError, LensError

_UNSEEN = 0x20
# the station culminates higher a few times a year, where it is seen at all
_HARDLY_EVER_DEG = 85.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFault:
    """What is wrong with a setting.

    Attributes:
        message: Which, its value, and why it cannot work.
        remedy: What to do about it.
    """

    message: str
    remedy: str


def config_faults(settings: Settings, file: Path | None) -> list[ConfigFault]:
    """Return every fault of settings.

    Args:
        settings: Of the right types, within their limits.
        file: Where they stand, None for nowhere yet.
    """
    return [
        *_of_words(settings),
        *_of_hosts(settings),
        *_of_camera(settings),
        *_of_devices(settings),
        *_of_memory(settings),
        *(fault for path in _paths(settings) for fault in _of_path(path, file)),
    ]


def config_notes(settings: Settings, file: Path | None) -> list[str]:
    """Return what is no fault, but may be meant otherwise.

    Args:
        settings: As for `config_faults`.
        file: Where they stand, None for nowhere yet.
    """
    notes: list[str] = []
    for path in _paths(settings):
        if path.must_be_there and not _exists(path.place):
            notes.append(f"{path.key} = {path.value!r}: nothing is there now.")
        if not path.place.is_absolute() and file != SYSTEM_CONFIG:
            notes.append(
                f"{path.key} = {path.value!r} is {path.place.absolute()} from here, and another "
                "place for a program that is started elsewhere."
            )
    if settings.camera.adapter == "simulated":
        notes.append(
            "camera.adapter = 'simulated': a real run does not start with it; `issgaze run "
            "--simulated` needs no setting."
        )
    if settings.camera.has_cover and settings.roof.controller == "none":
        notes.append("camera.has_cover = true: roof.controller is none, so nothing can shut it.")
    return [*notes, *_of_numbers(settings)]


def _of_numbers(settings: Settings) -> Iterator[str]:
    """Yield numbers within their limits that hardly anybody means."""
    if settings.site.latitude_deg == 0.0 and settings.site.longitude_deg == 0.0:
        yield "site.latitude_deg and longitude_deg are 0: that is in the sea off Africa."
    if settings.passes.min_culmination_deg > _HARDLY_EVER_DEG:
        yield (
            f"passes.min_culmination_deg = {settings.passes.min_culmination_deg:g}: hardly any "
            "pass climbs that high, the others are skipped."
        )
    whole_gb = _disk_gb(settings.archive_path())
    chosen_gb = settings.archive.budget_gb
    if chosen_gb != ArchiveSettings().budget_gb and whole_gb and chosen_gb > whole_gb:
        yield (
            f"archive.budget_gb = {chosen_gb:g}: the disk holds {whole_gb:.0f} GB "
            "in all, so it is full before the budget is."
        )


def _disk_gb(place: Path) -> float | None:
    """Return the size of the disk that a folder lies on, or will lie on."""
    there = next((one for one in (place, *place.absolute().parents) if _exists(one)), Path("/"))
    try:
        return shutil.disk_usage(there).total / 1e9
    except OSError:
        return None


def language_faults(languages: Sequence[str]) -> Iterator[ConfigFault]:
    """Yield what is wrong with the languages of captions."""
    from issgaze.picture.caption import known_languages

    known = known_languages()
    if not languages:
        yield ConfigFault(
            message="develop.languages = [] names no language for the captions",
            remedy=f"develop.languages takes {' and '.join(known)}; the first one leads.",
        )
    for code in languages:
        if code not in known:
            near = difflib.get_close_matches(code.lower()[:2], known, n=1)
            yield ConfigFault(
                message=f"develop.languages has {code!r}, there are captions in {', '.join(known)}",
                remedy=f"For {code!r} write {near[0]!r}."
                if near
                else f"For {code!r} write one of these, or leave it out.",
            )


def _of_words(settings: Settings) -> Iterator[ConfigFault]:
    """Yield what is wrong with names and lists."""
    if any(ord(letter) < _UNSEEN for letter in settings.site.name):
        yield ConfigFault(
            message=f"site.name = {settings.site.name!r} has a line break or tab in it",
            remedy="Write site.name in one line.",
        )
    if not settings.passes.norad_ids:
        yield ConfigFault(
            message="passes.norad_ids = [] names no satellite",
            remedy="Write passes.norad_ids = [25544] for the station.",
        )
    yield from language_faults(settings.develop.languages)


def _of_hosts(settings: Settings) -> Iterator[ConfigFault]:
    """Yield what is wrong with hosts and web addresses."""
    try:
        check_host(settings.page.host)
    except ValueError as error:
        yield ConfigFault(
            message=f"page.host = {settings.page.host!r} {error}",
            remedy="As page.host 127.0.0.1 is for this machine alone, 0.0.0.0 for the network.",
        )
    for source in settings.elements.sources:
        try:
            check_source(source)
        except ValueError as error:
            yield ConfigFault(
                message=f"elements.sources has {source!r}, which {error}",
                remedy="`issgaze config example` has two sources that are right.",
            )


def _of_camera(settings: Settings) -> Iterator[ConfigFault]:
    camera = settings.camera
    if camera.adapter == "folder" and not camera.folder:
        yield ConfigFault(
            message="camera.adapter = 'folder', but camera.folder is not set",
            remedy="Run `issgaze config set camera.folder PATH`, or take camera.adapter picamera.",
        )
    if camera.lens_file and _is_readable(Path(camera.lens_file)):
        from issgaze.archive.lensfile import read_lens

        try:
            read_lens(Path(camera.lens_file))
        except LensError as error:
            yield ConfigFault(message=f"camera.lens_file: {error.message}", remedy=error.remedy)


def _of_devices(settings: Settings) -> Iterator[ConfigFault]:
    """Yield what is wrong with the roof's pins."""
    if settings.roof.controller == "gpio":
        from issgaze.devices.gpiopins import check_pins
        from issgaze.service.realdevices import gpio_pins

        try:
            check_pins(gpio_pins(settings.roof))
        except DeviceError as error:
            yield ConfigFault(message=error.message, remedy=error.remedy)


def _of_memory(settings: Settings) -> Iterator[ConfigFault]:
    """Yield what is wrong with a budget that the owner chose."""
    from issgaze.optics.profiles import sensor_profile
    from issgaze.service.conditions import memory_complaint

    if settings.develop.memory_budget_mb == 0 or settings.camera.adapter != "picamera":
        return
    sensor = sensor_profile(settings.camera.sensor)
    complaint = memory_complaint(sensor, settings.camera.mode, settings.develop)
    if complaint:
        yield ConfigFault(
            message=f"develop.memory_budget_mb = {settings.develop.memory_budget_mb}: "
            f"{complaint.partition('. ')[0]}",
            remedy="develop.memory_budget_mb = 0 takes 45 % of the memory; camera.mode binned "
            "needs less.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    """A setting that names a file, a folder or a port.

    Attributes:
        key: SECTION.KEY.
        value: As it is written.
        place: Where the programs look.
        kind: What must be there.
        must_be_there: Whether nothing makes it by itself.
    """

    key: str
    value: str
    place: Path
    kind: str
    must_be_there: bool


def _paths(settings: Settings) -> Iterator[_Path]:
    """Yield the paths that are used as things are set."""
    camera, roof, gnss = settings.camera, settings.roof, settings.gnss
    used = (
        ("archive.path", settings.archive.path, "folder", True),
        ("camera.folder", camera.folder, "folder", camera.adapter == "folder"),
        ("camera.lens_file", camera.lens_file, "file", True),
        ("roof.port", roof.port, "port", roof.controller == "pico"),
        ("gnss.port", gnss.port, "port", gnss.source in {"auto", "serial"}),
    )
    for key, value, kind, is_used in used:
        if is_used and value:
            archive = key == "archive.path"
            yield _Path(
                key=key,
                value=value,
                place=Path(value).expanduser() if archive else Path(value),
                kind=kind,
                must_be_there=not archive and kind != "port",
            )


def _of_path(path: _Path, file: Path | None) -> Iterator[ConfigFault]:
    """Yield why nothing of the right kind can ever be there."""
    said = f"{path.key} = {path.value!r}"
    if "\0" in path.value:
        yield ConfigFault(message=f"{said} has a zero byte in it", remedy=f"Write {path.key} anew.")
        return
    at_home = path.value.startswith("~")
    if file == SYSTEM_CONFIG or path.kind == "port" or (at_home and not path.place.is_absolute()):
        whole = Path(path.value).expanduser().absolute()
        shown = "/dev/ttyUSB0" if path.kind == "port" else whole
        if not path.value.startswith("/"):
            yield ConfigFault(
                message=f"{said} does not begin with /, so not every program finds it",
                remedy=f"Write the whole path as {path.key}, as in {shown}.",
            )
            return
    blocked = next((one for one in path.place.parents if _exists(one)), None)
    if blocked is not None and not blocked.is_dir():
        yield ConfigFault(
            message=f"{said}: {blocked} is a file, no folder",
            remedy=f"Give another {path.kind} as {path.key}.",
        )
    elif _exists(path.place) and not _is_of_kind(path):
        yield ConfigFault(
            message=f"{said} is {'a folder' if path.place.is_dir() else 'a file'}, a "
            f"{path.kind} is needed",
            remedy=f"Give another {path.kind} as {path.key}.",
        )


def _is_of_kind(path: _Path) -> bool:
    if path.kind == "folder":
        return path.place.is_dir()
    if path.kind == "file":
        return not path.place.is_dir()
    return not path.place.is_dir() and not path.place.is_file()


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:
        # what this user may not see may well be there; a name that is too long cannot
        return False


def _is_readable(place: Path) -> bool:
    return _exists(place) and place.is_file() and os.access(place, os.R_OK)
