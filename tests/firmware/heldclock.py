"""A clock for both ends of the wire that goes on only when both have seen where it stands.

However busy the machine is, no command is late and nobody is taken for silent: time waits.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

# as MicroPython's fake time reads it: twice, so that a value half written is noticed
_DIGITS = 12
_HANGS_S = 120.0


class HeldClock:
    """Milliseconds of a controller's time, moved on in steps that it has to take.

    Args:
        folder: Of the controller; the clock is in its file `clock`, what it has seen in `turned`.
        step_ms: At most so much at once.
        alive: Whether the firmware runs; without it time just goes on.
    """

    def __init__(
        self, folder: Path, *, step_ms: int = 250, alive: Callable[[], bool] = lambda: True
    ) -> None:
        self._alive = alive
        self._clock, self._turned = folder / "clock", folder / "turned"
        self._step_ms = step_ms
        self._ms = 0
        self._turned.write_text("0")
        self._show()

    @property
    def now_s(self) -> float:
        """Seconds since it was made."""
        return self._ms / 1000.0

    def step(self) -> None:
        """Go on by one step, and return when the firmware has gone round with the new time."""
        self._ms += self._step_ms
        self._show()
        end = time.monotonic() + _HANGS_S
        while self._alive() and self._seen_ms() < self._ms:
            assert time.monotonic() < end, f"the firmware does not go on at {self.now_s} s"
            time.sleep(0.0002)

    def _show(self) -> None:
        new = self._clock.with_suffix(".new")
        new.write_text(f"{self._ms:0{_DIGITS}d}" * 2)
        new.replace(self._clock)

    def _seen_ms(self) -> int:
        text = self._turned.read_text()
        half = len(text) // 2
        return int(text[:half]) if half and text[:half] == text[half:] else -1


class SharedClock:
    """A held clock that runs by itself while another thread of this process reads it.

    Args:
        clock: Is moved on.
        reader: Name of the thread that has to have read each step, too.
    """

    def __init__(self, clock: HeldClock, reader: str) -> None:
        self._clock = clock
        self._reader = reader
        self._moved = threading.Condition()
        self._reads = 0
        # while it is True the reader is waited for
        self.follows = True
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Let it run."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join()

    def now_s(self) -> float:
        """Return seconds since it was made."""
        if threading.current_thread().name == self._reader:
            with self._moved:
                self._reads += 1
                self._moved.notify_all()
        return self._clock.now_s

    def wait(self, seconds: float) -> None:
        """Return when so much has passed."""
        end_s = self._clock.now_s + seconds
        with self._moved:
            while self._clock.now_s < end_s:
                assert self._thread.is_alive(), "the clock stands still"
                self._moved.wait(1.0)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._clock.step()
            with self._moved:
                self._moved.notify_all()
                reads = self._reads
                while self.follows and self._reads == reads and not self._stop.is_set():
                    self._moved.wait(0.1)
