"""Who may change something: the owner, from this very page, and nobody by guessing."""

import json
import threading

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.requests import Requests
from issgaze.archive.status import write_status
from issgaze.web.access import is_same_site, make_token, session_fits, session_of, token_fits
from issgaze.web.app import build_app
from issgaze.web.attempts import Attempts
from tests.web.browser import Browser
from tests.web.conftest import picture_in, status

CHANGES = ["/passes/{id}/star", "/lens/mask", "/focus"]


@pytest.fixture
def roof(archive: Archive) -> Archive:
    """The archive of a real roof."""
    write_status(archive.run, status())
    return archive


@pytest.fixture
def visitor(roof: Archive) -> Browser:
    return Browser(build_app(roof))


@pytest.mark.parametrize("address", CHANGES)
def test_a_guest_changes_nothing(roof: Archive, visitor: Browser, address: str) -> None:
    address = address.replace("{id}", picture_in(roof))
    make_token(roof, new=True)
    for headers in ({}, {"x_token": ""}, {"x_token": "x"}, {"authorization": "Bearer y"}):
        reply = visitor.post(address, headers=headers, starred="yes", do="start", forget="yes")
        assert reply.status in {401, 403}, headers
    assert not (roof.run / "requests").exists()


@pytest.mark.parametrize("address", CHANGES)
def test_without_a_token_made_nobody_is_the_owner(
    roof: Archive, visitor: Browser, address: str
) -> None:
    address = address.replace("{id}", picture_in(roof))
    for token in ("", "None", "\x00"):
        assert visitor.post(address, headers={"x_token": token}, do="start").status == 401
    visitor.cookie = f"issgaze={session_of('')}"
    assert visitor.post(address, do="start", starred="yes", forget="yes").status == 403


def answered(roof: Archive, kind: str, *, done: bool, message: str) -> threading.Thread:
    """Answer one request as the program would, in the background."""

    def program() -> None:
        desk = Requests(roof.run)
        for _ in range(400):
            for request in desk.pending({kind}):
                desk.answer(request, done=done, message=message + json.dumps(request.facts))
                return
            threading.Event().wait(0.01)

    thread = threading.Thread(target=program)
    thread.start()
    return thread


def test_the_owner_asks_and_is_told(roof: Archive, visitor: Browser) -> None:
    pass_id, token = picture_in(roof), make_token(roof, new=True)
    thread = answered(roof, "star", done=True, message="starred")
    reply = visitor.post(
        f"/passes/{pass_id}/star", headers={"x_token": token, "accept": "application/json"},
        starred="yes",
    )  # fmt: skip
    thread.join()
    told = json.loads(reply.text)
    assert reply.status == 200
    assert told["done"]
    assert json.dumps(pass_id) in told["message"]


def test_a_form_comes_back_to_its_page(roof: Archive, visitor: Browser) -> None:
    token = make_token(roof, new=True)
    thread = answered(roof, "mask", done=True, message="")
    reply = visitor.post("/lens/mask", headers={"x_token": token}, forget="yes")
    thread.join()
    assert (reply.status, reply.headers["Location"][-5:]) == (303, "/lens")


def test_a_no_and_a_silence_are_told_apart(roof: Archive, visitor: Browser) -> None:
    token = make_token(roof, new=True)
    thread = answered(roof, "focus", done=False, message="the camera is needed for a pass")
    reply = visitor.post("/focus", headers={"x_token": token}, do="start")
    thread.join()
    assert reply.status == 409
    assert "the camera is needed for a pass" in reply.text
    silent = visitor.post("/focus", headers={"x_token": token}, do="start")
    assert silent.status == 409
    assert "is not running" in silent.text
    assert not list((roof.run / "requests").iterdir()), "nothing is done behind one's back"


@pytest.mark.parametrize(
    ("form", "status"),
    [({"do": "x"}, 400), ({"exposure_s": "nan"}, 400), ({"exposure_s": "99"}, 400)],
)
def test_senseless_wishes_are_refused(
    roof: Archive, visitor: Browser, form: dict[str, str], status: int
) -> None:
    token = make_token(roof, new=True)
    assert visitor.post("/focus", headers={"x_token": token}, **form).status == status
    assert visitor.ask("POST", "/lens/mask", x_token=token).status == 400
    assert visitor.post("/passes/20200101T0000Z-1/star", headers={"x_token": token}).status == 404


def test_another_page_cannot_ask_in_the_owners_name(roof: Archive, visitor: Browser) -> None:
    visitor.cookie = f"issgaze={session_of(make_token(roof, new=True))}"
    for headers in (
        {"origin": "http://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"}, {"origin": "http://127.0.0.1"},
    ):  # fmt: skip
        assert visitor.post("/focus", headers=headers, do="start").status == 403, headers
        assert visitor.post("/signin", headers=headers, token="x").status == 403, headers


def test_own_pages_are_told_from_others() -> None:
    assert is_same_site("http://roof.local:8080", "same-origin", "roof.local:8080")
    assert is_same_site(None, None, "roof.local")
    assert not is_same_site("http://roof.local:81", None, "roof.local:8080")


def test_guesses_are_slowed_down_without_locking_out_others(
    roof: Archive, visitor: Browser
) -> None:
    token = make_token(roof, new=True)
    for _ in range(5):
        assert visitor.post("/signin", token="wrong").status == 403
    slowed = visitor.post("/signin", token=token)
    assert slowed.status == 429
    assert slowed.headers["Retry-After"] == "60"
    assert visitor.get("/api/status", x_token=token).status == 429, "by any way in"
    assert visitor.get("/api/status").status == 200, "guests read on"
    assert visitor.ask("GET", "/api/status", x_token=token, visitor="192.168.1.8").status == 200
    visitor.cookie = f"issgaze={session_of(token)}"
    assert b"48.20821" in visitor.get("/api/status").body, "nor is a browser that is signed in"


def test_attempts_are_forgotten_after_a_minute_and_bounded() -> None:
    attempts = Attempts()
    for _ in range(5):
        attempts.wrong("a", 100.0)
    assert attempts.too_many("a", 159.0)
    assert not attempts.too_many("a", 160.1)
    for number in range(10_000):
        attempts.wrong(f"host {number}", 200.0)
    assert attempts.too_many("anybody", 200.0), "all together"
    assert len(attempts._by_visitor) <= 256


def test_the_cookie_is_not_the_token_and_ends_with_it(roof: Archive) -> None:
    token = make_token(roof, new=True)
    assert token not in session_of(token)
    assert session_fits(roof, session_of(token))
    assert not session_fits(roof, token)
    assert not token_fits(roof, session_of(token))
    assert not token_fits(roof, "\udcff")
    make_token(roof, new=True)
    assert not session_fits(roof, session_of(token))


def test_signing_out_forgets(roof: Archive, visitor: Browser) -> None:
    reply = visitor.post("/signout")
    assert reply.status == 303
    assert "Max-Age=0" in reply.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "to", ["//evil.example", "http://evil.example", "/\\evil", "evil", "/\r\nX: y"]
)
def test_one_is_sent_back_to_this_page_alone(visitor: Browser, to: str) -> None:
    reply = visitor.get(f"/theme?set=dark&to={to}")
    assert reply.headers["Location"].removeprefix("http://127.0.0.1:8080") == "/"
    ours = visitor.get("/theme?set=dark&to=/gallery?page=2")
    assert ours.headers["Location"].endswith("/gallery?page=2")
