"""The roof controller on its USB port: found again by itself, believed only while it speaks.

A thread of its own listens to the reports, sends the Pi's heartbeat, and renews the lease of a
cover that was asked to be open. The controller shuts the cover when it hears nothing for a while,
so whoever gets an error from here must take the cover for closed.
"""

import dataclasses
import math
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from issgaze.civil import later
from issgaze.devices.nmea import NmeaReader
from issgaze.devices.roofreport import refusal, roof_state
from issgaze.devices.serialport import SerialPort
from issgaze.errors import DeviceError
from issgaze.ports import GnssFix, RoofState, RoofTask
from issgaze.roofwire import (
    BEAT_S,
    LARGEST_ID,
    OPEN_LEASE_S,
    TRAVEL_S,
    VERSION,
    LineReader,
    WireError,
    decode,
    encode,
)

# without a report for so long it counts as silent, and after twice that the port is opened anew
_SILENT_S = 3.0
_ANSWER_S = 3.0
# on the controller's clock, whose seconds are cut off: in time for a busy Pi, no later
_VALID_S = 9
# a command that a busy Pi sent too late is sent again
_TRIES = 3
_RENEW_S = OPEN_LEASE_S / 3
_PAUSES_S = (0.05, 0.5, 2.0)
_POLL_S = 0.02

_Cover = Literal["open", "closed"]


class RoofGnss:
    """The receiver on the controller's serial port, implementing ports.GnssReceiver.

    Args:
        monotonic_s: A clock that never steps.
    """

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._reader = NmeaReader()
        self._last: tuple[GnssFix, float] | None = None

    def hear(self, sentence: bytes, at_s: float) -> None:
        """Take a sentence that came at an instant of that clock."""
        count = self._reader.count
        self._reader.hear(sentence)
        if self._reader.count > count and self._reader.fix is not None:
            self._last = self._reader.fix, at_s

    def read(self) -> GnssFix:
        """Return the latest fix, its time moved on to now; DeviceError when it is silent."""
        last = self._last
        age_s = math.inf if last is None else self._monotonic_s() - last[1]
        if last is None or age_s > _SILENT_S:
            raise DeviceError(
                f"no GNSS receiver was heard through the roof controller for {_SILENT_S:.0f} s",
                remedy="Check GNSS_RX in firmware/pins.py, and the receiver.",
            )
        fix = last[0]
        if fix.utc is None:
            return fix
        return dataclasses.replace(fix, utc=later(fix.utc, age_s))


