"""gpsd: a stand-in for each of its words, and the real one fed by its own simulator."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from issgaze.civil import parse_utc
from issgaze.devices.gpsd import GpsdGnss
from issgaze.errors import DeviceError
from tests.devices.test_nmea import gga, rmc

TPV = {"class": "TPV", "mode": 3, "time": "2024-05-10T21:02:03.000Z", "lat": 49.02, "lon": 13.23,
       "altHAE": 619.3}  # fmt: skip
SKY = {"class": "SKY", "satellites": [{"used": True}, {"used": False}, {"used": True}]}


@contextmanager
def speaking(*reports: Any) -> Iterator[tuple[str, int]]:
    """A server that says these to whoever asks, twenty times a second."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                if not connection.recv(1000).startswith(b"?WATCH="):
                    continue
                while not stop.wait(0.05):
                    lines = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in reports]
                    try:
                        connection.sendall(b"\r\n".join([*lines, b""]))
                    except OSError:
                        break

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()
    finally:
        stop.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def test_a_fix_is_read() -> None:
    with speaking(b'{"class":"VERSION"}', SKY, TPV) as address, GpsdGnss(address) as receiver:
        for _ in range(3):
            fix = receiver.read()
    assert fix.utc == parse_utc("2024-05-10T21:02:03Z")
    assert (fix.latitude_deg, fix.longitude_deg, fix.height_m) == (49.02, 13.23, 619.3)
    assert fix.satellites == 2


@pytest.mark.parametrize(
    "tpv",
    [
        {**TPV, "mode": 1},
        {**TPV, "mode": 0},
        {**TPV, "lat": None},
        {**TPV, "lat": 91.0},
        {**TPV, "lon": "13"},
        {**TPV, "time": "yesterday"},
        {"class": "TPV"},
    ],
)
def test_no_fix_is_no_position(tpv: dict[str, Any]) -> None:
    with speaking(SKY, tpv) as address, GpsdGnss(address) as receiver:
        fix = receiver.read()
    assert (fix.utc, fix.latitude_deg, fix.longitude_deg, fix.height_m) == (None,) * 4


def test_in_a_plane_there_is_no_height() -> None:
    with speaking({**TPV, "mode": 2}) as address, GpsdGnss(address) as receiver:
        assert receiver.read().height_m is None


def test_garbage_is_not_heard() -> None:
    garbage = (b"\xff\xfe", b"[" * 5000, b"[1]", b"{", b"z" * 70000)
    with speaking(*garbage, TPV) as address, GpsdGnss(address) as receiver:
        assert receiver.read().latitude_deg == 49.02


def test_a_gpsd_without_a_receiver_is_silent() -> None:
    with (
        speaking(b'{"class":"DEVICES","devices":[]}') as address,
        GpsdGnss(address, silent_s=0.3) as receiver,
        pytest.raises(DeviceError, match="gpsd told nothing of a receiver for 0 s"),
    ):
        receiver.read()


def test_without_a_gpsd_it_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()
    receiver = GpsdGnss(address)
    with pytest.raises(DeviceError, match=r"gpsd at 127\.0\.0\.1:\d+: connection refused"):
        receiver.read()


needs_gpsfake = pytest.mark.skipif(
    shutil.which("gpsfake") is None or not Path("/usr/sbin/gpsd").exists(),
    reason="no gpsfake here: apt-get install gpsd gpsd-clients",
)  # fmt: skip


@needs_gpsfake
def test_the_real_gpsd_fed_by_its_own_simulator(tmp_path: Path) -> None:
    log = tmp_path / "night.nmea"
    # a minute of a night, some lines without a fix first
    seconds = [f"2102{second:02d}.00" for second in range(60)]
    bursts = [
        rmc(at, status="V") + gga(at, quality="0", used="00") if number < 2 else rmc(at) + gga(at)
        for number, at in enumerate(seconds)
    ]
    log.write_bytes(b"".join(bursts))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["gpsfake", "-q", "-c", "0.05", "-P", str(port), str(log)]
    with (tmp_path / "gpsfake.log").open("wb") as said:
        process = subprocess.Popen(
            words,
            stdout=said,
            stderr=said,
            start_new_session=True,
            env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin", "TMPDIR": str(tmp_path)},
        )
        try:
            fix = _first_fix(port)
        finally:
            os.killpg(process.pid, 15)
            process.wait(10)
    assert fix.latitude_deg == pytest.approx(49.02, abs=1e-6)
    assert fix.longitude_deg == pytest.approx(13.23, abs=1e-6)
    assert fix.utc is not None
    # gpsd dates a log by its own idea of the GPS era; the time of day is the receiver's
    assert fix.utc.hour == 21
    assert fix.utc.minute == 2


def _first_fix(port: int) -> Any:
    end = time.monotonic() + 20.0
    error: Exception | None = None
    with GpsdGnss(("127.0.0.1", port)) as receiver:
        while time.monotonic() < end:
            try:
                fix = receiver.read()
            except DeviceError as failed:
                error = failed
                time.sleep(0.05)
                continue
            if fix.utc is not None:
                return fix
    raise AssertionError(f"no fix from gpsd within 20 s: {error}")
