"""Doctor's look at disk, focus, GNSS, dew, rights and the way to an upgrade."""

import dataclasses
import json
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.archive.wear import Nights
from issgaze.civil import format_utc
from issgaze.config import parse_settings
from issgaze.devices.diskfacts import DiskFacts
from issgaze.service.check import Check
from issgaze.service.checkarchive import upgrade_check, upgrade_room
from issgaze.service.checkhealth import disk_health, health_checks, permissions
from tests.archive.test_retention import NOW, World

_DISK = DiskFacts(free_gb=20.0, total_gb=29.0, read_only=False, errors=0, written_bytes=10**9,
                  disk_gb=32.0, name="mmcblk0")  # fmt: skip
_SETTINGS = parse_settings("[site]\nlatitude_deg = 48.2\nlongitude_deg = 16.4\n", name="test")


def named(archive: Archive, name: str) -> Check:
    (check,) = (one for one in health_checks(archive, _SETTINGS, NOW) if one.name == name)
    return check


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        ({}, "ok", "no errors counted"),
        ({"errors": None}, "ok", "not counted"),
        ({"errors": 2}, "warn", "2 errors"),
        ({"read_only": True}, "fail", "read-only"),
        ({"read_only": None, "errors": None}, "skip", "not shown"),
    ],
)
def test_a_dying_card_is_seen(change: dict[str, object], state: str, said: str) -> None:
    check = disk_health(dataclasses.replace(_DISK, **change))  # type: ignore[arg-type]
    assert check.state == state
    assert said in check.value
    assert bool(check.remedy) is (state in {"warn", "fail"})


def test_the_last_preflight_tells_of_focus_and_camera(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert named(world.archive, "focus").state == "skip"
    folder = world.add("2026-11-20")
    checks = [
        {"name": "camera", "state": "ok", "value": "gives frames", "limit": "1", "remedy": ""},
        {"name": "focus", "state": "warn", "value": "stars of 7.1 px", "limit": "5.0 px",
         "remedy": "Wipe the dome."},
    ]  # fmt: skip
    folder.note(NOW, "preflight", checks=checks)
    world.add("2026-11-21")
    found = named(world.archive, "focus")
    assert (found.state, found.limit, found.remedy) == ("warn", "5.0 px", "Wipe the dome.")
    assert found.value == "stars of 7.1 px, 2026-11-25"
    assert named(world.archive, "last frame").state == "ok"


@pytest.mark.parametrize(
    ("said", "state"),
    [(None, "skip"), ({"state": "fix", "satellites": 9}, "ok"),
     ({"state": "no_fix", "reason": "no fix: 2 satellites"}, "warn"), ([], "skip"),
     ({"state": "silent", "reason": "nothing", "utc": "2020-01-01T00:00:00Z"}, "skip")],
)  # fmt: skip
def test_the_receiver_is_heard(tmp_path: Path, said: object, state: str) -> None:
    archive = Archive(tmp_path)
    archive.run.mkdir()
    if isinstance(said, dict):
        said = {"utc": format_utc(NOW)} | said
    if said is not None:
        (archive.run / "gnss.json").write_text(json.dumps(said))
    assert named(archive, "GNSS").state == state


@pytest.mark.parametrize(
    ("source", "said"),
    [("auto", "gnss.port: /dev/issgaze-gnss"), ("gpsd", "systemctl status gpsd"),
     ("roof", "GNSS_RX")],
)  # fmt: skip
def test_a_silent_receiver_is_looked_for_where_it_is(
    tmp_path: Path, source: str, said: str
) -> None:
    archive = Archive(tmp_path)
    archive.run.mkdir()
    silent = {"utc": format_utc(NOW), "state": "silent", "reason": "no such port"}
    (archive.run / "gnss.json").write_text(json.dumps(silent))
    settings = parse_settings(f'[gnss]\nsource = "{source}"\n', name="test")
    (check,) = (one for one in health_checks(archive, settings, NOW) if one.name == "GNSS")
    assert said in check.remedy


def test_dew_and_memory_are_those_of_the_running_device(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    health = {"dew_margin_c": 0.4, "memory": {"pressure_percent": 25.0}}
    write_status(archive.run, {"utc": format_utc(NOW), "state": "waiting", "health": health})
    assert named(archive, "dew").state == "warn"
    assert "0.4 °C" in named(archive, "dew").value
    assert named(archive, "memory pressure").state == "warn"
    # what was left behind by a device that has stopped says nothing
    write_status(archive.run, {"utc": "2026-11-20T00:00:00Z", "health": health})
    assert named(archive, "dew").state == "skip"


def test_the_budget_says_how_long_the_card_lasts(tmp_path: Path) -> None:
    nights = Nights(tmp_path / "wear")
    for number, night in enumerate(("a", "b", "c")):
        nights.add(night, NOW, written_bytes=number * 10**9, extremes={})
        nights.add(night, NOW, written_bytes=(number + 1) * 10**9, extremes={})
    nights.save()
    assert "GB written a night" in named(Archive(tmp_path), "budget").value


def test_rights_are_looked_at_where_programs_share(tmp_path: Path) -> None:
    assert permissions(tmp_path).state == "skip"
    found = permissions(tmp_path, system=tmp_path)
    # nobody of these users is here
    assert found.state == "fail"
    assert "issgaze-observe" in found.value


def test_an_upgrade_is_judged_by_the_real_sky_and_the_room(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, {"utc": format_utc(NOW), "simulated": True, "capture": {"done": 1}})
    assert upgrade_check(archive, NOW).value == "a simulated sky"
    assert upgrade_room(archive).limit == "0.3 GB"
