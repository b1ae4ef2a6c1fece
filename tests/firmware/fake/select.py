"""MicroPython's `select`; under a clock that is held nobody waits for true milliseconds."""

import os

from uselect import *  # noqa: F403 - everything else is as it was
import uselect

_HELD = os.getenv("CLOCK")


class poll:
    def __init__(self):
        self._poll = uselect.poll()

    def register(self, stream, events):
        self._poll.register(stream, events)

    def poll(self, wait_ms=-1):
        return self._poll.poll(1 if _HELD and wait_ms > 1 else wait_ms)
