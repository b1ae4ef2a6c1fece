"""Sky charts in a real browser: no label lies on another one, in either language.

The passes are those whose labels are the hardest to place: events close to each other, and near the
rim where a chart ends.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

import issgaze.web
from issgaze.archive.passdocument import pass_document
from issgaze.civil import later, parse_utc, time_zone
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import parse_elements
from issgaze.orbit.passes import Pass
from issgaze.picture.frenchchart import french_chart
from issgaze.picture.skychart import sky_chart_svg
from issgaze.service.passchart import pass_chart
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.site import Site
from issgaze.web.foresight import foreseen_chart
from issgaze.web.visit import Visit
from issgaze.web.words import Words

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(_CHROMIUM is None, reason="no chromium here: no chart is drawn")

_PACKAGE = Path(issgaze.web.__file__).parents[1]
_ROOF = HorizonMask(azimuth_deg=(0.0, 90.0, 180.0, 270.0), altitude_deg=(6.0, 22.0, 4.0, 8.0))
_PASSES = (
    (40.7, -74.0, "America/New_York", "2024-05-14T04:39:00Z", None),
    (40.7, -74.0, "America/New_York", "2024-05-16T02:59:00Z", _ROOF),
    (40.7, -74.0, "America/New_York", "2024-05-17T03:47:00Z", _ROOF),
    (48.2, 16.4, "Europe/Vienna", "2024-05-12T23:16:00Z", None),
    (48.2, 16.4, "Europe/Vienna", "2024-05-17T20:45:00Z", None),
    (51.5, -0.1, "Europe/London", "2024-05-12T03:15:00Z", None),
)
# of these observe leaves no chart with stars: the page draws them itself
_FORESEEN = (
    (40.7, -74.0, "America/New_York", "2024-05-13T03:51:00Z", None),
    (40.7, -74.0, "America/New_York", "2024-05-14T04:39:00Z", None),
    (-33.9, 151.2, "Australia/Sydney", "2024-05-17T18:10:00Z", None),
    (35.7, 139.7, "Asia/Tokyo", "2024-05-19T13:01:00Z", None),
)
# of the letters' box a line's height has some room above and below
_MEASURE = """() => [...document.querySelectorAll('figure')].map(figure => {
  const labels = [...figure.querySelectorAll('text')].map(text => {
    const box = text.getBBox()
    return {said: text.textContent, left: box.x, right: box.x + box.width,
            top: box.y + 0.16 * box.height, foot: box.y + 0.82 * box.height}
  })
  const wrong = labels.filter(one => one.left < -240 || one.right > 240).map(one => one.said)
  labels.forEach((one, n) => labels.slice(n + 1).forEach(other => {
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left)
    const tall = Math.min(one.foot, other.foot) - Math.max(one.top, other.top)
    if (wide > 0.5 && tall > 0.5) wrong.push(`${one.said} on ${other.said}`)
  }))
  return wrong
})"""


def elements() -> ElementSet:
    (found,) = parse_elements((_PACKAGE / "data" / "iss_omm.json").read_bytes(), source="test").sets
    return found


def passing(site: Site, when: str, horizon: HorizonMask | None) -> Pass:
    begin, end = later(parse_utc(when), -60.0), later(parse_utc(when), 120.0)
    (found,) = find_passes(elements(), site, begin, end, horizon=horizon)
    return found


def foreseen(language: str) -> list[str]:
    drawn: list[str] = []
    for latitude, longitude, zone, when, horizon in _FORESEEN:
        site = Site(latitude_deg=latitude, longitude_deg=longitude, height_m=100.0)
        visit = Visit(
            owner=True, theme=None, words=Words(language), age_s=1.0, now=parse_utc(when),
            status={"site": {"time_zone": zone}},
        )  # fmt: skip
        drawn.append(foreseen_chart(pass_document(passing(site, when, horizon)), {}, visit))
    return drawn


def charts(*, standalone: bool) -> list[str]:
    drawn: list[str] = []
    for latitude, longitude, zone, when, horizon in _PASSES:
        site = Site(latitude_deg=latitude, longitude_deg=longitude, height_m=100.0)
        found = passing(site, when, horizon)
        chart = pass_chart(
            found, elements=elements(), site=site, zone=time_zone(zone), horizon=horizon,
            standard_magnitude=-1.8,
        )  # fmt: skip
        drawn.append(sky_chart_svg(chart, standalone=standalone))
    return drawn


def test_no_label_lies_on_another_or_beyond_the_chart() -> None:
    style = (_PACKAGE / "web" / "static" / "style.css").read_text()
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page: Any = browser.new_page()
        for standalone in (False, True):
            drawn = charts(standalone=standalone)
            for told in (drawn, [french_chart(svg) for svg in drawn]):
                figures = "".join(f"<figure>{svg}</figure>" for svg in told)
                page.set_content(f"<style>{'' if standalone else style}</style>{figures}")
                assert page.evaluate(_MEASURE) == [[] for _ in told]
        for language in ("en", "fr"):
            figures = "".join(f"<figure>{svg}</figure>" for svg in foreseen(language))
            page.set_content(f"<style>{style}</style>{figures}")
            assert page.evaluate(_MEASURE) == [[] for _ in _FORESEEN]
        browser.close()
