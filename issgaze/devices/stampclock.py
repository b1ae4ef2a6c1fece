"""From the stamps of a camera, nanoseconds since boot, to UTC with a bound on the error.

The kernel stamps frames on a clock that never steps. Pairs of readings of that clock and of the
system's are taken before, during and after a stream; a stamp between two pairs lies on the line
through them. NTP slews by at most 500 ppm (adjtimex(2)); what moves faster is a step, which is
taken out again, so that frames keep their true order and distance, and widens the bound instead.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from issgaze.civil import from_unix
from issgaze.ports import ClockQuality

_FASTEST_SLEW = 500e-6
_LEAST_STEP_NS = 2_000_000
_TRIES = 5
# after so long without a stream its clock is read anew, steps forgotten
_STALE_NS = 600 * 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPair:
    """The same instant on both clocks.

    Attributes:
        boot_ns: Since boot, sleep included (CLOCK_BOOTTIME).
        asleep_ns: By how much CLOCK_MONOTONIC is behind it: zero unless the board slept.
        utc_ns: Since 1970.
        within_ns: Bound on how far apart the readings can be.
    """

    boot_ns: int
    asleep_ns: int
    utc_ns: int
    within_ns: int


def read_pair() -> ClockPair:
    """Return both clocks, read as close to each other as a few tries allow."""
    pairs: list[ClockPair] = []
    for _ in range(_TRIES):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        utc_ns = time.time_ns()
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        asleep = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
        pairs.append(
            ClockPair(
                boot_ns=(before + after) // 2,
                asleep_ns=max(0, asleep),
                utc_ns=utc_ns,
                within_ns=(after - before + 1) // 2,
            )
        )
    return min(pairs, key=lambda pair: pair.within_ns)


class StampClock:
    """Dates stamps.

    Args:
        quality: What is known of the system clock's error.
        read: Reads both clocks.
    """

    def __init__(
        self,
        quality: Callable[[], ClockQuality],
        *,
        read: Callable[[], ClockPair] = read_pair,
    ) -> None:
        self._quality = quality
        self._read = read
        self._before: ClockPair | None = None
        self._latest: ClockPair | None = None
        self._stepped_ns = 0
        self._widest_ns = 0

    def mark(self) -> float:
        """Take a pair of readings now; return by how many s the clock stepped since the last."""
        pair = self._read()
        last = self._latest
        if last is None or pair.boot_ns - last.boot_ns > _STALE_NS:
            self._before = self._latest = pair
            self._stepped_ns = self._widest_ns = 0
            return 0.0
        moved_ns = (pair.utc_ns - pair.boot_ns) - (last.utc_ns - last.boot_ns)
        slew_ns = _FASTEST_SLEW * (pair.boot_ns - last.boot_ns) + pair.within_ns + last.within_ns
        stepped_ns = moved_ns if abs(moved_ns) > slew_ns + _LEAST_STEP_NS else 0
        self._stepped_ns += stepped_ns
        self._widest_ns = max(self._widest_ns, abs(self._stepped_ns), abs(stepped_ns))
        self._before, self._latest = self._unstepped(last, stepped_ns), pair
        return stepped_ns * 1e-9

    def date(self, stamp_ns: int) -> tuple[datetime, float | None]:
        """Return the UTC of a stamp, and a bound on its error in s; None where nothing bounds it.

        Call `mark` first, when the frame arrives.
        """
        pair = self._latest
        if pair is None or self._before is None:
            self.mark()
            return self.date(stamp_ns)
        boot_ns = stamp_ns + self._asleep(pair, stamp_ns)
        utc_ns = boot_ns + self._offset_ns(boot_ns) - self._stepped_ns
        bound_s = self._quality().bound_s
        if bound_s is not None:
            bound_s += (pair.within_ns + self._widest_ns) * 1e-9
        return from_unix(utc_ns * 1e-9), bound_s

    def _offset_ns(self, boot_ns: int) -> int:
        """Return UTC minus boot time on the line through the last two pairs."""
        one, other = self._before, self._latest
        assert one is not None
        assert other is not None
        first, second = one.utc_ns - one.boot_ns, other.utc_ns - other.boot_ns
        span = other.boot_ns - one.boot_ns
        if span <= 0:
            return second
        share = min(max((boot_ns - one.boot_ns) / span, 0.0), 1.0)
        return first + round((second - first) * share)

    @staticmethod
    def _unstepped(pair: ClockPair, stepped_ns: int) -> ClockPair:
        """Return an earlier pair as if the step had been before it."""
        return ClockPair(
            boot_ns=pair.boot_ns,
            asleep_ns=pair.asleep_ns,
            utc_ns=pair.utc_ns + stepped_ns,
            within_ns=pair.within_ns,
        )

    @staticmethod
    def _asleep(pair: ClockPair, stamp_ns: int) -> int:
        """Return what to add to a stamp: drivers differ in which of the two clocks they use.

        A stamp was made shortly before its frame arrived; of two readings the nearer one is meant.
        """
        by_boot = pair.boot_ns - stamp_ns
        by_monotonic = by_boot - pair.asleep_ns
        return pair.asleep_ns if 0 <= by_monotonic < by_boot else 0
