"""Whatever is asked, nothing breaks, and nothing tells where the archive lies."""

import json
import random
import string
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.web.access import SECURITY_HEADERS, make_token
from issgaze.web.app import build_app
from tests.web.browser import Browser
from tests.web.conftest import picture_in, status

_PATHS = [
    "/", "/passes", "/passes/{id}/", "/passes/{id}/{file}", "/passes/{id}/share.zip", "/gallery",
    "/ledger", "/nights/2026-02-27", "/device", "/lens", "/lens/horizon.png", "/focus",
    "/focus/crop.jpg", "/signin", "/theme", "/language", "/api/status", "/api/passes",
    "/api/ledger", "/api/live", "/api/focus", "/metrics", "/healthz", "/openapi.yaml",
    "/static/page.js", "/passes/{id}/star", "/lens/mask", "/signout", "/api/events",
]  # fmt: skip
_FILES = [
    "picture.jpg", "report.json", "caption.txt", "plan.json", "lights/0000.fits", "../plan.json",
    ".lock", "guest.json", "stars.fits", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%00", "live.jpg",
    "picture.jpg%00.txt", "....//....//etc/passwd", "%c0%ae%c0%ae/", "picture.jpg/", "\u202e",
]  # fmt: skip
_PIECES = [
    "..", "%2e%2e", "/", "\\", "%5c", "%00", "%ff", "%0d%0aX: y", "'", '"', "<script>", "{{7*7}}",
    "%s%n", "A" * 300, "\U0001f6f0", "-1", "0", "1e309", "nan", "9" * 40, ";", "|", "$(id)", "?",
    "#", "&", "=", "%", "file:///etc/passwd", "http://x/", "//x", "~", "*", "\t", " ",
]  # fmt: skip
_HEADERS = [
    "range", "cookie", "if_none_match", "accept", "accept_language", "accept_encoding", "origin",
    "sec_fetch_site", "x_token", "authorization", "user_agent", "x_forwarded_for", "referer",
    "content_length", "transfer_encoding", "if_modified_since", "if_range",
]  # fmt: skip
_VALUES = [
    "bytes=0-0", "bytes=-1", "bytes=5-2", "bytes=0-,0-,0-,0-", "bytes=99999999999999-",
    "bytes=0-" + ",0-" * 500, "bytes=a-b", "gzip", "gzip;q=0", "fr", "fr-FR,en;q=0.3", "xx",
    "null", "http://evil.example", "cross-site", "same-origin", "Bearer x", "Bearer ", "Basic a:b",
    "theme=night; language=fr", "theme=<b>", "issgaze=0", "*", '"x"', "text/html",
    "application/json", "-5", "chunked", "Thu, 01 Jan 1970 00:00:00 GMT", "\xff\xfe", "",
]  # fmt: skip
_KEYS = ["kind", "page", "outcome", "set", "to", "v", "token", "starred", "do", "exposure_s", "x"]
_METHODS = ["GET"] * 8 + ["HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"]


class Fuzzer:
    """Makes requests that were never meant, reproducibly."""

    def __init__(self, seed: int, pass_id: str, token: str) -> None:
        self.random = random.Random(seed)
        self.pass_id = pass_id
        self.values = [*_VALUES, token, f"Bearer {token}"]

    def word(self) -> str:
        choose = self.random
        if choose.random() < 0.5:
            return choose.choice(_PIECES)
        return "".join(choose.choices(string.printable, k=choose.randrange(1, 12)))

    def address(self) -> str:
        choose = self.random
        path = choose.choice(_PATHS)
        path = path.replace("{id}", self.pass_id if choose.random() < 0.8 else self.word())
        path = path.replace("{file}", choose.choice(_FILES))
        for _ in range(choose.choice((0, 0, 1, 2))):
            place = choose.randrange(1, len(path) + 1)
            path = path[:place] + self.word() + path[place:]
        if choose.random() < 0.5:
            pairs = [f"{choose.choice(_KEYS)}={self.word()}" for _ in range(choose.randrange(1, 4))]
            path += "?" + "&".join(pairs)
        return path

    def headers(self) -> dict[str, str]:
        choose = self.random
        names = choose.sample(_HEADERS, choose.choice((0, 0, 1, 2, 4)))
        return {name: choose.choice(self.values) for name in names}

    def body(self) -> tuple[bytes, str]:
        choose = self.random
        kind = choose.choice(
            (
                "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                "multipart/form-data", "application/json", "", "text/plain",
            )
        )  # fmt: skip
        if choose.random() < 0.4:
            return choose.randbytes(choose.randrange(0, 400)), kind
        pairs = [f"{choose.choice(_KEYS)}={self.word()}" for _ in range(3)]
        if "multipart" in kind:
            part = f'--x\r\nContent-Disposition: form-data; name="mask"; filename="{self.word()}"'
            return f"{part}\r\n\r\n{self.word()}\r\n--x--\r\n".encode(), kind
        return "&".join(pairs).encode(), kind


