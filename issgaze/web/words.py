"""The page's languages: English is written where it is used, the others are looked up."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from issgaze.picture.frenchchart import FRENCH_DAYS, FRENCH_MONTHS
from issgaze.picture.frenchreasons import french_reason
from issgaze.web.french import FRENCH
from issgaze.web.frenchsettings import FRENCH_SETTINGS

LANGUAGES = {"en": "English", "fr": "Français"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_POINTS = (
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
)  # fmt: skip


class Words:
    """Says things in one language.

    Args:
        language: One of LANGUAGES.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        french = language == "fr"
        self._table: Mapping[str, str] = FRENCH if french else {}
        self._days = FRENCH_DAYS if french else _DAYS
        self._months = FRENCH_MONTHS if french else _MONTHS
        self._french = french

    def __call__(self, text: str, **values: Any) -> str:
        """Return a text of the page in this language, its {places} filled in."""
        found = self._table.get(text, text)
        return found.format(**values) if values else found

    def reason(self, text: str) -> str:
        """Return a reason of the ledger, which is kept in English, in this language."""
        return french_reason(text) if self._french else text

    def told(self, text: str) -> str:
        """Return what a program answers, which may be a text of the page or a reason."""
        return self._table.get(text) or self.reason(text)

    def setting(self, text: str) -> str:
        """Return what a setting means in this language."""
        return FRENCH_SETTINGS.get(text, text) if self._french else text

    def number(self, value: float, decimals: int = 0, *, sign: bool = False) -> str:
        """Return a number with a true minus sign; what rounds to zero has none."""
        text = f"{value:+.{decimals}f}" if sign else f"{value:.{decimals}f}"
        if float(text) == 0.0:
            text = text.lstrip("-+")
        text = text.replace("-", "−")
        return text.replace(".", ",") if self._french else text

    def compass(self, azimuth_deg: float) -> str:
        """Return the wind of an azimuth."""
        name = _POINTS[round(azimuth_deg / 22.5) % 16]
        return name.replace("W", "O") if self._french else name

    def day(self, when: date) -> str:
        """Return a day, short: Mon 18 Nov."""
        day, month = self._days[when.weekday()], self._months[when.month - 1]
        return f"{day[:3]} {when.day} {month if len(month) < 5 else _short(month, self._french)}"

    def long_day(self, when: date) -> str:
        """Return a day in full: Monday 18 November 2024."""
        day, month = self._days[when.weekday()], self._months[when.month - 1]
        return f"{day} {when.day} {month} {when.year}"

    def weekday(self, when: date) -> str:
        """Return the name of a day."""
        return self._days[when.weekday()]

    def month(self, when: date) -> str:
        """Return a month with its year, as a heading."""
        name = f"{self._months[when.month - 1]} {when.year}"
        return name[0].upper() + name[1:]

    def long_time(self, wall: datetime) -> str:
        """Return a day and the minute on the wall clock."""
        return f"{self.long_day(wall)}, {wall:%H:%M}"

    def countdown(self, seconds: float, *, whole_minutes: bool) -> str:
        """Return a stretch of time as days, hours, minutes and perhaps seconds."""
        left = max(0, round(seconds))
        if whole_minutes:
            left += 30
        days, left = divmod(left, 86400)
        hours, left = divmod(left, 3600)
        minutes, rest = divmod(left, 60)
        if days:
            return f"{days} {'j' if self._french else 'd'} {hours} h {minutes:02d} min"
        text = f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
        return text if whole_minutes else f"{text} {rest:02d} s"


def _short(month: str, french: bool) -> str:  # noqa: FBT001 - which of two tables
    return (month[:4] + "." if len(month) > 5 else month) if french else month[:3]
