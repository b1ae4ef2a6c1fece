"""issgaze setup: from a fresh board to a device that waits for its first pass."""

from __future__ import annotations

import shlex
import textwrap
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issgaze.errors import ConfigurationError, IssgazeError

if TYPE_CHECKING:
    import argparse

    from issgaze.archive.layout import Archive
    from issgaze.cli.output import Output
    from issgaze.cli.setupquestions import Answers, Found
    from issgaze.config import Settings

SUMMARY = "Ask what the device must know, and set it up."
EXAMPLE = "issgaze setup --answers answers.toml"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    from issgaze.cli.archiveoption import add_archive

    add_archive(parser)
    parser.add_argument(
        "--answers",
        type=Path,
        metavar="FILE",
        help="take the answers from a TOML file: keys of issgaze.toml, site.city, setup.page;"
        " what they do not name stays as it is",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget the answers of a set-up that was broken off"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Ask, show, and write what was confirmed."""
    from issgaze.cli.configfile import changed_text, configuration_path, swap_in
    from issgaze.config import Settings, load_settings, parse_settings

    path = configuration_path(arguments, may_be_new=True)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    settings = load_settings(path) if before else Settings()
    archive = _archive(arguments, settings)
    if arguments.answers:
        values = _from_file(arguments.answers, archive, fresh=not before)
        values |= _named_archive(arguments, settings, archive)
    else:
        values = _from_owner(arguments, output, settings, archive, path)
    page = values.pop("page", None)
    text = changed_text(before, values)
    parse_settings(text, name=str(path)).require_site()
    swap_in(path, text)
    output.line(f"{path} is written.")
    said = _make_it_so(arguments, archive, page=page)
    for line in said:
        output.line(line)
    output.document({"file": str(path), "settings": values, "done": said})
    return 0


def _archive(arguments: argparse.Namespace, settings: Settings) -> Archive:
    from issgaze.archive.layout import Archive

    return Archive(Path(arguments.archive or settings.archive_path()).absolute())


def _named_archive(arguments: argparse.Namespace, settings: Settings, archive: Archive) -> Answers:
    """Return the archive that was named: it is found again without --archive afterwards."""
    if not arguments.archive or archive.root == settings.archive_path().absolute():
        return {}
    return {"archive.path": str(archive.root)}


def _from_file(file: Path, archive: Archive, *, fresh: bool) -> Answers:
    """Return the settings of an answers file.

    One rule: what the answers name overrides, everything else in the configuration stays. A city
    stands for its coordinates and time zone, coordinates for the time zone; only a configuration
    that is made anew is given a budget that suits the disk.

    Args:
        file: Of answers.
        archive: Its disk has room for the budget.
        fresh: Whether there is no configuration yet.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong.
    """
    from issgaze.archive.cities import find_cities, nearest_city
    from issgaze.cli.setupquestions import budget_gb, of_city, room_gb

    document = _read_answers(file)
    values = _page_answer(file, document.pop("setup", {}), fresh=fresh)
    for section, table in document.items():
        if not isinstance(table, dict):
            raise ConfigurationError(
                f"{file}: {section} stands in no [section]", remedy="Put it below one."
            )
        values |= {f"{section}.{key}": value for key, value in table.items()}
    city = values.pop("site.city", None)
    if city is not None:
        found = find_cities(str(city))
        if not found:
            raise ConfigurationError(
                f"{file}: site.city {city!r} is not known",
                remedy="Take a larger one nearby, or give site.latitude_deg and longitude_deg.",
            )
        values = of_city(found[0]) | values
        del values["city"]
    place = [values.get(f"site.{name}_deg") for name in ("latitude", "longitude")]
    known = [float(each) for each in place if isinstance(each, float | int)]
    if len(known) == 2 and "site.time_zone" not in values:
        values["site.time_zone"] = nearest_city(*known).time_zone
    free_gb = room_gb(archive.root)
    if fresh and "archive.budget_gb" not in values and free_gb is not None:
        values["archive.budget_gb"] = float(round(budget_gb(free_gb)))
    return values


def _read_answers(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"{file}: {getattr(error, 'strerror', None) or error}",
            remedy="It must be a TOML file, as issgaze.toml is.",
        ) from error


def _page_answer(file: Path, table: object, *, fresh: bool) -> Answers:
    """Return whether the page shall be shown; nothing where that stays as it is.

    Raises:
        ConfigurationError: There is something else in [setup].
    """
    if not isinstance(table, dict) or set(table) - {"page"}:
        raise ConfigurationError(
            f"{file}: [setup] knows page alone", remedy="As in `[setup]`, below it `page = false`."
        )
    page = table.get("page", True if fresh else None)
    if not isinstance(page, bool | None):
        raise ConfigurationError(
            f"{file}: setup.page = {page!r} must be true or false", remedy="Without quotes."
        )
    return {} if page is None else {"page": page}


def _from_owner(
    arguments: argparse.Namespace,
    output: Output,
    settings: Settings,
    archive: Archive,
    path: Path,
) -> Answers:
    """Ask the owner; return the settings that he has confirmed.

    Raises:
        Stopped: He did not.
    """
    from issgaze.cli.setupdialogue import Dialogue, Stopped, confirm, kept_answers, say
    from issgaze.cli.setupquestions import questions

    if output.json:
        raise ConfigurationError(
            "--json asks no questions", remedy="Give the answers: `issgaze setup --answers FILE`."
        )
    _require_writable(path)
    say("Setting up issgaze. Nothing is written before you have seen it all and said yes.")
    found = _look_around(archive, settings)
    note = found.camera_note
    say(textwrap.fill(f"{note[:1].upper()}{note[1:]}", 78))
    if found.roof_port:
        say(f"Roof controller: {found.roof_port}.")
    dialogue = Dialogue(
        found,
        _held(settings),
        kept_answers(),
        look=lambda key, answers: _look_at(key, answers, found, archive),
    )
    if arguments.fresh:
        dialogue.forget()
    elif dialogue.resume():
        say("Your answers of last time are offered again.")
    answers = dialogue.ask_all(questions())
    before = _held(settings)
    # an empty answer is worth writing only where it takes something away
    values = {
        key: value
        for key, value in answers.items()
        if "." in key and (value != "" or key in before)
    } | _named_archive(arguments, settings, archive)
    say("\nThis is what will be written:")
    for line in _summary(values, page=bool(answers.get("page", True))):
        say(f"  {line}")
    if not confirm(f"\nWrite it to {path}? yes or no"):
        raise Stopped(
            "nothing was written", remedy="`issgaze setup` starts again with your answers."
        )
    dialogue.forget()
    return values | {"page": answers.get("page", True)}


def _require_writable(path: Path) -> None:
    """Refuse before the first question, not after the last.

    Raises:
        ConfigurationError: This user may not write the configuration.
    """
    import os

    place = path if path.exists() else next(one for one in path.absolute().parents if one.exists())
    if not os.access(place, os.W_OK):
        raise ConfigurationError(
            f"{path}: you may not write there", remedy="Run it with sudo: `sudo issgaze setup`."
        )


def _held(settings: Settings) -> Answers:
    """Return what an earlier set-up has settled, as answers."""
    import dataclasses

    defaults = dataclasses.asdict(type(settings)())
    return {
        f"{section}.{key}": value
        for section, table in dataclasses.asdict(settings).items()
        for key, value in table.items()
        if value != defaults[section][key] and not isinstance(value, tuple)
    }


def _look_around(archive: Archive, settings: Settings) -> Found:
    from issgaze.cli.setupquestions import Found, room_gb
    from issgaze.service.lookaround import cameras, gnss_position

    sensors, note = cameras()
    port = Path("/dev/issgaze-roof")
    return Found(
        position=gnss_position(archive, settings.gnss),
        sensors=sensors,
        camera_note=note,
        roof_port=str(port) if port.exists() else None,
        free_gb=room_gb(archive.root),
    )


def _is_middle(answers: Answers) -> bool:
    from issgaze.archive.cities import find_cities

    place = (answers["site.latitude_deg"], answers["site.longitude_deg"])
    return any(
        (city.latitude_deg, city.longitude_deg) == place
        for city in find_cities(str(answers["city"]))
    )


def _look_at(key: str, answers: Answers, found: Found, archive: Archive) -> list[str]:
    """Say what an answer leads to; take a test frame once the camera is known."""
    if key == "exact" and answers.get("city") and _is_middle(answers):
        return ["! The middle of a city: the station will seem to miss its prediction.",
                "  `issgaze config set site.latitude_deg ...` puts it right later."]  # fmt: skip
    if key != "camera.f_number" or not found.sensors or answers.get("camera.adapter") == "folder":
        return []
    import time

    from issgaze.archive.status import observe_runs
    from issgaze.civil import from_unix
    from issgaze.cli.configfile import changed_text
    from issgaze.cli.setupdialogue import say
    from issgaze.config import parse_settings
    from issgaze.service.lookaround import try_camera

    if observe_runs(archive.run, from_unix(time.time())):
        return ["The running device has the camera: no test frame now."]
    say("      A test frame of 4 s ...")
    values = {name: value for name, value in answers.items() if "." in name}
    try:
        return try_camera(parse_settings(changed_text("", values), name="setup"), archive.root)
    except IssgazeError as error:
        return [f"! {error.message}", error.remedy, "You may go on; `issgaze doctor` looks again."]


def _summary(values: Answers, *, page: bool) -> list[str]:
    import tomlkit

    shown = [f"{key} = {tomlkit.item(value).as_string()}" for key, value in sorted(values.items())]
    return [*shown, f"the page: {'in the home network' if page else 'off'}"]


def _make_it_so(arguments: argparse.Namespace, archive: Archive, *, page: bool | None) -> list[str]:
    """Start what waits for a configuration; return what was done, and what is left to do."""
    from issgaze.cli.configfile import ask_for_reload
    from issgaze.service.setupunits import add_login_user, start_units, units_are_here
    from issgaze.web.access import make_token

    said: list[str] = []
    if units_are_here() and not arguments.archive:
        said += add_login_user()
        said += start_units(page=page)
        said.append(ask_for_reload(archive))
    if page is not False:
        try:
            token = make_token(archive, new=False)
        except IssgazeError as error:
            said.append(f"no token for the page: {error.message}. {error.remedy}")
        else:
            said += [f"page: http://{_host()}.local:8080/", f"token for changes there: {token}"]
    command = f"issgaze -c {shlex.quote(arguments.config)}" if arguments.config else "issgaze"
    said.append(f"`{command} doctor` looks whether all is well, `{command} passes` what comes.")
    return said


def _host() -> str:
    import socket

    return socket.gethostname().partition(".")[0]
