"""Ending a program when the system or the owner asks for it."""

import signal
import threading
from collections.abc import Callable


def stop_on_signal() -> Callable[[], bool]:
    """Return a function that becomes true after SIGTERM or SIGINT; a second SIGINT interrupts."""
    event = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if event.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        event.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return event.is_set
