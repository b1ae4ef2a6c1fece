"""issgaze observe: the program on the roof."""

import argparse
import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from issgaze.civil import format_utc
from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import positive, settings, utc_argument, whole_positive
from issgaze.cli.output import Output
from issgaze.cli.signals import stop_on_signal
from issgaze.errors import FetchError, UsageError

if TYPE_CHECKING:
    from issgaze.simulated.scenario import Scenario

SUMMARY = "Wait for passes and photograph them (the issgaze-observe service)."
EXAMPLE = "issgaze observe --archive /var/lib/issgaze"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_simulation(parser)
    add_archive(parser)
    parser.add_argument(
        "--passes", type=whole_positive, metavar="N", help="end after N developed passes"
    )


def add_simulation(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a simulated world."""
    group = parser.add_argument_group("simulation")
    group.add_argument("--simulated", action="store_true", help="simulate every device")
    group.add_argument("--scenario", metavar="NAME|FILE", help="the world (default: clear)")
    group.add_argument("--seed", type=int, metavar="N", help="of its noise")
    group.add_argument("--from", dest="start", type=utc_argument, metavar="UTC", help="its clock")
    group.add_argument("--speed", type=_speed, metavar="X|max", help="its pace (default 1)")


def _speed(text: str) -> float:
    return math.inf if text == "max" else positive(text)


def check_simulation(arguments: argparse.Namespace) -> None:
    """Refuse a simulation's arguments without --simulated.

    Raises:
        UsageError: One of them was given.
    """
    for name, value in (
        ("--from", arguments.start),
        ("--speed", arguments.speed),
        ("--scenario", arguments.scenario),
        ("--seed", arguments.seed),
    ):
        if value is not None and not arguments.simulated:
            raise UsageError(
                f"{name} needs --simulated", remedy="Real time cannot be chosen; add --simulated."
            )


def chosen_scenario(arguments: argparse.Namespace) -> "Scenario | None":
    """Return the scenario of a simulated run, every file that it names looked at; None of a real.

    Raises:
        ScenarioError: There is no such scenario, or it makes no sense.
    """
    if not arguments.simulated:
        return None
    from issgaze.simulated.elementsource import element_record
    from issgaze.simulated.ground import check_mask
    from issgaze.simulated.scenario import load_scenario

    scenario = load_scenario(arguments.scenario or "clear")
    element_record(scenario)
    check_mask(scenario)
    if arguments.seed is not None:
        scenario = dataclasses.replace(scenario, seed=arguments.seed)
    return scenario


def simulation_words(arguments: argparse.Namespace) -> Sequence[str]:
    """Return the simulation's arguments as words for another program."""
    if not arguments.simulated:
        return []
    words = ["--simulated"]
    if arguments.scenario:
        words += ["--scenario", arguments.scenario]
    if arguments.seed is not None:
        words += [f"--seed={arguments.seed}"]
    if arguments.start is not None:
        words += ["--from", format_utc(arguments.start)]
    if arguments.speed is not None:
        words += ["--speed", "max" if math.isinf(arguments.speed) else str(arguments.speed)]
    return words


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Observe until stopped."""
    from issgaze.archive.atomic import write_atomic
    from issgaze.archive.elements import ElementStore
    from issgaze.archive.lock import folder_lock
    from issgaze.service.fetch import fetch_elements
    from issgaze.service.healing import EXIT_RESTART, RestartNeeded
    from issgaze.service.observe import Observer, ObserverParts
    from issgaze.service.watchdog import Watchdog

    check_simulation(arguments)
    scenario = chosen_scenario(arguments)
    configured = settings(arguments)
    archive = archive_of(arguments)
    archive.claim(simulated=arguments.simulated)
    kept_clock = archive.root / "simulated-clock.txt"
    if scenario is not None:
        from issgaze.service.wiring import simulated_devices, simulated_settings

        configured = simulated_settings(configured, scenario)
        speed = 1.0 if arguments.speed is None else arguments.speed
        devices = simulated_devices(
            scenario,
            start=arguments.start,
            speed=None if math.isinf(speed) else speed,
            kept_clock=kept_clock,
        )
    else:
        # a device on a roof does without the simulator's 15 MB
        from issgaze.service.realdevices import real_devices

        configured.require_site()
        devices = real_devices(configured)
    watchdog = Watchdog()
    parts = ObserverParts(
        archive=archive,
        settings=configured,
        devices=devices,
        stop=watchdog.beating(stop_on_signal()),
        log=output.log,
        watched=watchdog.watched,
    )
    with folder_lock(archive.root, wait=False):
        if devices.element_source is not None:
            store = ElementStore(archive.elements)
            # a simulated world has no second program that fetches
            for norad_id in configured.passes.norad_ids:
                try:
                    fetch_elements(
                        store,
                        [devices.element_source],
                        norad_id,
                        now=devices.clock.now_utc(),
                        clock_trusted=devices.clock.quality().trust == "trusted",
                    )
                except FetchError as error:
                    # as on a roof: the set of the last run is still there
                    if store.latest(norad_id, at=devices.clock.now_utc()) is None:
                        raise
                    output.log(error.message)
        watchdog.ready()
        try:
            Observer(parts).run(arguments.passes)
        except RestartNeeded as error:
            output.log(f"{error.message}. {error.remedy}")
            return EXIT_RESTART
        finally:
            if devices.simulated:
                from issgaze.service.wiring import kept_clock_text

                write_atomic(kept_clock, kept_clock_text(devices.clock.now_utc()))
    return 0
