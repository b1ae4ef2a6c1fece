"""issgaze doctor: what an experienced helper would ask for over the phone."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issgaze.cli.archiveoption import add_archive
from issgaze.cli.outputs import require_place, say_replaced

if TYPE_CHECKING:
    import argparse

    from issgaze.cli.output import Output
    from issgaze.service.check import Check

SUMMARY = "Examine board, clock, disk, camera and archive, and say what to mend."
EXAMPLE = "issgaze doctor --bundle report.zip"
_MARKS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL", "skip": "-   "}
# whose limit is no news
_CALM = {"ok", "skip"}
_NARROWEST = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)
    parser.add_argument(
        "--before-upgrade",
        action="store_true",
        help="say, too, whether an upgrade now could cost a pass, and fail then",
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help="write a zip to attach to a bug report, without secrets and coordinates",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print every finding; 1 when one of them has failed."""
    from issgaze.archive.layout import Archive
    from issgaze.config import find_configuration
    from issgaze.service.checkarchive import UPGRADE_CHECKS
    from issgaze.service.doctor import examine

    require_place(arguments.bundle, "--bundle")
    configuration = find_configuration(arguments.config)
    archive = Archive(arguments.archive.absolute()) if arguments.archive else None
    checks = examine(configuration, archive, before_upgrade=arguments.before_upgrade)
    # whoever reads it from a pipe gets one line each
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in _lines(checks, columns):
        output.line(line)
    document: dict[str, Any] = {"checks": [dataclasses.asdict(check) for check in checks]}
    if arguments.before_upgrade:
        forbids = [
            check.name for check in checks if check.state == "fail" and check.name in UPGRADE_CHECKS
        ]
        document["upgrade_forbidden_by"] = forbids
        output.line(_verdict(checks, forbids))
    if arguments.bundle:
        from issgaze.service.bundle import write_bundle

        say_replaced([arguments.bundle], "--bundle", output)
        write_bundle(arguments.bundle, document, configuration, archive)
        output.log(f"bundle written to {arguments.bundle}: read it before you send it")
    output.document(document)
    return 1 if any(check.state == "fail" for check in checks) else 0


def _verdict(checks: list[Check], forbids: list[str]) -> str:
    """Say whether an upgrade may be done now, and what forbids it."""
    if forbids:
        return f"Do not upgrade now, because of: {', '.join(forbids)}."
    others = [check.name for check in checks if check.state == "fail"]
    if others:
        return (
            f"Nothing forbids an upgrade now; what failed is another matter: {', '.join(others)}."
        )
    return "Nothing forbids an upgrade now."


def _lines(checks: list[Check], columns: int | None) -> list[str]:
    """Return the findings, broken at words where a terminal would break them anywhere."""
    width = max(len(check.name) for check in checks)
    lines: list[str] = []
    for check in checks:
        limit = f"  (limit {check.limit})" if check.limit and check.state not in _CALM else ""
        lines += _broken(f"{_MARKS[check.state]}  {check.name:<{width}}  ",
                         f"{check.value}{limit}", columns)  # fmt: skip
        if check.remedy:
            lines += _broken(" " * (width + 8), check.remedy, columns)
    counts = {state: sum(check.state == state for check in checks) for state in ("fail", "warn")}
    lines.append(f"{counts['fail']} failed, {counts['warn']} to look at, {len(checks)} in all")
    return lines


def _broken(head: str, text: str, columns: int | None) -> list[str]:
    if columns is None or columns < len(head) + _NARROWEST:
        return [f"{head}{text}"]
    parts = textwrap.wrap(text, columns - len(head), break_on_hyphens=False, break_long_words=False)
    return [
        f"{head if number == 0 else ' ' * len(head)}{part}" for number, part in enumerate(parts)
    ]
