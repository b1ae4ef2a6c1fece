"""A wrong configuration file, an upgrade underneath: the device goes on."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import issgaze
from issgaze.archive.requests import Requests
from issgaze.archive.status import read_status
from issgaze.civil import later, parse_utc
from issgaze.errors import ConfigurationError
from issgaze.ports import ClockQuality
from issgaze.service.childprogress import ChildProgress
from issgaze.service.helpwanted import wait_for_help
from issgaze.service.installed import installed_version, replaced
from issgaze.service.standing import (
    LAST_GOOD_FILE,
    changed_settings,
    keep_good,
    standing_settings,
)
from tests.service.test_capture import JumpingClock
from tests.service.test_observe import EVENING, World

_GOOD = "[site]\nlatitude_deg = 48.2\nlongitude_deg = 16.4\n"


class SteppingClock(JumpingClock):
    """Asks every minute, as a clock that runs would more often, whether to wake up."""

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        while self.now < instant:
            if wake is not None and wake():
                return False
            self.now = min(instant, later(self.now, 60.0))
        return True


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.clock = made.camera.clock = SteppingClock()
    made.clock.now = EVENING
    return made


def test_the_last_good_file_holds_while_the_new_one_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text(_GOOD)
    keep_good(path, tmp_path)
    path.write_text(_GOOD + "[camera]\nmode = 'ful'\n")
    standing = standing_settings(path, tmp_path)
    assert standing.settings.site.latitude_deg == 48.2
    assert "did you mean full" in standing.complaint
    path.write_text(_GOOD.replace("48.2", "48.3"))
    assert standing_settings(path, tmp_path).settings.site.latitude_deg == 48.3


def test_without_a_last_good_file_the_fault_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text("[sight]\n")
    with pytest.raises(ConfigurationError, match="did you mean site"):
        standing_settings(path, tmp_path)


def test_a_good_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text(_GOOD)
    keep_good(path, tmp_path)
    before = (tmp_path / LAST_GOOD_FILE).stat().st_ino
    keep_good(path, tmp_path)
    assert (tmp_path / LAST_GOOD_FILE).stat().st_ino == before


def ending(world: World, at: str, **more: object) -> tuple[str, str]:
    """Observe with something asked for at an instant; return why it ended, and when."""
    instant = parse_utc(at)
    asked: list[str] = []

    def stop() -> bool:
        if more.get("ask") and not asked and world.clock.now >= instant:
            asked.append(Requests(world.archive.run).ask("reload"))
        return False

    how = world.observe(
        until="2024-05-10T14:00:00Z",
        stop=stop,
        replaced=lambda: bool(more.get("replaced")) and world.clock.now >= instant,
        check_settings=more.get("check"),
    )
    return str(how), f"{world.clock.now:%H:%M}"


def test_a_new_configuration_is_taken_at_once_between_passes(world: World) -> None:
    assert ending(world, "2024-05-09T20:00:00Z", ask=True, check=lambda: None) == (
        "reload",
        "20:01",
    )


def test_a_new_configuration_waits_for_the_pass_that_is_up(world: World) -> None:
    # the pass rises at 00:05
    how, when = ending(world, "2024-05-10T00:04:00Z", ask=True, check=lambda: None)
    assert how == "reload"
    assert when > "00:08"
    assert len(list(world.archive.passes.glob("*/*/sealed"))) == 1


def test_another_version_is_taken_up_half_an_hour_before_a_pass_or_after_it(world: World) -> None:
    assert ending(world, "2024-05-09T20:00:00Z", replaced=True) == ("replaced", "20:00")


def test_another_version_within_half_an_hour_waits_for_the_pass(world: World) -> None:
    how, when = ending(world, "2024-05-09T23:45:00Z", replaced=True)
    assert how == "replaced"
    assert when > "00:08"
    assert len(list(world.archive.passes.glob("*/*/sealed"))) == 1


@pytest.mark.parametrize("what", ["ask", "replaced"])
def test_a_device_without_the_time_takes_up_what_is_new(world: World, what: str) -> None:
    world.clock.quality = lambda: ClockQuality(  # type: ignore[method-assign]
        trust="untrusted", bound_s=None, source="test"
    )
    how, when = ending(world, "2024-05-09T20:00:00Z", **{what: True}, check=lambda: None)
    assert how == {"ask": "reload", "replaced": "replaced"}[what]
    assert "20:00" <= when <= "20:10"


def test_a_wrong_file_changes_nothing_but_the_status(world: World) -> None:
    def check() -> None:
        raise ConfigurationError("issgaze.toml: line 3 is wrong", remedy="Mend it.")

    how, when = ending(world, "2024-05-09T20:00:00Z", ask=True, check=check)
    assert (how, when) == ("stopped", "14:00")
    status = read_status(world.archive.run)
    assert status["configuration"] == {
        "right": False,
        "complaint": "issgaze.toml: line 3 is wrong",
    }
    assert {outcome for outcome, _ in world.rows().values() if outcome} == {"caught"}


def test_the_version_on_disk_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "__init__.py"
    now = [0.0]
    file.write_text(f'"""x"""\n\n__version__ = "{issgaze.__version__}"\n')
    asked = replaced(file, monotonic_s=lambda: now[0])
    now[0] = 11.0
    assert not asked()
    file.write_text('__version__ = "99.1"\n')
    assert not asked(), "not looked at more often than every ten seconds"
    now[0] = 22.0
    assert asked()
    file.unlink()
    assert installed_version(file) is None
    assert asked()


class Proc:
    """A child as the kernel shows it."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "folder"
        (self.folder / "lights").mkdir(parents=True)
        self.root = root
        self.now_s = 0.0
        self.busy(0)
        self.progress = ChildProgress(7, self.folder, proc=root, monotonic_s=lambda: self.now_s)

    def busy(self, ticks: int) -> None:
        stat = self.root / "7" / "stat"
        stat.parent.mkdir(exist_ok=True)
        stat.write_text(f"7 (a b) S {' '.join(['1'] * 10)} {ticks} 0 0 0 20 0\n")


