"""How the device is, in the status and through the nights."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.wear import Nights, life_years
from issgaze.config import parse_settings
from issgaze.devices.board import BoardFacts, board_facts, memory_pressure_percent
from issgaze.devices.diskfacts import DiskFacts, disk_facts
from issgaze.ports import RoofState
from issgaze.service.health import Health, Sources, dew_margin_c
from issgaze.service.upkeep import Upkeep
from tests.archive.test_retention import NOW, World
from tests.service.test_capture import (  # noqa: F401 - fixture
    JumpingClock,
    ScriptedCamera,
    folder,
    plan,
    stage,
)
from tests.service.test_doctor import _SOUND

_DISK = DiskFacts(free_gb=20.0, total_gb=29.0, read_only=False, errors=0, written_bytes=10**9,
                  disk_gb=32.0, name="mmcblk0")  # fmt: skip
_ROOF = RoofState(cover="open", rain=False, heater_duty=None, air_temperature_c=10.0,
                  humidity_percent=80.0, sky_temperature_c=None, faults=())  # fmt: skip


class Device:
    def __init__(self, root: Path) -> None:
        self.clock = JumpingClock()
        self.board: BoardFacts = _SOUND
        self.disk: DiskFacts = _DISK
        self.pressure: float | None = 0.0
        self.root = root
        self.health = Health(Sources(
            archive=root, nights=Nights(root / "wear"), longitude_deg=16.4,
            clock=self.clock, roof=None,
            board=lambda: self.board, disk=lambda _: self.disk, pressure=lambda: self.pressure,
        ))  # fmt: skip

    def look(self, after_s: float = 60.0) -> dict:
        self.clock.now += timedelta(seconds=after_s)
        return self.health.document(element_age_days=0.4)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def test_a_sound_device_complains_of_nothing(device: Device) -> None:
    found = device.look()
    assert found["complaints"] == []
    assert found["board_temperature_c"] == 48.0
    assert found["throttled_now"] == []
    assert found["clock_bound_s"] == 0.01
    assert found["element_age_days"] == 0.4
    assert found["disk"]["written_per_night_gb"] is None


@pytest.mark.parametrize(
    ("what", "change", "said"),
    [
        ("disk", {"read_only": True}, "gone read-only"),
        ("disk", {"errors": 3}, "counted 3 errors"),
        ("board", {"throttled": 0x1}, "voltage is too low"),
        ("board", {"temperature_c": 84.0}, "84 °C, the limit is 80 °C"),
        ("pressure", 40.0, "wait 40 % of the time"),
    ],
)
def test_what_ails_is_said_with_a_remedy(
    device: Device, what: str, change: object, said: str
) -> None:
    import dataclasses

    held = getattr(device, what)
    new = dataclasses.replace(held, **change) if isinstance(change, dict) else change
    setattr(device, what, new)
    (complaint,) = device.look()["complaints"]
    assert said in complaint["message"]
    assert complaint["remedy"]


def test_nights_keep_what_was_written_and_the_extremes(device: Device) -> None:
    import dataclasses

    device.look()
    for night in range(3):
        for hour in range(24):
            device.disk = dataclasses.replace(
                device.disk, written_bytes=device.disk.written_bytes + 100_000_000
            )
            device.board = dataclasses.replace(device.board, temperature_c=40.0 + hour)
            device.look(3600.0)
        # the board was started anew: its counter begins at nothing
        if night == 1:
            device.disk = dataclasses.replace(device.disk, written_bytes=0)
    found = device.look()
    assert found["disk"]["written_per_night_gb"] == pytest.approx(2.0, abs=0.6)
    # 32 GB times 167 whole writes, 2 GB a night
    assert found["disk"]["life_years"] == pytest.approx(7.3, rel=0.3)
    device.health.close()
    nights = json.loads((device.root / "wear" / "nights.json").read_text())
    assert len(nights) >= 3
    assert max(each["board_temperature_c"] for each in nights.values()) == 63.0
    assert Nights(device.root / "wear").of(next(iter(nights)))["written_bytes"] > 0


def test_a_broken_record_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "nights.json").write_text('{"2026-11-24": {"written_bytes": "x"}, "y": 3}')
    assert Nights(tmp_path).mean_bytes() is None
    assert life_years(32.0, None) is None


def test_the_dew_point_is_that_of_the_tables() -> None:
    # 10 °C and 80 %: dew point 6.7 °C
    assert dew_margin_c(_ROOF) == pytest.approx(3.3, abs=0.05)
    assert dew_margin_c(None) is None


def test_the_disk_is_read_as_the_kernel_shows_it(tmp_path: Path) -> None:
    import os

    device = tmp_path.stat().st_dev
    disk = tmp_path / "sys/devices/mmcblk9"
    part = disk / "mmcblk9p2"
    part.mkdir(parents=True)
    (part / "partition").write_text("2\n")
    (disk / "stat").write_text("1 2 3 4 5 6 2000 8 9 10 11\n")
    (disk / "size").write_text("62500000\n")
    place = tmp_path / "sys/dev/block"
    place.mkdir(parents=True)
    (place / f"{os.major(device)}:{os.minor(device)}").symlink_to(part)
    errors = tmp_path / "sys/fs/ext4/mmcblk9p2"
    errors.mkdir(parents=True)
    (errors / "errors_count").write_text("7\n")
    facts = disk_facts(tmp_path / "not" / "yet", root=tmp_path)
    assert (facts.name, facts.errors, facts.written_bytes) == ("mmcblk9", 7, 2000 * 512)
    assert facts.disk_gb == 32.0
    assert facts.read_only is False
    bare = disk_facts(tmp_path, root=tmp_path / "empty")
    assert (bare.name, bare.errors, bare.written_bytes) == (None, None, None)


def test_pressure_and_memory_are_read_as_the_kernel_shows_them(tmp_path: Path) -> None:
    (tmp_path / "proc/pressure").mkdir(parents=True)
    assert memory_pressure_percent(tmp_path) is None
    (tmp_path / "proc/pressure/memory").write_text(
        "some avg10=0.00 avg60=12.50 avg300=1.00 total=5\nfull avg10=0.00 avg60=0.00\n"
    )
    assert memory_pressure_percent(tmp_path) == 12.5
    (tmp_path / "proc/meminfo").write_text("MemTotal: 430000 kB\nMemAvailable: 200000 kB\n")
    assert board_facts(tmp_path).available_mb == 200.0


def test_frames_stop_while_there_is_room_for_the_picture(folder) -> None:  # noqa: F811
    import dataclasses

    from issgaze.service.capture import capture

    clock = JumpingClock()
    whole = dataclasses.replace(
        stage(clock, ScriptedCamera(clock)),
        room=lambda: "the disk has 0.20 GB left" if len(folder.lights()) >= 5 else None,
    )
    assert capture(folder, plan(), whole) == "the disk has 0.20 GB left"
    assert len(folder.lights()) == 5
    assert folder.is_sealed


def test_develop_keeps_the_budget_between_passes(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add("2026-11-20")
    said: list[str] = []
    now = [0.0]
    text = f"[archive]\nbudget_gb = 1\nbudget_days = 1\npath = '{tmp_path}'\n"
    upkeep = Upkeep(
        Archive(tmp_path), lambda: parse_settings(text, name="t"), said.append,
        monotonic_s=lambda: now[0],
    )  # fmt: skip
    upkeep.look()
    assert ["older than the budget in days" in line for line in said] == [True]
    world.add("2026-11-21")
    upkeep.look()
    assert len(said) == 1, "not looked at again before five minutes are over"
    upkeep.soon()
    upkeep.look()
    assert len(said) == 2
    assert NOW.year == 2026
