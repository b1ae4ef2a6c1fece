"""issgaze config: the configuration, read and written over SSH."""

import argparse
import dataclasses
import difflib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from issgaze.cli.archiveoption import archive_of
from issgaze.cli.arguments import actions_of, settings
from issgaze.cli.configfile import (
    ask_for_reload,
    changed_text,
    configuration_path,
    current_text,
    require_workable,
    swap_in,
)
from issgaze.cli.configtext import example_file
from issgaze.cli.configvalue import read_value, way_to_write
from issgaze.cli.output import Output
from issgaze.config import USUAL_CONFIGS, Settings, command_for, find_configuration, parse_settings
from issgaze.errors import ConfigurationError

SUMMARY = "Show, check and change the configuration."
EXAMPLE = "issgaze config set site.latitude_deg 48.2082"

_ACTIONS = (
    ("check", "say whether the file is right, and which it is", "check"),
    ("show", "print every setting as it holds", "show"),
    ("get", "print one setting", "get site.latitude_deg"),
    ("set", "change one setting, comments kept", "set site.latitude_deg 48.2082"),
    ("edit", "open the file in an editor; a wrong one is not taken", "edit"),
    ("diff", "print what differs from the defaults", "diff"),
    ("example", "print a file with every setting and its meaning", "example > issgaze.toml"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    # whose running programs are told of a change
    parser.set_defaults(archive=None)
    add_action = actions_of(parser)
    added = {
        name: add_action(name, summary, f"issgaze config {example}")
        for name, summary, example in _ACTIONS
    }
    for name in ("get", "set"):
        added[name].add_argument("key", metavar="SECTION.KEY", help="such as site.name")
    added["set"].add_argument(
        "value", metavar="VALUE", help="as in TOML; a text needs no quotes, a list no brackets"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do what was asked."""
    if arguments.action == "set":
        return _set(arguments, output)
    if arguments.action == "edit":
        return _edit(arguments, output)
    if arguments.action == "example":
        output.line(example_file().rstrip("\n"))
        output.document({"text": example_file()})
        return 0
    current = settings(arguments)
    values = _flat(current)
    if arguments.action == "check":
        return _check(arguments, current, output)
    if arguments.action == "get":
        _require_key(arguments.key, values)
        values = {arguments.key: values[arguments.key]}
    if arguments.action == "diff":
        defaults = _flat(Settings())
        values = {key: value for key, value in values.items() if value != defaults[key]}
    output.document(values)
    for key, value in values.items():
        shown = _toml(value)
        if arguments.action == "diff":
            shown = f"{key} = {shown}   # {_toml(_flat(Settings())[key])}"
        elif arguments.action == "show":
            shown = f"{key} = {shown}"
        output.line(shown)
    return 0


def _check(arguments: argparse.Namespace, current: Settings, output: Output) -> int:
    """Say that what was read is right, where from, and what is still to be set.

    No file is no fault, for every setting but the site has a default.
    """
    from issgaze.service.checkconfig import config_notes

    path = find_configuration(arguments.config)
    require_workable(current, path)
    notes = config_notes(current, path)
    missing = ""
    try:
        current.require_site()
    except ConfigurationError as error:
        missing = f"{error.message}. {error.remedy}"
    output.document(
        {
            "ok": True,
            "file": str(path) if path else None,
            "missing": missing or None,
            "notes": notes,
        }
    )
    if path:
        output.line(f"{path}: right.")
    else:
        looked = " nor at ".join(str(each.absolute()) for each in USUAL_CONFIGS)
        output.line(f"No configuration file at {looked}: the defaults hold.")
    if missing:
        output.line(f"Before the roof can work: {missing}")
    for note in notes:
        output.line(f"To think of: {note}")
    return 0


def _flat(current: Settings) -> dict[str, Any]:
    return {
        f"{section}.{key}": list(value) if isinstance(value, tuple) else value
        for section, table in dataclasses.asdict(current).items()
        for key, value in table.items()
    }


def _require_key(key: str, values: dict[str, Any]) -> None:
    if key not in values:
        section, _, name = key.partition(".")
        here = [each for each in values if each.startswith(f"{section}.")]
        keys = {each.partition(".")[2]: each for each in here}
        near = difflib.get_close_matches(name, keys, n=1, cutoff=0.6)
        near = [keys[each] for each in near]
        if not here:
            near = difflib.get_close_matches(key, values, n=1, cutoff=0.7)
        known = f"[{section}] has {', '.join(keys)}." if here else "See `issgaze config show`."
        raise ConfigurationError(
            f"there is no setting {key!r}",
            remedy=f"Did you mean {near[0]}?" if near else known,
        )


def _toml(value: Any) -> str:
    import tomlkit

    if value is None:
        return "(not set)"
    text: str = tomlkit.item(value).as_string()
    return text


def _set(arguments: argparse.Namespace, output: Output) -> int:
    """Change one value, check the whole, and swap the file in at once."""
    _require_key(arguments.key, _flat(Settings()))
    path = configuration_path(arguments, may_be_new=True)
    text = current_text(path)
    made = not text
    value = read_value(arguments.key, arguments.value)
    changed = changed_text(text, {arguments.key: value}, path)
    try:
        parse_settings(changed, name=str(path))
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{error.message}; nothing was written",
            remedy=_way_on(text, path, arguments.key, arguments.value),
        ) from error
    try:
        swap_in(path, changed)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{error.message}; nothing was written", remedy=error.remedy
        ) from error
    said = ask_for_reload(archive_of(arguments))
    if arguments.key.startswith("page."):
        said += "; a page that runs moves there within seconds"
    output.document({"file": str(path), arguments.key: value, "reload": said})
    if made:
        output.line(f"{path} is made, with every setting explained.")
    output.line(f"{path}: {arguments.key} = {_toml(value)} ({said})")
    return 0


def _way_on(text: str, path: Path, key: str, typed: str) -> str:
    """Return what to do after a refused value: the fault is its own, or the file had some before.

    Args:
        text: Of the file as it stays.
        path: The file.
        key: What was to be set.
        typed: The value that was refused.
    """
    try:
        parse_settings(text, name="")
    except ConfigurationError:
        return (
            f"The file was wrong before: `{command_for(path)} config edit` opens it, to correct "
            "all of it at once."
        )
    return way_to_write(key, typed)


def _edit(arguments: argparse.Namespace, output: Output) -> int:
    """Let the owner edit a copy; it takes the file's place when it is right."""
    path = configuration_path(arguments)
    before = current_text(path) or example_file()
    text = before
    while True:
        text = _edited(text)
        if text == before:
            output.line("Nothing has changed.")
            output.document({"file": str(path), "changed": False})
            return 0
        try:
            swap_in(path, text, strict=True)
        except ConfigurationError as error:
            if not _wants_again(error, output):
                raise ConfigurationError(
                    f"{error.message}; the file stays as it was", remedy=error.remedy
                ) from error
        else:
            break
    said = ask_for_reload(archive_of(arguments))
    output.line(f"{path}: right, and taken ({said}).")
    output.document({"file": str(path), "changed": True, "reload": said})
    return 0


def _edited(text: str) -> str:
    """Return a text as the owner left it in the editor.

    Raises:
        ConfigurationError: There is no editor, or it failed.
    """
    command = _editor()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "issgaze.toml"
        copy.write_text(text, encoding="utf-8")
        try:
            status = str(subprocess.run([*command, str(copy)], check=False).returncode)
            left = copy.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            status, left = (error.strerror or str(error)).lower(), ""
        if status != "0" or not left.strip():
            ended = "left nothing" if status == "0" else f"ended with status {status}"
            raise ConfigurationError(
                f"{shlex.join(command)} {ended}, the file stays as it was",
                remedy="Try another $EDITOR, or use `issgaze config set`.",
            )
        return left


def _editor() -> list[str]:
    """Return the command of the owner's editor, or of one that is there.

    Raises:
        ConfigurationError: There is none.
    """
    wanted = (os.environ.get("VISUAL") or os.environ.get("EDITOR") or "").strip()
    editors = [wanted] if wanted else ["sensible-editor", "nano", "vi"]
    for editor in editors:
        try:
            command = shlex.split(editor)
        except ValueError:
            # a quote that is never closed
            continue
        if command and shutil.which(command[0]):
            return command
    raise ConfigurationError(
        f"no editor is here: {', '.join(editors)}",
        remedy="Set $EDITOR to one, as in `EDITOR=nano issgaze config edit`, or use `issgaze config"
        " set`.",
    )


def _wants_again(error: ConfigurationError, output: Output) -> bool:
    """Say what is wrong and ask, where there is somebody to answer."""
    if output.json or not sys.stdin.isatty():
        return False
    output.log(f"issgaze: {error.message}")
    sys.stderr.write("Edit it again? [Y/n] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"", "y", "yes"}