def test_a_child_that_works_gets_on_and_one_that_hangs_does_not(tmp_path: Path) -> None:
    proc = Proc(tmp_path)
    for step in range(10):
        proc.now_s += 200.0
        proc.busy(step + 1)
        assert proc.progress.gets_on()
    proc.now_s += 239.0
    assert proc.progress.gets_on()
    proc.now_s += 2.0
    assert not proc.progress.gets_on()


def test_a_child_that_turns_in_circles_does_not_get_on(tmp_path: Path) -> None:
    proc = Proc(tmp_path)
    ticks = 0
    for _ in range(40):
        proc.now_s += 60.0
        ticks += 6000
        proc.busy(ticks)
        proc.progress.gets_on()
    assert not proc.progress.gets_on()
    (proc.folder / "digested.json").write_text("{}")
    os.utime(proc.folder, (1.0, 1.0))
    assert proc.progress.gets_on(), "a new file is progress"


def test_a_device_that_cannot_begin_says_why_and_tries_again(tmp_path: Path) -> None:
    error = ConfigurationError("no camera", remedy="Plug it in.")
    requests = Requests(tmp_path)
    asked = requests.ask("reload")
    assert wait_for_help(tmp_path, error, stop=lambda: False, again_s=1e9)
    assert requests.wait(asked, timeout_s=0.0)["message"] == "trying again"
    status = read_status(tmp_path)
    assert (status["state"], status["sentence"]) == ("faulty", "no camera. Plug it in.")
    assert wait_for_help(tmp_path, error, stop=lambda: False, again_s=0.0)
    assert not wait_for_help(tmp_path, error, stop=lambda: True)


def test_changed_settings_are_noticed_within_seconds_and_wrong_ones_are_none(
    tmp_path: Path,
) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text(_GOOD)
    now_s = 0.0
    changed = changed_settings(
        lambda: standing_settings(path, None).settings,
        standing_settings(path, None).settings,
        monotonic_s=lambda: now_s,
    )
    path.write_text(_GOOD + "# a comment is no change\n")
    now_s = 6.0
    assert not changed()
    path.write_text(_GOOD + "[page]\nport = 'eight'\n")
    now_s = 12.0
    assert not changed(), "a wrong file leaves things as they are"
    path.write_text(_GOOD + "[page]\nport = 8081\n")
    now_s = 13.0
    assert not changed(), "not yet: it looks every few seconds"
    now_s = 18.0
    assert changed()
