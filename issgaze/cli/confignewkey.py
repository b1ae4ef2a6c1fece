"""Where a setting goes that a configuration file does not have yet."""

import re
import tomllib
from typing import Any

from issgaze.cli.configtext import example_file


def with_new_key(text: str, section: str, key: str, value: Any) -> str | None:
    """Return a file's text with a new key where its reader looks for it.

    That is the place of the example's commented-out line of that name, else after the owner's
    commented-out one, else after the last line of the section: a comment right above the next
    section belongs to that.

    Args:
        text: Of the file, which is TOML.
        section: The table, which must stand under a header of its own.
        key: What it does not hold yet.
        value: What TOML can write.

    Returns:
        The text, None where the key is there already or lines alone do not tell its place.
    """
    import tomlkit

    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        # the check of the whole names the fault
        return None
    table = held.get(section)
    if not isinstance(table, dict) or key in table:
        return None
    lines = text.removesuffix("\n").split("\n")
    headers = [number for number, line in enumerate(lines) if re.match(r"\s*\[", line)]
    own = re.compile(rf"\s*\[\s*{re.escape(section)}\s*\]\s*(#.*)?$")
    begin = next((number for number in headers if own.match(lines[number])), None)
    if begin is None:
        return None
    end = next((number for number in headers if number > begin), len(lines))
    new = f"{key} = {tomlkit.item(value).as_string()}"
    commented = [
        number
        for number in range(begin, end)
        if re.match(rf"\s*#\s*{re.escape(key)}\s*=", lines[number])
    ]
    if commented and lines[commented[-1]] in example_file().splitlines():
        lines[commented[-1]] = new
    else:
        last = commented[-1] if commented else _last_own_line(lines, begin, end)
        lines.insert(last + 1, new)
    placed = "\n".join(lines) + "\n"
    try:
        # a text of many lines may look like a header, or like a comment
        right = tomllib.loads(placed) == held | {section: table | {key: value}}
    except tomllib.TOMLDecodeError:
        right = False
    return placed if right else None


def _last_own_line(lines: list[str], begin: int, end: int) -> int:
    """Return the number of a section's last line, without what leads to the next header."""
    last = end - 1
    if end < len(lines):
        while last > begin and lines[last].lstrip().startswith("#"):
            last -= 1
    while last > begin and not lines[last].strip():
        last -= 1
    return last
