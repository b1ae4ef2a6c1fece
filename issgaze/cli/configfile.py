"""The configuration file as text: changed with its comments kept, swapped in at once."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.archive.layout import Archive
from issgaze.archive.requests import Requests
from issgaze.archive.status import observe_runs
from issgaze.civil import from_unix
from issgaze.cli.confignewkey import with_new_key
from issgaze.cli.configtext import example_file
from issgaze.config import (
    NOT_UTF8,
    SYSTEM_CONFIG,
    Settings,
    bare_examples,
    command_for,
    find_configuration,
    parse_settings,
)
from issgaze.configtoml import TomlError, parse_toml, without_mark
from issgaze.errors import ArchiveError, ConfigurationError, DeviceError, remedy_for

_RELOAD_S = 3.0


def configuration_path(arguments: argparse.Namespace, *, may_be_new: bool = False) -> Path:
    """Return the file to write to: the one there is, else the one to be made.

    Raises:
        ConfigurationError: One was named that is not there, and it may not be new.
    """
    named = arguments.config or os.environ.get("ISSGAZE_CONFIG")
    if may_be_new and named and not Path(named).is_file():
        return Path(named)
    usual = SYSTEM_CONFIG if SYSTEM_CONFIG.parent.is_dir() else Path("issgaze.toml")
    return find_configuration(named) or usual


def current_text(path: Path) -> str:
    """Return the text of a file, empty where there is none yet.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return without_mark(path.read_text(encoding="utf-8")) if path.is_file() else ""
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"{path}: {reason}", remedy=remedy_for(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text", remedy=NOT_UTF8) from error


def changed_text(text: str, values: Mapping[str, Any], path: Path) -> str:
    """Return the text of a file with some settings changed; an empty one becomes the example.

    Args:
        text: Of the file as it is.
        values: By SECTION.KEY; None takes a setting out.
        path: Of the file, for errors.

    Raises:
        ConfigurationError: The text is no TOML, or a section in it no table.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if not text.strip():
        text = _example()
    # what the example does not know is written as well, so that it is refused by name
    try:
        parse_toml(text, bare=bare_examples())
    except TomlError as error:
        raise ConfigurationError(
            f"the file as it is cannot be read, {error.message}",
            remedy=f"{error.remedy} `{command_for(path)} config edit` opens it.",
        ) from error
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        # two readers, which need not agree in every corner
        raise ConfigurationError(
            f"the file is right, but its lines cannot be changed one by one: {error}",
            remedy=f"Change it by hand: `{command_for(path)} config edit`.",
        ) from error
    for name, value in values.items():
        section, key = name.split(".", 1)
        placed = (
            None if value is None else with_new_key(tomlkit.dumps(document), section, key, value)
        )
        if placed is not None:
            document = tomlkit.parse(placed)
            continue
        table = document.setdefault(section, tomlkit.table())
        if not isinstance(table, dict):
            raise ConfigurationError(
                f"{section} = {table!r} stands where the table [{section}] should",
                remedy=f"Take that line out: `{command_for(path)} config edit` opens the file.",
            )
        if value is not None:
            if table.get(key) != value:
                table[key] = value
        elif key in table:
            del table[key]
    return tomlkit.dumps(document)


def _example() -> str:
    """Return the example file as an owner's own."""
    _, rest = example_file().split("\n", 1)
    return "# issgaze.toml, every setting explained. Take the # away to change one.\n" + rest


def checked_text(path: Path, text: str, *, strict: bool = False) -> Settings:
    """Return the settings that a text would make of a file.

    Args:
        path: The file.
        text: What it shall hold.
        strict: Refuse what cannot work even where it stood there before.

    Raises:
        ConfigurationError: It is wrong, or cannot work.
    """
    settings = parse_settings(text, name=str(path))
    require_workable(settings, path, held=[] if strict else _faults_held(path))
    return settings


def swap_in(path: Path, text: str, *, strict: bool = False) -> None:
    """Check a text, as `checked_text` does, and replace the file by it.

    Raises:
        ConfigurationError: It is wrong; nothing has changed.
        ArchiveError: The disk refuses it, or this user may not write there.
    """
    checked_text(path, text, strict=strict)
    try:
        write_atomic(path, text.encode(), keep_access=True)
    except ArchiveError as error:
        blocked = next((each for each in path.absolute().parents if each.exists()), None)
        if blocked is not None and not blocked.is_dir():
            raise ConfigurationError(
                f"{path}: {blocked} is a file, no folder", remedy="Give another -c FILE."
            ) from error
        if "permission" in error.message.lower():
            raise ArchiveError(
                error.message, remedy="Run it again with sudo, or as a member of group issgaze."
            ) from error
        raise


def require_workable(settings: Settings, path: Path | None, *, held: Sequence[str] = ()) -> None:
    """Refuse settings that cannot work.

    Args:
        settings: Of the right types.
        path: Their file, None for defaults.
        held: Messages of faults that are nothing new.

    Raises:
        ConfigurationError: The message lists every fault.
    """
    from issgaze.service.checkconfig import config_faults

    faults = [fault for fault in config_faults(settings, path) if fault.message not in held]
    if faults:
        named = f"{path}: " if path else ""
        raise ConfigurationError(
            named + "; ".join(fault.message for fault in faults),
            remedy=" ".join(dict.fromkeys(fault.remedy for fault in faults)),
        )


def _faults_held(path: Path) -> list[str]:
    """Return the messages of what cannot work in a file as it is."""
    from issgaze.service.checkconfig import config_faults

    try:
        settings = parse_settings(current_text(path), name=str(path))
    except ConfigurationError:
        return []
    return [fault.message for fault in config_faults(settings, path)]


def ask_for_reload(archive: Archive) -> str:
    """Tell the running programs of a new configuration; return what becomes of it, for people."""
    import time

    if not observe_runs(archive.run, from_unix(time.time())):
        return "nothing runs now: it holds from the next start"
    requests = Requests(archive.run)
    try:
        answer = requests.wait(requests.ask("reload"), timeout_s=_RELOAD_S)
    except (ArchiveError, DeviceError) as error:
        return f"the running device was not told: {error.message}"
    return f"observe: {answer['message']}"
