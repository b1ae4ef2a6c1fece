"""Whether a developing child gets on, for a watchdog that must not be fed while it hangs."""

import os
import time
from collections.abc import Callable
from pathlib import Path

# a child that waits for the next frame costs no processor; observe seals a folder within this time
_PATIENCE_S = 240.0
# of processor time without one new file: the longest step, a film of a long pass on the smallest
# board, stays below
_SPINNING_S = 1800.0


class ChildProgress:
    """Looks at what a child leaves behind: files in its folder, and processor time.

    Args:
        pid: Of the child.
        folder: Where it writes.
        proc: Where the kernel shows processes.
        monotonic_s: A clock that never steps.
    """

    def __init__(
        self,
        pid: int,
        folder: Path,
        *,
        proc: Path = Path("/proc"),
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stat = proc / str(pid) / "stat"
        self._folder = folder
        self._monotonic_s = monotonic_s
        self._files = self._changed_ns()
        self._busy_s = self._busy()
        self._busy_at_file_s = self._busy_s
        self._at_s = monotonic_s()

    def gets_on(self) -> bool:
        """Return whether it wrote or worked lately; false when it hangs or turns in circles."""
        now_s, files, busy_s = self._monotonic_s(), self._changed_ns(), self._busy()
        if files != self._files:
            self._files, self._busy_at_file_s, self._at_s = files, busy_s, now_s
        if busy_s > self._busy_s:
            self._busy_s = busy_s
            if busy_s - self._busy_at_file_s < _SPINNING_S:
                self._at_s = now_s
        return now_s - self._at_s < _PATIENCE_S

    def _changed_ns(self) -> tuple[int, ...]:
        try:
            folders = (self._folder, self._folder / "lights")
            return tuple(path.stat().st_mtime_ns for path in folders)
        except OSError:
            return ()

    def _busy(self) -> float:
        """Return its processor time in s, that of its own ended children included (proc(5))."""
        try:
            words = self._stat.read_text().rpartition(")")[2].split()
            return sum(int(word) for word in words[11:15]) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError):
            return 0.0
