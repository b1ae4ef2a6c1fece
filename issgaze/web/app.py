"""The routes: pages and read-only API over an archive."""

import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import bottle as untyped

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import ledger_document
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import from_unix, parse_utc
from issgaze.errors import TimeError
from issgaze.web.access import SECURITY_HEADERS, host_is_ours, token_fits
from issgaze.web.metrics import metrics_text
from issgaze.web.pages import Visit, gallery_page, home_page, ledger_page, pass_page
from issgaze.web.readings import Readings

# bottle ships no types, and what is inferred of its descriptors is wrong
bottle: Any = untyped
_HERE = Path(__file__).parent
_MAX_STREAMS = 8
_EVENT_INTERVAL_S = 1.0
_STREAM_S = 300.0
_COOKIE = "token"
_THEMES = ("light", "dark", "night")


def build_app(archive: Archive) -> Any:
    """Return the WSGI application over an archive."""
    return _Site(Readings(archive)).app


class _Site:
    """The application and its few counters."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._streams = threading.BoundedSemaphore(_MAX_STREAMS)
        self.app = bottle.Bottle()
        self.app.add_hook("before_request", _refuse_foreign_host)
        self.app.add_hook("after_request", _harden)
        for path, callback in (
            ("/", self._home),
            ("/gallery", self._gallery),
            ("/ledger", self._ledger),
            ("/passes/<pass_id>/", self._pass),
            ("/passes/<pass_id>/<name>", self._pass_file),
            ("/api/status", self._api_status),
            ("/api/passes", self._api_passes),
            ("/api/ledger", self._api_ledger),
            ("/api/events", self._events),
            ("/metrics", self._metrics),
            ("/healthz", _healthz),
            ("/theme", _set_theme),
            ("/signin", self._sign_in),
            ("/static/<name>", _static),
        ):
            self.app.route(path, ["GET"], callback)
        self.app.default_error_handler = _plain_error

    def _visit(self) -> Visit:
        status = self._readings.status()
        token = bottle.request.get_cookie(_COOKIE) or bottle.request.get_header("X-Token")
        # a simulated roof stands nowhere: there is nothing to keep private
        owner = status.get("simulated") is True or token_fits(self._readings.archive, token)
        theme = bottle.request.get_cookie("theme")
        return Visit(
            owner=owner,
            theme=theme if theme in _THEMES else None,
            status=status,
            now=_now(status),
        )

    def _home(self) -> str:
        return home_page(self._readings, self._visit())

    def _gallery(self) -> str:
        return gallery_page(self._readings, self._visit())

    def _ledger(self) -> str:
        return ledger_page(self._readings, self._visit(), bottle.request.query.get("outcome"))

    def _pass(self, pass_id: str) -> str:
        page = pass_page(self._readings, self._visit(), pass_id)
        if page is None:
            raise bottle.HTTPError(404, "There is no pass of that name.")
        return page

    def _pass_file(self, pass_id: str, name: str) -> Any:
        found = self._readings.file(pass_id, name, owner=self._visit().owner)
        if found is None:
            raise bottle.HTTPError(404, "There is no such file.")
        path, kind = found
        return bottle.static_file(path.name, root=str(path.parent), mimetype=kind)

    def _api_status(self) -> str:
        visit = self._visit()
        return _json(visit.status if visit.owner else _guest_status(visit.status))

    def _api_passes(self) -> str:
        return _json(self._readings.predictions(guest=not self._visit().owner))

    def _api_ledger(self) -> str:
        return _json(ledger_document(self._readings.rows(), self._visit().now))

    def _metrics(self) -> str:
        bottle.response.content_type = "text/plain; version=0.0.4; charset=utf-8"
        visit = self._visit()
        return metrics_text(visit.status, ledger_document(self._readings.rows(), visit.now))

    def _events(self) -> Iterator[str] | str:
        if not self._streams.acquire(blocking=False):
            bottle.response.status = 503
            bottle.response.set_header("Retry-After", "30")
            return "Eight viewers are watching live; reload the page instead.\n"
        bottle.response.content_type = "text/event-stream"
        return self._stream()

    def _stream(self) -> Iterator[str]:
        pause = threading.Event()
        try:
            end = time.monotonic() + _STREAM_S
            while time.monotonic() < end:
                yield f"data: {json.dumps(self._moment())}\n\n"
                pause.wait(_EVENT_INTERVAL_S)
        finally:
            self._streams.release()

    def _moment(self) -> dict[str, Any]:
        status = self._readings.status()
        capture = status.get("capture") or {}
        folder = self._readings.folder(str(capture.get("pass_id", "")))
        return {
            "state": status.get("state"),
            "sentence": status.get("sentence"),
            "digested": folder.digested() if isinstance(folder, PassFolder) else 0,
        }

    def _sign_in(self) -> str:
        token = bottle.request.query.get("token", "")
        if not token_fits(self._readings.archive, token):
            bottle.abort(403, "That is not the token. `issgaze web token` shows it.")
        bottle.response.set_cookie(
            _COOKIE, token, httponly=True, samesite="strict", path="/", max_age=31_536_000
        )
        bottle.redirect("/")
        return ""


def _now(status: dict[str, Any]) -> datetime:
    if status.get("simulated"):
        try:
            return parse_utc(str(status["utc"]))
        except (KeyError, TimeError):
            pass
    return from_unix(time.time())


def _guest_status(status: dict[str, Any]) -> dict[str, Any]:
    """Return what anyone may know of the status: nothing that tells the site or exact times."""
    shown = ("version", "simulated", "state", "sentence", "clock", "elements", "camera", "disk")
    return {key: status[key] for key in shown if key in status}


def _json(document: Any) -> str:
    bottle.response.content_type = "application/json"
    return json.dumps(document)


def _refuse_foreign_host() -> None:
    if not host_is_ours(bottle.request.get_header("Host")):
        bottle.abort(421, "Ask for this page by its address or its .local name.")


def _harden() -> None:
    for name, value in SECURITY_HEADERS.items():
        bottle.response.set_header(name, value)


def _plain_error(error: Any) -> str:
    _harden()
    bottle.response.content_type = "text/plain; charset=utf-8"
    return f"{error.status_line}\n{error.body or ''}\n"


def _static(name: str) -> Any:
    return bottle.static_file(name, root=str(_HERE / "static"))


def _healthz() -> str:
    """Say that this very process answers: whoever started it can tell it from another one."""
    bottle.response.set_header("X-Process", str(os.getpid()))
    return "ok\n"


def _set_theme() -> str:
    theme = bottle.request.query.get("set", "")
    if theme not in _THEMES:
        bottle.abort(400, f"The themes are {', '.join(_THEMES)}.")
    bottle.response.set_cookie("theme", theme, path="/", samesite="strict", max_age=31_536_000)
    bottle.redirect("/")
    return ""
