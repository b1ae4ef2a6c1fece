"""How often the observer may end itself to be started afresh, and the board with it.

A camera that reopening does not heal is sometimes healed by a new process, which gives every
descriptor and thread back, and sometimes by a reboot. The unit starts the program again; only when
it ends too often in a row does the unit's StartLimitAction reboot the board. The record on disk
keeps that from happening more than twice a day: then the program stays and goes on trying.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from issgaze.archive.atomic import write_atomic
from issgaze.civil import format_utc, parse_utc, seconds_between
from issgaze.errors import ArchiveError, CameraError

# as in the unit: so many starts within so long make it reboot the board
START_LIMIT_BURST = 4
START_LIMIT_INTERVAL_S = 900.0
REBOOTS_A_DAY = 2
EXIT_RESTART = 75
_DAY_S = 86400.0


class RestartNeeded(CameraError):  # noqa: N818 - a wish to the unit, by name
    """The camera may be healed by a new process: end with EXIT_RESTART."""


class HealingRecord:
    """The restarts of the last day, on disk.

    Args:
        path: The record's file.
        now: The device's clock.
    """

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now

    def may_restart(self) -> bool:
        """Return whether to end the program once more; True is written down before it is said.

        A record that cannot be written forbids it: without a count nothing would end the loop.
        """
        now = self._now()
        # a boot without network may begin with the clock of an hour ago: what lies ahead counts too
        recent = [each for each in self._read() if abs(seconds_between(each, now)) < _DAY_S]
        if self._reboots([*recent, now]) > REBOOTS_A_DAY:
            return False
        kept = [format_utc(each) for each in (*recent, now)]
        try:
            write_atomic(self._path, json.dumps({"restarts": kept}).encode() + b"\n")
        except ArchiveError:
            return False
        return True

    def _reboots(self, restarts: list[datetime]) -> int:
        """Return how many reboots such restarts made: each full burst is one."""
        burst: list[datetime] = []
        reboots = 0
        for each in restarts:
            recent = [o for o in burst if seconds_between(o, each) < START_LIMIT_INTERVAL_S]
            burst = [*recent, each]
            if len(burst) >= START_LIMIT_BURST:
                reboots += 1
                burst = []
        return reboots

    def _read(self) -> list[datetime]:
        try:
            document = json.loads(self._path.read_text())
            return [parse_utc(str(each)) for each in document["restarts"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []
