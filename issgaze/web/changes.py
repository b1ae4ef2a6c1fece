"""What the owner may ask for: each change needs the token and goes to the program that does it."""

import base64
from collections.abc import Callable
from typing import Any

import bottle as untyped

from issgaze.archive.requests import Requests
from issgaze.errors import ArchiveError, DeviceError
from issgaze.web.access import is_same_site, read_token, session_of
from issgaze.web.focuspage import focus_page
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.replies import say, say_json
from issgaze.web.visit import Visit
from issgaze.web.visitors import COOKIE, Visitors

# bottle ships no types, and what is inferred of its descriptors is wrong
bottle: Any = untyped
_YEAR_S = 31_536_000
_WAIT_S = 2.0
_LARGEST_MASK_BYTES = 1_500_000
_PNG = b"\x89PNG\r\n\x1a\n"
_NOBODY = "Nobody answers: the program that does it is not running."


class Changes:
    """The routes that change something.

    Args:
        readings: The archive.
        visitors: Tells the owner from guests.
    """

    def __init__(self, readings: Readings, visitors: Visitors) -> None:
        self._readings = readings
        self._visitors = visitors

    def routes(self) -> tuple[tuple[str, Callable[..., Any]], ...]:
        """Return addresses and what they do."""
        return (
            ("/signin", self._sign_in),
            ("/signout", self._sign_out),
            ("/passes/<pass_id>/star", self._star),
            ("/lens/mask", self._mask),
            ("/focus", self._focus),
        )

    def _sign_in(self) -> Any:
        _refuse_foreign_form()
        offered = _field("token")
        try:
            self._visitors.check_token(offered.strip())
        except bottle.HTTPError as error:
            bottle.response.status = 403 if error.status_code == 401 else error.status_code
            for value in [error.headers.get("Retry-After")]:
                if value:
                    bottle.response.set_header("Retry-After", value)
            visit = self._visitors.visit_of_error()
            return say(render("signin.html", visit, wrong=visit.words(str(error.body))))
        session = session_of(str(read_token(self._readings.archive)))
        bottle.response.set_cookie(
            COOKIE, session, httponly=True, samesite="strict", path="/", max_age=_YEAR_S
        )
        return bottle.redirect("/", 303)

    def _sign_out(self) -> Any:
        _refuse_foreign_form()
        bottle.response.set_cookie(
            COOKIE, "", httponly=True, samesite="strict", path="/", max_age=0
        )
        return bottle.redirect("/", 303)

    def _star(self, pass_id: str) -> Any:
        visit = self._owner()
        known = self._readings.names.find(pass_id, owner=True)
        if known is None or self._readings.folder(known) is None:
            raise bottle.HTTPError(404, "There is no pass of that name.")
        wanted = _field("starred")
        if wanted not in {"yes", "no"}:
            raise bottle.HTTPError(400, "starred is yes or no.")
        return self._asked(
            "star", {"pass_id": known, "starred": wanted == "yes"}, f"/passes/{pass_id}/", visit
        )

    def _mask(self) -> Any:
        visit = self._owner()
        if _field("forget") == "yes":
            return self._asked("mask", {"png": None}, "/lens", visit)
        upload = _form("files").get("mask")
        content: bytes = upload.file.read(_LARGEST_MASK_BYTES + 1) if upload else b""
        if not content.startswith(_PNG) or len(content) > _LARGEST_MASK_BYTES:
            raise bottle.HTTPError(400, "The mask is a PNG of at most 1.5 MB.")
        packed = base64.b64encode(content).decode()
        return self._asked("mask", {"png": packed}, "/lens", visit)

    def _focus(self) -> Any:
        visit = self._owner()
        what = _field("do") or "start"
        try:
            exposure_s = float(_field("exposure_s") or "0.5")
        except ValueError:
            exposure_s = 0.0
        if what not in {"start", "stop"} or not 0.001 <= exposure_s <= 10.0:
            raise bottle.HTTPError(400, "do is start or stop, exposure_s lies in 0.001 to 10.")
        facts = {"do": what, "exposure_s": exposure_s}
        told = self._ask("focus", facts)
        if _wants_json():
            return say_json(told)
        if not told["done"]:
            bottle.response.status = 409
            answer = visit.words.told(str(told["message"]))
            return say(focus_page(self._readings, visit, answer=answer))
        return bottle.redirect("/focus", 303)

    def _owner(self) -> Visit:
        """Return the owner.

        Raises:
            HTTPError: It is somebody else, or a page elsewhere asks in the owner's name.
        """
        _refuse_foreign_form()
        visit = self._visitors.visit()
        if not visit.owner:
            raise bottle.HTTPError(403, "This needs the token.")
        return visit

    def _ask(self, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
        try:
            desk = Requests(self._readings.archive.run)
            return desk.wait(desk.ask(kind, **facts), timeout_s=_WAIT_S)
        except DeviceError:
            return {"done": False, "message": _NOBODY}
        except ArchiveError as error:
            raise bottle.HTTPError(503, "The run folder cannot be written.") from error

    def _asked(self, kind: str, facts: dict[str, Any], back: str, visit: Visit) -> Any:
        told = self._ask(kind, facts)
        if _wants_json():
            if not told["done"]:
                bottle.response.status = 409
            return say_json(told | {"message": visit.words.told(str(told["message"]))})
        if told["done"]:
            return bottle.redirect(back, 303)
        bottle.response.status = 409
        _ = visit.words
        title, sentence = _("That did not work"), _.told(str(told["message"]))
        return say(render("error.html", visit, title=title, sentence=sentence))


def _form(part: str) -> Any:
    """Return the fields or the files of a form.

    Raises:
        HTTPError: It is no form.
    """
    try:
        return getattr(bottle.request, part)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise bottle.HTTPError(400, "That is no form.") from error


def _field(name: str) -> str:
    """Return a field of a form, empty without."""
    value = _form("forms").get(name, "")
    return value if isinstance(value, str) else ""


def _wants_json() -> bool:
    return "application/json" in (bottle.request.get_header("Accept") or "")


def _refuse_foreign_form() -> None:
    header = bottle.request.get_header
    if not is_same_site(header("Origin"), header("Sec-Fetch-Site"), header("Host")):
        raise bottle.HTTPError(403, "Another page asked for this.")
