"""issgaze darks: the library of darks, and a set of them under a cap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import positive
from issgaze.errors import DeviceError

if TYPE_CHECKING:
    import argparse

    from issgaze.archive.darklibrary import DarkSet
    from issgaze.cli.output import Output

SUMMARY = "Show the darks that are kept, or take some with a cap on the lens."
EXAMPLE = "issgaze darks take --exposure 10 --gain 8"

# opening the camera, and writing what it gave
_MARGIN_S = 60.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "action", nargs="?", choices=("show", "take"), default="show", help="default: show"
    )
    parser.add_argument(
        "--exposure", type=positive, metavar="S", default=10.0, help="of each dark, in s (10)"
    )
    parser.add_argument("--gain", type=positive, metavar="G", default=8.0, help="of the sensor (8)")
    parser.add_argument("--frames", type=int, metavar="N", default=16, help="how many (16)")
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the library, or ask the observer for a set."""
    from issgaze.archive.darklibrary import DarkLibrary

    archive = archive_of(arguments)
    library = DarkLibrary(archive.calibration)
    if arguments.action == "take":
        _take(arguments, output)
    held = library.sets()
    output.document({"sets": [_document(each) for each in held]})
    for each in held:
        output.line(_line(each))
    if not held:
        output.line("No darks are kept. Without them hot pixels are found in the frames of a pass.")
    return 0


def _take(arguments: argparse.Namespace, output: Output) -> None:
    """Ask for a set and wait for it.

    Raises:
        DeviceError: Nobody answers, or it was refused with the reason.
    """
    from issgaze.archive.requests import Requests
    from issgaze.archive.status import observe_runs
    from issgaze.devices.systemclock import SystemClock

    run = archive_of(arguments).run
    if not observe_runs(run, SystemClock().now_utc()):
        raise DeviceError(
            "nothing that could take darks runs on this archive",
            remedy="Start it: `sudo systemctl start issgaze-observe`, or `issgaze run`.",
        )
    requests = Requests(run)
    output.log("The cap stays on the lens until this ends.")
    asked = requests.ask(
        "darks", exposure_s=arguments.exposure, gain=arguments.gain, frames=arguments.frames
    )
    limit_s = 2.0 * arguments.exposure * max(arguments.frames, 1) + _MARGIN_S
    answer = requests.wait(asked, timeout_s=limit_s)
    if answer.get("done") is not True:
        raise DeviceError(str(answer.get("message")), remedy=str(answer.get("remedy")))
    output.log(str(answer.get("message")))


def _document(held: DarkSet) -> dict[str, Any]:
    from dataclasses import asdict

    from issgaze.civil import format_utc

    return {
        "set": held.path.name,
        "taken_utc": format_utc(held.taken_utc),
        "frames": held.count,
        **asdict(held.key),
    }


def _line(held: DarkSet) -> str:
    key = held.key
    warm = "" if key.temperature_c is None else f", {key.temperature_c:.0f} °C"
    return (
        f"{held.path.name}  {held.count} darks of {key.exposure_s:g} s at gain "
        f"{key.analogue_gain:g}, {key.width_px}x{key.height_px} px{warm}"
    )
