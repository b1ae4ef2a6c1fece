"""The page of a pass that comes tells all that is known of it."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.ledger import Ledger
from issgaze.archive.passdocument import choice_document
from issgaze.civil import format_utc, later, parse_utc, seconds_between
from issgaze.orbit.formats import parse_elements
from issgaze.orbit.tracks import compute_track
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.service.outlook import planned
from issgaze.service.privacy import guest_document
from issgaze.web.app import build_app
from issgaze.web.foresight import _path
from tests.web.browser import Browser
from tests.web.showcase import NOW, SETTINGS, Showcase, build


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Showcase:
    return build(tmp_path_factory.mktemp("showcase"))


@pytest.fixture
def browser(show: Showcase) -> Browser:
    show.status()
    return Browser(build_app(show.archive, SETTINGS))


def coming(show: Showcase) -> list[dict[str, object]]:
    document = json.loads(show.archive.predictions.read_text())
    return [one for one in document["passes"] if parse_utc(one["rise"]["utc"]) > NOW]


def test_every_coming_pass_has_chart_times_verdict_and_countdown(
    show: Showcase, browser: Browser
) -> None:
    for item in coming(show):
        page = browser.get(f"/passes/{item['id']}/").text
        assert "Not settled yet" not in page
        assert 'class="skychart"' in page
        assert page.count('<tr><th scope="row"') >= 3
        assert "data-until" in page
        told = "Will shoot." if item["verdict"] == "shoot" else "Will be skipped."
        assert (told if item["visible"] else "Cannot be seen.") in page
        assert 'href="/passes"' in page


def test_the_plan_is_told_to_the_owner(show: Showcase, browser: Browser) -> None:
    path = show.archive.predictions
    document = json.loads(path.read_text())
    wanted = next(one for one in document["passes"] if one["id"] == show.following.iss_pass.id)
    start = show.following.iss_pass.lit[0].start.utc
    plan = CapturePlan(
        iss_pass=show.following.iss_pass, mode="full", darks=None, expected_snr=310.0, reasons=(),
        lights=(ExposureBlock(start_utc=start, exposure_s=8.0, analogue_gain=8.0, count=41,
                              interval_s=8.001),),
    )  # fmt: skip
    wanted["plan"] = planned([show.following], lambda _choice: plan)[wanted["id"]]
    path.write_text(json.dumps(document))
    page = browser.get(f"/passes/{wanted['id']}/").text
    begin = format_utc(start)[14:19]
    assert re.search(rf"41 exposures of 8\.0 s at gain 8\.0, from \d\d:{begin} to", page)
    show.status(simulated=False)
    assert "exposures of" not in browser.get(f"/passes/{wanted['id']}/").text, "guests know no plan"


def test_what_is_not_shot_has_no_plan(show: Showcase) -> None:
    skipped = dataclasses.replace(show.following, verdict="skip")
    assert planned([skipped], lambda _choice: pytest.fail("nobody plans it")) == {}


def test_a_row_whose_prediction_has_another_name_finds_it(show: Showcase, browser: Browser) -> None:
    """The ledger's id is frozen, a newer element set moves the culmination over the minute."""
    path = show.archive.predictions
    kept = path.read_text()
    pass_id = show.following.iss_pass.id
    newer = format_utc(later(show.following.iss_pass.culmination.utc, 60.0))
    other = "".join(letter for letter in newer[:16] if letter.isdigit() or letter == "T")
    path.write_text(kept.replace(pass_id, f"{other}Z-25544"))
    assert "Will shoot." in browser.get(f"/passes/{pass_id}/").text
    path.write_text(kept)


