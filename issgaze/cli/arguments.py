"""Arguments that several commands share, read with errors that name value and limit."""

import argparse
import difflib
import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from issgaze.civil import from_unix, parse_utc
from issgaze.cli.coordinates import parse_coordinates
from issgaze.config import Settings, find_configuration, load_settings
from issgaze.configvalues import check_host
from issgaze.errors import ConfigurationError, FrameError, IssgazeError, UsageError
from issgaze.sky.site import Site


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are UsageErrors, so that --json can report them too.

    Options may stand between names: `elements import --archive DIR FILE`.
    """

    _mixing = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Parse with options and names in any order, where there are no sub-commands."""
        if self._mixing or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False

    def error(self, message: str) -> None:  # type: ignore[override]  # argparse exits, we raise
        """Raise instead of printing and leaving; what follows a line break is the remedy."""
        message, _, remedy = message.partition("\n")
        raise UsageError(message, remedy=remedy or f"{_meant(message)}See `{self.prog} --help`.")


def _meant(message: str) -> str:
    """Return what a wrong choice may have meant, empty when nothing is near."""
    wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
    if wrong is None:
        return ""
    choices = [choice.strip(" '") for choice in wrong[2].split(",")]
    near = difflib.get_close_matches(wrong[1], choices, n=1)
    return f"Did you mean {near[0]}? " if near else ""


def actions_of(
    parser: argparse.ArgumentParser,
) -> Callable[[str, str, str], argparse.ArgumentParser]:
    """Return what adds an action to a command, given its name, summary and example.

    Each explains itself with its example and what every command takes.
    """
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, summary: str, example: str) -> argparse.ArgumentParser:
        action = actions.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"Example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_common(action)
        return action

    return add


def add_site(parser: argparse.ArgumentParser) -> None:
    """Add --site."""
    parser.add_argument(
        "--site",
        type=site_argument,
        metavar="LAT,LON[,HEIGHT_M]",
        help="where the camera stands: degrees north, degrees east, metres; or as maps write it, "
        "such as \"48°12'N 16°22'E\"",
    )


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that every command takes."""
    # main takes these from wherever they stand; here they are for the help text
    hidden = argparse.SUPPRESS
    parser.add_argument(
        "--json", action="store_true", default=hidden, help="print one JSON document on stdout"
    )
    parser.add_argument("-c", "--config", metavar="FILE", default=hidden, help="configuration file")


def settings(arguments: argparse.Namespace) -> Settings:
    """Return the configuration that the command line, the environment or the usual places name.

    Raises:
        ConfigurationError: The file is missing or wrong.
    """
    return load_settings(find_configuration(arguments.config))


def configured_site(configured: Settings) -> Site | None:
    """Return the site of the configuration, None when it names none."""
    try:
        return configured.require_site()
    except ConfigurationError:
        return None


def require_files(paths: Sequence[Path]) -> None:
    """Refuse names of files that are not there.

    Raises:
        FrameError: At least one is missing, or is a folder.
    """
    absent = [path for path in paths if not path.is_file()]
    if absent:
        if absent[0].is_dir():
            raise FrameError(
                f"{absent[0]} is a folder, files are needed",
                remedy=f"Name the files in it, such as {absent[0]}/*.fits",
            )
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        raise FrameError(f"{absent[0]}{more}: no such file", remedy="Check the names.")


def site_argument(text: str) -> Site:
    """Read LAT,LON[,HEIGHT_M] in degrees and metres, or coordinates as people write them."""
    try:
        numbers = _site_numbers(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}\n{_site_meant(text)}") from error
    latitude, longitude = numbers[:2]
    height = numbers[2] if len(numbers) == 3 else 0.0
    for value, limit, what in (
        (latitude, 90.0, "latitude"),
        (longitude, 180.0, "longitude"),
    ):
        if not -limit <= value <= limit:
            raise argparse.ArgumentTypeError(f"{what} {value:g}, limits -{limit:g} to {limit:g}")
    if not -500.0 <= height <= 9000.0:
        raise argparse.ArgumentTypeError(f"height {height:g} m, limits -500 to 9000")
    return Site(latitude_deg=latitude, longitude_deg=longitude, height_m=height)


def _site_numbers(text: str) -> tuple[float, ...]:
    """Return latitude, longitude and perhaps height.

    Raises:
        ValueError: It is none of these. Commas alone may be points or separate numbers: there must
            be two or three numbers then.
    """
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        return parse_coordinates(text)
    if len(numbers) in {2, 3}:
        return numbers
    if re.search(r"\s", text.strip()):
        return parse_coordinates(text)
    raise ValueError(f"{text!r} is not latitude, longitude")


def _site_meant(text: str) -> str:
    """Return how to write a place, with what was typed where that tells."""
    from issgaze.archive.cities import find_cities, labels

    number = re.fullmatch(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*°?\s*", text)
    if number:
        return f"Write the longitude, too, as in --site {number[1].replace(',', '.')},16.3738"
    if re.search(r"[^\W\d_]{2}", text):
        found = find_cities(text.strip())
        named = [city for city in found if city.is_called(text)] or found
        if named:
            city = named[0]
            more = ", the largest of several" if len(named) > 1 else ""
            return (
                f"Write --site {city.latitude_deg},{city.longitude_deg} for the middle of "
                f"{labels([city])[0]}{more}; the roof's own coordinates are better."
            )
    numbers = re.findall(r"\d+(?:[.,]\d+)?", text)
    # letters, signs and minutes would be lost
    told = len(numbers) == 2 and not re.search(r"[^\d.,;\s°]", text)
    example = ",".join(each.replace(",", ".") for each in numbers) if told else "48.2082,16.3738"
    return (
        f"Write latitude and longitude in degrees with a comma between them, as in --site {example}"
    )


# Sputnik's, and where two-digit years of element sets and the Earth's rotation end
_FIRST_YEAR, _LAST_YEAR = 1957, 2056


def utc_argument(text: str) -> datetime:
    """Read an ISO 8601 instant, UTC unless it says otherwise, or now."""
    if text.strip().lower() == "now":
        return from_unix(time.time())
    try:
        instant = parse_utc(text)
    except IssgazeError as error:
        raise argparse.ArgumentTypeError(f"{error.message}\n{error.remedy}") from error
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise argparse.ArgumentTypeError(
            f"{text}: the years {_FIRST_YEAR} to {_LAST_YEAR} are known, the first with a satellite"
        )
    return instant


def positive(text: str) -> float:
    """Read a finite number above zero."""
    return _bounded(text, low=0.0, open_low=True)


def not_negative(text: str) -> float:
    """Read a finite number, zero or more."""
    return _bounded(text, low=0.0, open_low=False)


def _bounded(text: str, *, low: float, open_low: bool) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not low <= value < float("inf") or (open_low and value == low):
        limit = "above" if open_low else "at least"
        raise argparse.ArgumentTypeError(f"{text} must be {limit} {low:g}")
    return value


def whole(text: str) -> int:
    """Read a whole number, zero or more."""
    if text.isascii() and text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number, zero or more")


def whole_positive(text: str) -> int:
    """Read a whole number, one or more."""
    try:
        value = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from error
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} must be at least 1")
    return value


def host_argument(text: str) -> str:
    """Read an address or the name of a host."""
    try:
        check_host(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}") from error
    return text


def port_argument(text: str) -> int:
    """Read the number of a TCP port."""
    port = whole_positive(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"port {port}, limits 1 to 65535")
    return port
