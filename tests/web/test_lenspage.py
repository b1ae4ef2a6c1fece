"""The map of residuals on the page of the lens."""

import math
import re
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.web.app import build_app
from issgaze.web.lenspage import residual_map
from issgaze.web.visit import Visit
from issgaze.web.words import Words
from tests.web.browser import Browser
from tests.web.conftest import status
from tests.web.showcase import NOW

VISIT = Visit(owner=True, theme=None, words=Words("en"), age_s=1.0, status={}, now=NOW)
_SHAFT = re.compile(r'class="c-trail"[^>]* d="M[\d.]+ [\d.]+l(-?[\d.]+) (-?[\d.]+)l')
_BAR = re.compile(r'class="c-line" d="[^"]*h([\d.]+)')


def drawn(*stars: list[float], width_px: int = 2028, height_px: int = 1520) -> str:
    return residual_map({"width_px": width_px, "height_px": height_px, "stars": list(stars)}, VISIT)


@pytest.mark.parametrize("width_px", [2028, 4056])
def test_an_arrow_is_as_long_as_the_bar_for_an_error_of_one_pixel(width_px: int) -> None:
    page = drawn([1000.0, 700.0, 0.6, -0.8], [400.0, 300.0, 2.0, 0.0], width_px=width_px)
    shafts = [(float(dx), float(dy)) for dx, dy in _SHAFT.findall(page)]
    (bar,) = (float(length) for length in _BAR.findall(page))
    assert math.hypot(*shafts[0]) == pytest.approx(bar, abs=0.2)
    assert shafts[1] == (pytest.approx(2.0 * bar, abs=0.2), 0.0)
    assert shafts[0][1] < 0.0, "it points to where the lens puts the star"
    assert "1 pixel" in page


def test_a_head_opens_backwards_at_the_tip() -> None:
    page = drawn([1000.0, 700.0, 1.0, 0.0])
    path = re.search(r'd="M([\d.]+) ([\d.]+)l([\d.]+) 0.0l(\S+) (\S+)M([\d.]+) ([\d.]+)l', page)
    assert path is not None
    x, y, dx, back, side, tip_x, tip_y = (float(each) for each in path.groups())
    assert (tip_x, tip_y) == (pytest.approx(x + dx, abs=0.11), y)
    assert (back, abs(side)) == (pytest.approx(-3.0, abs=0.1), pytest.approx(1.8, abs=0.1))


def test_a_star_in_its_place_is_a_dot() -> None:
    page = drawn([1000.0, 700.0, 0.0, 0.01])
    assert page.count("<circle") == 1
    assert not _SHAFT.findall(page)


def test_without_stars_there_is_no_map() -> None:
    assert drawn() == ""


@pytest.mark.parametrize(
    ("known", "told"), [(True, "The lens is given"), (False, "The lens is not known yet")]
)
def test_a_lens_that_no_pass_has_seen_is_given_or_unknown(
    tmp_path: Path, *, known: bool, told: str
) -> None:
    archive = Archive(tmp_path)
    camera = {"sensor": "imx477", "mode": "binned", "lens_known": known}
    write_status(archive.run, status(camera=camera))
    assert told in Browser(build_app(archive)).get("/lens").text
