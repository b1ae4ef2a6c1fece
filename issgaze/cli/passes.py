"""issgaze passes: the passes of the coming days, and which of them can be seen."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import (
    add_site,
    configured_site,
    not_negative,
    positive,
    settings,
    utc_argument,
    whole_positive,
)
from issgaze.cli.coordinates import site_words
from issgaze.cli.outputs import require_place, say_replaced

if TYPE_CHECKING:
    import argparse
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from issgaze.cli.output import Output
    from issgaze.config import Settings
    from issgaze.orbit.elements import ElementSet
    from issgaze.orbit.passes import Pass
    from issgaze.planning.plan import Choice
    from issgaze.sky.horizon import HorizonMask
    from issgaze.sky.site import Site

SUMMARY = "Show the passes of the coming days and which of them can be seen."
EXAMPLE = "issgaze passes --site 47.27,11.39,600 --days 5 --elements stations.json"

_LONGEST_DAYS = 400.0
# sun-synchronous, large, and seen with the naked eye at their best; catalogue numbers
# beyond this age the times of a station are wrong by more than a pass is long
_STALE_DAYS = 14.0
_POLAR_SATELLITES = "27386 (Envisat), 25994 (Terra), 27424 (Aqua)"
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--days", type=positive, default=10.0, metavar="N", help="default 10")
    parser.add_argument(
        "--from", dest="start", type=utc_argument, metavar="UTC", help="default now"
    )
    add_site(parser)
    parser.add_argument(
        "--elements", type=Path, metavar="FILE", help="element sets in any format; - is stdin"
    )
    parser.add_argument(
        "--norad", type=whole_positive, action="append", metavar="N", help="satellite, repeatable"
    )
    parser.add_argument(
        "--min-altitude",
        type=not_negative,
        metavar="DEG",
        help="of rise and set, default 10",
    )
    parser.add_argument("--all", action="store_true", help="list what cannot be seen as well")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE.svg", help="draw the first pass that is worth shooting"
    )
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Predict and print."""
    from issgaze.archive.passdocument import choice_document, transit_document
    from issgaze.archive.status import device_now
    from issgaze.civil import later, time_zone
    from issgaze.cli.passsets import held_sets
    from issgaze.devices.systemclock import SystemClock
    from issgaze.errors import PropagationError, UsageError
    from issgaze.orbit.brightness import STANDARD_MAGNITUDE_ISS
    from issgaze.orbit.finder import find_passes
    from issgaze.orbit.timing import uncertainty_from_history
    from issgaze.planning.choose import Conditions, Limits, choose

    configured = settings(arguments)
    if arguments.days > _LONGEST_DAYS:
        raise UsageError(
            f"--days {arguments.days:g} is too far ahead, the limit is {_LONGEST_DAYS:.0f}",
            remedy="Ask for less; beyond two weeks the times are guesses anyway.",
        )
    min_altitude = _min_altitude(arguments, configured)
    site, zone_name = _site(arguments, configured)
    # the owner's roofs and trees stand at his own site alone
    horizon = None if arguments.site else configured.horizon()
    if arguments.plot is not None:
        _require_svg(arguments.plot)
        require_place(arguments.plot, "--plot")
    start = arguments.start or SystemClock().now_utc()
    if arguments.start is None and arguments.elements is None:
        # the sets of a simulated device are of its own time
        start = device_now(archive_of(arguments).run, start)
    held = held_sets(arguments, configured, start, output)
    elements = tuple(one.elements for one in held)
    passes: list[Pass] = []
    unknown: list[str] = []
    for one in held:
        norad_id = one.elements.norad_id
        shines = _standard_magnitude(norad_id, configured)
        try:
            found = find_passes(
                one.elements,
                site,
                start,
                later(start, arguments.days * 86400.0),
                min_altitude_deg=min_altitude,
                horizon=horizon,
                standard_magnitude=STANDARD_MAGNITUDE_ISS if shines is None else shines,
                timing_uncertainty_s=uncertainty_from_history(
                    one.elements, one.before, rival=one.rival
                ),
            )
        except PropagationError as error:
            # one that has come down shall not hide the others
            if len(held) == 1:
                raise
            output.log(f"{one.elements.name or norad_id}: {error.message}")
            continue
        if shines is None:
            # a magnitude that is the station's would be a lie about anything else
            found = tuple(dataclasses.replace(each, peak_magnitude=None) for each in found)
            unknown.append(one.elements.name or str(norad_id))
        passes += found
    if unknown:
        output.log(_unknown_brightness(unknown))
    choices = choose(
        sorted(passes, key=lambda iss_pass: iss_pass.culmination.utc),
        limits=Limits(min_culmination_deg=configured.passes.min_culmination_deg),
        conditions=Conditions(),
    )
    if arguments.plot is not None:
        _plot(arguments.plot, choices, elements, site, configured, horizon, zone_name, output)
    shown = [choice for choice in choices if arguments.all or choice.iss_pass.visible]
    output.document(
        {
            "elements": [_elements_document(element_set, start) for element_set in elements],
            "site": {
                "latitude_deg": site.latitude_deg,
                "longitude_deg": site.longitude_deg,
                "height_m": site.height_m,
            },
            "passes": [choice_document(choice) for choice in shown],
            "transits": [
                {"id": choice.iss_pass.id, **transit_document(each)}
                for choice in choices
                for each in choice.iss_pass.transits
            ],
        }
    )
    if arguments.site:
        # degrees, minutes and commas can be read in several ways
        output.log(f"Site: {site_words(site)}.")
    zone = time_zone(zone_name)
    _print_for_people(elements, shown, start, zone, output)
    for line in _transit_lines(choices, elements, zone):
        output.line(line)
    if shown and zone_name == "UTC" and arguments.site:
        output.log("Times are in UTC; site.time_zone in issgaze.toml makes them local.")
    for line in _out_of_reach(elements, site, min_altitude):
        output.log(line)
    return 0


