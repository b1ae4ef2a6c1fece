"""issgaze fetch: the one program that goes out to the network."""

import argparse

from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import settings, whole_positive
from issgaze.cli.output import Output

SUMMARY = "Download new element sets, politely."
EXAMPLE = "issgaze fetch"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--norad", type=whole_positive, action="append", metavar="N", help="satellite, repeatable"
    )
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Ask the sources in order until one answers, for each satellite."""
    from issgaze.archive.elements import ElementStore
    from issgaze.cli.elements import set_document
    from issgaze.devices.elementsource import HttpElementSource
    from issgaze.devices.systemclock import SystemClock
    from issgaze.errors import FetchError, IssgazeError
    from issgaze.service.fetch import fetch_now

    configured = settings(arguments)
    store = ElementStore(archive_of(arguments).elements)
    now = SystemClock().now_utc()
    fetched = []
    failures: list[IssgazeError] = []
    for norad_id in arguments.norad or configured.passes.norad_ids:
        for address in configured.elements.sources:
            try:
                fetched.append(fetch_now(store, HttpElementSource(address), norad_id, now))
                break
            except (FetchError, ValueError) as error:
                if not isinstance(error, IssgazeError):
                    raise
                output.log(error.message)
                failures.append(error)
    if not fetched and failures:
        raise FetchError(
            f"no source gave an element set: {failures[0].message}", remedy=failures[0].remedy
        )
    output.document({"fetched": [set_document(one, now) for one in fetched]})
    for one in fetched:
        output.line(
            f"{one.name or one.norad_id}: epoch {one.epoch:%Y-%m-%d %H:%M} UTC, {one.source}"
        )
    return 0
