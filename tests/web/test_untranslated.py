"""What a French page shows in the words of the English one: nothing but names and cognates.

Both pages are read as a visitor reads them, and the words of four letters and more that stand in
both are looked at one by one.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, later
from issgaze.web.app import build_app
from tests.web.browser import Browser
from tests.web.conftest import status
from tests.web.showcase import NOW, SETTINGS, Showcase, build
from tests.web.visible import visible_texts, words_in

# the same word in both languages
_COGNATES = {
    "auto", "bits", "capture", "catalogue", "constellations", "contact", "description",
    "direction", "horizon", "image", "latitude", "long", "longitude", "magnitude", "minute",
    "minutes", "page", "pages", "part", "phase", "place", "point", "port", "projection",
    "satellite", "satellites", "secondes", "site", "solutions", "station", "version", "verdict",
    "visible", "passage", "local", "format", "machine", "archive",
    "gain", "darks", "arcsec²", "simulation", "pixel",
}  # fmt: skip
# what is typed, or called so everywhere
_NAMES = {
    "attic", "zarya", "issgaze", "cest", "jpeg", "html", "json", "webp", "gpsd", "gpio", "pico",
    "gnss", "iana", "equisolid", "chrony", "lens", "folder", "star", "trails", "lights", "ground",
    "only", "stars", "roof", "norad",
}  # fmt: skip
_STARS = {
    "achernar", "albireo", "alcor", "algol", "alioth", "alkaid", "almach", "alphard", "alphecca",
    "alpheratz", "altair", "antares", "arcturus", "betelgeuse", "capella", "castor", "deneb",
    "denebola", "dubhe", "elnath", "hamal", "kochab", "mirach", "mirfak", "mizar", "polaris",
    "pollux", "procyon", "rasalhague", "regulus", "sadr", "schedar", "sirius", "spica", "vega",
    "unukalhai", "eltanin", "vindemiatrix", "caph", "ruchbah", "zubeneschamali", "izar",
}  # fmt: skip
_ALLOWED = _COGNATES | _NAMES | _STARS


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Showcase:
    return build(tmp_path_factory.mktemp("showcase"))


def said_twice(browser: Browser, address: str) -> dict[str, str]:
    """Return the words that the French page has of the English one, each with its text."""
    browser.cookie = "language=en"
    english = {word for text in visible_texts(browser.get(address).text) for word in words_in(text)}
    browser.cookie = "language=fr"
    reply = browser.get(address)
    assert '<html lang="fr"' in reply.text
    return {
        word: text
        for text in visible_texts(reply.text)
        for word in words_in(text) & english
        if word not in _ALLOWED
    }


def addresses(show: Showcase) -> Iterator[str]:
    yield from ("/", "/passes", "/passes?kind=visible", "/gallery", "/ledger", "/device", "/lens")
    yield from ("/ledger?outcome=missed", "/focus", "/signin", "/nights/2024-05-09", "/nowhere")
    yield from ("/passes?kind=none", "/gallery?page=x", f"/passes/{show.pictured}/nothing")
    for pass_id in (show.pictured, show.skipped, show.following.iss_pass.id, "none"):
        yield f"/passes/{pass_id}/"


def test_every_page_is_french_in_french(show: Showcase) -> None:
    show.status()
    browser = Browser(build_app(show.archive, SETTINGS))
    for address in addresses(show):
        assert said_twice(browser, address) == {}, address


def test_every_page_of_a_guest_is_french_in_french(show: Showcase) -> None:
    show.status(simulated=False)
    browser = Browser(build_app(show.archive, SETTINGS))
    for address in addresses(show):
        assert said_twice(browser, address) == {}, address


@pytest.mark.parametrize("state", ["capturing", "darks", "developing", "focusing", "starting"])
def test_whatever_the_device_does_is_said_in_french(show: Showcase, state: str) -> None:
    show.shooting(later(show.following.iss_pass.rise.utc, 120.0), done=7)
    path = show.archive.run / "status.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"state": state}))
    browser = Browser(build_app(show.archive, SETTINGS))
    assert said_twice(browser, "/") == {}


def test_every_trouble_is_told_in_french(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    browser = Browser(build_app(archive, SETTINGS))
    assert said_twice(browser, "/") == {}, "first run"
    ill = status(
        simulated=True, utc=format_utc(NOW), elements=[], disk={"free_gb": 0.2},
        clock={"trust": "untrusted", "bound_s": None},
        health={"complaints": [
            {"message": "The voltage is too low",
             "remedy": "Use the board's own supply and a short, thick cable."},
            {"message": "The board is at 84 °C, the limit is 80 °C",
             "remedy": "Give the box air or shade."},
        ]},
        roof={"faults": [], "rain": True, "cover": "closed"},
        configuration={"right": False, "complaint": ""},
    )  # fmt: skip
    for state in ("waiting", "stopped"):
        write_status(archive.run, ill | {"state": state})
        for address in ("/", "/device"):
            assert said_twice(browser, address) == {}, f"{state}: {address}"
