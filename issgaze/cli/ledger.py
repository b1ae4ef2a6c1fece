"""issgaze ledger: what became of every visible pass."""

import argparse
from datetime import datetime

from issgaze.archive.ledger import Ledger, ledger_document, standing
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
    ledger = Ledger(archive.ledger)
    now, zone_name = _now_and_zone(arguments)
    document = ledger_document(ledger.rows(), now)
    output.document(document)
    zone = time_zone(zone_name)
    for row in ledger.rows():
        top = wall_minute(row.culmination_utc, zone)
        output.line(f"{top:%Y-%m-%d %H:%M %z}  {standing(row, now):<11} {row.reason}")
    counts = ", ".join(f"{count} {name}" for name, count in document["by_outcome"].items() if count)
    passes = "pass" if document["predicted"] == 1 else "passes"
    output.line(f"{document['predicted']} {passes} predicted: {counts or 'none yet'}.")
    if document["unexplained"]:
        output.line(f"{document['unexplained']} without explanation.")
    return 0


def _now_and_zone(arguments: argparse.Namespace) -> tuple[datetime, str]:
    """Return the device's now, which a simulation sets, and the zone people live by."""
    run = archive_of(arguments).run
    now = device_now(run, SystemClock().now_utc())
    try:
        return now, str(read_status(run)["site"]["time_zone"])
    except (ArchiveError, KeyError, TypeError):
        return now, settings(arguments).site.time_zone
