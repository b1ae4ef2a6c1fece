"""The other end of the wire, over genuine pyserial."""

import time
from typing import Any

import serial

from issgaze.roofwire import LineReader, WireError, decode, encode
from tests.firmware.heldclock import HeldClock


class Host:
    """Speaks with a controller; a context manager.

    Args:
        port: Of the controller.
        clock: Goes on by one step each time it is listened, and never otherwise.
    """

    def __init__(self, port: str, clock: HeldClock | None = None) -> None:
        self._clock = clock
        self._serial = serial.Serial(port, timeout=0.0 if clock else 0.05, exclusive=True)
        self._reader = LineReader()
        # apart from what a test may send by itself
        self._number = 500_000
        self.ticks: list[dict[str, Any]] = []
        self.garbled = 0

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *exception: object) -> None:
        self._serial.close()

    def send(self, data: bytes) -> None:
        self._serial.write(data)

    def messages(self) -> list[dict[str, Any]]:
        """Return what came since; reports are kept in `ticks`, and not returned."""
        if self._clock is not None:
            self._clock.step()
        found = []
        for line in self._reader.feed(self._serial.read(max(1, self._serial.in_waiting))):
            try:
                message = decode(line)
            except WireError:
                self.garbled += 1
                continue
            if "id" in message:
                found.append(message)
            else:
                tick: Any = message["tick"]
                self.ticks.append(tick)
        return found

    def ask(self, what: str, *, limit_s: float = 60.0, **more: Any) -> dict[str, Any]:
        """Send a command in time and return its answer."""
        self._number += 1
        now = self.ticks[-1]["t"] if self.ticks else 0
        self.send(encode({"id": self._number, "cmd": what, "until": now + 8, **more}))
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            for message in self.messages():
                if message["id"] == self._number:
                    return message
        raise AssertionError(f"no answer to {what} within {limit_s} s")

    def tick(self, *, limit_s: float = 60.0) -> dict[str, Any]:
        """Return the next report."""
        have = len(self.ticks)
        end = time.monotonic() + limit_s
        while len(self.ticks) == have and time.monotonic() < end:
            self.messages()
        assert len(self.ticks) > have, f"no report within {limit_s} s"
        return self.ticks[-1]

    def tick_when(self, **wanted: Any) -> dict[str, Any]:
        """Return the first report that says so."""
        end = time.monotonic() + 60.0
        while time.monotonic() < end:
            tick = self.tick()
            if all(tick[name] == value for name, value in wanted.items()):
                return tick
        raise AssertionError(f"never {wanted}, at last {self.ticks[-1]}")
