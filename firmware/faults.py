"""Faults: they latch with a count, and are forgotten only on command when their cause is gone."""

_MOST = 999


class Faults:
    """What went wrong since somebody last looked."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._present: dict[str, bool] = {}

    def see(self, name: str, present: bool) -> None:
        """Say whether the cause of a fault is there now; each time it comes is counted."""
        if present and not self._present.get(name, False):
            self._counts[name] = min(_MOST, self._counts.get(name, 0) + 1)
        if present or name in self._present:
            self._present[name] = present

    def latched(self, name: str) -> bool:
        """Return whether it happened and nobody has cleared it."""
        return name in self._counts

    def clear(self) -> None:
        """Forget those whose cause is gone."""
        for name in list(self._counts):
            if not self._present[name]:
                del self._counts[name]
                del self._present[name]

    def report(self) -> dict[str, list[int]]:
        """Return name: [how often, 1 if it is there now]."""
        return {name: [count, int(self._present[name])] for name, count in self._counts.items()}
