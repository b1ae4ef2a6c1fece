"""Keeping the archive within its budget: develop's work between passes."""

import time
from collections.abc import Callable
from datetime import datetime

from issgaze.archive.layout import Archive
from issgaze.archive.retention import Budget, keep_within
from issgaze.archive.status import read_status
from issgaze.civil import from_unix, later, parse_utc
from issgaze.config import Settings
from issgaze.errors import ArchiveError, IssgazeError, TimeError
from issgaze.optics.profiles import sensor_profile
from issgaze.service.conditions import needed_gb

_EVERY_S = 300.0


class Upkeep:
    """Looks at the budget now and then, and at once after a pass was developed.

    Args:
        archive: The archive.
        settings: Gives the settings as they are now.
        log: Told in words what went.
        monotonic_s: A clock that never steps.
    """

    def __init__(
        self,
        archive: Archive,
        settings: Callable[[], Settings],
        log: Callable[[str], None],
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._archive = archive
        self._settings = settings
        self._log = log
        self._monotonic_s = monotonic_s
        self._last_s: float | None = None
        self._complaint = ""

    def look(self) -> None:
        """Remove what must go, if it is time to look; what cannot be done is said once."""
        now_s = self._monotonic_s()
        if self._last_s is not None and now_s - self._last_s < _EVERY_S:
            return
        self._last_s = now_s
        try:
            removals = keep_within(
                self._archive, budget_of(self._settings(), self._now()), self._now()
            )
        except IssgazeError as error:
            if error.message != self._complaint:
                self._log(f"{error.message}. {error.remedy}")
            self._complaint = error.message
            return
        self._complaint = ""
        for removal in removals:
            what = ", ".join(path.name for path in removal.paths)
            self._log(
                f"{removal.folder.id}: {what} removed, {removal.size_bytes / 1e6:.0f} MB, "
                f"{removal.reason}"
            )

    def soon(self) -> None:
        """Look at the next occasion: a pass was developed."""
        self._last_s = None

    def _now(self) -> datetime:
        """Return the device's time: a simulated one has its own."""
        try:
            status = read_status(self._archive.run)
            if status.get("simulated"):
                return parse_utc(str(status["utc"]))
        except (ArchiveError, TimeError, KeyError):
            pass
        return from_unix(time.time())


def budget_of(settings: Settings, now: datetime) -> Budget:
    """Return the owner's budget in bytes and days."""
    days = settings.archive.budget_days
    sensor = sensor_profile(settings.camera.sensor)
    return Budget(
        most_bytes=settings.archive.budget_gb * 1e9,
        oldest=later(now, -days * 86400.0) if days else None,
        # as much as the next pass is refused without
        free_bytes=1.2 * needed_gb(sensor, settings.camera.mode) * 1e9,
    )
