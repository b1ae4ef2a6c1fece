"""The routes: pages and read-only API over an archive, and what the owner may ask for."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bottle as untyped

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import OUTCOMES, ledger_document
from issgaze.config import Settings
from issgaze.web.access import host_is_ours
from issgaze.web.changes import Changes
from issgaze.web.devicepage import SKY_PICTURE, device_page
from issgaze.web.focuspage import FOCUS_PICTURE, focus_document, focus_page
from issgaze.web.gallery import FILTERS, gallery_page
from issgaze.web.guard import Guard
from issgaze.web.guestview import guest_ledger, guest_status
from issgaze.web.home import home_page, next_pass
from issgaze.web.ledgerpage import ledger_page
from issgaze.web.lenspage import MASK_FILES, lens_page
from issgaze.web.live import Streams, moment
from issgaze.web.livepicture import LivePictures
from issgaze.web.metrics import metrics_text
from issgaze.web.nightpage import night_page
from issgaze.web.passespage import KINDS, passes_page
from issgaze.web.passpage import pass_page
from issgaze.web.readings import LIVE_FILE, Readings
from issgaze.web.render import render
from issgaze.web.replies import harden, say, say_file, say_json, say_static
from issgaze.web.sentences import doing
from issgaze.web.sharezip import share_zip
from issgaze.web.visit import THEMES, Visit
from issgaze.web.visitors import Visitors, own_address
from issgaze.web.words import LANGUAGES

# bottle ships no types, and what is inferred of its descriptors is wrong
bottle: Any = untyped
_API = Path(__file__).parent / "openapi.yaml"
_YEAR_S = 31_536_000
_JSON_PATHS = ("/api/", "/healthz", "/metrics")


def build_app(archive: Archive, settings: Settings | None = None) -> Any:
    """Return the WSGI application over an archive.

    Args:
        archive: What is shown.
        settings: To be read on the page of the device.
    """
    return Guard(_Site(Readings(archive), settings or Settings()).app)


class _Site:
    """The application and its few counters."""

    def __init__(self, readings: Readings, settings: Settings) -> None:
        self._readings = readings
        self._settings = settings
        self._streams = Streams()
        self._live = LivePictures(readings)
        self._visitors = Visitors(readings)
        self._visit = self._visitors.visit
        self.app = bottle.Bottle()
        self.app.add_hook("before_request", _refuse_foreign_host)
        self.app.add_hook("after_request", harden)
        for path, callback in self._reads():
            self.app.route(path, ["GET"], callback)
        changes = Changes(readings, self._visitors)
        for path, callback in changes.routes():
            self.app.route(path, ["POST"], callback)
        self.app.default_error_handler = self._error

    def _reads(self) -> tuple[tuple[str, Callable[..., Any]], ...]:
        return (
            ("/", self._home),
            ("/passes", self._passes),
            ("/passes/<pass_id>/", self._pass),
            ("/passes/<pass_id>/share.zip", self._share),
            ("/passes/<pass_id>/<name>", self._pass_file),
            ("/gallery", self._gallery),
            ("/ledger", self._ledger),
            ("/nights/<name>", self._night),
            ("/device", self._device),
            ("/device/sky.jpg", self._sky),
            ("/lens", self._lens),
            ("/lens/<name>", self._mask),
            ("/focus", self._focus),
            ("/focus/crop.jpg", self._crop),
            ("/signin", self._sign_in_form),
            ("/offline", self._offline),
            ("/sw.js", _worker),
            ("/theme", self._set_theme),
            ("/language", self._set_language),
            ("/api/status", self._api_status),
            ("/api/passes", self._api_passes),
            ("/api/ledger", self._api_ledger),
            ("/api/live", self._api_live),
            ("/api/focus", self._api_focus),
            ("/api/events", self._events),
            ("/metrics", self._metrics),
            ("/healthz", _healthz),
            ("/openapi.yaml", _openapi),
            ("/static/<name>", say_static),
        )

    def _home(self) -> bytes:
        return say(home_page(self._readings, self._visit()))

    def _passes(self) -> bytes:
        kind = _one_of("kind", KINDS, "all")
        return say(passes_page(self._readings, self._visit(), kind=kind))

    def _gallery(self) -> bytes:
        kind = _one_of("kind", FILTERS, "all")
        page = _page_number()
        return say(gallery_page(self._readings, self._visit(), kind=kind, page=page))

    def _ledger(self) -> bytes:
        outcome = _one_of("outcome", OUTCOMES, None)
        page = _page_number()
        return say(ledger_page(self._readings, self._visit(), outcome=outcome, page=page))

    def _night(self, name: str) -> bytes:
        return _say_if(night_page(self._readings, self._visit(), name), "There is no such night.")

    def _pass(self, pass_id: str) -> Any:
        visit = self._visit()
        if visit.owner and not visit.simulated:
            # to the name that guests find it by: what stands in the address bar is passed on
            row = self._readings.row(pass_id)
            public = self._readings.names.of(row) if row and row.folder else None
            if public and public.id != pass_id:
                return bottle.redirect(f"/passes/{public.id}/", 303)
        page = pass_page(self._readings, visit, pass_id)
        return _say_if(page, "There is no pass of that name.")

    def _pass_file(self, pass_id: str, name: str) -> Any:
        visit = self._visit()
        known = self._readings.names.find(pass_id, owner=visit.owner)
        found = self._readings.file(known, name, owner=visit.owner) if known else None
        if known is None or found is None:
            raise bottle.HTTPError(404, "There is no such file.")
        if name == LIVE_FILE and not visit.owner:
            if not visit.busy:
                raise bottle.HTTPError(404, "There is no such file.")
            bottle.response.content_type = found[1]
            return self._live.of_the_minute(known, visit.now_utc[:16])
        return say_file(*found)

    def _share(self, pass_id: str) -> Any:
        known = self._readings.names.find(pass_id, owner=self._visit().owner)
        pieces = share_zip(self._readings, known) if known else None
        if pieces is None:
            raise bottle.HTTPError(404, "There is nothing to share yet.")
        bottle.response.content_type = "application/zip"
        bottle.response.set_header(
            "Content-Disposition", f'attachment; filename="issgaze-{pass_id}.zip"'
        )
        return pieces

    def _device(self) -> bytes:
        return say(device_page(self._readings, self._visit(), self._settings))

    def _sky(self) -> Any:
        if not self._visit().owner:
            raise bottle.HTTPError(404, "There is no such file.")
        return say_file(self._readings.archive.run / SKY_PICTURE, "image/jpeg")

    def _lens(self) -> bytes:
        return say(lens_page(self._readings, self._visit()))

    def _mask(self, name: str) -> Any:
        if name not in MASK_FILES or not self._visit().owner:
            raise bottle.HTTPError(404, "There is no such file.")
        return say_file(self._readings.archive.calibration / name, MASK_FILES[name])

    def _focus(self) -> bytes:
        return say(focus_page(self._readings, self._visit(), answer=""))

    def _crop(self) -> Any:
        if not self._visit().owner:
            raise bottle.HTTPError(404, "There is no such file.")
        return say_file(self._readings.archive.run / FOCUS_PICTURE, "image/jpeg")

    def _sign_in_form(self) -> bytes:
        return say(render("signin.html", self._visit(), wrong=""))

    def _offline(self) -> bytes:
        # kept by browsers for when nobody answers: nothing in it is anybody's
        return say(render("offline.html", self._visitors.visit_of_error()))

    def _api_status(self) -> bytes:
        visit = self._visit()
        if visit.owner:
            return say_json(visit.status)
        item = next_pass(self._readings.predictions(guest=True), visit)
        now = doing(visit, item)
        return say_json(guest_status(visit.status, f"{now.lead} {now.rest}".strip()))

    def _api_passes(self) -> bytes:
        return say_json(self._readings.predictions(guest=not self._visit().owner))

    def _api_ledger(self) -> bytes:
        visit = self._visit()
        document = ledger_document(self._readings.rows(), visit.now)
        return say_json(document if visit.owner else guest_ledger(document, self._readings, visit))

    def _api_live(self) -> bytes:
        return say_json(moment(self._readings, self._visit()))

    def _api_focus(self) -> bytes:
        visit = self._visit()
        if not visit.owner:
            raise bottle.HTTPError(403, "This needs the token.")
        return say(focus_document(self._readings, visit), "application/json")

    def _events(self) -> Any:
        visit, proof = self._visit(), self._visitors.proof()

        def tell() -> dict[str, Any]:
            return moment(self._readings, self._visitors.again(visit, proof))

        stream = self._streams.begin(tell)
        if stream is None:
            raise bottle.HTTPError(
                503,
                "Eight viewers are watching live; ask /api/live now and then instead.",
                **{"Retry-After": "30"},
            )
        bottle.response.content_type = "text/event-stream"
        bottle.response.set_header("Cache-Control", "no-store")
        return stream

    def _metrics(self) -> bytes:
        visit = self._visit()
        ledger = ledger_document(self._readings.rows(), visit.now)
        text = metrics_text(visit.status, ledger, age_s=visit.age_s, viewers=self._streams.count)
        return say(text, "text/plain; version=0.0.4; charset=utf-8")

    def _set_theme(self) -> str:
        theme = _one_of("set", THEMES, None)
        if theme is None:
            raise bottle.HTTPError(400, f"`set` is one of `{', '.join(THEMES)}`.")
        return _keep("theme", theme)

    def _set_language(self) -> str:
        language = _one_of("set", tuple(LANGUAGES), None)
        if language is None:
            raise bottle.HTTPError(400, f"`set` is one of `{', '.join(LANGUAGES)}`.")
        return _keep("language", language)

    def _error(self, error: Any) -> bytes:
        harden()
        return _error_text(error, self._visitors.visit_of_error())


def _error_text(error: Any, visit: Visit) -> bytes:
    # whatever went wrong inside stays inside
    text = str(error.body or "") if error.status_code < 500 or error.status_code == 503 else ""
    # bottle's own words, which repeat what was asked
    if text.startswith("Not found: "):
        text = "There is no such page."
    if bottle.request.path.startswith(_JSON_PATHS) or not _wants_html():
        bottle.response.content_type = "application/json"
        remedy = text or "Try again; `journalctl -u issgaze-web` tells what happened."
        message = f"{error.status_code}: {error.status_line.partition(' ')[2]}"
        return say_json({"error": {"message": message, "remedy": remedy}})
    _ = visit.words
    titles = {403: _("Not allowed"), 404: _("Nothing here"), 429: _("Too many tries")}
    title = titles.get(error.status_code, _("That did not work"))
    return say(render("error.html", visit, title=title, sentence=_.told(text)))


def _wants_html() -> bool:
    return "text/html" in (bottle.request.get_header("Accept") or "")


def _say_if(page: str | None, missing: str) -> bytes:
    if page is None:
        raise bottle.HTTPError(404, missing)
    return say(page)


def _one_of(name: str, allowed: tuple[str, ...], default: Any) -> Any:
    """Return a value of the query.

    Raises:
        HTTPError: It is none of those allowed.
    """
    value = bottle.request.query.get(name)
    if value is None:
        return default
    if value not in allowed:
        raise bottle.HTTPError(400, f"`{name}` is one of `{', '.join(allowed)}`.")
    return value


def _page_number() -> int:
    text = bottle.request.query.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text)):
        raise bottle.HTTPError(400, "`page` is a number from 1 on.")
    return int(text)


def _keep(name: str, value: str) -> str:
    bottle.response.set_cookie(name, value, path="/", samesite="strict", max_age=_YEAR_S)
    bottle.redirect(own_address(bottle.request.query.get("to")), 303)
    return ""


def _refuse_foreign_host() -> None:
    if not host_is_ours(bottle.request.get_header("Host")):
        bottle.abort(421, "Ask for this page by its address or its .local name.")


def _healthz() -> str:
    """Say that this very process answers: whoever started it can tell it from another one."""
    bottle.response.set_header("X-Process", str(os.getpid()))
    bottle.response.content_type = "text/plain; charset=utf-8"
    return "ok\n"


def _worker() -> bytes:
    # at the top, for it serves the whole page
    return say_static("sw.js")


def _openapi() -> bytes:
    return say(_API.read_text(encoding="utf-8"), "application/yaml")
