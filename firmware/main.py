"""The roof controller's program: reads, decides, acts, and speaks with the Pi."""

import gc
import os
import select
import sys
import time

import machine
import micropython

import board
from controller import Controller
from roofwire import TICK_S, LineReader, WireError, decode, encode

_STEP_MS = 20
# bytes taken at once, so that a flood cannot keep the roof waiting
_MOST_BYTES = 256


class Port:
    """The USB port, read without waiting and without text: garbage is no UTF-8."""

    def __init__(self) -> None:
        # a Ctrl-C among the bytes is a byte
        micropython.kbd_intr(-1)
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self._reader = LineReader()

    @property
    def dropped(self) -> int:
        """How many lines were too long."""
        return self._reader.dropped

    def lines(self, wait_ms: int) -> list[bytes]:
        """Return the lines that came, waiting a moment for the first byte."""
        received = bytearray()
        while len(received) < _MOST_BYTES and self._poll.poll(0 if received else wait_ms):
            byte = sys.stdin.buffer.read(1)
            if not byte:
                break
            received.extend(byte)
        return self._reader.feed(bytes(received)) if received else []

    def send(self, message: dict[str, object]) -> None:
        """Send a message; one that does not fit is not sent."""
        try:
            sys.stdout.buffer.write(encode(message))
        except (WireError, OSError):
            pass


class Loop:
    """Goes round some fifty times a second."""

    def __init__(self) -> None:
        self._board = board.Board()
        self._controller = Controller(self._board.start())
        self._port = Port()
        self._ticks_ms = time.ticks_ms()
        self._now_ms = 0
        self._told_ms = -TICK_S * 1000
        self._garbled = 0

    def turn(self) -> bool:
        """Go round once; return False when the controller shall make room for new firmware."""
        now_ms = self._advance()
        readings = self._board.read(now_ms)
        outputs = self._controller.step(now_ms, readings)
        self._board.write(now_ms, outputs)
        self._board.remember(self._controller.supervision.cycles(), self._controller.low)
        if now_ms - self._told_ms >= TICK_S * 1000:
            self._told_ms = now_ms
            self._controller.lost = self._garbled + self._port.dropped
            self._port.send({"tick": self._controller.report(now_ms)})
            gc.collect()
        for sentence in self._board.receiver.sentences():
            self._port.send({"nmea": sentence})
        for line in self._port.lines(_STEP_MS):
            self._answer(line)
        return not self._controller.leaves

    def _answer(self, line: bytes) -> None:
        try:
            answer = self._controller.command(self._now_ms, decode(line))
        except (WireError, MemoryError):
            answer = None
        if answer is None:
            self._garbled += 1
            return
        if "firmware" in answer:
            gc.collect()
            answer["heap"] = gc.mem_alloc()
        self._port.send(answer)

    def _advance(self) -> int:
        ticks_ms = time.ticks_ms()
        self._now_ms += time.ticks_diff(ticks_ms, self._ticks_ms)
        self._ticks_ms = ticks_ms
        return self._now_ms


def run() -> None:
    """Work until the power goes; what cannot be handled ends in a reset, with all outputs safe."""
    try:
        loop = Loop()
        while loop.turn():
            pass
        # after the reset this file keeps the watchdog off, so that files can be copied at leisure
        with open(board.UPDATE_FILE, "w") as file:
            file.write("1")
    finally:
        machine.reset()


def wants_update() -> bool:
    """Return whether this start makes room for new firmware, and only this one."""
    try:
        os.remove(board.UPDATE_FILE)
    except OSError:
        return False
    return True


if not wants_update():
    run()
