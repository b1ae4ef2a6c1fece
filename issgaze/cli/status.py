"""issgaze status: what the device does now."""

import argparse
import os
import sys
import threading

from issgaze.archive.status import read_status
from issgaze.cli.archiveoption import add_archive, require_named_folder
from issgaze.cli.output import Output
from issgaze.cli.standing import standing_archive
from issgaze.cli.statuslines import status_lines
from issgaze.errors import ArchiveError

SUMMARY = "Say what the device does now."
EXAMPLE = "issgaze status --watch"
_CLEAR, _HOME, _REST = "\x1b[2J", "\x1b[H", "\x1b[K"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)
    parser.add_argument("--watch", action="store_true", help="renew it every second until Ctrl-C")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print the status once, or again and again."""
    archive = standing_archive(arguments)
    if not arguments.watch:
        status = read_status(archive.run)
        output.document(status)
        for line in status_lines(status):
            output.line(line)
        return 0
    require_named_folder(arguments)
    pause = threading.Event()
    draws = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not output.json
    before: list[str] = []
    if draws:
        output.line(_CLEAR)
    try:
        while True:
            try:
                status = read_status(archive.run)
                lines = status_lines(status)
                output.document(status)
            except ArchiveError as error:
                lines = [f"! {error.message}", f"  {error.remedy}"]
                lines.append("  Waiting for a report; Ctrl-C ends.")
            _show(output, lines, before, draws=draws)
            before = lines
            pause.wait(1.0)
    except KeyboardInterrupt:
        return 0


def _show(output: Output, lines: list[str], before: list[str], *, draws: bool) -> None:
    """Draw the lines over those of the second before, or print what is new of them."""
    if draws:
        # each line is wiped to its end; nothing flickers over a slow link
        kept = [f"{line}{_REST}" for line in lines]
        kept += [_REST] * max(0, len(before) - len(lines))
        output.line(_HOME + "\n".join(kept))
        return
    for line in lines:
        # a countdown alone is no news for a terminal that cannot draw
        if line not in before and not (before and line.startswith(("Next ", "Board "))):
            output.line(line)
