"""issgaze elements: what is held, what a file brings, what the network brings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import settings, whole_positive

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from issgaze.archive.elements import HeldSet
    from issgaze.cli.output import Output
    from issgaze.orbit.elements import ElementSet

SUMMARY = "Show, import or fetch element sets."
EXAMPLE = "issgaze elements import stations.txt"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "action",
        choices=("show", "import", "fetch"),
        help="show what is held and how old, import a file, or fetch from the sources",
    )
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="to import, any format; - is stdin"
    )
    parser.add_argument(
        "--norad", type=whole_positive, action="append", metavar="N", help="satellite, repeatable"
    )
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do what was asked, then show what is held."""
    from issgaze.errors import UsageError

    if (arguments.action == "import") != (arguments.file is not None):
        raise UsageError(
            f"`issgaze elements {arguments.action}` "
            + ("needs a FILE" if arguments.file is None else "takes no FILE"),
            remedy="Write `issgaze elements import FILE`; - reads from stdin.",
        )
    if arguments.action == "import":
        return _import(arguments, output)
    if arguments.action == "fetch":
        from issgaze.cli.fetch import run as fetch

        return fetch(arguments, output)
    return _show(arguments, output)


def _import(arguments: argparse.Namespace, output: Output) -> int:
    from issgaze.archive.elements import ElementStore
    from issgaze.civil import SECONDS_PER_DAY, seconds_between
    from issgaze.cli.elementfile import read_element_file
    from issgaze.devices.systemclock import SystemClock
    from issgaze.errors import ElementError
    from issgaze.orbit.acceptance import OLDEST_NEWS_S, require_current

    parsed = read_element_file(arguments.file)
    store = ElementStore(archive_of(arguments).elements)
    wanted = set(arguments.norad or settings(arguments).passes.norad_ids)
    taken = [one for one in parsed.sets if one.norad_id in wanted]
    for refused in parsed.refused:
        output.log(f"{arguments.file}: {refused.name} is left out: {refused.reason}")
    if not taken:
        found = ", ".join(str(one.norad_id) for one in parsed.sets[:5])
        if not found:
            raise ElementError(
                f"{arguments.file}: holds no sound element set",
                remedy="Give a file of element sets: OMM as JSON, XML, CSV or KVN, or TLE.",
            )
        raise ElementError(
            f"{arguments.file}: holds {found}, but not {', '.join(map(str, sorted(wanted)))}",
            remedy="Name the satellites with --norad N, or set passes.norad_ids.",
        )
    now = SystemClock().now_utc()
    for one in taken:
        # age is not judged here: an archive may be filled with history; the young come into force
        try:
            require_current(one, now=now, clock_trusted=False)
        except ElementError as error:
            raise ElementError(
                f"{arguments.file}: {error.message}",
                remedy="Nothing of it was imported: take a file with the station's own sets.",
            ) from error
    held = [store.add(one) for one in sorted(taken, key=lambda one: one.epoch)]
    output.document({"imported": [held_document(one, now) for one in held]})
    sets = "element set" if len(taken) == 1 else "element sets"
    output.line(f"Imported {len(taken)} {sets} into {store.root}.")
    old = [one for one in taken if seconds_between(one.epoch, now) > OLDEST_NEWS_S]
    if old:
        are, limit_days = "is" if len(old) == 1 else "are", OLDEST_NEWS_S / SECONDS_PER_DAY
        output.log(
            f"{len(old)} of them {are} over {limit_days:.0f} days old: kept as history, not used "
            "as today's."
        )
    return 0


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from issgaze.archive.elements import ElementStore
    from issgaze.archive.fetchstate import FetchState
    from issgaze.devices.systemclock import SystemClock

    store = ElementStore(archive_of(arguments).elements)
    now = SystemClock().now_utc()
    document: dict[str, Any] = {"elements": []}
    for norad_id in arguments.norad or store.satellites():
        history = store.history(norad_id)
        held = store.in_force(norad_id, at=now)
        if held is None:
            output.line(f"{norad_id:>9} no set in force, {len(history)} kept as history")
            continue
        described = held_document(held, now) | {"history": len(history)}
        document["elements"].append(described)
        output.line(
            f"{norad_id:>9} {held.elements.name:<20} epoch {described['epoch']}, "
            f"{described['age_days']:.1f} days old, {held.standing}, from {held.elements.source}, "
            f"{len(history)} sets kept"
        )
    document["latched_sources"] = FetchState(store.root).latches()
    output.document(document)
    for name, reason in document["latched_sources"].items():
        output.line(f"{name} is left alone: {reason}. `issgaze fetch --release` tries it again.")
    if not store.satellites():
        output.line(f"No element set is held in {store.root}.")
    return 0


def held_document(held: HeldSet, now: datetime) -> dict[str, Any]:
    """Return a held set as the commands show it."""
    return set_document(held.elements, now) | {"standing": held.standing}


def set_document(elements: ElementSet, now: datetime) -> dict[str, Any]:
    """Return a set as the commands show it."""
    from issgaze.civil import SECONDS_PER_DAY, format_utc, seconds_between

    return {
        "norad_id": elements.norad_id,
        "name": elements.name,
        "epoch": format_utc(elements.epoch),
        "age_days": round(seconds_between(elements.epoch, now) / SECONDS_PER_DAY, 3),
        "source": elements.source,
    }