def _site(arguments: argparse.Namespace, configured: Settings) -> tuple[Site, str]:
    """Return the site that was named, is configured, or that the archive's newest plan was for.

    With it comes the name of its time zone.

    Raises:
        ConfigurationError: None of them says where.
    """
    from issgaze.archive.passfolder import newest_plan
    from issgaze.errors import ConfigurationError

    site = arguments.site or configured_site(configured)
    if site is not None:
        return site, configured.site.time_zone
    plan = newest_plan(archive_of(arguments))
    if plan is None:
        raise ConfigurationError(
            configured.site_unknown(),
            remedy="Give --site LAT,LON[,HEIGHT_M], or run `issgaze setup` once.",
        )
    return plan.site, plan.time_zone


def _plot(
    path: Path,
    choices: tuple[Choice, ...],
    elements: tuple[ElementSet, ...],
    site: Site,
    configured: Settings,
    horizon: HorizonMask | None,
    zone_name: str,
    output: Output,
) -> None:
    """Draw the first pass to shoot, else the first that can be seen.

    Raises:
        UsageError: No pass of the span can be seen.
        ArchiveError: The file cannot be written.
    """
    from issgaze.archive.atomic import write_atomic
    from issgaze.civil import time_zone
    from issgaze.errors import UsageError
    from issgaze.picture.skychart import sky_chart_svg
    from issgaze.service.passchart import pass_chart

    visible = [choice for choice in choices if choice.iss_pass.visible]
    chosen = next((choice for choice in visible if choice.verdict == "shoot"), None)
    chosen = chosen or next(iter(visible), None)
    if chosen is None:
        raise UsageError(
            "--plot: no pass of that time can be seen",
            remedy="Ask for more --days, or another --from.",
        )
    norad_id = chosen.iss_pass.norad_id
    chart = pass_chart(
        chosen.iss_pass,
        elements=next(one for one in elements if one.norad_id == norad_id),
        site=site,
        site_name=configured.site.name if site == configured_site(configured) else "",
        zone=time_zone(zone_name),
        horizon=horizon,
        standard_magnitude=configured.passes.standard_magnitude,
    )
    say_replaced([path], "--plot", output)
    write_atomic(path, sky_chart_svg(chart, standalone=True).encode() + b"\n")


def _standard_magnitude(norad_id: int, configured: Settings) -> float | None:
    """Return how bright a satellite is; None for one that nobody has told about."""
    from issgaze.orbit.brightness import STANDARD_MAGNITUDE_ISS
    from issgaze.orbit.elements import ISS_NORAD_ID

    if norad_id in configured.passes.norad_ids:
        return configured.passes.standard_magnitude
    return STANDARD_MAGNITUDE_ISS if norad_id == ISS_NORAD_ID else None


def _unknown_brightness(names: list[str]) -> str:
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return (
        f"{shown}: how bright is not known, so no magnitude is given; it may be far too faint. "
        "passes.standard_magnitude is that of passes.norad_ids."
    )


def _require_svg(path: Path) -> None:
    from issgaze.errors import UsageError

    if path.suffix.lower() != ".svg":
        raise UsageError(
            f"--plot {path}: the chart is an SVG drawing, the name must end in .svg",
            remedy=f"Write --plot {path.with_suffix('.svg')}; browsers and image programs open it.",
        )


def _min_altitude(arguments: argparse.Namespace, configured: Settings) -> float:
    from issgaze.errors import UsageError

    if arguments.min_altitude is None:
        return configured.passes.min_altitude_deg
    if arguments.min_altitude >= 90.0:
        raise UsageError(
            f"--min-altitude {arguments.min_altitude:g} is not below 90°, the zenith",
            remedy="Give an altitude from 0° to 89°.",
        )
    return float(arguments.min_altitude)


