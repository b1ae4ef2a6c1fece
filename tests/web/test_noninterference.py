"""Guests get the same bytes from every roof of a cell of the grid, whatever the device does.

Two archives are made for two roofs 11 km apart in the same cell, which see each pass some seconds
and half a degree apart. Each device goes through the same night at its own instants. What a guest
gets must not tell them apart; what an owner gets must.
"""

import dataclasses
import difflib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from issgaze.civil import format_utc, later, parse_utc, seconds_between
from issgaze.config import Settings
from issgaze.web.app import build_app
from tests.web.browser import Browser
from tests.web.showcase import SETTINGS, Showcase, build

# which passes are visible at all is the same for both: near a limit that tells a bit of the place
_CORNERS = ((48.1512, 16.4466), (48.2488, 16.4466))
_PAGES = (
    "/", "/passes", "/gallery", "/ledger", "/device", "/lens", "/focus", "/nights/2024-05-09",
    "/nights/2024-05-10", "/api/status", "/api/passes", "/api/ledger", "/api/live",
)  # fmt: skip


def settings_at(latitude_deg: float, longitude_deg: float) -> Settings:
    site = dataclasses.replace(
        SETTINGS.site, latitude_deg=latitude_deg, longitude_deg=longitude_deg
    )
    return dataclasses.replace(SETTINGS, site=site)


@pytest.fixture(scope="module")
def roofs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Showcase, Showcase]:
    first, second = (
        build(tmp_path_factory.mktemp("roof"), settings_at(*corner)) for corner in _CORNERS
    )
    for roof in (first, second):
        roof.shooting(roof.following.iss_pass.culmination.utc, 20)
    return first, second


