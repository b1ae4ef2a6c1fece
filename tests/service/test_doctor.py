"""Each finding of doctor, on a sound device and on one that ails."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issgaze.archive.elements import ElementStore
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.status import write_status
from issgaze.civil import format_utc
from issgaze.config import parse_settings
from issgaze.devices.board import BoardFacts
from issgaze.orbit.formats import parse_elements
from issgaze.service.check import Check
from issgaze.service.checkarchive import archive_checks, upgrade_check
from issgaze.service.checkboard import board_checks
from tests.archive.test_ledger import chosen

_SOUND = BoardFacts(
    model="Raspberry Pi 4 Model B Rev 1.5",
    machine="aarch64",
    memory_mb=3900.0,
    cma_mb=320.0,
    temperature_c=48.0,
    throttled=0,
    lit_leds=(),
    defect_correction=False,
)
_OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
_SETTINGS = parse_settings("[site]\nlatitude_deg = 48.2\nlongitude_deg = 16.4\n", name="test")
_NOW = datetime(2024, 5, 10, 6, 0, tzinfo=UTC)


def _named(checks: list[Check], name: str) -> Check:
    (check,) = (one for one in checks if one.name == name)
    return check


def test_a_sound_board_is_sound() -> None:
    checks = list(board_checks(_SOUND))
    assert {check.state for check in checks} == {"ok"}
    assert not any(check.remedy for check in checks)


@pytest.mark.parametrize(
    ("change", "name", "state", "said"),
    [
        ({"machine": "armv7l"}, "system", "fail", "64-bit"),
        ({"memory_mb": 430.0}, "memory", "warn", "binned"),
        ({"cma_mb": 64.0}, "camera memory", "warn", "cma-320"),
        ({"temperature_c": 72.0}, "temperature", "warn", "air or shade"),
        ({"temperature_c": 84.0}, "temperature", "fail", "air or shade"),
        ({"throttled": 0x1}, "power", "fail", "power supply"),
        ({"throttled": 0x4}, "power", "warn", "temperature"),
        ({"throttled": 0x10000}, "power", "warn", "power supply"),
        ({"defect_correction": True}, "defect correction", "warn", "dpc_enable=0"),
        ({"lit_leds": ("ACT", "PWR")}, "board lamps", "warn", "act_led_trigger"),
    ],
)
def test_an_ailing_board_is_told_what_to_mend(
    change: dict, name: str, state: str, said: str
) -> None:
    check = _named(list(board_checks(dataclasses.replace(_SOUND, **change))), name)
    assert check.state == state
    assert said in check.remedy


def _archive(tmp_path: Path, *, age_days: float = 0.5) -> tuple[Archive, datetime]:
    archive = Archive(tmp_path)
    (elements,) = parse_elements(_OMM.read_bytes(), source="test").sets
    ElementStore(archive.elements).add(elements)
    return archive, elements.epoch + timedelta(days=age_days)


def test_a_new_device_lacks_elements_and_a_lens_and_says_so(tmp_path: Path) -> None:
    checks = list(archive_checks(Archive(tmp_path), _SETTINGS, _NOW))
    assert _named(checks, "elements 25544").state == "fail"
    assert "issgaze elements fetch" in _named(checks, "elements 25544").remedy
    assert _named(checks, "lens").state == "warn"
    assert _named(checks, "observe").value == "not running"
    assert _named(checks, "archive").state == "ok"


@pytest.mark.parametrize(("age_days", "state"), [(0.5, "ok"), (5.0, "warn"), (9.0, "fail")])
def test_old_elements_are_noticed(tmp_path: Path, age_days: float, state: str) -> None:
    archive, now = _archive(tmp_path, age_days=age_days)
    check = _named(list(archive_checks(archive, _SETTINGS, now)), "elements 25544")
    assert check.state == state
    assert f"{age_days:.1f} days old" in check.value


def test_a_silent_observe_and_a_missed_pass_are_noticed(tmp_path: Path) -> None:
    archive, now = _archive(tmp_path)
    ledger = Ledger(archive.ledger)
    row = ledger.open(chosen(reason="high"))
    ledger.settle(row.id, "missed", "the camera gave no frame")
    write_status(archive.run, {"utc": format_utc(now - timedelta(seconds=90)), "state": "waiting"})
    checks = list(archive_checks(archive, _SETTINGS, now))
    assert _named(checks, "observe").value == "silent for 90 s"
    assert _named(checks, "observe").state == "warn"
    assert _named(checks, "last pass").value == "missed: the camera gave no frame"
    write_status(archive.run, {"utc": format_utc(now), "sentence": "Waiting."})
    assert _named(list(archive_checks(archive, _SETTINGS, now)), "observe").state == "ok"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"capture": {"pass_id": "x"}}, "fail"),
        ({"capture": None, "next_pass": {"rise": {"utc": "2024-05-10T06:20:00Z"}}}, "fail"),
        ({"capture": None, "next_pass": {"rise": {"utc": "2024-05-10T09:20:00Z"}}}, "ok"),
        ({"capture": None, "next_pass": None}, "ok"),
    ],
)
def test_no_upgrade_while_a_pass_is_near(tmp_path: Path, status: dict, state: str) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, {"utc": format_utc(_NOW), **status})
    assert upgrade_check(archive, _NOW).state == state


def test_findings_are_plain_json(tmp_path: Path) -> None:
    checks = list(archive_checks(Archive(tmp_path), _SETTINGS, _NOW))
    document = json.loads(json.dumps([dataclasses.asdict(check) for check in checks]))
    assert set(document[0]) == {"name", "state", "value", "limit", "remedy"}
