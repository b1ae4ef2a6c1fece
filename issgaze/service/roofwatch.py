"""What happens on the roof while a pass is photographed, for the pass folder's events."""

from collections.abc import Iterator
from typing import Any

from issgaze.errors import DeviceError
from issgaze.ports import RoofController, RoofState


class RoofWatch:
    """Compares the roof with what it was at the last look."""

    def __init__(self, roof: RoofController | None) -> None:
        self._roof = roof
        self._before = self._read()

    def look(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what is new: the name of an event and what belongs to it.

        A controller that is silent has shut its cover, or will: that is said, too.
        """
        before, now = self._before, self._read()
        self._before = now
        if self._roof is None or (before is None and now is None):
            return
        if now is None:
            yield "roof_silent", {"message": self._silence, "cover": "closed"}
            return
        if before is None:
            yield "roof_heard", {"cover": now.cover}
            return
        if now.rain and not before.rain:
            yield "rain", {}
        for fault in sorted(set(now.faults) - set(before.faults)):
            yield "roof_fault", {"fault": fault}
        if before.cover == "open" and now.cover != "open":
            cause = "rain" if now.rain or now.wet_s else ", ".join(now.faults) or "unknown"
            yield "cover_shut", {"cover": now.cover, "cause": cause}

    def _read(self) -> RoofState | None:
        if self._roof is None:
            return None
        try:
            return self._roof.state()
        except DeviceError as error:
            self._silence = error.message
            return None
