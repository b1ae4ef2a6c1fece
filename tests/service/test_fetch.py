"""Fetching element sets from peers that behave as the real ones do, well and badly."""

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from issgaze.archive.elements import ElementStore
from issgaze.archive.fetchstate import FetchState
from issgaze.civil import later, parse_utc, seconds_between
from issgaze.devices.elementsource import HttpElementSource
from issgaze.errors import FetchError
from issgaze.service.fetch import fetch_elements, next_fetch_utc, refill

OMM = (Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json").read_bytes()
RECORD = json.loads(OMM)[0] if OMM.lstrip().startswith(b"[") else json.loads(OMM)
NOW = parse_utc("2024-05-09T18:00:00Z")


class Peer:
    """A server on loopback that answers as told, and counts how often it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, OMM
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.hold = threading.Event()
        self.cut_after: int | None = None
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                peer.asked += 1
                self.send_response(peer.status)
                self.send_header("Content-Length", str(len(peer.body)))
                for name, value in peer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                part = peer.body if peer.cut_after is None else peer.body[: peer.cut_after]
                self.wfile.write(part)
                self.wfile.flush()
                if peer.cut_after is not None:
                    peer.hold.wait(5.0)
                    self.close_connection = True

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/gp?CATNR={{norad_id}}"

    def source(self, name: str = "", **limits: float) -> HttpElementSource:
        source = HttpElementSource(self.address, **limits)
        if name:
            source = _Named(self.address, name, **limits)
        return source

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on; a handshake that fails ends the connection quietly."""
        plain = self._server.get_request

        def get_request():
            connection, address = plain()
            wrapped = context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
            try:
                wrapped.do_handshake()
            except OSError:
                wrapped.close()
                raise
            return wrapped, address

        self._server.get_request = get_request  # type: ignore[method-assign]

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Named(HttpElementSource):
    def __init__(self, address: str, name: str, **limits: float) -> None:
        super().__init__(address, **limits)
        self._name = name

    @property
    def name(self) -> str:
        return self._name


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def mirror() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def store(tmp_path: Path) -> ElementStore:
    return ElementStore(tmp_path / "elements")


def fetch(store: ElementStore, *sources: HttpElementSource, now=NOW, trusted: bool = True):
    return fetch_elements(store, sources, 25544, now=now, clock_trusted=trusted)


def test_a_good_reply_is_kept_and_the_first_set_is_unconfirmed(peer: Peer, store) -> None:
    fetched = fetch(store, peer.source())
    assert fetched.held.standing == "unconfirmed"
    assert store.latest(25544, at=NOW) == fetched.held.elements


def test_the_two_hours_survive_a_restart(peer: Peer, store) -> None:
    fetch(store, peer.source())
    again = ElementStore(store.root)
    with pytest.raises(FetchError, match="was asked 60 min ago, it rests for 120"):
        fetch(again, peer.source(), now=later(NOW, 3600.0))
    assert peer.asked == 1
    fetch(again, peer.source(), now=later(NOW, 7201.0))
    assert peer.asked == 2


def test_a_clock_that_was_set_back_does_not_silence_a_source(peer: Peer, store) -> None:
    fetch(store, peer.source(), trusted=False)
    fetch(store, peer.source(), now=later(NOW, -86400.0), trusted=False)
    assert peer.asked == 2


@pytest.mark.parametrize("status", [204, 301, 302, 304, 307, 400, 404, 429, 500, 503])
def test_anything_but_200_stops_and_the_mirror_is_asked(
    peer: Peer, mirror: Peer, store, status: int
) -> None:
    peer.status = status
    peer.headers["Location"] = mirror.address
    if status in {204, 304}:
        peer.body = b""
    fetched = fetch(store, peer.source("first"), mirror.source("second"))
    assert fetched.remarks == (f"first answered with status {status}, only 200 is right",)
    assert (peer.asked, mirror.asked) == (1, 1)
    with pytest.raises(FetchError, match="first was asked 30 min ago"):
        fetch(store, peer.source("first"), now=later(NOW, 1800.0))
    assert peer.asked == 1


def test_403_latches_until_released(peer: Peer, store) -> None:
    peer.status = 403
    with pytest.raises(FetchError, match="status 403"):
        fetch(store, peer.source("first"))
    peer.status = 200
    with pytest.raises(FetchError, match="first is left alone: it answered with status 403"):
        fetch(store, peer.source("first"), now=later(NOW, 30 * 3600.0))
    assert peer.asked == 1
    assert list(FetchState(store.root).latches()) == ["first"]
    assert FetchState(store.root).release() == ("first",)
    fetch(store, peer.source("first"), now=later(NOW, 31 * 3600.0))
    assert peer.asked == 2


def test_a_slow_peer_is_given_up(peer: Peer, store) -> None:
    peer.cut_after = 100
    with pytest.raises(FetchError, match="cannot be reached: timed out"):
        fetch(store, peer.source(timeout_s=0.2))


def test_a_dripping_peer_meets_the_deadline(peer: Peer, store) -> None:
    with pytest.raises(FetchError, match="no complete reply within 0 s"):
        fetch(store, peer.source(deadline_s=0.0))


def test_a_reply_that_is_cut_off_is_refused(peer: Peer, store) -> None:
    peer.cut_after = 100
    peer.hold.set()
    with pytest.raises(FetchError, match=r"IncompleteRead|cannot be reached"):
        fetch(store, peer.source())


def test_a_flood_is_refused(peer: Peer, store) -> None:
    peer.body = b"x" * 2_000_001
    with pytest.raises(FetchError, match="more than 2000000 bytes"):
        fetch(store, peer.source())


def test_a_wrong_certificate_is_refused(peer: Peer, store) -> None:
    # a certificate that nobody signed but its owner, for this very name
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parent / "selfsigned.pem")
    peer.wrap(context)
    address = peer.address.replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(FetchError, match=r"localhost cannot be reached: .*CERTIFICATE_VERIFY"):
        fetch(store, HttpElementSource(address, timeout_s=5.0))
    assert peer.asked == 0


