"""issgaze fetch: the one program that goes out to the network."""

import argparse
from collections.abc import Sequence

from issgaze.cli.archiveoption import add_archive
from issgaze.cli.arguments import whole_positive
from issgaze.cli.output import Output
from issgaze.cli.standing import standing_archive, standing_settings_of
from issgaze.configvalues import check_source
from issgaze.errors import ConfigurationError

SUMMARY = "Download new element sets, politely."
EXAMPLE = "issgaze fetch"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--norad", type=whole_positive, action="append", metavar="N", help="satellite, repeatable"
    )
    parser.add_argument(
        "--release", action="store_true", help="ask sources again that had shut us out"
    )
    parser.add_argument(
        "--if-due", action="store_true", help="only what elements.interval_h makes due; for timers"
    )
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Ask the sources in order until one answers, for each satellite."""
    import uuid

    from issgaze.archive.elements import ElementStore
    from issgaze.archive.fetchstate import FetchState
    from issgaze.archive.status import clock_trust_of
    from issgaze.civil import format_utc
    from issgaze.cli.elements import held_document
    from issgaze.devices.elementsource import HttpElementSource
    from issgaze.devices.systemclock import SystemClock
    from issgaze.errors import FetchError
    from issgaze.service.fetch import fetch_elements, next_fetch_utc

    configured = standing_settings_of(arguments).settings
    archive = standing_archive(arguments)
    store = ElementStore(archive.elements)
    if getattr(arguments, "release", False):
        for name in FetchState(store.root).release():
            output.log(f"{name} is asked again.")
    clock = SystemClock()
    now = clock.now_utc()
    trusted = "trusted" in {clock.quality().trust, clock_trust_of(archive.run, now)}
    sources = [
        HttpElementSource(address) for address in _usable(configured.elements.sources, output)
    ]
    fetched = []
    failures: list[FetchError] = []
    for norad_id in arguments.norad or configured.passes.norad_ids:
        if getattr(arguments, "if_due", False):
            due = next_fetch_utc(
                store,
                norad_id,
                interval_h=configured.elements.interval_h,
                device=str(uuid.getnode()),
            )
            if due is not None and now < due:
                output.log(f"{norad_id}: not due before {format_utc(due, decimals=0)}.")
                continue
        try:
            result = fetch_elements(
                store,
                sources,
                norad_id,
                now=now,
                clock_trusted=trusted,
            )
        except FetchError as error:
            failures.append(error)
            continue
        for remark in result.remarks:
            output.log(remark)
        fetched.append(result.held)
    if failures and not fetched:
        raise failures[0]
    for failure in failures:
        output.log(failure.message)
    output.document({"fetched": [held_document(held, now) for held in fetched]})
    for held in fetched:
        one = held.elements
        output.line(
            f"{one.name or one.norad_id}: epoch {one.epoch:%Y-%m-%d %H:%M} UTC, {held.standing}, "
            f"{one.source}"
        )
    return 0


def _usable(addresses: Sequence[str], output: Output) -> list[str]:
    """Return the sources that are web addresses; the others are named.

    Raises:
        ConfigurationError: None of several is one.
    """
    usable: list[str] = []
    refused: list[str] = []
    for address in addresses:
        try:
            check_source(address)
        except ValueError as error:
            refused.append(f"elements.sources has {address!r}, which {error}")
        else:
            usable.append(address)
    if refused and not usable:
        raise ConfigurationError(
            "; ".join(refused), remedy="`issgaze config example` has two that are right."
        )
    for said in refused:
        output.log(f"{said}: it is passed over.")
    return usable