@pytest.mark.parametrize("speed", [1, 60, "max"])
def test_a_pass_that_is_up_or_over_is_not_told_as_coming(show: Showcase, speed: object) -> None:
    """Whatever the clock does: the page says when it must be asked again."""
    browser = Browser(build_app(show.archive, SETTINGS))
    item = show.following.iss_pass
    address = f"/passes/{item.id}/"

    def told(seconds: float) -> str:
        show.status(now=later(item.rise.utc, seconds), speed=speed)
        return browser.get(address).text

    before = told(-100.0)
    assert "Will shoot." in before
    assert "data-until" in before
    assert f'data-turn="{format_utc(item.lit[0].start.utc)}"' in before
    up = told(seconds_between(item.rise.utc, item.lit[0].start.utc) + 20.0)
    assert "It is up now." in up
    assert "data-until" not in up
    assert f'data-turn="{format_utc(item.set.utc)}"' in up
    assert f'data-speed="{0 if speed == "max" else speed}"' in up
    home = browser.get("/").text
    assert "It is up now." in home
    assert "Nobody is there" not in home
    over = told(seconds_between(item.rise.utc, item.set.utc) + 400.0)
    for words in ("Will shoot.", "It is up now.", "data-turn", "exposures of"):
        assert words not in over, words


def test_a_pass_that_is_photographed_is_told_as_up_and_then_as_made(show: Showcase) -> None:
    browser = Browser(build_app(show.archive, SETTINGS))
    item = show.following.iss_pass
    ledger = Ledger(show.archive.ledger)
    row = ledger.row(item.id)
    assert row is not None
    ledger.put(dataclasses.replace(row, folder="passes/it"))
    light = seconds_between(item.rise.utc, item.lit[0].start.utc)
    show.shooting(later(item.rise.utc, light + 60.0), done=7)
    page = browser.get(f"/passes/{item.id}/").text
    assert '<h1 class="lede">Photographing.</h1>' in page
    assert 'It is up now. <a href="/">Watch it</a>' in page
    assert "Will shoot." not in page
    assert "How it will be exposed" not in page
    assert 'id="station"' in page
    show.status(now=later(item.set.utc, 60.0), state="developing")
    page = browser.get(f"/passes/{item.id}/").text
    assert '<h1 class="lede">The picture is being made.</h1>' in page
    assert "data-turn" in page
    show.status(now=later(item.set.utc, 7 * 3600.0))
    page = browser.get(f"/passes/{item.id}/").text
    assert "being made" not in page, "it is not for ever"
    ledger.put(row)


def test_nobody_counts_down_to_what_nobody_will_photograph(
    show: Showcase, browser: Browser
) -> None:
    show.status(state="stopped")
    page = browser.get(f"/passes/{show.following.iss_pass.id}/").text
    assert "data-until" not in page
    assert "Would be shot." in page
    assert "Nobody is there to photograph it." in page


@pytest.mark.parametrize(("guest", "most_deg"), [(False, 1.0), (True, 3.0)])
def test_the_path_on_the_chart_is_the_stations(
    show: Showcase, *, guest: bool, most_deg: float
) -> None:
    """Against the orbit itself, over all passes of ten days."""
    omm = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
    (elements,) = parse_elements(omm.read_bytes(), source="test").sets
    site = SETTINGS.require_site()
    for item in coming(show):
        shown = guest_document(item) if guest else item
        rise = parse_utc(item["rise"]["utc"])
        length_s = seconds_between(rise, parse_utc(item["set"]["utc"]))
        track = compute_track(elements, site, rise, np.linspace(0.0, length_s, 400))
        radius = 200.0 * (90.0 - track.altitude_deg) / 90.0
        azimuth = np.radians(track.azimuth_deg)
        true = np.stack((-radius * np.sin(azimuth), -radius * np.cos(azimuth)), axis=-1)
        for _seconds, place in _path(shown):
            off = np.hypot(*(true - np.array(place)).T).min()
            assert off * 90.0 / 200.0 < most_deg, item["id"]


def test_a_choice_is_told_as_before(show: Showcase) -> None:
    """The plan is added to the published document, and to no other."""
    assert "plan" not in choice_document(show.following)