def _out_of_reach(
    elements: tuple[ElementSet, ...], site: Site, min_altitude_deg: float
) -> list[str]:
    """Return a line for each satellite that never comes up here, with others that do."""
    from issgaze.orbit.reach import highest_altitude_deg
    from issgaze.planning.wording import signed

    lines: list[str] = []
    for one in elements:
        highest = highest_altitude_deg(one, site)
        # right to half a degree
        if highest < min_altitude_deg - 0.5:
            seen = f"stands {highest:.0f}° high at most" if highest > 0.0 else "never rises"
            lines.append(
                f"{one.name or one.norad_id} {seen} at latitude "
                f"{signed(site.latitude_deg, 1)}°: its orbit is tilted by "
                f"{one.inclination_deg:.1f}°. Satellites that pass over every latitude: "
                f"{_POLAR_SATELLITES} (`--norad`, or passes.norad_ids)."
            )
    return lines


def _elements_document(elements: ElementSet, start: datetime) -> dict[str, object]:
    from issgaze.civil import SECONDS_PER_DAY, format_utc, seconds_between

    return {
        "norad_id": elements.norad_id,
        "name": elements.name,
        "epoch": format_utc(elements.epoch),
        "age_days": round(seconds_between(elements.epoch, start) / SECONDS_PER_DAY, 3),
        "source": elements.source,
    }


def _print_for_people(
    elements: tuple[ElementSet, ...],
    choices: list[Choice],
    start: datetime,
    zone: ZoneInfo,
    output: Output,
) -> None:
    from issgaze.civil import SECONDS_PER_DAY, seconds_between
    from issgaze.planning.wording import duration, signed

    names = {one.norad_id: one.name or str(one.norad_id) for one in elements}
    for one in elements:
        age_days = seconds_between(one.epoch, start) / SECONDS_PER_DAY
        age = f"{age_days:.1f} days old" if age_days >= 0.0 else f"of {-age_days:.1f} days later"
        output.line(f"{names[one.norad_id]}: element set {age} ({one.source})")
        if abs(age_days) > _STALE_DAYS:
            output.log(
                f"{names[one.norad_id]}: {abs(age_days):.0f} days between the element set and "
                "--from; times are guesses. Get a set of that time with `issgaze elements fetch`, "
                "or name one with --elements FILE."
            )
    if not choices:
        output.line("No visible pass in that time; --all lists the others.")
        return
    output.line(
        f"{'culmination':<25} {'alt':>4} {'from':>4} {'to':>3} {'mag':>5} {'±':>6}  verdict"
    )
    for choice in choices:
        iss_pass = choice.iss_pass
        magnitude = "" if iss_pass.peak_magnitude is None else signed(iss_pass.peak_magnitude, 1)
        name = "" if len(elements) == 1 else f"{names[iss_pass.norad_id]}: "
        top = iss_pass.culmination
        output.line(
            f"{_stamp(top.utc, zone):<25} {top.altitude_deg:4.0f} "
            f"{_compass(iss_pass.rise.azimuth_deg):>4} {_compass(iss_pass.set.azimuth_deg):>3} "
            f"{magnitude:>5} {duration(iss_pass.timing_uncertainty_s):>6}  {name}{choice.verdict}: "
            f"{choice.reason}"
        )


def _transit_lines(
    choices: tuple[Choice, ...], elements: tuple[ElementSet, ...], zone: ZoneInfo
) -> list[str]:
    """Return a bonus row for each way over Sun or Moon that the site's error allows."""
    names = {one.norad_id: one.name or str(one.norad_id) for one in elements}
    lines: list[str] = []
    for choice in choices:
        for each in choice.iss_pass.transits:
            sure = each.separation_deg + each.error_deg < each.radius_deg
            body = "Sun (never without a solar filter)" if each.body == "sun" else "Moon"
            lines.append(
                f"Bonus: {names[choice.iss_pass.norad_id]} {'crosses' if sure else 'may cross'} "
                f"the {body} at {_stamp(each.utc, zone)}, "
                f"{each.separation_deg:.2f}° from its centre, give or take {each.error_deg:.2f}°."
            )
    return lines


def _stamp(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant as the clocks there show it, with its offset; UTC by its name."""
    from issgaze.civil import local

    offset = "UTC" if zone.key == "UTC" else "%z"
    return local(instant, zone).strftime(f"%Y-%m-%d %H:%M:%S {offset}")


def _compass(azimuth_deg: float) -> str:
    return _COMPASS[round(azimuth_deg / 45.0) % 8]
