"""How often a wrong token may be offered: guesses are slowed down, the owner is not locked out."""

import threading
from collections import deque

_WINDOW_S = 60.0
_PER_VISITOR = 5
_ALTOGETHER = 60
_MOST_VISITORS = 256


class Attempts:
    """Counts wrong tokens over the last minute, by address; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: deque[float] = deque(maxlen=_ALTOGETHER)
        self._by_visitor: dict[str, deque[float]] = {}

    def too_many(self, visitor: str, now_s: float) -> bool:
        """Return whether an address, or all of them together, must wait before the next try.

        Args:
            visitor: The address.
            now_s: On a clock that never steps.
        """
        since = now_s - _WINDOW_S
        with self._lock:
            mine = self._by_visitor.get(visitor, deque())
            recent = sum(when > since for when in mine)
            return recent >= _PER_VISITOR or (
                len(self._all) == _ALTOGETHER and self._all[0] > since
            )

    def wrong(self, visitor: str, now_s: float) -> None:
        """Remember a wrong token."""
        with self._lock:
            if len(self._by_visitor) >= _MOST_VISITORS:
                # bounded, however many addresses somebody commands
                self._by_visitor.pop(next(iter(self._by_visitor)))
            self._by_visitor.setdefault(visitor, deque(maxlen=_PER_VISITOR)).append(now_s)
            self._all.append(now_s)
