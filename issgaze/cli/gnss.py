"""issgaze gnss: reads the GNSS receiver, and judges the clock by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from issgaze.cli.archiveoption import add_archive
from issgaze.cli.standing import standing_archive, standing_settings_of

if TYPE_CHECKING:
    import argparse

    from issgaze.cli.output import Output

SUMMARY = "Read the GNSS receiver and publish place, time and clock (the issgaze-gnss service)."
EXAMPLE = "issgaze gnss --once"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--once", action="store_true", help="say what it says now, publish nothing, and end"
    )
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Publish gnss.json once a second until stopped, with the configuration as it is."""
    from issgaze.cli.signals import stop_on_signal
    from issgaze.devices.systemclock import SystemClock
    from issgaze.service.gnssunit import GnssUnit, real_receiver, stand_by
    from issgaze.service.standing import changed_settings
    from issgaze.service.watchdog import Watchdog

    watchdog = Watchdog()
    stop = watchdog.beating(stop_on_signal())
    while True:
        configured = standing_settings_of(arguments).settings
        changed = changed_settings(lambda: standing_settings_of(arguments).settings, configured)
        if configured.gnss.source == "roof" and not arguments.once:
            watchdog.ready()
            stand_by(SystemClock(), stop=lambda: stop() or changed(), log=output.log)  # noqa: B023 - asked before the next round
        else:
            unit = GnssUnit(
                run=standing_archive(arguments).run,
                receiver=real_receiver(configured.gnss),
                site=configured.site,
                clock=SystemClock(),
                stop=lambda: stop() or changed(),  # noqa: B023 - asked before the next round
                log=output.log,
            )
            watchdog.ready()
            if arguments.once:
                _show(unit.look_once(), output)
                return 0
            unit.serve()
        if stop():
            return 0
        output.log("the configuration has changed: beginning anew")


def _show(document: dict[str, Any], output: Output) -> None:
    output.document(document)
    keys = ("state", "reason", "remedy", "satellites", "latitude_deg", "longitude_deg",
            "height_m", "clock_error_s")  # fmt: skip
    for key in keys:
        if document.get(key) not in {None, ""}:
            output.line(f"{key:<14} {document[key]}")
    clock = document["clock"]
    bound_s = clock["bound_s"]
    bound = "error not bounded" if bound_s is None else f"within {bound_s} s"
    output.line(f"{'clock':<14} {clock['trust']}, {bound}, {clock['source']}")
