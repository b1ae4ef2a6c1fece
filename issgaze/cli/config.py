"""issgaze config: the configuration, read and written over SSH."""

import argparse
import dataclasses
import difflib
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.cli.arguments import settings
from issgaze.cli.configtext import example_file
from issgaze.cli.output import Output
from issgaze.config import (
    SYSTEM_CONFIG,
    Settings,
    find_configuration,
    load_settings,
    parse_settings,
)
from issgaze.errors import ConfigurationError

SUMMARY = "Show, check and change the configuration."
EXAMPLE = "issgaze config set site.latitude_deg 48.2082"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("check", help="say whether the file is right")
    actions.add_parser("show", help="print every setting as it holds")
    get = actions.add_parser("get", help="print one setting")
    get.add_argument("key", metavar="SECTION.KEY")
    change = actions.add_parser("set", help="change one setting, comments kept")
    change.add_argument("key", metavar="SECTION.KEY")
    change.add_argument("value", metavar="VALUE")
    actions.add_parser("diff", help="print what differs from the defaults")
    actions.add_parser("example", help="print a file with every setting and its meaning")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do what was asked."""
    if arguments.action == "set":
        return _set(arguments, output)
    if arguments.action == "example":
        output.line(example_file().rstrip("\n"))
        output.document({"text": example_file()})
        return 0
    current = settings(arguments)
    values = _flat(current)
    if arguments.action == "check":
        path = find_configuration(arguments.config)
        output.document({"ok": True, "file": str(path) if path else None})
        output.line(f"{path}: right." if path else "No file: the defaults hold.")
        return 0
    if arguments.action == "get":
        _require_key(arguments.key, values)
        values = {arguments.key: values[arguments.key]}
    if arguments.action == "diff":
        defaults = _flat(Settings())
        values = {key: value for key, value in values.items() if value != defaults[key]}
    output.document(values)
    for key, value in values.items():
        output.line(_toml(value) if arguments.action == "get" else f"{key} = {_toml(value)}")
    return 0


def _flat(current: Settings) -> dict[str, Any]:
    return {
        f"{section}.{key}": list(value) if isinstance(value, tuple) else value
        for section, table in dataclasses.asdict(current).items()
        for key, value in table.items()
    }


def _require_key(key: str, values: dict[str, Any]) -> None:
    if key not in values:
        near = difflib.get_close_matches(key, values, n=1, cutoff=0.3)
        raise ConfigurationError(
            f"there is no setting {key!r}",
            remedy=f"Did you mean {near[0]}?" if near else "See `issgaze config show`.",
        )


def _toml(value: Any) -> str:
    import tomlkit

    if value is None:
        return "(not set)"
    text: str = tomlkit.item(value).as_string()
    return text


def _set(arguments: argparse.Namespace, output: Output) -> int:
    """Change one value, check the whole, and swap the file in at once."""
    import tomlkit

    _require_key(arguments.key, _flat(Settings()))
    path = find_configuration(arguments.config) or _new_file(arguments)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if text:
        load_settings(path)
    document = tomlkit.parse(text)
    section, key = arguments.key.split(".", 1)
    table = document.setdefault(section, tomlkit.table())
    table[key] = _value(arguments.value)
    changed = tomlkit.dumps(document)
    parse_settings(changed, name=str(path))
    write_atomic(path, changed.encode())
    output.document({"file": str(path), arguments.key: table[key]})
    output.line(f"{path}: {arguments.key} = {_toml(table[key])}")
    return 0


def _new_file(arguments: argparse.Namespace) -> Path:
    if arguments.config:
        return Path(arguments.config)
    return SYSTEM_CONFIG if SYSTEM_CONFIG.parent.is_dir() else Path("issgaze.toml")


def _value(text: str) -> Any:
    """Read a value as TOML would; what is no TOML value is a text."""
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
