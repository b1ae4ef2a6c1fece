"""The whole firmware under the real MicroPython, spoken to through a pty by genuine pyserial."""

import json
import random
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from issgaze.civil import parse_utc, seconds_between
from issgaze.devices.roof import PicoRoof, RoofGnss
from issgaze.errors import DeviceError
from issgaze.roofwire import DRY_S, encode
from tests.devices.test_nmea import gga, rmc
from tests.firmware.host import Host
from tests.firmware.pico import MICROPYTHON, ROOT, Pico
from tests.firmware.trace import night

# so much of the controller's time at once, however fast or slow this machine is
STEP_MS = 250
pytestmark = pytest.mark.skipif(not MICROPYTHON.exists(), reason="no MicroPython for this machine")


@pytest.fixture
def pico(tmp_path: Path) -> Iterator[Pico]:
    with Pico(tmp_path, step_ms=STEP_MS) as running:
        yield running


def test_it_decides_as_under_cpython(tmp_path: Path) -> None:
    for path in (ROOT / "tests" / "firmware" / "trace.py", ROOT / "issgaze" / "roofwire.py"):
        (tmp_path / path.name).write_text(path.read_text())
    done = subprocess.run(
        [MICROPYTHON, tmp_path / "trace.py", "5"],
        env={"MICROPYPATH": f"{tmp_path}:{ROOT / 'firmware'}:.frozen"},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == [night(seed, 400) for seed in range(5)], done.stderr


def test_it_says_who_it_is(pico: Pico) -> None:
    with Host(pico.port, pico.clock) as host:
        hello = host.ask("hello")
    assert {"wire": 1, "firmware": "1.0.0", "reset": "power", "boots": 1}.items() <= hello.items()


def test_it_opens_and_rain_shuts_it(pico: Pico) -> None:
    with Host(pico.port, pico.clock) as host:
        host.tick_when(cover="closed", wet=0)
        assert host.ask("open")["ok"]
        host.tick_when(cover="open")
        assert pico.outputs()["place"] == 1.0
        pico.change(rain=True)
        host.tick_when(cover="closed", rain=True)
        assert pico.outputs()["place"] == 0.0
        assert host.ask("open")["error"] == "rain"
        pico.change(rain=False)
        assert host.tick_when(rain=False)["wet"] > DRY_S / 2
        assert host.ask("open")["error"] == "wet"
        assert pico.errors() == ""


def test_it_reads_its_sensors(pico: Pico) -> None:
    pico.change(air=5.0, hum=95.0, sky=-20.0, volt=12.4)
    with Host(pico.port, pico.clock) as host:
        tick = host.tick_when(air=5.0, hum=95.0, sky=-20.0)
        assert tick["dew"] == pytest.approx(4.3, abs=0.1)
        assert tick["volt"] == pytest.approx(12.4, abs=0.02)
        assert tick["cloud"] == 0
        assert tick["heater"] == 1.0
        assert tick["by"] == "dew"
        pico.change(silent=[0x44, 0x5A])
        tick = host.tick_when(by="blind")
        assert tick["heater"] == 0.3
        while "sky_sensor" not in host.tick()["faults"]:
            assert host.ticks[-1]["t"] < tick["t"] + 60
        assert "air_sensor" in host.tick()["faults"]
        pico.change(silent=[])
        assert host.tick_when(by="dew")["faults"]["air_sensor"] == [1, 0]


def test_a_pi_that_is_silent_is_cut_off_and_given_its_power_back(tmp_path: Path) -> None:
    with Pico(tmp_path, step_ms=2000) as pico, Host(pico.port, pico.clock) as host:
        host.tick_when(pi="stopping")
        host.tick_when(pi="boot", cycles=1)
        assert json.loads((tmp_path / "memory.json").read_text())["cycles"] >= 1


def test_after_a_power_cut_it_shuts_and_counts(pico: Pico) -> None:
    with Host(pico.port, pico.clock) as host:
        host.tick_when(cover="closed", wet=0)
        assert host.ask("open")["ok"]
        host.tick_when(cover="open")
        pico.cut_power()
        pico.boot()
        host.ticks.clear()
        host.tick_when(cover="closed")
        assert host.ask("hello")["boots"] == 2


def test_a_memory_that_is_garbage_is_none(tmp_path: Path) -> None:
    tmp_path.joinpath("memory.json").write_text('{"boots": "x", "cycles": [')
    with Pico(tmp_path, step_ms=STEP_MS) as pico, Host(pico.port, pico.clock) as host:
        assert host.ask("hello")["boots"] == 1


def test_the_watchdogs_work_is_told(tmp_path: Path) -> None:
    with Pico(tmp_path, step_ms=STEP_MS, reset=3) as pico, Host(pico.port, pico.clock) as host:
        assert host.ask("hello")["reset"] == "watchdog"
        assert host.tick()["faults"] == {"watchdog": [1, 0]}


def test_a_servo_is_told_where_to_go_and_then_let_go_of(tmp_path: Path) -> None:
    with (
        Pico(tmp_path, step_ms=STEP_MS, COVER="servo") as pico,
        Host(pico.port, pico.clock) as host,
    ):
        assert host.ask("hello")["cover"] == "servo"
        # it has no end stops: its place is told by the time it had
        assert host.tick()["cover"] in {"closing", "unknown"}
        host.tick_when(cover="closed", wet=0)
        assert pico.outputs()["pins"]["2"] == 0
        assert host.ask("open")["ok"]
        host.tick_when(cover="opening")
        assert pico.outputs()["pins"]["2"] == 2_000_000
        host.tick_when(cover="open")
        assert pico.outputs()["pins"]["2"] == 0
        pico.change(rain=True)
        host.tick_when(cover="closing")
        assert pico.outputs()["pins"]["2"] == 1_000_000
        host.tick_when(cover="closed")
        assert pico.errors() == ""


@pytest.mark.parametrize("on", [True, False])
def test_the_pulse_of_each_second_reaches_the_domes_rim_for_a_check(
    tmp_path: Path, on: bool
) -> None:
    with (
        Pico(tmp_path, step_ms=STEP_MS, PPS_LED_ON=on) as pico,
        Host(pico.port, pico.clock) as host,
    ):
        host.tick()
        for level in (1, 0, 1):
            pico.change(pulse=level)
            host.tick()
            # off by default: by night it would light the dome
            assert pico.outputs()["pins"]["19"] == (level if on else 0)


def test_a_brightness_sensor_is_read_where_there_is_one(pico: Pico) -> None:
    with Host(pico.port, pico.clock) as host:
        assert host.tick()["lux"] is None
        # 1,000 counts of all light, 200 of them infrared; gain 428, 600 ms
        pico.change(light=[0xE8, 0x03, 0xC8, 0x00])
        host.tick_when(lux=pytest.approx(800.0 * 0.8 * 408.0 / (428.0 * 600.0), abs=0.001))
        pico.change(light=[0xFF, 0xFF, 0, 0])
        host.tick_when(lux=None)


def test_for_new_firmware_it_starts_once_without_its_program(tmp_path: Path) -> None:
    with Pico(tmp_path, step_ms=STEP_MS) as pico, Host(pico.port, pico.clock) as host:
        host.tick_when(cover="closed")
        assert host.ask("update")["ok"]
        assert pico.process is not None
        assert pico.process.wait(10) == 3
        assert (tmp_path / "update").exists()
        pico.boot()
        assert pico.process.wait(10) == 0
        assert not (tmp_path / "update").exists()
        pico.boot()
        assert host.ask("hello")["boots"] == 2


def test_a_receiver_on_its_serial_port_is_heard_by_the_pi(tmp_path: Path) -> None:
    night = (rmc() + b"$GPGSV,not,this*00\r\n" + gga() + b"\xff\xfe\n" + b"z" * 300).decode(
        "latin-1"
    )
    with Pico(tmp_path, GNSS_RX=1, nmea=night) as pico:
        roof = PicoRoof(pico.port, silent_s=20.0)
        try:
            roof.await_report()
            end = time.monotonic() + 10.0
            while roof.gnss._last is None and time.monotonic() < end:
                time.sleep(0.01)
            fix = roof.gnss.read()
        finally:
            roof.close()
        assert pico.errors() == ""
    assert (fix.latitude_deg, fix.satellites) == (pytest.approx(49.02), 9)
    assert fix.utc is not None
    assert 0.0 <= seconds_between(parse_utc("2024-05-10T21:02:03Z"), fix.utc) < 3.5
    with pytest.raises(DeviceError, match="no GNSS receiver was heard through the roof controller"):
        RoofGnss(time.monotonic).read()


def test_it_works_on_when_nobody_reads(tmp_path: Path) -> None:
    with Pico(tmp_path, speed=1000) as pico:
        # a quarter of an hour of its time: reports enough to fill every buffer a hundred times
        end = time.monotonic() + 120.0
        while not pico.cuts_the_pi():
            assert time.monotonic() < end
        with Host(pico.port) as host:
            assert host.ask("hello")["ok"]
        assert pico.errors() == ""


def hostile(seed: int, count: int) -> Iterator[bytes]:
    """Bytes and frames that nobody should send: noise, half lines, true checksums on nonsense."""
    draw = random.Random(seed)
    words = ["open", "close", "heater", "hold", "power", "clear", "tea", "", None, 7, [], {}]
    values = [None, True, -1, 0, 1, 2**40, 1e300, -1e300, "x" * 40, [[[1]]], {"a": {"b": 1}}]
    names = ["until", "duty", "seconds", "x"]
    for number in range(count):
        kind = draw.randrange(8)
        if kind == 0:
            yield draw.randbytes(draw.randrange(1, 60))
        elif kind == 1:
            yield draw.randbytes(draw.randrange(1, 60)) + b"\n"
        elif kind == 2:
            yield b"\x03\x04\x01\x02" * draw.randrange(1, 4) + b"\n"
        elif kind == 3:
            body = draw.choice([b"[" * 60, b'{"id":', b'{"id":1}}', b"null", b"\xff\xfe", b"{}"])
            yield body + b"*%08x\n" % zlib.crc32(body)
        elif kind == 4:
            line = bytearray(encode({"id": number % 1000 + 1, "cmd": "open"}))
            line[draw.randrange(len(line))] ^= 1 << draw.randrange(8)
            yield bytes(line)
        elif kind == 5 and number % 50 == 5:
            yield b"y" * 3000
        else:
            message = {
                "id": draw.choice([1, 2**29, -1, None, 1.5, "1"]),
                "cmd": draw.choice(words),
                **{name: draw.choice(values) for name in names},
            }
            yield encode(message)


@pytest.mark.parametrize(
    "count", [2_000, pytest.param(100_000, marks=pytest.mark.long)], ids=["sample", "full"]
)
def test_hostile_bytes_do_it_no_harm_and_its_heap_does_not_grow(tmp_path: Path, count: int) -> None:
    with Pico(tmp_path) as pico, Host(pico.port) as host:
        host.tick()
        heaps, sent = [], 0
        for number, noise in enumerate(hostile(1, count), start=1):
            host.send(noise)
            sent += len(noise)
            # an answer to each batch: the firmware keeps up, the line is not overrun
            if number % 50 == 0:
                host.send(b"\n")
                answer = host.ask("hello")
                assert answer["ok"]
                heaps.append(answer["heap"])
        assert pico.process is not None
        assert pico.process.poll() is None
        assert pico.errors() == ""
        half = len(heaps) // 2
        assert max(heaps[half:]) <= max(heaps[:half]) + 512
        assert host.tick()["lost"] > 0
        assert host.tick()["cover"] == "closed"
        assert sent > 30 * count
