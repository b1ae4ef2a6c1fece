"""The adapter against a port that is pulled, held, garbled, of another version."""

import os
import pty
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from issgaze.devices.roof import PicoRoof
from issgaze.devices.roofreport import refusal, roof_state
from issgaze.devices.serialport import SerialPort
from issgaze.errors import DeviceError
from issgaze.roofwire import LineReader, decode, encode

HELLO = {"wire": 1, "firmware": "1.0.0", "board": "x", "reset": "power", "boots": 1}
TICK = {"t": 7, "cover": "closed", "rain": False, "wet": 0, "heater": 0.25, "by": "dew",
        "air": 8.5, "hum": 91.0, "sky": -18.5, "faults": {"hot": [1, 0]}}  # fmt: skip
STREAM = encode({"id": 1, "ok": True, **HELLO}) + encode({"tick": TICK})


class Peer:
    """The far end of a cable, which can be pulled."""

    def __init__(self, path: Path) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        new = path.with_suffix(".new")
        new.symlink_to(os.ttyname(self.slave))
        new.replace(path)

    def pull(self) -> None:
        os.close(self.slave)
        os.close(self.master)


@contextmanager
def answering(
    path: Path, answer: Callable[[dict[str, Any]], dict[str, Any]], **tick: Any
) -> Iterator[list[dict[str, Any]]]:
    """Answer every command, and report twenty times a second."""
    peer, heard, stop = Peer(path), [], threading.Event()
    os.set_blocking(peer.master, False)

    def serve() -> None:
        reader = LineReader()
        while not stop.wait(0.01):
            try:
                data = os.read(peer.master, 4096)
            except BlockingIOError:
                data = b""
            for line in reader.feed(data) if data else ():
                message: dict[str, Any] = decode(line)
                heard.append(message)
                os.write(peer.master, encode({"id": message["id"], "ok": True, **answer(message)}))
            os.write(peer.master, encode({"tick": TICK | tick}))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        thread.join()
        peer.pull()


def hello(message: dict[str, Any]) -> dict[str, Any]:
    return HELLO if message["cmd"] == "hello" else {}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "issgaze-roof"


@pytest.fixture
def roof(path: Path) -> Iterator[PicoRoof]:
    made = PicoRoof(str(path))
    yield made
    made.close()


def until(ready: Callable[[], bool], limit_s: float = 10.0) -> bool:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.002)
    return False


def test_without_a_port_it_says_so_and_finds_it_when_it_comes(path: Path, roof: PicoRoof) -> None:
    assert until(lambda: "no such port" in roof._trouble)
    with pytest.raises(DeviceError, match="the roof controller is silent"):
        roof.open_cover()
    with answering(path, hello):
        roof.await_report()
        state = roof.state()
    assert (state.cover, state.heater_duty, state.air_temperature_c) == ("closed", 0.25, 8.5)
    assert (state.faults, state.firmware, state.rain) == (("hot",), "1.0.0", False)


@pytest.mark.parametrize(
    "cuts",
    [range(0, len(STREAM), 40), pytest.param(range(len(STREAM)), marks=pytest.mark.long)],
    ids=["sample", "every"],
)
def test_it_survives_being_unplugged_at_any_byte(path: Path, roof: PicoRoof, cuts: range) -> None:
    for cut in cuts:
        peer = Peer(path)
        # it says hello when it has opened the port
        assert os.read(peer.master, 1)
        os.write(peer.master, STREAM[:cut])
        peer.pull()
        path.unlink()
        assert roof._thread.is_alive()
    with answering(path, hello):
        assert until(lambda: roof._hello is not None)
        roof.await_report()
        assert roof.state().cover == "closed"


def test_after_the_plug_is_pulled_it_is_not_believed_any_more(path: Path, roof: PicoRoof) -> None:
    with answering(path, hello):
        roof.await_report()
    assert until(lambda: roof._tick is None)
    with pytest.raises(DeviceError, match=r"the device is gone|no such port|cannot be opened"):
        roof.state()


def test_a_port_that_another_program_holds_is_named(path: Path, roof: PicoRoof) -> None:
    peer = Peer(path)
    assert os.read(peer.master, 1)
    with pytest.raises(DeviceError, match="another program holds it"):
        SerialPort(str(path))
    peer.pull()


def test_a_controller_of_another_version_is_refused(path: Path, roof: PicoRoof) -> None:
    with answering(path, lambda _: {**HELLO, "wire": 9}):
        assert until(lambda: roof._hello is not None)
        with pytest.raises(DeviceError, match="speaks version 9, 1 is spoken here") as caught:
            roof.open_cover()
    assert "issgaze roof flash" in caught.value.remedy


def test_a_refusal_comes_in_words(path: Path, roof: PicoRoof) -> None:
    def rains(message: dict[str, Any]) -> dict[str, Any]:
        return HELLO if message["cmd"] == "hello" else {"ok": False, "error": "rain"}

    with answering(path, rains):
        roof.await_report()
        with pytest.raises(DeviceError, match="the cover stays closed: it rains"):
            roof.open_cover()


