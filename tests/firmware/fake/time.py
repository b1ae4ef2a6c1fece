"""MicroPython's `time`, whose milliseconds run as fast as SPEED says."""

import os

from utime import *  # noqa: F403 - everything else is as it was
import utime

_SPEED = int(os.getenv("SPEED") or 1)


def ticks_ms():
    return (utime.ticks_ms() * _SPEED) & 0x3FFFFFFF