class PicoRoof:
    """The roof controller, implementing ports.RoofController.

    Args:
        path: Of its port.
        open_port: Opens that.
        monotonic_s: A clock that never steps; a test may let it run faster, with the controller's.
        silent_s: Without a report for so long it counts as silent.
    """

    def __init__(
        self,
        path: str,
        *,
        open_port: Callable[[str], SerialPort] = SerialPort,
        monotonic_s: Callable[[], float] = time.monotonic,
        silent_s: float = _SILENT_S,
    ) -> None:
        self._path = path
        self._open_port = open_port
        self._monotonic_s = monotonic_s
        self._silent_s = silent_s
        self._lock = threading.Lock()
        # held while a cover's lease is renewed: a renewal must not come after a `close`
        self._renewing = threading.Lock()
        self._port: SerialPort | None = None
        self._number = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._waiting: set[int] = set()
        self._hello: dict[str, Any] | None = None
        self._tick: dict[str, Any] | None = None
        self._heard_s = monotonic_s()
        self._trouble = f"{path}: not opened yet"
        self._wants_open = False
        self._was_open = False
        self._released_until_s: float | None = None
        self._gnss = RoofGnss(monotonic_s)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="roof", daemon=True)
        self._thread.start()

    @property
    def gnss(self) -> "RoofGnss":
        """The GNSS receiver on the controller's serial port, if it has one."""
        return self._gnss

    def close(self) -> None:
        """Let go of the port; the cover shuts by itself when its lease is over."""
        self._stop.set()
        self._thread.join()

    def await_report(self, limit_s: float = 5.0) -> None:
        """Wait for the first report.

        Raises:
            DeviceError: None came.
        """
        self._await(lambda: self._tick is not None and self._hello is not None, limit_s)
        self.state()

    def state(self) -> RoofState:
        """Return the latest report; DeviceError when the controller is silent."""
        with self._lock:
            silent_s = self._monotonic_s() - self._heard_s
            tick, hello, trouble = self._tick, self._hello, self._trouble
        if hello is not None and hello.get("wire") != VERSION:
            raise DeviceError(
                f"the roof controller speaks version {hello.get('wire')}, {VERSION} is spoken here",
                remedy="Put the firmware of this release onto it: `issgaze roof flash`.",
            )
        if tick is None or hello is None or silent_s > self._silent_s:
            because = f" ({trouble})" if trouble else ""
            raise DeviceError(
                f"the roof controller is silent for {silent_s:.0f} s, the limit is"
                f" {self._silent_s:.0f} s{because}",
                remedy="Check its cable and supply; the lens cover shuts by itself.",
            )
        return roof_state(tick, hello)

    def open_cover(self) -> None:
        """Open the lens cover and return when it is open; DeviceError when something forbids it."""
        if not self._has_cover():
            return
        self._ask("open")
        with self._lock:
            self._wants_open, self._was_open = True, False
        self._await_cover("open")

    def close_cover(self) -> None:
        """Shut the lens cover and return when it is shut; DeviceError when it does not."""
        if not self._has_cover():
            return
        with self._renewing, self._lock:
            self._wants_open = False
        self._ask("close")
        self._await_cover("closed")

    def heat(self, duty: float | None, *, seconds: float = 600.0) -> None:
        """Heat by hand for so long; None lets the dew point decide again."""
        self._ask("heater", duty=duty, seconds=seconds)

    def maintain(self, task: RoofTask, *, seconds: float = 0.0) -> None:
        """Do what its keeper asks for."""
        if task == "hold":
            self._ask("hold", seconds=seconds)
            return
        self._ask(task)
        if task == "update":
            # whoever writes the firmware needs the port
            with self._lock:
                self._released_until_s = self._monotonic_s() + max(seconds, 60.0)

    def _has_cover(self) -> bool:
        self.state()
        with self._lock:
            return self._tick is not None and self._tick.get("cover") != "none"

    def _await_cover(self, wanted: _Cover) -> None:
        """Wait until the cover is there.

        Raises:
            DeviceError: It does not get there; the cause is named if the controller knows it.
        """

        def arrived() -> bool:
            state = self.state()
            given_up = wanted == "open" and not self._wants_open
            return state.cover == wanted or given_up

        self._await(arrived, TRAVEL_S + 5.0)
        state = self.state()
        if state.cover == wanted:
            return
        cause = "it rains" if state.rain else ", ".join(state.faults) or "no cause is known"
        raise DeviceError(
            f"the cover is {state.cover}, it should be {wanted}: {cause}",
            remedy="See `issgaze roof status`; look at the cover, then `issgaze roof clear`.",
        )

    def _await(self, ready: Callable[[], bool], limit_s: float) -> None:
        end_s = self._monotonic_s() + limit_s
        while not ready() and self._monotonic_s() < end_s and not self._stop.is_set():
            self._stop.wait(_POLL_S)

    def _ask(self, what: str, **more: Any) -> dict[str, Any]:
        """Send a command and return its answer.

        Raises:
            DeviceError: There is none, or it is a refusal.
        """
        error = ""
        for _ in range(_TRIES):
            self.state()
            answer = self._exchange(what, **more)
            if answer.get("ok") is True:
                return answer
            error = str(answer.get("error"))
            if error != "late":
                break
        raise refusal(what, error)

    def _exchange(self, what: str, **more: Any) -> dict[str, Any]:
        number = self._send(what, expects=True, **more)
        self._await(lambda: number in self._answers, _ANSWER_S)
        with self._lock:
            self._waiting.discard(number)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise DeviceError(
                f"the roof controller gave no answer to {what!r} within {_ANSWER_S:.0f} s",
                remedy="Check its cable and supply; the lens cover shuts by itself.",
            )
        return answer

    def _send(self, what: str, *, expects: bool, **more: Any) -> int:
        with self._lock:
            self._number = self._number % LARGEST_ID + 1
            number, port = self._number, self._port
            if expects:
                self._waiting.add(number)
            passed_s = self._monotonic_s() - self._heard_s
            told_s = self._tick["t"] if self._tick else 0
        until_s = int(told_s + passed_s) + _VALID_S
        message: dict[str, object] = {"id": number, "cmd": what, "until": until_s, **more}
        if port is None:
            raise DeviceError(self._trouble, remedy="Check its cable and supply.")
        port.write(encode(message))
        return number

    def _serve(self) -> None:
        failures = 0
        while not self._stop.is_set():
            if self._is_released():
                self._stop.wait(_PAUSES_S[-1])
                continue
            try:
                with self._open_port(self._path) as port:
                    failures = 0
                    self._converse(port)
            except DeviceError as error:
                self._forget(error.message)
            self._stop.wait(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            failures += 1

    def _is_released(self) -> bool:
        with self._lock:
            until_s = self._released_until_s
            if until_s is not None and self._monotonic_s() >= until_s:
                self._released_until_s = until_s = None
        return until_s is not None

    def _forget(self, trouble: str) -> None:
        with self._lock:
            self._port = self._hello = self._tick = None
            self._trouble = trouble
            # it will have to be asked for afresh: the controller may have shut it
            self._wants_open = False

    def _converse(self, port: SerialPort) -> None:
        """Listen until the device is gone, silent for too long, or to be let go of."""
        reader = LineReader()
        with self._lock:
            self._port = port
        opened_s = beat_s = self._monotonic_s()
        renewed_s = opened_s
        self._send("hello", expects=False)
        while not self._stop.is_set() and not self._is_released():
            for line in reader.feed(port.read()):
                self._hear(line)
            now_s = self._monotonic_s()
            if now_s - max(opened_s, self._heard_s) > 2.0 * self._silent_s:
                raise DeviceError(
                    f"{self._path}: nothing was heard for {2.0 * self._silent_s:.0f} s",
                    remedy="Check it.",
                )
            if now_s - beat_s >= BEAT_S:
                beat_s = now_s
                self._send("hello" if self._hello is None else "beat", expects=False)
            if not self._wants_open or now_s - renewed_s >= _RENEW_S:
                renewed_s = now_s
                self._renew()
        self._forget("the port was let go of")

    def _renew(self) -> None:
        """Ask for an open cover to stay so."""
        with self._renewing:
            if self._wants_open:
                self._send("open", expects=False)

    def _hear(self, line: bytes) -> None:
        try:
            message = decode(line)
        except WireError:
            return
        number, tick = message.get("id"), message.get("tick")
        sentence = message.get("nmea")
        with self._lock:
            if isinstance(sentence, str):
                self._gnss.hear(sentence.encode(), self._monotonic_s())
            elif isinstance(number, int):
                self._hear_answer(number, message)
            elif isinstance(tick, dict) and isinstance(tick.get("t"), int):
                self._hear_tick(tick)

    def _hear_answer(self, number: int, message: dict[str, Any]) -> None:
        if "wire" in message:
            self._hello = message
        if number in self._waiting:
            self._answers[number] = message
        elif message.get("ok") is False and message.get("error") != "late":
            # a renewal was refused: it rains, or something is wrong; no second try by itself
            self._wants_open = False

    def _hear_tick(self, tick: dict[str, Any]) -> None:
        self._tick = tick
        self._heard_s = self._monotonic_s()
        self._trouble = ""
        cover = tick.get("cover")
        if self._was_open and cover != "open":
            self._wants_open = False
        self._was_open = self._wants_open and (self._was_open or cover == "open")
