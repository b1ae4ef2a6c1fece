"""Where the clock of a simulated world goes on."""

import json
import os
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.civil import format_utc
from issgaze.service.wiring import simulated_devices
from issgaze.simulated.scenario import load_scenario

STATUS, KEPT, BEGIN = "2024-05-10T01:41:20Z", "2024-05-09T22:00:00Z", "2024-05-10T01:00:00Z"


def goes_on_at(root: Path) -> str:
    devices = simulated_devices(
        load_scenario("clear"), start=None, speed=None, kept_clock=root / "simulated-clock.txt"
    )
    return format_utc(devices.clock.now_utc(), decimals=0)


def leave(root: Path, *, kept_s: float | None, status_s: float | None, **status: object) -> None:
    if kept_s is not None:
        (root / "simulated-clock.txt").write_text(KEPT + "\n")
        os.utime(root / "simulated-clock.txt", (kept_s, kept_s))
    if status_s is not None:
        run = Archive(root).run
        run.mkdir(parents=True, exist_ok=True)
        write_status(run, {"utc": STATUS, "simulated": True, **status})
        os.utime(run / "status.json", (status_s, status_s))


def test_a_run_that_was_killed_goes_on_at_its_last_status(tmp_path: Path) -> None:
    leave(tmp_path, kept_s=None, status_s=2000.0)
    assert goes_on_at(tmp_path) == STATUS
    leave(tmp_path, kept_s=1000.0, status_s=2000.0)
    assert goes_on_at(tmp_path) == STATUS, "the clock of the run before the one that was killed"


def test_a_run_that_ended_goes_on_where_it_was(tmp_path: Path) -> None:
    leave(tmp_path, kept_s=2000.0, status_s=1999.0)
    assert goes_on_at(tmp_path) == KEPT


@pytest.mark.parametrize("status", [{"utc": "soon"}, {"utc": None}, {"simulated": False}])
def test_a_status_that_says_nothing_is_passed_over(tmp_path: Path, status: dict) -> None:
    leave(tmp_path, kept_s=1000.0, status_s=2000.0, **status)
    assert goes_on_at(tmp_path) == KEPT
    (Archive(tmp_path).run / "status.json").write_text("[")
    assert goes_on_at(tmp_path) == KEPT
    (Archive(tmp_path).run / "status.json").write_text(json.dumps([]))
    assert goes_on_at(tmp_path) == KEPT


def test_a_new_archive_begins_where_the_scenario_does(tmp_path: Path) -> None:
    assert goes_on_at(tmp_path) == BEGIN
