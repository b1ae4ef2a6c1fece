"""issgaze status: what the device does now."""

import argparse
import threading

from issgaze.archive.status import read_status
from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.output import Output

SUMMARY = "Say what the device does now."
EXAMPLE = "issgaze status --watch"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)
    parser.add_argument("--watch", action="store_true", help="renew it every second until Ctrl-C")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print the status once, or again and again."""
    archive = archive_of(arguments)
    pause = threading.Event()
    while True:
        status = read_status(archive.run)
        output.document(status)
        if arguments.watch:
            output.line("\x1b[2J\x1b[H")
        for line in status_lines(status):
            output.line(line)
        if not arguments.watch:
            return 0
        pause.wait(1.0)


def status_lines(status: dict[str, object]) -> list[str]:
    """Return the status in words."""
    lines = [str(status.get("sentence", ""))]
    clock = status.get("clock")
    if isinstance(clock, dict):
        bound = clock.get("bound_s")
        good = f"good to {bound * 1000:.0f} ms" if isinstance(bound, float | int) else "unknown"
        lines.append(f"Clock     {clock.get('trust')}, {good}")
    elements = status.get("elements")
    if isinstance(elements, list):
        lines += [
            f"Elements  {item['name']}, {item['age_days'] * 24:.0f} h old" for item in elements
        ]
    upcoming = status.get("next_pass")
    if isinstance(upcoming, dict):
        top = upcoming["culmination"]
        lines.append(f"Next      {top['utc']}, {top['altitude_deg']:.0f} deg high")
    disk = status.get("disk")
    if isinstance(disk, dict):
        lines.append(f"Disk      {disk['free_gb']:.0f} GB free")
    return lines
