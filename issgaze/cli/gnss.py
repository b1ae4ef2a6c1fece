"""issgaze gnss: reads the GNSS receiver, and judges the clock by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from issgaze.cli.archiveoption import add_archive
from issgaze.cli.standing import standing_archive, standing_settings_of

if TYPE_CHECKING:
    import argparse

    from issgaze.cli.output import Output

SUMMARY = "Read the GNSS receiver and publish place, time and clock (the issgaze-gnss service)."
EXAMPLE = "issgaze gnss --once"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--once", action="store_true", help="say what it says now, and end")
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Publish gnss.json once a second until stopped."""
    from issgaze.cli.signals import stop_on_signal
    from issgaze.devices.systemclock import SystemClock
    from issgaze.service.gnssunit import GnssUnit, real_receiver
    from issgaze.service.watchdog import Watchdog

    configured = standing_settings_of(arguments).settings
    watchdog = Watchdog()
    unit = GnssUnit(
        run=standing_archive(arguments).run,
        receiver=real_receiver(configured.gnss),
        site=configured.site,
        clock=SystemClock(),
        stop=watchdog.beating(stop_on_signal()),
        log=output.log,
    )
    watchdog.ready()
    document = unit.serve(times=1 if arguments.once else None)
    if arguments.once:
        output.document(document)
        for key in ("state", "reason", "satellites", "latitude_deg", "longitude_deg", "height_m",
                    "clock_error_s"):  # fmt: skip
            if document.get(key) not in {None, ""}:
                output.line(f"{key:<14} {document[key]}")
        clock = document["clock"]
        bound_s = clock["bound_s"]
        bound = "error not bounded" if bound_s is None else f"within {bound_s} s"
        output.line(f"{'clock':<14} {clock['trust']}, {bound}, {clock['source']}")
    return 0
