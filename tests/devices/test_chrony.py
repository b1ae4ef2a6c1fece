"""How far the clock is believed by chronyd's word: lines as chronyc prints them, and real ones."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from issgaze.devices.chrony import chrony_quality, quality_of
from issgaze.errors import DeviceError
from issgaze.ports import ClockQuality

GOOD = (
    "C0A80001,192.168.0.1,3,1715374923.1,-0.000120000,0.000010,0.000050,-7.1,0.002,0.05,"
    "0.020000000,0.001500000,64.2,Normal\n"
)


def line(**changed: str) -> str:
    names = ["ref", "name", "stratum", "time", "offset", "last", "rms", "freq", "resid", "skew",
             "delay", "dispersion", "interval", "leap"]  # fmt: skip
    fields = dict(zip(names, GOOD.strip().split(","), strict=True)) | changed
    return ",".join(fields.values())


def test_the_bound_is_offset_dispersion_and_half_the_delay() -> None:
    quality = quality_of(GOOD)
    assert (quality.trust, quality.source) == ("trusted", "chrony")
    assert quality.bound_s == pytest.approx(0.000120 + 0.0015 + 0.010)


@pytest.mark.parametrize(
    ("changed", "trust"),
    [
        ({"dispersion": "0.08"}, "trusted"),
        ({"dispersion": "0.1"}, "coarse"),
        ({"offset": "-5.0"}, "coarse"),
        ({"dispersion": "29.9"}, "coarse"),
        ({"dispersion": "30.1"}, "untrusted"),
        ({"leap": "Not synchronised"}, "untrusted"),
        ({"ref": "00000000"}, "untrusted"),
        ({"stratum": "0"}, "untrusted"),
        # its own clock, called synchronised
        ({"ref": "7F7F0101"}, "untrusted"),
        ({"ref": "7f7f0101"}, "untrusted"),
        ({"delay": "soon"}, "untrusted"),
        ({"dispersion": "nan"}, "untrusted"),
        ({"leap": "Insert second"}, "trusted"),
    ],
)
def test_three_states(changed: dict[str, str], trust: str) -> None:
    assert quality_of(line(**changed)).trust == trust


@pytest.mark.parametrize("text", ["", "506 Cannot talk to daemon", "a,b", ",".join("x" * 14)])
def test_an_answer_that_makes_no_sense_is_no_trust(text: str) -> None:
    assert quality_of(text).trust == "untrusted"
    assert quality_of(text).bound_s is None


def test_without_chrony_it_says_so() -> None:
    with pytest.raises(DeviceError, match="no-such-program"):
        chrony_quality(["no-such-program"])
    with pytest.raises(DeviceError, match="506 Cannot talk to daemon"):
        chrony_quality(["sh", "-c", "echo 506 Cannot talk to daemon; exit 1"])


CHRONYD = shutil.which("chronyd") or "/usr/sbin/chronyd"
needs_chronyd = pytest.mark.skipif(
    not Path(CHRONYD).exists() or os.geteuid() != 0,
    reason="no chronyd here, or not root: apt-get install chrony",
)


@contextmanager
def chronyd(folder: Path, name: str, *lines: str) -> Iterator[Callable[[], ClockQuality]]:
    """A real chronyd that leaves the clock alone (-x); yields how to ask it."""
    # its socket must lie where nobody else can write
    home = folder / name
    home.mkdir(mode=0o700)
    config = home / "chrony.conf"
    control = home / "chronyd.sock"
    config.write_text(
        "\n".join(
            [f"bindcmdaddress {control}", "cmdport 0", f"pidfile {home}/pid", "user root", *lines]
        )
    )
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([CHRONYD, "-x", "-d", "-f", str(config)], stdout=log, stderr=log)
    words = ["chronyc", "-h", str(control), "-c", "-n", "tracking"]
    try:
        end = time.monotonic() + 10.0
        while not control.exists():
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.01)
        yield lambda: chrony_quality(words)
    finally:
        process.terminate()
        process.wait(10)


@needs_chronyd
def test_a_real_chronyd_without_a_source_is_not_believed(tmp_path: Path) -> None:
    with chronyd(tmp_path, "lonely", "port 0") as ask:
        assert ask() == ClockQuality(
            trust="untrusted", bound_s=None, source="chrony, not synchronised"
        )


@needs_chronyd
def test_a_real_chronyd_on_its_own_clock_is_not_believed_but_its_client_is(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serves = ("local stratum 1", "allow 127.0.0.1", "bindaddress 127.0.0.1", f"port {port}")
    takes = (f"server 127.0.0.1 port {port} iburst minpoll -4 maxpoll -4", "port 0")
    with chronyd(tmp_path, "server", *serves) as server, chronyd(tmp_path, "client", *takes) as ask:
        assert server().source == "chrony, on its own clock (local stratum)"
        end = time.monotonic() + 20.0
        while ask().trust != "trusted" and time.monotonic() < end:
            time.sleep(0.05)
        quality = ask()
        assert quality.trust == "trusted"
        assert quality.bound_s is not None
        assert 0.0 < quality.bound_s < 0.1
