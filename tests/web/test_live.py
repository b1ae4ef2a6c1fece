"""Live: what the page shows from second to second, to few viewers at a time."""

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, later, parse_utc
from issgaze.web.access import make_token, session_of
from issgaze.web.app import build_app
from issgaze.web.live import MOST_STREAMS
from tests.archive.test_ledger import TOP, iss_pass
from tests.web.browser import Browser, Reply
from tests.web.conftest import JPEG, picture_in, status, track

DURING = later(TOP, -100.0)


def shooting(archive: Archive, *, simulated: bool = True, done: int = 3) -> str:
    pass_id = picture_in(archive)
    capture = {
        "pass_id": pass_id, "phase": "lights", "done": done, "planned": 40, "exposure_s": 8.0,
        "analogue_gain": 8.0, "dead_time_s": 0.0006, "sensor_temperature_c": 12.25,
    }  # fmt: skip
    chart = {"id": iss_pass().id, "svg": "<svg><text>W</text></svg>"}
    chart["track"] = track(iss_pass().rise.utc)
    for path in (archive.chart, archive.guest_chart):
        path.write_text(json.dumps(chart))
    write_status(
        archive.run,
        status(utc=format_utc(DURING), state="capturing", capture=capture, simulated=simulated),
    )
    folder = next((archive.root / "passes").glob(f"*/{pass_id}"))
    (folder / "live.jpg").write_bytes(JPEG)
    (folder / "digested.json").write_text(json.dumps({"lights": done}))
    return pass_id


