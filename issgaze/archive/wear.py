"""Nights of the device in numbers: bytes written, heat, voltage; how long the card will last."""

import contextlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.errors import ArchiveError

_FILE = "nights.json"
# a year of nights tells of wear and seasons
_NIGHTS = 400
# Cheap cards: some 500 cycles of each cell, and three bytes written inside for each byte from
# outside. What makers call endurance cards lasts several times as long.
_WHOLE_WRITES = 500.0 / 3.0
_SAVE_S = 1800.0


class Nights:
    """What each night took and brought, by its evening's date.

    Args:
        folder: Where it is kept, <archive>/wear.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._nights: dict[str, dict[str, Any]] = _read(self._path)
        self._written_at: int | None = None
        self._saved: datetime | None = None

    def add(
        self, night: str, now: datetime, *, written_bytes: int | None, extremes: Mapping[str, Any]
    ) -> None:
        """Take down how things are now.

        Args:
            night: Date of its evening.
            now: The device's clock; the record is saved twice an hour.
            written_bytes: Counter of the disk, None where there is none.
            extremes: By key; of keys ending in `_min` the least is kept, of others the largest.
        """
        held = self._nights.setdefault(night, {"written_bytes": 0})
        if written_bytes is not None:
            before = self._written_at
            # a counter that went back was started anew with the board
            if before is not None and written_bytes >= before:
                held["written_bytes"] += written_bytes - before
            self._written_at = written_bytes
        for key, value in extremes.items():
            if value is not None:
                worse = min if key.endswith("_min") else max
                held[key] = worse(held[key], value) if held.get(key) is not None else value
        if self._saved is None or abs((now - self._saved).total_seconds()) >= _SAVE_S:
            self._saved = now
            self.save()

    def save(self) -> None:
        """Write the record, if the disk allows."""
        kept = dict(sorted(self._nights.items())[-_NIGHTS:])
        self._nights = kept
        with contextlib.suppress(ArchiveError):
            write_atomic(self._path, json.dumps(kept).encode() + b"\n", durable=False)

    def of(self, night: str) -> dict[str, Any]:
        """Return what is known of a night."""
        return dict(self._nights.get(night, {}))

    def mean_bytes(self) -> float | None:
        """Return what is written in a night, of the last thirty; None before the first is over."""
        past = [each["written_bytes"] for each in list(self._nights.values())[-31:-1]]
        return sum(past) / len(past) if past else None


def life_years(disk_gb: float | None, night_bytes: float | None) -> float | None:
    """Return how long a cheap card of a size stands so much a night, in years; None unknown."""
    if not disk_gb or not night_bytes:
        return None
    return disk_gb * 1e9 * _WHOLE_WRITES / (night_bytes * 365.25)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        night: held
        for night, held in document.items()
        if isinstance(held, dict) and isinstance(held.get("written_bytes"), int)
    }
