"""issgaze run: everything in the foreground."""

import argparse
import os
import signal
import sys
from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.archive.lock import folder_lock
from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import host_argument, port_argument, settings, whole_positive
from issgaze.cli.observe import (
    add_simulation,
    check_simulation,
    chosen_scenario,
    simulation_words,
)
from issgaze.cli.output import Output
from issgaze.errors import LockedError

SUMMARY = "Run everything in the foreground: camera, pictures and page."
EXAMPLE = "issgaze run --simulated --speed max --passes 1 --archive /tmp/sky"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_simulation(parser)
    add_archive(parser)
    parser.add_argument(
        "--passes", type=whole_positive, metavar="N", help="end after N developed passes"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", type=host_argument, metavar="H",
        help="address of the page (127.0.0.1)",
    )  # fmt: skip
    parser.add_argument(
        "--port", default=8080, type=port_argument, metavar="P", help="its port (8080)"
    )
    parser.add_argument(
        "--stay", action="store_true", help="keep the page after the last pass until Ctrl-C"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Start the programs, show progress, and print the path of the picture."""
    from issgaze.service.run import Run, RunPlan, newest_picture

    # a shell that starts us in the background has SIGINT ignored, and that is inherited
    signal.signal(signal.SIGINT, signal.default_int_handler)
    check_simulation(arguments)
    settings(arguments)
    archive = archive_of(arguments)
    chosen_scenario(arguments, archive)
    archive.claim(simulated=arguments.simulated)
    _require_idle(archive)
    common = ["--archive", str(archive.root)]
    if arguments.config:
        common += ["--config", str(Path(arguments.config).absolute())]
    observe = [*common, *simulation_words(arguments)]
    if arguments.passes:
        observe += ["--passes", str(arguments.passes)]
    plan = RunPlan(
        archive=archive,
        observe=observe,
        develop=common,
        web=[*common, "--host", arguments.host, "--port", str(arguments.port)],
        address=f"http://{_reached(arguments.host)}:{arguments.port}/",
        stay=arguments.stay,
        faster="--speed 60" if arguments.simulated and arguments.speed is None else "",
    )
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    line = _ProgressLine(output)
    with Run(plan, log=line.say, show=line.show) as programs:
        status = programs.follow()
        picture = newest_picture(archive)
    line.show("")
    if picture is not None:
        output.line(str(picture))
    output.document({"status": status, "picture": str(picture) if picture else None})
    return status


def _require_idle(archive: Archive) -> None:
    """Refuse an archive that is photographed for already, before anything is started on it.

    Raises:
        LockedError: Another run, or the service, is at work.
    """
    try:
        with folder_lock(archive.root, wait=False):
            return
    except LockedError as error:
        raise LockedError(
            f"{archive.root}: another `issgaze run`, or the service, is at work on this archive",
            remedy="`issgaze status` says what it does. Stop it first, or give this one another "
            "folder with --archive.",
        ) from error


def _reached(host: str) -> str:
    """Return where a page that listens there is reached from this machine, as a URL writes it."""
    if host == "*":
        return "127.0.0.1"
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


class _ProgressLine:
    """One line renewed on a terminal; one line for each change of phase elsewhere."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._last = ""

    def show(self, text: str) -> None:
        if sys.stderr.isatty():
            self._output.progress(text)
        elif text.split(" ", 1)[0] != self._last.split(" ", 1)[0]:
            self._output.log(text)
        self._last = text

    def say(self, text: str) -> None:
        self._output.progress("")
        self._output.log(text)