def test_a_command_that_came_too_late_is_sent_again(path: Path, roof: PicoRoof) -> None:
    tries: list[int] = []

    def late_once(message: dict[str, Any]) -> dict[str, Any]:
        if message["cmd"] == "open":
            tries.append(message["until"])
            if len(tries) == 1:
                return {"ok": False, "error": "late"}
        return hello(message)

    with answering(path, late_once, cover="open"):
        roof.await_report()
        roof.open_cover()
    assert len(tries) == 2
    # in time by the controller's own clock
    assert all(7 < moment <= 7 + 10 for moment in tries)


def test_a_renewal_on_its_way_does_not_open_what_is_being_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issgaze.devices.roof._RENEW_S", 0.05)
    cover, begun, goes_on = ["open"], threading.Event(), threading.Event()

    def answer(message: dict[str, Any]) -> dict[str, Any]:
        if message["cmd"] in {"open", "close"}:
            cover[0] = {"open": "open", "close": "closed"}[message["cmd"]]
        return hello(message)

    with answering(path, answer, cover="open") as heard:
        roof = PicoRoof(str(path))
        send = roof._send

        def slow(what: str, *, expects: bool, **more: Any) -> int:
            if what == "open" and not expects:
                begun.set()
                goes_on.wait(10.0)
            return send(what, expects=expects, **more)

        try:
            roof.await_report()
            roof.open_cover()
            monkeypatch.setattr(roof, "_send", slow)
            assert begun.wait(10.0)
            monkeypatch.setattr(roof, "_await_cover", lambda _: None)
            closing = threading.Thread(target=roof.close_cover)
            closing.start()
            until(lambda: any(message["cmd"] == "close" for message in heard), limit_s=0.3)
            goes_on.set()
            closing.join()
        finally:
            goes_on.set()
            roof.close()
    assert cover == ["closed"]


def test_a_cover_that_does_not_get_there_is_told_with_its_faults(path: Path) -> None:
    moments = iter(range(10**6))
    with answering(path, hello, cover="opening", faults={"stuck": [1, 1]}):
        roof = PicoRoof(str(path), monotonic_s=lambda: 0.02 * next(moments), silent_s=1e6)
        try:
            roof.await_report(limit_s=1000.0)
            with pytest.raises(DeviceError, match="the cover is moving, it should be open: stuck"):
                roof.open_cover()
        finally:
            roof.close()


def test_garbage_is_not_heard(path: Path, roof: PicoRoof) -> None:
    peer = Peer(path)
    assert os.read(peer.master, 1)
    os.write(peer.master, b"\xff\x00{}*00000000\n" + b"z" * 3000 + b"\n" + STREAM)
    os.write(peer.master, encode({"tick": 5}) + encode({"id": "x"}) + encode({}))
    roof.await_report()
    assert roof.state().cover == "closed"
    peer.pull()


@pytest.mark.parametrize(
    ("error", "text"),
    [("rain", "it rains"), ("wet", "less than 120 s ago"), ("rain_sensor", "the rain sensor is"),
     ("supply", "the 12 V supply is low"), ("fault", "a fault is latched"), ("odd", "odd")],
)  # fmt: skip
def test_every_refusal_has_its_words(error: str, text: str) -> None:
    with pytest.raises(DeviceError, match=f"the cover stays closed: .*{text}") as caught:
        raise refusal("open", error)
    assert caught.value.remedy
    with pytest.raises(DeviceError, match=f"power is refused: .*{text}"):
        raise refusal("power", error)


def test_a_report_of_nonsense_is_unknown_not_believed() -> None:
    tick = {"t": 1, "cover": 7, "rain": "yes", "heater": True, "air": "8", "faults": 3, "by": 1}
    state = roof_state(tick, {})
    assert state.cover == "unknown"
    assert state.rain is None
    assert state.heater_duty is None
    assert state.air_temperature_c is None
    assert state.faults == ()


def test_a_port_that_is_pulled_is_a_device_error(path: Path) -> None:
    peer = Peer(path)
    with SerialPort(str(path)) as port:
        peer.pull()
        with pytest.raises(DeviceError, match="the device is gone"):
            port.read()


def test_a_roof_without_a_cover_has_nothing_to_open(path: Path, roof: PicoRoof) -> None:
    with answering(path, hello, cover="none") as heard:
        roof.await_report()
        roof.open_cover()
        roof.close_cover()
        assert roof.state().cover == "open"
    assert not any(message["cmd"] in {"open", "close"} for message in heard)


def test_after_making_room_it_lets_go_of_the_port(path: Path, roof: PicoRoof) -> None:
    with answering(path, hello):
        roof.await_report()
        roof.maintain("update", seconds=60.0)
        assert until(lambda: roof._trouble == "the port was let go of")

        def free() -> bool:
            try:
                SerialPort(str(path)).__exit__(None, None, None)
            except DeviceError:
                return False
            return True

        assert until(free)
