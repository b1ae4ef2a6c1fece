"""Guests learn nothing of the exact site, neither its numbers nor its seconds."""

import json
import re
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.status import write_status
from issgaze.civil import parse_utc
from issgaze.web.access import make_token, session_of
from issgaze.web.guestview import guest_reason, guest_status, veiled_status
from tests.archive.test_ledger import chosen
from tests.web.browser import Browser
from tests.web.conftest import PAST, picture_in, status

NOON = parse_utc("2026-03-01T12:00:00Z")


@pytest.mark.parametrize(
    ("reason", "open_part"),
    [
        ("Culminates at 25°, magnitude −2.8, lit for 223 s", ""),
        ("Too low: culminates at 19°, the limit is 20°", "Too low"),
        ("the device was not running", "the device was not running"),
        ("47 % of the lit arc was exposed, interrupted", ""),
        ("not proved: The light along the path does not move as the station does: only 12 % of it "
         "fits one set of times.", "not proved: The light along the path does not move as the "
         "station does"),
        ("12 stars seen; no trail", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_reasons_lose_their_numbers(reason: str, open_part: str) -> None:
    assert guest_reason(reason) == open_part


def lit_pass(begin: str, end: str) -> dict[str, Any]:
    stretch = {"from": {"utc": begin}, "to": {"utc": end}}
    return {"passes": [{"verdict": "shoot", "lit": [stretch]}]}


FULL = status(
    state="capturing", sentence="Frame 3 of 40.", simulated=False,
    capture={"pass_id": "20260301T1930Z-25544", "phase": "lights", "done": 3, "planned": 40,
             "dead_time_s": 0.0006, "sensor_temperature_c": 12.25},
    roof={"rain": False, "cover": "open", "faults": ["the motor stalls"], "silent": "x"},
    sky={"utc": "2026-03-01T18:20:00Z", "cloud_fraction": 0.4, "sky_mag_arcsec2": 20.94},
    health={"board_temperature_c": 61.2, "complaints": []},
    configuration={"right": False, "complaint": "site.latitude_deg = 48.20821"},
    next_pass={"rise": {"utc": "2026-03-01T19:26:41Z"}}, camera={"sensor": "imx477"}, pid=7,
)  # fmt: skip


def test_a_status_is_veiled_field_by_field() -> None:
    """What is not named here is hidden, whatever observe may write one day."""
    shown = veiled_status(FULL, lit_pass("2026-03-01T19:27:00Z", "2026-03-01T19:32:00Z"), NOON)
    assert shown == {
        "utc": "2026-03-01T18:30:00Z", "version": "0", "simulated": False, "state": "waiting",
        "elements": FULL["elements"], "camera": {"sensor": "imx477"}, "health": FULL["health"],
        "site": {"name": "Attic", "time_zone": "Europe/Vienna", "longitude_deg": 16.4},
        "clock": {"trust": "trusted", "bound_s": 0.012},
        "disk": {"total_gb": 32.0},
        "roof": {"rain": False}, "configuration": {"complaint": "?"},
    }  # fmt: skip
    assert veiled_status({}, {}, NOON) == {}


@pytest.mark.parametrize(
    ("now", "state"),
    [
        # the rounded minute may come half a minute before the light does
        ("2026-03-01T19:27:29Z", "waiting"), ("2026-03-01T19:27:59Z", "waiting"),
        ("2026-03-01T19:28:00Z", "capturing"), ("2026-03-01T19:30:59Z", "capturing"),
        ("2026-03-01T19:31:00Z", "waiting"), ("2026-03-01T19:31:31Z", "waiting"),
    ],
)  # fmt: skip
def test_guests_see_a_capture_by_the_minutes_of_the_rounded_site(now: str, state: str) -> None:
    predictions = lit_pass("2026-03-01T19:27:00Z", "2026-03-01T19:32:00Z")
    shown = veiled_status(FULL, predictions, parse_utc(now))
    assert shown["state"] == state
    assert ("capture" in shown) is (state == "capturing")
    assert shown.get("capture", {}).keys() <= {"pass_id", "phase"}
    assert veiled_status(FULL | {"state": "waiting"}, predictions, parse_utc(now))["state"] == (
        "waiting"
    )


def test_what_guests_are_told_by_the_api_has_neither_place_nor_pass() -> None:
    shown = guest_status(veiled_status(FULL, {}, NOON), "Waiting.")
    assert shown.keys() == {
        "version", "simulated", "state", "clock", "elements", "camera", "disk", "utc", "sentence",
    }  # fmt: skip
    assert shown["sentence"] == "Waiting."
    assert shown["utc"].endswith(":00Z")


def test_the_ledger_of_guests_has_public_names_or_none(archive: Archive, browser: Browser) -> None:
    write_status(archive.run, status())
    pass_id = picture_in(archive)
    ledger = Ledger(archive.ledger)
    row = ledger.open(chosen(PAST.replace(day=26), reason="Too low: culminates at 17°, the limit"))
    ledger.settle(row.id, "skipped", row.reason)
    low, caught = json.loads(browser.get("/api/ledger").text)["rows"]
    assert low == {
        "id": None, "norad_id": 25544, "night": "2026-02-26", "rise_utc": None,
        "outcome": "skipped", "reason": "Too low", "folder": None,
    }  # fmt: skip
    assert caught["id"] == pass_id
    assert caught["rise_utc"].endswith(":00Z")
    assert caught["folder"] is None
    page = browser.get("/ledger").text
    assert row.id not in page
    assert f'<a href="/passes/{pass_id}/">' in page


def test_no_page_of_a_guest_tells_the_site(archive: Archive, browser: Browser) -> None:
    """Everything that differs between the exact and the rounded site is looked for on all pages."""
    write_status(archive.run, status())
    pass_id = picture_in(archive)
    ledger = Ledger(archive.ledger)
    row = ledger.open(chosen(PAST.replace(day=26), reason="Too low: culminates at 17°, the limit"))
    ledger.settle(row.id, "skipped", row.reason)
    for path in (
        "/", "/passes", "/gallery", "/ledger", "/device", "/lens", "/focus", f"/passes/{pass_id}/",
        f"/passes/{row.id}/", "/nights/2026-02-27", "/nights/2026-02-26", "/api/status",
        "/api/passes", "/api/ledger", "/api/live", "/metrics",
    ):  # fmt: skip
        text = browser.get(path).text
        assert not re.search(r"48\.20821|16\.37381|48\.208|17°|18:00:07|A fine one at", text), path
        times = re.findall(r"\d\d:\d\d:\d\d", text)
        assert all(time.endswith(":00") for time in times), f"{path}: {times}"
    for name in ("report.json", "report.html", "caption.txt", "plan.json", "lens.json"):
        assert browser.get(f"/passes/{pass_id}/{name}").status == 404
    for path in (
        "/lens/horizon.png",
        "/lens/horizon-owner.png",
        "/focus/crop.jpg",
        "/device/sky.jpg",
    ):
        assert browser.get(path).status == 404
    assert browser.get("/api/focus").status == 403
    assert json.loads(browser.get("/api/status").text)["sentence"].startswith("Waiting.")


def test_an_owner_is_led_to_the_name_that_can_be_passed_on(
    archive: Archive, browser: Browser
) -> None:
    """The same pass culminates a minute later over the rounded site."""
    write_status(archive.run, status())
    exact = picture_in(archive)
    public = "20260227T1804Z-25544"
    path = next(archive.passes.glob("*/*/guest.json"))
    guest = json.loads(path.read_text())
    guest["pass"]["id"] = public
    path.write_text(json.dumps(guest))
    for part in ("", "picture.jpg", "share.zip"):
        assert browser.get(f"/passes/{exact}/{part}").status == 404, "guests know no exact name"
        assert browser.get(f"/passes/{public}/{part}").status == 200
    assert f"/passes/{public}/" in browser.get("/gallery").text
    assert exact not in browser.get("/gallery").text
    browser.cookie = f"issgaze={session_of(make_token(archive, new=True))}"
    led = browser.get(f"/passes/{exact}/")
    assert (led.status, led.headers["Location"].partition("/passes/")[2]) == (303, f"{public}/")
    for name in (exact, public):
        assert browser.get(f"/passes/{name}/report.json").status == 200
    assert browser.get(f"/passes/{public}/").status == 200


def test_a_report_from_before_has_a_public_name_by_its_time(
    archive: Archive, browser: Browser
) -> None:
    """It holds the exact id beside the pass of the rounded site: its time makes the name."""
    write_status(archive.run, status())
    exact = picture_in(archive)
    path = next(archive.passes.glob("*/*/guest.json"))
    guest = json.loads(path.read_text())
    del guest["shown"]
    guest["pass"]["culmination"]["utc"] = "2026-02-27T18:05:00Z"
    path.write_text(json.dumps(guest))
    assert browser.get("/passes/20260227T1805Z-25544/").status == 200
    assert browser.get(f"/passes/{exact}/").status == 404
    assert exact not in browser.get("/ledger").text
