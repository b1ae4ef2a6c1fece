"""One request: who asks, in which language and theme, and what the device is doing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from issgaze.civil import (
    format_utc,
    local,
    parse_utc,
    seconds_between,
    time_zone,
    wall_minute,
)
from issgaze.errors import TimeError
from issgaze.web.words import LANGUAGES, Words

THEMES = ("light", "dark", "night")
# observe writes once a second; a busy card may hold it up, a minute means it is gone
STALE_S = 20.0
# a picture is awaited for an evening and not for years
FRESH_S = 6 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request.

    Attributes:
        owner: True shows exact values.
        simulated: True when the sky is rendered: everybody is an owner then.
        theme: What the visitor chose, None for the system's.
        words: The visitor's language.
        status: status.json as it is now.
        age_s: How old it is, None without one.
        now: The device's present instant.
        path: Of the page, to come back to.
    """

    owner: bool
    theme: str | None
    words: Words
    status: dict[str, Any]
    age_s: float | None
    now: datetime
    path: str = "/"
    simulated: bool = field(default=False)

    @property
    def zone(self) -> ZoneInfo:
        """The zone people live by at the site."""
        name = (self.status.get("site") or {}).get("time_zone", "UTC")
        try:
            return time_zone(str(name))
        except TimeError:
            return time_zone("UTC")

    @property
    def state(self) -> str:
        """What the device does: its own word, or "silent" or "stale" when it says nothing."""
        if self.age_s is None:
            return "silent"
        state = str(self.status.get("state", "starting"))
        return "stale" if self.age_s > STALE_S and state != "stopped" else state

    @property
    def alive(self) -> bool:
        """True while somebody waits for passes and counts down to them."""
        return self.state not in {"silent", "stale", "stopped"}

    @property
    def busy(self) -> bool:
        """True while a pass is photographed."""
        return self.state in {"capturing", "darks"}

    @property
    def speed(self) -> float | None:
        """How fast the device's clock runs, 1 for a real one; None when it jumps."""
        speed = self.status.get("speed") or 1
        return float(speed) if isinstance(speed, int | float) else None

    def wall(self, utc: str) -> datetime:
        """Return an ISO instant on the site's wall clock."""
        return local(parse_utc(utc), self.zone)

    def wall_minute(self, utc: str) -> datetime:
        """Return the nearest minute to an ISO instant on the site's wall clock."""
        return wall_minute(parse_utc(utc), self.zone)

    def clock_time(self, utc: str, *, seconds: bool | None = None) -> str:
        """Return the wall-clock time of an ISO instant, to the second for the owner."""
        exact = self.owner if seconds is None else seconds
        return f"{self.wall(utc):%H:%M:%S}" if exact else f"{self.wall_minute(utc):%H:%M}"

    def left_s(self, utc: str) -> float:
        """Return the seconds from now to an ISO instant."""
        return seconds_between(self.now, parse_utc(utc))

    @property
    def now_utc(self) -> str:
        """The present instant as ISO text."""
        return format_utc(self.now)


def turning(visit: Visit, until: datetime | None) -> dict[str, str]:
    """Return what a page without events says of the instant at which it turns false.

    Empty for guests, who know no seconds, while the device stands still, and for a page that stays
    true. A speed of 0 stands for a clock that jumps.
    """
    if until is None or not visit.owner or not visit.alive:
        return {}
    return {
        "data-now": visit.now_utc,
        "data-speed": f"{visit.speed or 0:g}",
        "data-turn": format_utc(until),
    }


def language_of(cookie: str | None, accepted: str | None) -> str:
    """Return the visitor's language: the chosen one, else the browser's, else English."""
    if cookie in LANGUAGES:
        return str(cookie)
    for item in (accepted or "")[:200].split(","):
        name = item.split(";")[0].strip().lower()[:2]
        if name in LANGUAGES:
            return name
    return "en"


def zone_name(visit: Visit) -> str:
    """Return the zone's abbreviation and offset at this instant."""
    wall = local(visit.now, visit.zone)
    offset = wall.strftime("%z")
    hours = f"{int(offset[:3]):+d}".replace("-", "−")
    minutes = "" if offset[3:5] == "00" else f":{offset[3:5]}"
    abbreviation = wall.strftime("%Z")
    utc = f"UTC{hours}{minutes}"
    return utc if abbreviation[:1] in "+-" else f"{abbreviation} ({utc})"


def site_longitude(visit: Visit) -> float | None:
    """Return the longitude on the grid that everybody may know, None without a site."""
    value = (visit.status.get("site") or {}).get("longitude_deg")
    return round(float(value), 1) if isinstance(value, int | float) else None
