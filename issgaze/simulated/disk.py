"""The disk of a simulated device: full, read-only or slow on cue."""

import errno
import os
from pathlib import Path

from issgaze.civil import later
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.failures import Failures
from issgaze.simulated.scenario import Scenario


class SimulatedDisk:
    """Asked before each write; it refuses as a real disk would.

    Args:
        scenario: Its disk_full, disk_read_only and disk_slow cues.
        clock: What they are read against, and what a slow write takes its time from.
        below: The folder on that disk; what lies elsewhere is not touched.
    """

    def __init__(self, scenario: Scenario, clock: SimulatedClock, *, below: Path) -> None:
        self._clock = clock
        self._failures = Failures(scenario, clock)
        self._below = below.absolute()

    def before_write(self, path: Path) -> None:
        """Refuse or delay a write.

        Raises:
            OSError: The disk is full (ENOSPC) or read-only (EROFS).
        """
        if not path.absolute().is_relative_to(self._below):
            return
        for what, number in (("disk_full", errno.ENOSPC), ("disk_read_only", errno.EROFS)):
            if self._failures.active(what) is not None:
                raise OSError(number, os.strerror(number), str(path))
        slow = self._failures.active("disk_slow")
        if slow is not None:
            self._clock.wait_until(later(self._clock.true_utc(), max(slow.amount, 0.0)))
