"""MicroPython's `time`, whose milliseconds run as fast as SPEED says, or stand as CLOCK says.

CLOCK names a file that holds the milliseconds twice: a value half written is none.
"""

import os

from utime import *  # noqa: F403 - everything else is as it was
import utime

_SPEED = int(os.getenv("SPEED") or 1)
_CLOCK = os.getenv("CLOCK")


def held_ms():
    while True:
        with open(_CLOCK) as file:
            text = file.read()
        half = len(text) // 2
        if half and text[:half] == text[half:]:
            return int(text[:half])


def ticks_ms():
    if _CLOCK:
        return held_ms() & 0x3FFFFFFF
    return (utime.ticks_ms() * _SPEED) & 0x3FFFFFFF
