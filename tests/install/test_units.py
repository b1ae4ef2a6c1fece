"""The units as shipped: closed, complete, and in step with the program."""

import configparser
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.service.healing import START_LIMIT_BURST, START_LIMIT_INTERVAL_S

_SYSTEMD = Path(__file__).parents[2] / "systemd"
_UNITS = sorted((_SYSTEMD / "system").glob("*.service"))
_NAMES = ["develop", "fetch", "gnss", "mqtt", "observe", "web"]
_ALL = sorted([*_NAMES, "reboot"])
_WORST = 1.2
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here"
)


def options(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def unit(name: str) -> dict[str, list[str]]:
    return options(_SYSTEMD / "system" / f"issgaze-{name}.service")


def test_there_is_a_unit_for_each_program() -> None:
    assert [path.name for path in _UNITS] == [f"issgaze-{name}.service" for name in _ALL]


@needs_systemd
@pytest.mark.parametrize("path", _UNITS, ids=lambda path: path.stem)
def test_it_is_closed(path: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found is not None
    assert float(found.group(1)) <= _WORST, said


@needs_systemd
@pytest.mark.parametrize("path", _UNITS, ids=lambda path: path.stem)
def test_systemd_understands_every_line(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    # neither the program nor its manual is installed here
    text = re.sub(r"(?m)^Documentation=.*\n", "", path.read_text())
    copy.write_text(re.sub(r"/usr/(bin/issgaze|lib/issgaze/may-reboot)", "/bin/true", text))
    command = ["systemd-analyze", "verify", "--recursive-errors=no", str(copy)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [
        line
        for line in said.stderr.splitlines()
        # of systemd 254; the unit says what older ones make of it
        if path.name in line and "RestartMode" not in line
    ]
    assert not ours


@pytest.mark.parametrize("name", [name for name in _NAMES if name != "fetch"])
def test_what_runs_for_ever_is_watched_and_started_again(name: str) -> None:
    found = unit(name)
    assert found["Type"] == ["notify"]
    assert found["Restart"] == ["always"]
    assert 30 <= int(found["WatchdogSec"][0]) <= 300


@pytest.mark.parametrize("name", _NAMES)
def test_each_has_its_own_user_and_the_common_group(name: str) -> None:
    found = unit(name)
    assert found["User"] == [f"issgaze-{name}"]
    assert found["Group"] == ["issgaze"]
    assert found["UMask"] == ["0007"]
    users = (_SYSTEMD / "sysusers.d" / "issgaze.conf").read_text()
    assert f"u issgaze-{name} " in users
    for group in " ".join(found.get("SupplementaryGroups", [])).split():
        assert re.search(rf"(?m)^g {group} ", users), f"a unit that names {group} would fail"


def test_only_what_must_reaches_the_network() -> None:
    for name in ("observe", "develop"):
        found = unit(name)
        assert found["PrivateNetwork"] == ["yes"]
        assert "AF_INET" not in " ".join(found["RestrictAddressFamilies"])
        assert found["IPAddressDeny"] == ["any"]
    assert unit("gnss")["IPAddressAllow"] == ["localhost"]


def test_only_what_must_reaches_devices() -> None:
    for name in ("develop", "web", "fetch"):
        assert unit(name)["PrivateDevices"] == ["yes"]
    allowed = " ".join(unit("observe")["DeviceAllow"])
    for kind in ("video4linux", "media", "dma_heap", "gpiochip", "ttyACM", "i2c", "pps"):
        assert f"char-{kind} rw" in allowed
    for node in ("/dev/gpiomem", "/dev/vcio"):
        assert f"{node} rw" in allowed
    assert "LG_WD=/run/issgaze-observe" in unit("observe")["Environment"]


def test_each_writes_only_what_is_its_own() -> None:
    writable = {name: " ".join(unit(name).get("ReadWritePaths", [])).split() for name in _NAMES}
    assert writable["fetch"] == ["/var/lib/issgaze/elements"]
    assert writable["web"] == ["/run/issgaze/requests"]
    assert unit("web")["ReadOnlyPaths"] == ["/var/lib/issgaze /run/issgaze"]
    # ProtectSystem= leaves /run open
    for name in ("develop", "fetch"):
        assert unit(name)["ReadOnlyPaths"] == ["/run/issgaze"]
    assert "/var/lib/issgaze" not in writable["develop"], "the ledger is observe's"
    folders = (_SYSTEMD / "tmpfiles.d" / "issgaze.conf").read_text()
    for path in {path for paths in writable.values() for path in paths}:
        assert re.search(rf"(?m)^d {path} +2770 ", folders), f"{path}: a missing one fails the unit"


def test_the_clock_can_be_asked_but_not_set() -> None:
    # ProtectClock= refuses adjtimex(2) even for reading, and the device would never believe its
    # clock
    found = unit("observe")
    assert "ProtectClock" not in found
    assert any("adjtimex" in line for line in found["SystemCallFilter"])
    assert found["CapabilityBoundingSet"] == [""]


@pytest.mark.parametrize(("before", "due"), [([], True), ([1], True), ([1, 2], False),
                                            ([1, 90000], True), ([-500], True)])  # fmt: skip
def test_the_board_is_restarted_twice_a_day_at_most(
    tmp_path: Path, before: list[int], due: bool
) -> None:
    record = tmp_path / "reboots"
    record.write_text("".join(f"{int(time.time()) - each}\n" for each in before))
    script = Path(__file__).parents[2] / "packaging" / "may-reboot"
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
    status = subprocess.run(
        ["sh", str(script), "0"], env=environment, stdout=subprocess.DEVNULL, check=False
    ).returncode
    assert (status == 0) is due
    kept = len(record.read_text().split())
    fresh = [each for each in before if 0 <= each < 86400]
    assert kept == (len(fresh) + 1 if due else len(before))


def test_an_owner_who_starts_it_often_gets_no_reboot(tmp_path: Path) -> None:
    (tmp_path / "systemctl").write_text("#!/bin/sh\necho 0\n")
    (tmp_path / "systemctl").chmod(0o755)
    script = Path(__file__).parents[2] / "packaging" / "may-reboot"
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "STATE_DIRECTORY": str(tmp_path)}
    command = ["sh", str(script), "0"]
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode
    assert not (tmp_path / "reboots").exists()


def test_a_reboot_that_cannot_be_written_down_is_not_made(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "packaging" / "may-reboot"
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path / "absent")}
    command = ["sh", str(script), "0"]
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode


def test_a_reboot_is_systemds_own_doing() -> None:
    found = unit("reboot")
    assert found["SuccessAction"] == ["reboot"]
    assert found["OnFailure"] == ["issgaze-observe.service"]
    assert unit("observe")["OnFailure"] == ["issgaze-reboot.service"]
    assert "StartLimitAction" not in unit("observe"), "that would not count"


def test_unit_and_program_agree_on_when_to_reboot() -> None:
    found = unit("observe")
    assert float(found["StartLimitIntervalSec"][0]) == START_LIMIT_INTERVAL_S
    assert int(found["StartLimitBurst"][0]) == START_LIMIT_BURST


def test_the_folders_are_those_of_the_program() -> None:
    folders = (_SYSTEMD / "tmpfiles.d" / "issgaze.conf").read_text()
    archive = Archive(Path("/var/lib/issgaze"))
    for path in (archive.root, archive.passes, archive.elements, archive.calibration, archive.run):
        assert f"d {path} " in folders


def test_the_sensor_must_not_paint_over_stars() -> None:
    assert (
        "options imx477 dpc_enable=0"
        in (_SYSTEMD / "modprobe.d" / "issgaze.conf").read_text().splitlines()
    )


def test_the_page_is_announced_where_it_is() -> None:
    text = (_SYSTEMD / "avahi" / "issgaze.service").read_text()
    assert "<port>8080</port>" in text


@pytest.mark.parametrize(
    "path", [*_SYSTEMD.glob("journald.conf.d/*"), *_SYSTEMD.glob("system.conf.d/*")]
)
def test_drop_ins_can_be_read(path: Path) -> None:
    parser = configparser.ConfigParser()
    parser.read(path)
    assert parser.sections() in (["Journal"], ["Manager"])


@pytest.mark.skipif(shutil.which("chronyd") is None, reason="chronyd is not here")
def test_chrony_understands_its_drop_in() -> None:
    command = ["chronyd", "-p", "-f", str(_SYSTEMD / "chrony" / "issgaze.conf")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "refclock PPS /dev/pps0" in said.stdout


@needs_systemd
def test_a_clock_that_systemd_set_may_be_read_under_the_filter() -> None:
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter", "@clock"], capture_output=True, text=True, check=True
    ).stdout
    assert "adjtimex" in said, "the reason in the unit would be out of date"
