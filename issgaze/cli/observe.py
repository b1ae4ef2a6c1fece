"""issgaze observe: the program on the roof."""

import argparse
import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from issgaze.civil import format_utc
from issgaze.cli.archiveoption import add_archive
from issgaze.cli.archivescenario import keep_scenario, scenario_named
from issgaze.cli.arguments import positive, utc_argument, whole_positive
from issgaze.cli.output import Output
from issgaze.cli.standing import configuration_file, standing_archive, standing_settings_of
from issgaze.config import load_settings
from issgaze.errors import IssgazeError, UsageError

if TYPE_CHECKING:
    from issgaze.archive.layout import Archive
    from issgaze.config import Settings
    from issgaze.service.devices import Devices
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
    group.add_argument(
        "--scenario", metavar="NAME|FILE", help="the world (default: the archive's, else clear)"
    )
    group.add_argument("--seed", type=int, metavar="N", help="of everything left to chance")
    group.add_argument(
        "--from", dest="start", type=utc_argument, metavar="UTC", help="where its clock begins"
    )
    group.add_argument(
        "--speed", type=_speed, metavar="X|max", help="pace of its clock (default 1)"
    )


def _speed(text: str) -> float:
    if text.strip().lower() == "max":
        return math.inf
    try:
        return positive(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(
            f"{error}\nGive a number above 0, as in --speed 60 for sixty times real time, or "
            "--speed max for as fast as it goes."
        ) from error


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


def chosen_scenario(arguments: argparse.Namespace, archive: "Archive") -> "Scenario | None":
    """Return the scenario of a simulated run, every file that it names looked at; None of a real.

    Where none was named, it stands in the arguments afterwards.

    Raises:
        ScenarioError: There is no such scenario, it makes no sense, or the archive is of another.
    """
    if not arguments.simulated:
        return None
    from issgaze.simulated.elementsource import element_record
    from issgaze.simulated.ground import check_mask
    from issgaze.simulated.scenario import load_scenario

    arguments.scenario = scenario_named(arguments, archive)
    scenario = load_scenario(arguments.scenario)
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
    """Observe until stopped; begin anew when the configuration was changed."""
    from issgaze.archive.lock import folder_lock
    from issgaze.cli.signals import stop_on_signal
    from issgaze.service.healing import EXIT_RESTART, RestartNeeded
    from issgaze.service.helpwanted import wait_for_help
    from issgaze.service.installed import import_everything, replaced
    from issgaze.service.watchdog import Watchdog

    check_simulation(arguments)
    archive = standing_archive(arguments)
    scenario = chosen_scenario(arguments, archive)
    watchdog = Watchdog()
    watching = _Watching(
        stop=watchdog.beating(stop_on_signal()),
        ready=watchdog.ready,
        replaced=replaced() if watchdog.watched else lambda: False,
        watched=watchdog.watched,
    )
    if watchdog.watched:
        # not what stacks and paints: that is develop's, and an idle observer stays small
        import_everything("orbit", "planning", "sky")
    archive.claim(simulated=arguments.simulated, beside_others=watchdog.watched)
    with folder_lock(archive.root, wait=False):
        if scenario is not None:
            keep_scenario(archive, arguments.scenario)
        again = True
        while again:
            try:
                again = _observe(arguments, output, scenario, watching) == "reload"
            except RestartNeeded as error:
                output.log(f"{error.message}. {error.remedy}")
                return EXIT_RESTART
            except IssgazeError as error:
                if not watching.watched:
                    raise
                # ending would be started again, and again; the page says what to mend
                output.log(f"{error.message}. {error.remedy}")
                watching.ready()
                again = wait_for_help(archive.run, error, stop=watching.stop)
    return 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Watching:
    """What watches over the program, and what it tells them."""

    stop: Callable[[], bool]
    ready: Callable[[], None]
    replaced: Callable[[], bool]
    watched: bool


def _observe(
    arguments: argparse.Namespace,
    output: Output,
    scenario: "Scenario | None",
    watching: _Watching,
) -> str:
    """Observe with the configuration as it is now; return why it ended."""
    from issgaze.archive.atomic import write_atomic
    from issgaze.service.observe import Observer
    from issgaze.service.observerparts import ObserverParts
    from issgaze.service.roofdesk import roof_desk
    from issgaze.service.standing import keep_good

    standing = standing_settings_of(arguments)
    if standing.complaint:
        output.log(f"{standing.complaint}. The last good configuration holds.")
    configured = standing.settings
    archive = standing_archive(arguments)
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
        _fill_store(archive, configured, devices, output)
    else:
        # a device on a roof does without the simulator's 15 MB
        from issgaze.service.realdevices import real_devices

        configured.require_site()
        devices = real_devices(configured, run=archive.run)
    path = configuration_file(arguments)
    if not standing.complaint:
        keep_good(path, archive.root)

    def check_settings() -> None:
        found = load_settings(configuration_file(arguments))
        if scenario is None:
            found.require_site()

    parts = ObserverParts(
        archive=archive,
        settings=configured,
        devices=devices,
        stop=watching.stop,
        log=output.log,
        watched=watching.watched,
        replaced=watching.replaced,
        check_settings=check_settings,
        complaint=standing.complaint,
    )
    watching.ready()
    try:
        with roof_desk(devices.roof, archive.run, log=output.log):
            return Observer(parts).run(arguments.passes)
    finally:
        if devices.simulated:
            from issgaze.service.wiring import kept_clock_text

            # after a reload the clock goes on where it was, not where it began
            arguments.start = None
            write_atomic(kept_clock, kept_clock_text(devices.clock.now_utc()))


def _fill_store(
    archive: "Archive", configured: "Settings", devices: "Devices", output: Output
) -> None:
    """Fetch element sets: a simulated world has no second program that does."""
    from issgaze.archive.elements import ElementStore
    from issgaze.service.fetch import refill

    if devices.element_source is None:
        return
    for complaint in refill(
        ElementStore(archive.elements),
        devices.element_source,
        configured.passes.norad_ids,
        now=devices.clock.now_utc(),
        clock_trusted=devices.clock.quality().trust == "trusted",
    ):
        output.log(complaint)
