"""What the observer takes while nothing is to be done: by day, as its unit starts it."""

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from issgaze.archive.elements import ElementStore
from issgaze.archive.layout import Archive
from issgaze.archive.status import read_status
from issgaze.errors import ArchiveError
from issgaze.orbit.formats import parse_elements

_DATA = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
# the observer of a device, but for the kernel's word on the clock, which a build machine has not
_CHILD = """
import sys
from issgaze.devices.systemclock import SystemClock
from issgaze.ports import ClockQuality
trusted = ClockQuality(trust="trusted", bound_s=0.01, source="test")
SystemClock.quality = lambda self: trusted
from issgaze.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
_MEASURED_S = 4.0


def cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return float(status.partition("VmRSS:")[2].split()[0]) / 1000.0


def waits(archive: Archive) -> bool:
    try:
        return read_status(archive.run).get("state") == "waiting"
    except ArchiveError:
        return False


def test_an_idle_observer_is_cheap(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    (elements,) = parse_elements(_DATA.read_bytes(), source="test").sets
    ElementStore(archive.elements).add(elements)
    # where it is noon now
    now = datetime.now(UTC)
    noon_deg = 15.0 * (12.0 - now.hour - now.minute / 60.0)
    config = tmp_path / "issgaze.toml"
    config.write_text(
        f'[site]\nlatitude_deg = 10.0\nlongitude_deg = {noon_deg:.1f}\ntime_zone = "UTC"\n'
        f'[camera]\nadapter = "folder"\nfolder = "{tmp_path}"\n'
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        words = ["-c", str(config), "observe", "--archive", str(archive.root)]
        watched = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "9000000"}
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, *words],
            env={**os.environ, **watched},
        )
        try:
            end = time.monotonic() + 60.0
            while not waits(archive):
                assert child.poll() is None, "it ended"
                assert time.monotonic() < end, "it never waits"
                time.sleep(0.05)
            before, begin = cpu_s(child.pid), time.monotonic()
            while time.monotonic() - begin < _MEASURED_S:
                time.sleep(0.1)
            took_s = cpu_s(child.pid) - before
            share = took_s / (time.monotonic() - begin)
            memory_mb = rss_mb(child.pid)
        finally:
            child.terminate()
            child.wait(30)
    assert share < 0.02
    assert memory_mb < 45.0
