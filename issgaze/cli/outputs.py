"""Where commands write: one convention for all of them.

A file goes into a folder that is there already: a mistyped one is refused, not made. A folder for
results (--out DIR) is made. What is replaced is named on stderr, so that nothing goes unnoticed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from issgaze.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from issgaze.cli.output import Output

_MOST_NAMED = 4


def require_place(path: Path | None, option: str) -> None:
    """Refuse a file whose folder is not there, or that is a folder; None is no file.

    Raises:
        UsageError: It cannot be written there.
    """
    if path is None:
        return
    if path.is_dir():
        raise UsageError(
            f"{option} {path}: that is a folder", remedy="Give the name of a file in it."
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"{option} {path}: there is no folder {path.parent}",
            remedy=f"Correct the name, or make it: `mkdir -p {path.parent}`.",
        )


def require_possible_folder(path: Path, option: str) -> None:
    """Refuse a folder for results that cannot be made or written, before the work begins.

    Raises:
        UsageError: A file stands there or in the way, or this user may not write there.
    """
    there = next((each for each in (path, *path.absolute().parents) if _exists(each)), None)
    if there is None:
        return
    if not there.is_dir():
        raise UsageError(
            f"{option} {path}: {'that' if there == path else there} is a file, a folder is needed",
            remedy="Name a folder that can be made and written.",
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(
            f"{option} {path}: you may not write in {there.absolute()}",
            remedy="Name a folder that can be made and written.",
        )


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:
        return False


def require_folder(path: Path, option: str) -> list[Path]:
    """Make a folder for results; return those that were not there before, the innermost first.

    Raises:
        UsageError: It cannot be made.
    """
    absent = [each for each in (path, *path.parents) if not each.exists()]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "that is a file" if path.is_file() else (error.strerror or str(error)).lower()
        raise UsageError(
            f"{option} {path}: {reason}", remedy="Name a folder that can be made and written."
        ) from error
    return absent


def say_replaced(paths: Iterable[Path], option: str, output: Output) -> None:
    """Name those files that are there already, before they are written again."""
    name_changed([path for path in paths if path.exists()], "replaced", option, output)


def name_changed(paths: Sequence[Path], change: str, option: str, output: Output) -> None:
    """Name files, all in one folder, with what became of them: replaced, or removed."""
    if paths:
        output.log(f"{option}: {listed(paths)} in {paths[0].parent} {change}")


def listed(paths: Sequence[Path]) -> str:
    """Return the names of files, of many the first few."""
    names = ", ".join(path.name for path in paths[:_MOST_NAMED])
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return names + more
