"""The system's clock, and how far the kernel says it can be believed."""

import ctypes
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from issgaze.civil import from_unix, seconds_between
from issgaze.ports import ClockQuality

# ntp_adjtime(2), linux/timex.h: STA_UNSYNC and the clock state TIME_ERROR
_STA_UNSYNC = 0x0040
_TIME_ERROR = 5
_COARSE_BOUND_S = 30.0
_TRUSTED_BOUND_S = 0.1
_WAKE_INTERVAL_S = 0.25
# a name drawn anew at each start, as random(4) has it
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class _Timex(ctypes.Structure):
    """`struct timex` of 64-bit Linux; only the fields up to `status` are read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("padding", ctypes.c_byte * 256),
    )


class SystemClock:
    """The real clock, implementing ports.Clock."""

    def now_utc(self) -> datetime:
        """Return the present instant as the system knows it."""
        return from_unix(time.time())

    def monotonic_s(self) -> float:
        """Return seconds that never step."""
        return time.monotonic()

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        """Wait until the instant; return False when `wake` became true before.

        The wait is cut into short pieces, so that a step of the clock moves the end with it.
        """
        pause = threading.Event()
        while (left := seconds_between(self.now_utc(), instant)) > 0:
            if wake is not None and wake():
                return False
            pause.wait(min(left, _WAKE_INTERVAL_S))
        return True

    def quality(self) -> ClockQuality:
        """Return what the kernel's clock discipline says of the clock's error."""
        timex = _Timex()
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
        return kernel_quality(state, timex.status, timex.maxerror)


def boot_id(path: Path = _BOOT_ID) -> str:
    """Return the name of this run of `monotonic_s`, new at each start; empty when unknown."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def kernel_quality(state: int, status: int, max_error_us: int) -> ClockQuality:
    """Judge what adjtimex(2) returned: its state, the status bits and the largest error in us."""
    if state < 0 or state == _TIME_ERROR or status & _STA_UNSYNC:
        return ClockQuality(trust="untrusted", bound_s=None, source="kernel, not synchronised")
    bound_s = max_error_us * 1e-6
    if bound_s < _TRUSTED_BOUND_S:
        return ClockQuality(trust="trusted", bound_s=bound_s, source="kernel")
    if bound_s <= _COARSE_BOUND_S:
        return ClockQuality(trust="coarse", bound_s=bound_s, source="kernel")
    return ClockQuality(trust="untrusted", bound_s=bound_s, source="kernel")