def live(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(browser.get("/api/live").text)
    return found


def test_during_a_pass_the_station_and_the_frames_are_told(
    archive: Archive, browser: Browser
) -> None:
    pass_id = shooting(archive)
    now = live(browser)
    assert now["doing"] == ["Photographing.", "Frame 3 of 40."]
    # 100 s after rise, between the points of the track
    assert now["live"]["big"] == "22°"
    assert now["live"]["under"] == "high, towards 220° SW"
    assert now["live"]["aside"] == "1300 km away, magnitude −1.0. Look up."
    assert now["live"]["picture"] == f"/passes/{pass_id}/live.jpg"
    assert (now["live"]["done"], now["live"]["planned"], now["live"]["step"]) == (3, 40, "3")
    assert now["live"]["numbers"]["dead"] == "0.6 ms"
    page = browser.get("/").text
    assert f'transform="translate({now["live"]["station"][0]} {now["live"]["station"][1]})"' in page
    assert page.count('class="c-done"') == 3
    assert page.count('class="c-todo"') == 36


def test_until_it_is_developed_the_trail_stays(archive: Archive, browser: Browser) -> None:
    pass_id = shooting(archive)
    ledger = Ledger(archive.ledger)
    row = ledger.row(pass_id)
    assert row is not None
    ledger.put(dataclasses.replace(row, outcome=None))
    picture = next((archive.root / "passes").glob(f"*/{pass_id}/picture.jpg"))
    picture.rename(picture.with_name("picture.later"))
    later_on = status(utc=format_utc(later(row.set_utc, 60.0)), state="developing", simulated=True)
    write_status(archive.run, later_on)
    page = browser.get("/").text
    assert f'src="/passes/{pass_id}/live.jpg"' in page
    assert "The trail, as it came in." in page
    without = live(browser)["page"]
    picture.with_name("picture.later").rename(picture)
    assert live(browser)["page"] != without, "the picture brings a new page by itself"
    assert "The trail, as it came in." not in browser.get("/").text
    picture.rename(picture.with_name("picture.later"))
    days = status(utc=format_utc(later(row.set_utc, 86400.0)), simulated=True)
    write_status(archive.run, days)
    assert "live.jpg" not in browser.get("/").text


def test_only_what_needs_a_new_page_asks_for_one(archive: Archive, browser: Browser) -> None:
    shooting(archive, done=3)
    before = live(browser)["page"]
    shooting(archive, done=4)
    assert live(browser)["page"] == before
    write_status(archive.run, status(simulated=True))
    assert live(browser)["page"] != before


def test_a_guest_learns_no_second(
    archive: Archive, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issgaze.web.visitors.device_now", lambda _status, _age: DURING)
    pass_id = shooting(archive, simulated=False)
    now = live(browser)
    assert now["doing"] == ["Photographing.", "The shutter is open."]
    assert now["utc"].endswith(":00Z")
    assert (now["live"]["done"], now["live"]["planned"], now["live"]["numbers"]) == (0, 0, {})
    assert now["live"]["step"] == format_utc(DURING)[11:16].replace(":", "")
    page = browser.get("/").text
    assert "data-until" not in page
    assert "3 of 40" not in page
    assert "c-done" not in page
    picture = f"/passes/{pass_id}/live.jpg"
    assert browser.get(picture).body == JPEG
    folder = next((archive.root / "passes").glob(f"*/{pass_id}"))
    (folder / "live.jpg").write_bytes(JPEG + b"another frame")
    assert browser.get(picture).body == JPEG, "the same until the minute is over"
    monkeypatch.setattr("issgaze.web.visitors.device_now", lambda _s, _a: later(DURING, 60.0))
    assert browser.get(picture).body == JPEG + b"another frame"


def test_the_ninth_viewer_is_told_politely_and_places_come_back(archive: Archive) -> None:
    browser = Browser(build_app(archive))

    def watch() -> Any:
        reply = Reply()
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/events", "HTTP_HOST": "localhost"}
        stream = browser.app(environ, reply.start)
        first = next(iter(stream))
        assert first.startswith(b"data: {"), first
        return stream

    streams = [watch() for _ in range(MOST_STREAMS)]
    ninth = browser.get("/api/events")
    assert ninth.status == 503
    assert ninth.headers["Retry-After"] == "30"
    assert "/api/live" in ninth.text
    assert "page_viewers 8" in browser.get("/metrics").text
    for stream in streams:
        stream.close()
        stream.close()
    # a HEAD request, or a viewer who leaves before the first event, takes no place along
    for _ in range(2 * MOST_STREAMS):
        assert browser.ask("HEAD", "/api/events").status == 200
    assert "page_viewers 0" in browser.get("/metrics").text
    streams = [watch() for _ in range(MOST_STREAMS)]
    for stream in streams:
        stream.close()


def test_a_new_token_turns_those_who_watch_into_guests(archive: Archive) -> None:
    shooting(archive, simulated=False)
    token = make_token(archive, new=True)
    browser = Browser(build_app(archive))
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/api/events", "HTTP_HOST": "localhost",
        "HTTP_COOKIE": f"issgaze={session_of(token)}",
    }  # fmt: skip
    pieces: Any = browser.app(environ, Reply().start)
    stream = iter(pieces)
    first = json.loads(next(stream).decode().removeprefix("data: "))
    assert first["doing"] == ["Photographing.", "Frame 3 of 40."]
    make_token(archive, new=True)
    second = json.loads(next(stream).decode().removeprefix("data: "))
    assert second["doing"][0] == "Waiting.", "long after the minutes of the pass"
    assert "live" not in second
    pieces.close()


def test_a_device_that_has_fallen_silent_counts_nothing_down(
    archive: Archive, browser: Browser
) -> None:
    import os

    write_status(archive.run, status(simulated=True))
    os.utime(archive.run / "status.json", (1_700_000_000, 1_700_000_000))
    page = browser.get("/").text
    assert "No word from the camera." in page
    assert "data-until" not in page
    assert "Would be shot." in page
    write_status(archive.run, status(simulated=True, state="stopped"))
    page = browser.get("/").text
    assert "<b>Stopped since Sun 1 Mar, 19:31.</b>" in page
    assert "Next pass, on Sun 1 Mar" in page, "who reads it a week later needs the date"
    assert "data-until" not in page
    assert "systemctl status issgaze-observe" in page
    write_status(archive.run, status(simulated=True, state="stopped", by_hand=True))
    page = browser.get("/").text
    assert "systemctl" not in page, "no unit runs what an owner started by hand"
    assert "<code>issgaze run</code> starts it again." in page


def test_once_it_has_set_the_next_pass_is_not_told_as_this_one(
    archive: Archive, browser: Browser
) -> None:
    pass_id = shooting(archive)
    document = json.loads(archive.predictions.read_text())
    (this,) = document["passes"]
    move = timedelta(seconds=5600.0)
    following = json.loads(json.dumps(this))
    following["id"] = "20991231T2359Z-25544"
    for name in ("rise", "culmination", "set"):
        following[name]["utc"] = format_utc(parse_utc(this[name]["utc"]) + move)
    document["passes"].append(following)
    archive.predictions.write_text(json.dumps(document))
    assert live(browser)["live"]["under"].startswith("high, towards")
    capture = {"pass_id": pass_id, "phase": "lights", "done": 39, "planned": 40}
    # the last frames are exposed a little longer than it is up
    over = later(parse_utc(this["set"]["utc"]), 15.0)
    write_status(
        archive.run,
        status(utc=format_utc(over), state="capturing", capture=capture, simulated=True),
    )
    now = live(browser)["live"]
    assert (now["big"], now["under"]) == ("", "The station has set.")
    assert now["picture"] == f"/passes/{pass_id}/live.jpg"
    page = browser.get("/").text
    assert "the station rises" not in page
    assert "The pass in numbers" not in page
