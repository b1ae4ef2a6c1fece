"""How the device is: heat, voltage, memory, disk, clock, orbit, dew."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.wear import Nights, life_years
from issgaze.civil import evening_of, seconds_between
from issgaze.devices.board import (
    CAPPED,
    SINCE_START,
    THROTTLED,
    TOO_HOT,
    UNDERVOLTAGE,
    BoardFacts,
    board_facts,
    memory_pressure_percent,
)
from issgaze.devices.diskfacts import DiskFacts, disk_facts
from issgaze.errors import DeviceError
from issgaze.ports import Clock, RoofController, RoofState

_LOOK_S = 10.0
_HOT_C = 80.0
_TIGHT_PERCENT = 10.0
_NEAR_DEW_C = 1.0
_FLAGS = {UNDERVOLTAGE: "undervoltage", CAPPED: "capped", THROTTLED: "throttled", TOO_HOT: "hot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where health is read.

    Attributes:
        archive: Whose disk is looked at.
        nights: The record.
        longitude_deg: Of the site: a night is named by its evening there.
        board, disk, pressure: Readers, for tests.
    """

    archive: Path
    nights: Nights
    longitude_deg: float
    clock: Clock
    roof: RoofController | None
    board: Callable[[], BoardFacts] = board_facts
    disk: Callable[[Path], DiskFacts] = disk_facts
    pressure: Callable[[], float | None] = field(default=memory_pressure_percent)


class Health:
    """Looks at everything every ten seconds at most."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._last_s: float | None = None
        self._document: dict[str, Any] = {}

    def document(self, *, element_age_days: float | None = None) -> dict[str, Any]:
        """Return what status.json says under "health".

        Args:
            element_age_days: Of the set that the next pass was predicted from.
        """
        now_s = self._sources.clock.monotonic_s()
        if self._last_s is None or now_s - self._last_s >= _LOOK_S:
            self._last_s = now_s
            self._document = self._look(element_age_days)
        return self._document

    def close(self) -> None:
        """Save the record."""
        self._sources.nights.save()

    def _look(self, element_age_days: float | None) -> dict[str, Any]:
        sources = self._sources
        now = sources.clock.now_utc()
        board, disk, roof = sources.board(), sources.disk(sources.archive), self._roof()
        night = evening_of(now, sources.longitude_deg).isoformat()
        pressure = sources.pressure()
        margin_c = dew_margin_c(roof)
        flags = board.throttled or 0
        sources.nights.add(
            night,
            now,
            written_bytes=disk.written_bytes,
            extremes={
                "board_temperature_c": board.temperature_c,
                "memory_pressure_percent": pressure,
                "dew_margin_c_min": margin_c,
                "undervoltage": int(bool(flags & UNDERVOLTAGE)),
            },
        )
        document: dict[str, Any] = {
            "board_temperature_c": board.temperature_c,
            "throttled_now": _named(flags) if board.throttled is not None else None,
            "throttled_since_start": (
                _named(flags >> SINCE_START) if board.throttled is not None else None
            ),
            "memory": {
                "total_mb": board.memory_mb,
                "available_mb": board.available_mb,
                "pressure_percent": pressure,
            },
            "disk": self._disk(disk, night),
            "clock_bound_s": sources.clock.quality().bound_s,
            "element_age_days": element_age_days,
            "dew_margin_c": margin_c,
        }
        return document | {"complaints": complaints(document)}

    def _disk(self, disk: DiskFacts, night: str) -> dict[str, Any]:
        mean = self._sources.nights.mean_bytes()
        tonight = self._sources.nights.of(night).get("written_bytes", 0)
        life = life_years(disk.disk_gb, mean)
        return {
            "read_only": disk.read_only,
            "errors": disk.errors,
            "written_tonight_gb": (None if disk.written_bytes is None else round(tonight / 1e9, 3)),
            "written_per_night_gb": None if mean is None else round(mean / 1e9, 3),
            "life_years": None if life is None else round(life, 1),
        }

    def _roof(self) -> RoofState | None:
        if self._sources.roof is None:
            return None
        try:
            return self._sources.roof.state()
        except DeviceError:
            return None


def dew_margin_c(roof: RoofState | None) -> float | None:
    """Return by how much the air is warmer than its dew point, as the roof says or by Magnus.

    Magnus with the coefficients of Alduchov and Eskridge, J. Appl. Meteor. 35 (1996) 601.
    """
    if roof is None:
        return None
    said = getattr(roof, "dew_margin_c", None)
    if said is not None:
        return round(float(said), 1)
    air_c, humidity = roof.air_temperature_c, roof.humidity_percent
    if air_c is None or humidity is None or humidity <= 0.0:
        return None
    term = math.log(min(humidity, 100.0) / 100.0) + 17.625 * air_c / (243.04 + air_c)
    return round(air_c - 243.04 * term / (17.625 - term), 1)


def complaints(health: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what an owner should look at, each with its remedy."""
    found: list[dict[str, str]] = []

    def complain(message: str, remedy: str) -> None:
        found.append({"message": message, "remedy": remedy})

    disk = health["disk"]
    if disk["read_only"]:
        complain("The disk takes nothing any more: it has gone read-only",
                 "Save what is on it; `dmesg` says why. The card may be dying.")  # fmt: skip
    if disk["errors"]:
        complain(f"The disk has counted {disk['errors']} errors",
                 "Save what is on it and put in a new card.")  # fmt: skip
    if "undervoltage" in (health["throttled_now"] or ()):
        complain("The voltage is too low", "Use the board's own supply and a short, thick cable.")
    heat = health["board_temperature_c"]
    if heat is not None and heat >= _HOT_C:
        complain(f"The board is at {heat:.0f} °C, the limit is {_HOT_C:.0f} °C",
                 "Give the box air or shade.")  # fmt: skip
    pressure = health["memory"]["pressure_percent"]
    if pressure is not None and pressure > _TIGHT_PERCENT:
        complain(f"Memory is short: programs wait {pressure:.0f} % of the time",
                 'Set `camera.mode` to "binned", or end what else runs.')  # fmt: skip
    margin = health["dew_margin_c"]
    if margin is not None and margin < _NEAR_DEW_C:
        complain(f"The air is {margin:.1f} °C above its dew point",
                 "See whether the dome stays clear; the heater does what it can.")  # fmt: skip
    return found


def _named(flags: int) -> list[str]:
    return [name for bit, name in _FLAGS.items() if flags & bit]


def element_age_days(epoch: datetime | None, now: datetime) -> float | None:
    """Return how old an element set is, None without one."""
    return None if epoch is None else round(seconds_between(epoch, now) / 86400.0, 3)
