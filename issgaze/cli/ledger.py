"""issgaze ledger: what became of every visible pass."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from issgaze.archive.ledger import Ledger, Row, is_final, ledger_document, standing
from issgaze.archive.status import device_now, read_status
from issgaze.civil import time_zone, wall_minute
from issgaze.cli.archiveoption import add_archive, archive_of, require_named_folder
from issgaze.cli.arguments import settings
from issgaze.cli.output import Output
from issgaze.devices.systemclock import SystemClock
from issgaze.errors import ArchiveError

SUMMARY = "Show what became of every visible pass."
EXAMPLE = "issgaze ledger --json"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print the ledger by time of pass."""
    require_named_folder(arguments)
    archive = archive_of(arguments)
    if arguments.archive and not archive.is_archive():
        raise ArchiveError(
            f"{archive.root} is no archive",
            remedy="Give the folder of an archive with --archive, or leave it out.",
        )
    ledger = Ledger(archive.ledger)
    now, zone_name = _now_and_zone(arguments)
    document = ledger_document(ledger.rows(), now)
    output.document(document)
    zone = time_zone(zone_name)
    for row in ledger.rows():
        top = wall_minute(row.culmination_utc, zone)
        output.line(f"{top:%Y-%m-%d %H:%M %z}  {standing(row, now):<11} {row.reason}")
    output.line(_sum(document, ledger.rows(), now))
    return 0


def _sum(document: dict[str, Any], rows: Sequence[Row], now: datetime) -> str:
    """Return in words how many of the passes are over, with what end, and how many are not."""
    if not rows:
        return "No passes yet."
    fates = [f"{count} {name}" for name, count in document["by_outcome"].items() if count]
    if document["unexplained"]:
        fates.append(f"{document['unexplained']} without explanation")
    passes = "pass" if document["predicted"] == 1 else "passes"
    over = f"{document['predicted']} {passes} over: {', '.join(fates)}." if fates else ""
    coming = sum(row.set_utc >= now and not is_final(row, now) for row in rows)
    developing = len(rows) - document["predicted"] - coming
    still = [f"{coming} to come"] if coming else []
    still += [f"{developing} being developed"] if developing else []
    open_yet = f"{', '.join(still)}." if still else ""
    if over:
        return f"{over} {open_yet}".rstrip()
    return open_yet if developing else f"No pass is over yet, {open_yet}"


def _now_and_zone(arguments: argparse.Namespace) -> tuple[datetime, str]:
    """Return the device's now, which a simulation sets, and the zone people live by."""
    run = archive_of(arguments).run
    now = device_now(run, SystemClock().now_utc())
    try:
        return now, str(read_status(run)["site"]["time_zone"])
    except (ArchiveError, KeyError, TypeError):
        return now, settings(arguments).site.time_zone