@pytest.fixture
def private(archive: Archive) -> Archive:
    """The archive of a real roof, whose place is nobody's business."""
    write_status(archive.run, status())
    archive.calibration.mkdir(exist_ok=True)
    return archive


def fuzz(archive: Archive, count: int, seed: int) -> None:
    pass_id = picture_in(archive)
    token = make_token(archive, new=True)
    browser = Browser(build_app(archive))
    fuzzer = Fuzzer(seed, pass_id, token)
    seen: dict[int, int] = {}
    for number in range(count):
        method, address, headers = (
            fuzzer.random.choice(_METHODS),
            fuzzer.address(),
            fuzzer.headers(),
        )
        owner = token in " ".join(headers.values())
        body, kind = fuzzer.body() if method in {"POST", "PUT"} else (b"", "")
        browser.cookie = headers.pop("cookie", "")
        # nobody answers requests here, and nobody shall wait for that
        if method == "POST" and owner:
            continue
        reply = browser.ask(
            method, address, body=body, kind=kind, visitor=f"10.0.{number % 200}.1", most_pieces=1,
            **headers,
        )  # fmt: skip
        what = f"{number}: {method} {address!r} {headers} {body!r}: {reply.status}"
        seen[reply.status] = seen.get(reply.status, 0) + 1
        assert reply.status < 500, what
        assert not browser.complaints, f"{what}\n{browser.complaints}"
        text = reply.body.decode("utf-8", "replace")
        assert str(archive.root) not in text, what
        assert "Traceback" not in text, what
        for name, value in SECURITY_HEADERS.items():
            if name not in {"Cache-Control", "Content-Security-Policy"}:
                assert reply.headers.get(name) == value, what
        assert "Access-Control-Allow-Origin" not in reply.headers, what
        assert not any("\n" in value or "\r" in value for value in reply.headers.values()), what
        if not owner:
            assert "48.20821" not in text, what
            assert "16.37381" not in text, what
            assert token not in text, what
    assert {200, 400, 404, 405} <= set(seen), seen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_thousand_odd_requests_find_no_fault(private: Archive, seed: int) -> None:
    fuzz(private, 1000, seed)


@pytest.mark.long
def test_a_hundred_thousand_odd_requests_find_no_fault(private: Archive) -> None:
    for part in range(10):
        fuzz(private, 10_000, 1000 + part)


def test_broken_files_of_the_archive_are_no_fault_of_the_page(private: Archive) -> None:
    pass_id = picture_in(private)
    browser = Browser(build_app(private))
    addresses = [path.replace("{id}", pass_id).replace("{file}", "picture.jpg") for path in _PATHS]
    folder = next(private.passes.glob("*/*"))
    victims = [
        private.run / "status.json", private.predictions, private.guest_predictions, private.chart,
        private.guest_chart, private.ledger, folder / "report.json", folder / "guest.json",
        folder / "events.jsonl", private.calibration / "lens-history.jsonl",
        private.calibration / "lens-residuals.json", private.calibration / "horizon.json",
    ]  # fmt: skip
    broken = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"passes": 3}',
        b'{"passes": [{}]}',
        b"1\n2",
    ]
    for victim in victims:
        kept = victim.read_bytes() if victim.exists() else None
        for content in broken:
            victim.write_bytes(content)
            for address in addresses:
                reply = browser.ask("GET", address, most_pieces=1)
                assert reply.status < 500, f"{victim.name} {content!r} {address}"
                assert not browser.complaints, f"{victim.name} {address}\n{browser.complaints}"
        victim.unlink() if kept is None else victim.write_bytes(kept)


def test_a_report_full_of_nonsense_is_no_fault_of_the_page(private: Archive) -> None:
    pass_id = picture_in(private)
    browser = Browser(build_app(private))
    path: Path = next(private.passes.glob("*/*")) / "guest.json"
    good = json.loads(path.read_text())
    for key in [*good, "pass", "proof", "quality", "light_curve", "missing", "dead_time"]:
        for value in (None, [], {}, 0, "x", [1], {"x": 1}):
            path.write_text(json.dumps(good | {key: value}))
            for address in (f"/passes/{pass_id}/", "/gallery", "/", "/nights/2026-02-27"):
                reply = browser.get(address)
                # without a pass there is no name by which a guest could ask for it
                nameless = key == "pass" and address.startswith("/passes/")
                assert reply.status == (404 if nameless else 200), (
                    f"{key} = {value!r}: {address}\n{browser.complaints}"
                )