def device_at(show: Showcase, now: datetime) -> None:
    """Write what a device on this roof says of itself at an instant."""
    passed = show.following.iss_pass
    # the shutter opens and shuts by what this very roof sees
    begin, end = later(passed.lit[0].start.utc, -11.0), later(passed.lit[-1].end.utc, 9.0)
    doing: dict[str, Any] = {"state": "waiting", "roof": {"cover": "closed", "rain": False}}
    free_gb = 41.2
    if later(begin, -90.0) <= now < end:
        doing["roof"] = {"cover": "open", "rain": False}
    if begin <= now < end:
        done = int(seconds_between(begin, now) // 8.0)
        free_gb -= 0.025 * done
        doing |= {
            "state": "capturing",
            "capture": {"pass_id": passed.id, "phase": "lights", "done": done, "planned": 40},
        }
    elif end <= now < later(end, 25.0):
        doing["state"] = "developing"
        free_gb -= 1.0
    show.status(
        now, simulated=False, disk={"free_gb": free_gb, "total_gb": 64.0},
        sky={"utc": format_utc(later(begin, -900.0)), "cloud_fraction": 0.02}, **doing,
    )  # fmt: skip


def told(browser: Browser, addresses: tuple[str, ...]) -> dict[str, tuple[int, bytes]]:
    answers: dict[str, tuple[int, bytes]] = {}
    for address in addresses:
        reply = browser.get(address)
        answers[address] = (reply.status, reply.body)
    # the page's own memory and processor time are in it
    metrics = browser.get("/metrics").text.splitlines()
    kept = [line for line in metrics if "issgaze_page_" not in line and "_age_seconds" not in line]
    answers["/metrics"] = (200, "\n".join(kept).encode())
    return answers


def _difference(one: tuple[int, bytes], other: tuple[int, bytes]) -> list[str]:
    """Return the lines that differ; headers and all else are the same."""
    if one == other:
        return []
    pages = [answer[1].decode().splitlines() for answer in (one, other)]
    return [f"{one[0]} {other[0]}", *difflib.unified_diff(*pages, n=0, lineterm="")]


def night(roofs: tuple[Showcase, Showcase]) -> Iterator[datetime]:
    """Yield instants from before the pass until after it, second by second where it matters."""
    passes = [roof.following.iss_pass for roof in roofs]
    edges = [p.lit[0].start.utc for p in passes] + [p.lit[-1].end.utc for p in passes]
    for edge in edges:
        for second in range(-46, 47, 2):
            yield later(edge, float(second))
    for part in range(-6, 6):
        yield later(passes[0].culmination.utc, 15.0 * part)
    for minute in range(-20, 20, 2):
        yield later(passes[0].culmination.utc, 60.0 * minute + 7.0)


def test_a_guest_cannot_tell_one_roof_of_a_cell_from_another(
    roofs: tuple[Showcase, Showcase], monkeypatch: pytest.MonkeyPatch
) -> None:
    browsers = [Browser(build_app(roof.archive, roof.settings)) for roof in roofs]
    public = [one["id"] for one in json.loads(browsers[0].get("/api/passes").text)["passes"]]
    addresses = (*_PAGES, *(f"/passes/{name}/" for name in public[:6]))
    instants = sorted(set(night(roofs)))
    busy = 0
    for number, now in enumerate(instants):
        monkeypatch.setattr("issgaze.web.visitors.device_now", lambda _s, _a, now=now: now)
        for roof in roofs:
            device_at(roof, now)
        # every page now and then, what a script asks for every time
        some = addresses if number % 24 == 0 else ("/", "/api/live", "/api/status")[number % 2 :]
        first, second = (told(browser, some) for browser in browsers)
        for address, answer in first.items():
            assert _difference(answer, second[address]) == [], (
                f"{format_utc(now)} {address} {_difference(answer, second[address])}"
            )
        busy += b'"state": "capturing"' in first["/api/status"][1]
    assert busy > 5, "guests are to see that a pass is photographed"


def test_the_pages_of_pictures_are_the_same_too(roofs: tuple[Showcase, Showcase]) -> None:
    answers = []
    for roof in roofs:
        roof.status(simulated=False)
        browser = Browser(build_app(roof.archive, roof.settings))
        shown = json.loads(browser.get("/api/ledger").text)["rows"]
        (name,) = {row["id"] for row in shown if row["outcome"] == "caught"}
        page = browser.get(f"/passes/{name}/")
        assert page.status == 200
        pack = browser.get(f"/passes/{name}/share.zip")
        files = [browser.get(f"/passes/{name}/{file}") for file in ("picture.jpg", "single.jpg")]
        assert all("Last-Modified" not in one.headers for one in files)
        answers.append((name, page.body, pack.body[:2000], [one.body for one in files]))
        for row in shown:
            if row["outcome"] == "skipped":
                assert (row["id"], row["rise_utc"], row["folder"]) == (None, None, None)
    assert answers[0] == answers[1]


def test_what_owners_get_tells_the_roofs_apart(roofs: tuple[Showcase, Showcase]) -> None:
    """Or the test above would prove nothing."""
    for roof in roofs:
        roof.status(simulated=True)
    browsers = [Browser(build_app(roof.archive, roof.settings)) for roof in roofs]
    for address in ("/", "/passes", "/api/passes", "/api/ledger", "/device"):
        assert browsers[0].get(address).body != browsers[1].get(address).body, address


def test_a_guest_asks_by_the_public_name_alone(roofs: tuple[Showcase, Showcase]) -> None:
    for roof in roofs:
        roof.status(simulated=False)
        browser = Browser(build_app(roof.archive, roof.settings))
        row = next(r for r in json.loads(browser.get("/api/ledger").text)["rows"] if r["id"])
        stamp = parse_utc(row["rise_utc"])
        found = set()
        for minute in range(-30, 40):
            when = later(stamp, 60.0 * minute)
            name = f"{when:%Y%m%dT%H%M}Z-25544"
            for part in ("", "picture.jpg", "share.zip"):
                if browser.get(f"/passes/{name}/{part}").status == 200:
                    found.add(name)
        assert found == {row["id"]}, "neighbouring minutes must not find it"


def test_files_carry_no_time(roofs: tuple[Showcase, Showcase]) -> None:
    roof = roofs[0]
    roof.status(simulated=False)
    browser = Browser(build_app(roof.archive, roof.settings))
    row = next(r for r in json.loads(browser.get("/api/ledger").text)["rows"] if r["id"])
    address = f"/passes/{row['id']}/picture.jpg"
    reply = browser.get(address)
    path = next(roof.archive.passes.glob("*/*/picture.jpg"))
    assert f"{path.stat().st_mtime_ns:x}" not in reply.headers["Etag"]
    again = browser.get(address, if_none_match=reply.headers["Etag"])
    assert again.status == 304
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert browser.get(address, if_none_match=reply.headers["Etag"]).status == 200
