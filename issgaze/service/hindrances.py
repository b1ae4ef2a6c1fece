"""What kept captures from beginning: said of the passes that were missed meanwhile."""

from collections import deque
from datetime import datetime

from issgaze.archive.ledger import Row
from issgaze.civil import later
from issgaze.errors import ArchiveError
from issgaze.ports import Clock

# a folder that cannot be made is tried for as long again
_REFUSAL_LASTS_S = 60.0
# a capture is prepared so long before a pass rises
_BEGINS_BEFORE_S = 300.0
_MOST = 50


def disk_refusal(error: ArchiveError) -> str:
    """Return in words that the disk refused; where it was to write is nobody's business."""
    return f"the disk refused: {error.message.rpartition(': ')[2]}"


class Hindrances:
    """Remembers what stood in the way, and when.

    Args:
        clock: Tells when, and whether the time is known.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: deque[tuple[str, datetime, datetime]] = deque(maxlen=_MOST)
        self._blind_since_s: float | None = None

    def note_refusal(self, error: ArchiveError) -> None:
        """Take note that the disk refuses."""
        now = self._clock.now_utc()
        reason = disk_refusal(error)
        until = later(now, _REFUSAL_LASTS_S)
        since = now
        # tried again and again: one long hindrance, which crowds no other out
        if self._noted and self._noted[-1][0] == reason:
            _, begun, ended = self._noted[-1]
            if now <= later(ended, _REFUSAL_LASTS_S):
                since = begun
                self._noted.pop()
        self._noted.append((reason, since, until))

    def look_at_clock(self) -> None:
        """Take note, once the time is known, for how long it was not."""
        now_s = self._clock.monotonic_s()
        if self._clock.quality().trust == "untrusted":
            if self._blind_since_s is None:
                self._blind_since_s = now_s
        elif self._blind_since_s is not None:
            now = self._clock.now_utc()
            since = later(now, self._blind_since_s - now_s)
            self._noted.append(("the device did not know the time", since, now))
            self._blind_since_s = None

    def of(self, row: Row) -> str | None:
        """Return what stood in the way of a pass, None when nothing is known to have."""
        begins, ends = later(row.rise_utc, -_BEGINS_BEFORE_S), row.set_utc
        for reason, since, until in reversed(self._noted):
            if since <= ends and until >= begins:
                return reason
        return None
