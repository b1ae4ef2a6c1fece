"""Guests learn nothing of the exact site, neither its numbers nor its seconds."""

import json
import re

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.status import write_status
from issgaze.web.guestview import guest_ledger, guest_reason, guest_status
from tests.archive.test_ledger import chosen
from tests.web.browser import Browser
from tests.web.conftest import PAST, picture_in, status


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


def test_the_status_of_guests_has_neither_place_nor_pass_nor_capture() -> None:
    shown = guest_status(status(capture={"done": 3}, next_pass={"rise": 1}), "Waiting.")
    assert shown.keys() <= {
        "version", "simulated", "speed", "state", "clock", "elements", "camera", "disk", "utc",
        "sentence",
    }  # fmt: skip
    assert shown["sentence"] == "Waiting."
    assert shown["utc"].endswith(":00Z")
    assert "source" not in shown["clock"]


def test_the_ledger_of_guests_is_coarse() -> None:
    row = {"id": "x", "rise_utc": "2026-02-27T18:03:31.123Z", "reason": "Too low: at 19°"}
    (open_row,) = guest_ledger({"rows": [row], "predicted": 1})["rows"]
    assert open_row["rise_utc"] == "2026-02-27T18:00:00Z"
    assert open_row["reason"] == "Too low"


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
