"""When the observer may end itself, and how it shows that it is alive."""

import os
import socket
from datetime import datetime
from pathlib import Path

import pytest

from issgaze.civil import later
from issgaze.errors import CameraError
from issgaze.service.capture import capture
from issgaze.service.clockwatch import ClockWatch
from issgaze.service.healing import (
    START_LIMIT_BURST,
    START_LIMIT_INTERVAL_S,
    HealingRecord,
    RestartNeeded,
)
from issgaze.service.watchdog import Watchdog
from tests.service import test_capture
from tests.service.test_capture import START, JumpingClock, ScriptedCamera, plan, stage

folder = test_capture.folder


def restarts(path: Path, start: datetime, count: int, every_s: float) -> list[bool]:
    """Ask again and again, each time as a new process."""
    return [
        HealingRecord(path, lambda n=n: later(start, n * every_s)).may_restart()
        for n in range(count)
    ]


def test_two_reboots_a_day_and_no_third(tmp_path: Path) -> None:
    allowed = restarts(tmp_path / "healing.json", START, 120, 60.0)
    # the fourth and the eighth within a quarter of an hour reboot the board; a twelfth would again
    assert allowed[:13] == [True] * 11 + [False] * 2
    assert reboots_by_systemd([60.0 * n for n, yes in enumerate(allowed) if yes]) == 2
    assert restarts(tmp_path / "healing.json", later(START, 180000.0), 2, 60.0) == [True, True]


def reboots_by_systemd(starts_s: list[float]) -> int:
    """Count as the unit does: a start over the burst within the interval is the action's."""
    reboots, counted = 0, []
    for now_s in starts_s:
        counted = [each for each in counted if now_s - each < START_LIMIT_INTERVAL_S]
        counted.append(now_s)
        if len(counted) >= START_LIMIT_BURST:
            reboots, counted = reboots + 1, []
    return reboots


def test_a_clock_that_falls_back_at_each_boot_allows_no_third(tmp_path: Path) -> None:
    """Without network and clock module each boot begins where the clock was last saved."""
    path, allowed = tmp_path / "healing.json", 0
    for _boot in range(6):
        allowed += sum(restarts(path, START, 4, 60.0))
    assert allowed < 3 * START_LIMIT_BURST


def test_rare_restarts_are_no_reboots(tmp_path: Path) -> None:
    assert all(restarts(tmp_path / "healing.json", START, 60, 1000.0))


def test_a_record_that_cannot_be_kept_forbids_restarts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not HealingRecord(tmp_path / "file" / "healing.json", lambda: START).may_restart()


def test_a_broken_record_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "healing.json").write_text('{"restarts": 3')
    assert HealingRecord(tmp_path / "healing.json", lambda: START).may_restart()


class Dead(ScriptedCamera):
    def __enter__(self) -> "ScriptedCamera":
        self.opened = 0
        raise CameraError("no camera found", remedy="Check the cable.")


def test_a_third_failure_in_a_row_asks_for_a_new_process(folder, tmp_path: Path) -> None:
    import dataclasses

    clock = JumpingClock()
    asked: list[bool] = []
    whole = dataclasses.replace(
        stage(clock, Dead(clock)), may_restart=lambda: not asked.append(True)
    )
    with pytest.raises(RestartNeeded, match="failed 3 times in a row: no camera found") as caught:
        capture(folder, plan(), whole)
    assert "75" in caught.value.remedy
    assert len(asked) == 1
    # the pass goes on with the next process
    assert not folder.is_sealed
    again = stage(clock, ScriptedCamera(clock))
    assert capture(folder, plan(), again) == "complete"
    assert len(folder.lights()) >= 18


def test_where_restarting_is_spent_reopening_goes_on(folder) -> None:
    import dataclasses

    clock = JumpingClock()
    whole = dataclasses.replace(stage(clock, Dead(clock)), may_restart=lambda: False)
    assert capture(folder, plan(), whole).startswith("the camera failed ")
    assert folder.is_sealed


def test_signs_of_life_reach_systemd_and_stop_with_the_work(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    now = [0.0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(address))
        heard.setblocking(False)
        watchdog = Watchdog({"NOTIFY_SOCKET": str(address)}, monotonic_s=lambda: now[0])
        assert watchdog.watched
        watchdog.ready()
        stop = watchdog.beating(lambda: False)
        for _ in range(100):
            now[0] += 0.25
            assert stop() is False
        messages = []
        while True:
            try:
                messages.append(heard.recv(100))
            except BlockingIOError:
                break
    assert messages[0] == b"READY=1"
    assert messages[1:] == [b"WATCHDOG=1"] * 5


def test_without_systemd_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    watchdog = Watchdog({})
    assert not watchdog.watched
    watchdog.beat()


def test_a_step_of_the_clock_is_told_from_a_slew() -> None:
    clock = JumpingClock()
    ahead = [0.0]
    clock.now_utc = lambda: later(clock.now, ahead[0])  # type: ignore[method-assign]
    watch = ClockWatch(clock)
    clock.now = later(clock.now, 10.0)
    ahead[0] = 0.004
    assert watch.look().stepped_s == 0.0
    clock.now = later(clock.now, 10.0)
    ahead[0] = -20.0
    assert watch.look().stepped_s == pytest.approx(-20.004)
    assert watch.look().stepped_s == 0.0
