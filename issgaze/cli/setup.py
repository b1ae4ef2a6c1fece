"""issgaze setup: from a fresh board to a device that waits for its first pass."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from issgaze.errors import ConfigurationError, IssgazeError

if TYPE_CHECKING:
    import argparse

    from issgaze.archive.layout import Archive
    from issgaze.cli.output import Output
    from issgaze.cli.setupquestions import Found
    from issgaze.cli.setupreading import Answers
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
    from issgaze.cli.configfile import (
        changed_text,
        checked_text,
        configuration_path,
        current_text,
        swap_in,
    )
    from issgaze.cli.setupanswers import answers_of
    from issgaze.cli.setupdialogue import Stopped
    from issgaze.config import Settings, load_settings

    path = configuration_path(arguments, may_be_new=True)
    before = current_text(path)
    settings = load_settings(path) if before else Settings()
    archive = _archive(arguments, settings)
    if arguments.answers:
        values = answers_of(arguments.answers, archive, fresh=not before)
        values |= _named_archive(arguments, settings, archive)
    else:
        try:
            values = _from_owner(arguments, output, settings, archive, path)
        except Stopped as error:
            # the way back is the way that was taken
            told = error.remedy.replace("issgaze setup", f"{_command(arguments)} setup")
            raise Stopped(error.message, remedy=told) from error
    page, middle_of = values.pop("page", None), values.pop("city", "")
    text = changed_text(before, values, path)
    try:
        settings = checked_text(path, text)
        settings.require_site()
    except ConfigurationError as error:
        if not arguments.answers:
            raise
        raise _wrong_answers(error, arguments, path) from error
    swap_in(path, text)
    output.line(f"{path} is written.")
    said = _middle_of_a_city(middle_of, _command(arguments)) if middle_of else []
    said += _make_it_so(arguments, settings, archive, page=page)
    for line in said:
        output.line(line)
    output.document({"file": str(path), "settings": values, "done": said})
    return 0


def _wrong_answers(
    error: ConfigurationError, arguments: argparse.Namespace, path: Path
) -> ConfigurationError:
    """Return an error that names the file to correct: that of the answers."""
    file = shlex.quote(str(arguments.answers))
    # its own remedy may be for the file that is not written
    hint = "" if "issgaze" in error.remedy else f"{error.remedy} "
    again = f"`{_command(arguments)} setup --answers {file}`"
    return ConfigurationError(
        f"{arguments.answers}: {error.message.removeprefix(f'{path}: ')}; nothing was written",
        remedy=f"{hint}Correct that in {file}, then run {again} again.",
    )


def _command(arguments: argparse.Namespace) -> str:
    """Return how to call issgaze for the same configuration."""
    return f"issgaze -c {shlex.quote(arguments.config)}" if arguments.config else "issgaze"


def _archive(arguments: argparse.Namespace, settings: Settings) -> Archive:
    from issgaze.archive.layout import Archive

    return Archive(Path(arguments.archive or settings.archive_path()).absolute())


def _named_archive(arguments: argparse.Namespace, settings: Settings, archive: Archive) -> Answers:
    """Return the archive that was named: it is found again without --archive afterwards."""
    if not arguments.archive or archive.root == settings.archive_path().absolute():
        return {}
    return {"archive.path": str(archive.root)}


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
    _require_writable(path, _command(arguments))
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


def _require_writable(path: Path, command: str) -> None:
    """Refuse before the first question, not after the last.

    Raises:
        ConfigurationError: This user may not write the configuration.
    """
    import os

    place = path if path.exists() else next(one for one in path.absolute().parents if one.exists())
    if not os.access(place, os.W_OK):
        raise ConfigurationError(
            f"{path}: you may not write there", remedy=f"Run it with sudo: `sudo {command} setup`."
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


def _middle_of_a_city(name: str, command: str) -> list[str]:
    return [
        f"! The middle of {name}: the station will seem to miss its prediction.",
        f"  `{command} config set site.latitude_deg ...` puts it right later.",
    ]


def _look_at(key: str, answers: Answers, found: Found, archive: Archive) -> list[str]:
    """Say what an answer leads to; take a test frame once the camera is known."""
    if key == "exact" and answers.get("city") and _is_middle(answers):
        return _middle_of_a_city("a city", "issgaze")
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
        return try_camera(
            parse_settings(changed_text("", values, Path("setup")), name="setup"), archive.root
        )
    except IssgazeError as error:
        return [f"! {error.message}", error.remedy, "You may go on; `issgaze doctor` looks again."]


def _summary(values: Answers, *, page: bool) -> list[str]:
    import tomlkit

    shown = [f"{key} = {tomlkit.item(value).as_string()}" for key, value in sorted(values.items())]
    return [*shown, f"the page: {'in the home network' if page else 'off'}"]


def _make_it_so(
    arguments: argparse.Namespace, settings: Settings, archive: Archive, *, page: bool | None
) -> list[str]:
    """Start what waits for a configuration; return what was done, and what is left to do."""
    from issgaze.cli.configfile import ask_for_reload
    from issgaze.service.setupunits import add_login_user, start_units, units_are_here
    from issgaze.web.access import make_token

    said: list[str] = []
    command, port = _command(arguments), settings.page.port
    by_units = units_are_here() and not arguments.archive
    if by_units:
        said += add_login_user()
        said += start_units(page=page)
        said.append(ask_for_reload(archive))
    if page is None:
        said.append(f"the page stays as it was; `{command} web token` shows its token.")
    elif page:
        where = f"http://{_host()}.local:{port}/"
        if not by_units:
            where = f"`{command} web` serves it on http://{settings.page.host}:{port}/"
        try:
            token = make_token(archive, new=False)
        except IssgazeError as error:
            said.append(f"no token for the page: {error.message}. {error.remedy}")
        else:
            said += [f"page: {where}", f"token for changes there: {token}"]
    said.append(f"`{command} doctor` looks whether all is well, `{command} passes` what comes.")
    return said


def _host() -> str:
    import socket

    return socket.gethostname().partition(".")[0]
