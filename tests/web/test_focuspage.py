"""The page to focus by, from the request to the first picture."""

import json
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.web.app import build_app
from tests.web.browser import Browser
from tests.web.conftest import status


@pytest.mark.parametrize(
    ("state", "phase", "said"),
    [
        (None, "off", "Start for three minutes"),
        ({"running": True, "widths_px": []}, "opening", "The camera opens."),
        ({"running": True, "widths_px": [None], "step": 1}, "on", "Three minutes more"),
        ({"running": True, "widths_px": [4.2], "width_px": 4.2, "step": 1}, "on", ">4.2<"),
        ({"running": False, "widths_px": [4.2], "width_px": 4.2}, "off", "Start for three"),
    ],
)
def test_it_says_whether_a_picture_is_still_to_come(
    tmp_path: Path, state: dict[str, Any] | None, phase: str, said: str
) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, status(simulated=True))
    # left by a session before: not what the camera sees now
    (archive.run / "focus.jpg").write_bytes(b"\xff\xd8")
    if state is not None:
        (archive.run / "focus.json").write_text(json.dumps(state))
    page = Browser(build_app(archive)).get("/focus").text
    assert f'data-focus="{phase}"' in page
    assert said in page
    assert ('id="crop"' in page) is (phase != "opening")


@pytest.mark.parametrize(
    ("asked", "chosen"), [(2.0, "2"), (0.1, "0.1"), (0.0015, "0.01"), (None, "0.5"), ("x", "0.5")]
)
def test_the_exposure_that_was_asked_for_stays_chosen(
    tmp_path: Path, asked: object, chosen: str
) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, status(simulated=True))
    state = {"running": True, "widths_px": [None], "step": 1, "exposure_s": asked}
    (archive.run / "focus.json").write_text(json.dumps(state))
    page = Browser(build_app(archive)).get("/focus").text
    assert f'<option value="{chosen}" selected>' in page
    assert page.count(" selected") == 1


def test_without_stars_it_says_what_to_try(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, status(simulated=True))
    few = "Too few stars: try a longer exposure."
    for width_px, hidden in ((None, ""), (4.2, " hidden")):
        state = {"running": True, "widths_px": [width_px], "width_px": width_px, "step": 1}
        (archive.run / "focus.json").write_text(json.dumps(state))
        page = Browser(build_app(archive)).get("/focus").text
        assert f'<p class="soft" id="few"{hidden}>{few}</p>' in page


def test_the_script_is_told_the_best_in_words(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, status(simulated=True))
    browser = Browser(build_app(archive))
    assert json.loads(browser.get("/api/focus").text)["best"] == ""
    state = {"running": True, "widths_px": [4.2, 5.0], "width_px": 5.0, "best_px": 4.2}
    (archive.run / "focus.json").write_text(json.dumps(state))
    assert json.loads(browser.get("/api/focus").text)["best"] == "best so far 4.2 px"
    assert '<p class="count" id="best">best so far 4.2 px</p>' in browser.get("/focus").text
