"""`issgaze ledger`: its last line fits the passes above it."""

import dataclasses
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger, Row
from issgaze.archive.status import write_status
from issgaze.civil import later, parse_utc
from issgaze.cli.main import main

NOW = parse_utc("2026-03-01T12:00:00Z")
COMING = Row(
    id="", norad_id=25544, rise_utc=NOW, culmination_utc=NOW, set_utc=NOW,
    verdict="shoot", outcome=None, reason="high", folder=None,
)  # fmt: skip


def row(name: str, hours: float, **change: str) -> Row:
    top = later(NOW, 3600.0 * hours)
    times = {"rise_utc": later(top, -200), "culmination_utc": top, "set_utc": later(top, 200)}
    return dataclasses.replace(COMING, id=name, **times, **change)  # type: ignore[arg-type]


OVER = row("c", -30.0, outcome="caught", folder="passes/c")


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ([row("a", 5.0), row("b", 29.0)], "No pass is over yet, 2 to come."),
        ([OVER], "1 pass over: 1 caught."),
        ([OVER, row("a", 5.0)], "1 pass over: 1 caught. 1 to come."),
        ([row("d", -1.0, folder="passes/d")], "1 being developed."),
        ([OVER, row("u", -9.0)], "2 passes over: 1 caught, 1 without explanation."),
        ([row("d", -1.0, folder="passes/d"), row("a", 5.0)], "1 to come, 1 being developed."),
    ],
)
def test_the_sum_fits_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[Row], last: str
) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, {"simulated": True, "utc": "2026-03-01T12:00:00Z"})
    for each in rows:
        Ledger(archive.ledger).put(each)
    assert main(["ledger", "--archive", str(tmp_path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(rows) + 1
    assert said[-1] == last
