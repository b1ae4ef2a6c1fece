"""Who asks: by cookie or token, in which language and theme, at which instant of the device."""

import dataclasses
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import bottle as untyped

from issgaze.civil import from_unix, later, parse_utc
from issgaze.errors import TimeError
from issgaze.web.access import session_fits, token_fits
from issgaze.web.attempts import Attempts
from issgaze.web.guestview import veiled_status
from issgaze.web.readings import Readings
from issgaze.web.visit import THEMES, Visit, language_of
from issgaze.web.words import Words

# bottle ships no types, and what is inferred of its descriptors is wrong
bottle: Any = untyped
COOKIE = "issgaze"
_WAIT = "A wrong token came too often: wait a minute."


class Visitors:
    """Makes a Visit of each request.

    Args:
        readings: The archive.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self.attempts = Attempts()

    def visit(self) -> Visit:
        """Return who asks.

        Raises:
            HTTPError: A token was offered and is wrong, or too many were.
        """
        return self._visit(owner=self._is_owner())

    def visit_of_error(self) -> Visit:
        """Return who asks, as a guest: for pages that say what went wrong."""
        return self._visit(owner=False)

    def proof(self) -> Callable[[], bool]:
        """Return what tells, now and later, whether this request is the owner's."""
        archive, cookie = self._readings.archive, bottle.request.get_cookie(COOKIE)
        offered = _offered()
        return lambda: session_fits(archive, cookie) or token_fits(archive, offered)

    def again(self, visit: Visit, proof: Callable[[], bool]) -> Visit:
        """Return the same visitor a moment later: a token that has ended makes a guest."""
        status, age_s = self._readings.status()
        simulated = status.get("simulated") is True
        owner, now = simulated or proof(), device_now(status, age_s)
        return dataclasses.replace(
            visit,
            owner=owner,
            status=self._told(status, now, owner=owner),
            age_s=age_s,
            now=now,
            simulated=simulated,
        )

    def _told(self, status: dict[str, Any], now: datetime, *, owner: bool) -> dict[str, Any]:
        if owner:
            return status
        return veiled_status(status, self._readings.predictions(guest=True), now)

    def _visit(self, *, owner: bool) -> Visit:
        status, age_s = self._readings.status()
        request = bottle.request
        theme = request.get_cookie("theme")
        simulated = status.get("simulated") is True
        accepted = request.get_header("Accept-Language")
        query = request.query_string[:200]
        # a simulated roof stands nowhere: there is nothing to keep private
        owner, now = owner or simulated, device_now(status, age_s)
        return Visit(
            owner=owner,
            theme=theme if theme in THEMES else None,
            words=Words(language_of(request.get_cookie("language"), accepted)),
            status=self._told(status, now, owner=owner),
            age_s=age_s,
            now=now,
            path=own_address(request.path + (f"?{query}" if query else "")),
            simulated=simulated,
        )

    def _is_owner(self) -> bool:
        offered = _offered()
        if offered is not None:
            self.check_token(offered)
            return True
        return session_fits(self._readings.archive, bottle.request.get_cookie(COOKIE))

    def check_token(self, offered: str) -> None:
        """Let the owner's token pass.

        Raises:
            HTTPError: It is not, or too many were offered.
        """
        visitor, now_s = str(bottle.request.environ.get("REMOTE_ADDR", "")), time.monotonic()
        if self.attempts.too_many(visitor, now_s):
            raise bottle.HTTPError(429, _WAIT, **{"Retry-After": "60"})
        if not token_fits(self._readings.archive, offered):
            self.attempts.wrong(visitor, now_s)
            raise bottle.HTTPError(401, "That is not the token. `issgaze web token` shows it.")


def _offered() -> str | None:
    """Return the token that a request brings in its headers, None without."""
    offered: str | None = bottle.request.get_header("X-Token")
    bearer = bottle.request.get_header("Authorization") or ""
    if offered is None and bearer.lower().startswith("bearer "):
        return str(bearer[7:].strip())
    return offered


def own_address(asked: str | None) -> str:
    """Return an address of this page to go back to; the first page for anything else."""
    text = asked or "/"
    plain = text.isascii() and text.isprintable() and "\\" not in text and len(text) < 300
    return text if plain and text.startswith("/") and not text.startswith("//") else "/"


def device_now(status: dict[str, Any], age_s: float | None) -> datetime:
    """Return the present instant of the device: a simulated clock runs on at its own speed."""
    if status.get("simulated"):
        try:
            published = parse_utc(str(status["utc"]))
        except (KeyError, TimeError):
            return from_unix(time.time())
        speed = status.get("speed") or 1
        running = isinstance(speed, int | float) and status.get("state") != "stopped"
        # a status older than a few seconds belongs to a clock that has stopped
        elapsed = min(age_s or 0.0, 3.0) * float(speed) if running else 0.0
        return later(published, elapsed)
    return from_unix(time.time())