def test_a_peer_that_speaks_no_tls_is_refused(peer: Peer, store) -> None:
    source = HttpElementSource(peer.address.replace("http:", "https:"), timeout_s=2.0)
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(store, source)


def test_nobody_there(store) -> None:
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(store, HttpElementSource("http://127.0.0.1:9/", timeout_s=1.0))
    with pytest.raises(FetchError, match="none is configured"):
        fetch(store)


def record(**changes: object) -> bytes:
    return json.dumps([RECORD | changes]).encode()


TLE = (
    "ISS (ZARYA)\n"
    "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927\n"
    "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537\n"
)
HOSTILE = {
    "empty": b"",
    "blank": b" \n\n",
    "zero bytes": b"\0" * 400,
    "binary": bytes(range(256)),
    "latin-1": "Raumstation über uns".encode("latin-1"),
    "a sentence": b"No GP data found",
    "an error": b"Error: Invalid query",
    "html": b"<!DOCTYPE html><html><body>403 Forbidden</body></html>",
    "html with white space": b"\n\n  <html lang=en></html>",
    "xml error": b"<?xml version='1.0'?><Error>Access denied</Error>",
    "broken xml": b"<?xml version='1.0'?><ndm><omm>",
    "xml bomb": b"<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><ndm>&c;</ndm>",
    "empty array": b"[]",
    "empty object": b"{}",
    "null": b"null",
    "number": b"25544",
    "array of numbers": b"[1, 2, 3]",
    "array of null": b"[null]",
    "nested": b"[" * 5000 + b"]" * 5000,
    "cut off": OMM[: len(OMM) // 2],
    "another satellite": record(NORAD_CAT_ID=20580),
    "number as text": record(NORAD_CAT_ID="ISS"),
    "negative number": record(NORAD_CAT_ID=-25544),
    "huge number": record(NORAD_CAT_ID=10**12),
    "no epoch": json.dumps([{k: v for k, v in RECORD.items() if k != "EPOCH"}]).encode(),
    "bad epoch": record(EPOCH="yesterday"),
    "epoch of 1998": record(EPOCH="1998-11-20T06:49:59.999808"),
    "epoch to come": record(EPOCH="2024-07-09T08:48:19"),
    "epoch beyond": record(EPOCH="9999-12-31T23:59:59"),
    "not a number": OMM.replace(str(RECORD["ECCENTRICITY"]).encode(), b"NaN"),
    "infinite": record(BSTAR="Infinity"),
    "hyperbolic": record(ECCENTRICITY=1.2),
    "too eccentric": record(ECCENTRICITY=0.5),
    "underground": record(MEAN_MOTION=17.2),
    "geostationary": record(MEAN_MOTION=1.0027),
    "another inclination": record(INCLINATION=28.5),
    "retrograde": record(INCLINATION=128.4),
    "angle out of range": record(MEAN_ANOMALY=400.0),
    "another frame": record(REF_FRAME="EME2000"),
    "another centre": record(CENTER_NAME="MARS"),
    "another theory": record(MEAN_ELEMENT_THEORY="DSST"),
    "twice the same key": OMM.replace(b'"EPOCH"', b'"BSTAR": 0.0, "EPOCH"', 1),
    "csv without rows": b"OBJECT_NAME,OBJECT_ID,EPOCH,NORAD_CAT_ID\n",
    "csv with a short row": b"OBJECT_NAME,EPOCH,NORAD_CAT_ID\nISS,2024-05-09T00:00:00\n",
    "kvn of another": b"CCSDS_OMM_VERS = 2.0\nOBJECT_NAME = HST\n",
    "tle, checksum": TLE.replace("2927\n", "2926\n").encode(),
    "tle, line 2 missing": "\n".join(TLE.splitlines()[:2]).encode(),
    "tle, two satellites mixed": TLE.replace("2 25544", "2 20580").encode(),
    "tle of 2008": TLE.encode(),
    "a broken record beside a sound one": json.dumps([RECORD, {"NORAD_CAT_ID": 5}]).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reply_is_refused_and_the_good_set_stays(peer: Peer, store, name: str) -> None:
    fetch(store, peer.source())
    good = store.in_force(25544, at=NOW)
    peer.body = HOSTILE[name]
    with pytest.raises(FetchError, match="no source gave an element set of 25544: ") as caught:
        fetch(store, peer.source(), now=later(NOW, 8000.0))
    assert len(caught.value.message) < 600
    assert store.in_force(25544, at=later(NOW, 8000.0)) == good
    assert len(store.history(25544)) == 1


def test_a_set_that_jumps_is_suspect_and_its_rival_is_remembered(peer: Peer, store) -> None:
    fetch(store, peer.source())
    peer.body = record(
        EPOCH="2024-05-09T08:58:19.938816", MEAN_ANOMALY=(RECORD["MEAN_ANOMALY"] + 40) % 360
    )
    fetched = fetch(store, peer.source(), now=later(NOW, 8000.0))
    assert fetched.held.standing == "suspect"
    held = store.in_force(25544, at=later(NOW, 8000.0))
    assert held is not None
    assert held.rival is not None
    assert held.rival.mean_anomaly_deg == RECORD["MEAN_ANOMALY"]


def test_without_any_set_the_remedy_does_not_speak_of_one(store) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(store)
    assert "No set is held yet" in caught.value.remedy
    assert "elements import FILE" in caught.value.remedy


def test_with_a_set_the_remedy_says_that_it_stays(peer: Peer, store) -> None:
    fetch(store, peer.source())
    with pytest.raises(FetchError) as caught:
        fetch(store)
    assert caught.value.remedy.startswith("What is held already stays as it is")


def test_a_program_that_begins_again_does_not_complain_of_a_source_that_rests(
    peer: Peer, store
) -> None:
    def begin(seconds: float) -> tuple[str, ...]:
        now = later(NOW, seconds)
        return refill(store, peer.source("one"), [25544], now=now, clock_trusted=True)

    assert begin(0.0) == ()
    assert begin(3600.0) == ()
    assert peer.asked == 1
    peer.status = 503
    assert begin(7201.0) == (
        "no source gave an element set of 25544: one answered with status 503, only 200 is right",
    )
    assert begin(7260.0) == (), "told once"


def test_a_program_that_begins_without_a_set_cannot_do_without(peer: Peer, store) -> None:
    peer.status = 503
    for seconds in (0.0, 60.0):
        with pytest.raises(FetchError, match="no source gave an element set of 25544"):
            refill(store, peer.source(), [25544], now=later(NOW, seconds), clock_trusted=True)


def test_fetches_come_due_with_a_jitter_of_their_own(peer: Peer, store) -> None:
    assert next_fetch_utc(store, 25544, interval_h=7.0, device="a") is None
    fetch(store, peer.source())
    due = {
        seconds_between(NOW, next_fetch_utc(store, 25544, interval_h=7.0, device=device)) / 3600.0
        for device in "abcdefgh"
    }
    assert len(due) == 8, "devices that were switched on together drift apart"
    assert all(6.0 <= hours <= 8.0 for hours in due)
    same = [next_fetch_utc(store, 25544, interval_h=7.0, device="a") for _ in range(2)]
    assert same[0] == same[1], "asking again does not roll the dice again"
    (soon,) = {next_fetch_utc(store, 25544, interval_h=2.0, device="a")}
    assert seconds_between(NOW, soon) >= 7200.0
