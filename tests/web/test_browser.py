"""The page in a real browser: every page in every theme, by keyboard, without scripts, live."""

import io
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import waitress.server
from PIL import Image

from issgaze.archive.status import write_status
from issgaze.civil import later, seconds_between
from issgaze.web.access import make_token
from issgaze.web.app import build_app
from tests.web.showcase import SETTINGS, Showcase, build

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    _CHROMIUM is None, reason="no chromium here (apt install chromium): the page is not looked at"
)
_FIRST_VIEW_BYTES = 80_000
_PICTURE_BYTES = {390: 250_000, 1280: 450_000}


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Showcase:
    return build(tmp_path_factory.mktemp("showcase"))


@pytest.fixture(scope="module")
def site(show: Showcase) -> Iterator[str]:
    """The page served as it is on a device."""
    server = waitress.server.create_server(
        build_app(show.archive, SETTINGS), host="127.0.0.1", port=0, threads=12, ident=None
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server.task_dispatcher.shutdown(timeout=1)
    thread.join(5)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, site: str, show: Showcase) -> Iterator[Any]:
    """Open a page in a browser of its own; fails when the page complains in the console."""
    show.status()
    complaints: list[str] = []
    contexts: list[Any] = []

    def heard(told: Any) -> None:
        if told.type in {"error", "warning"} and "503" not in told.text:
            complaints.append(told.text)

    def opened(path: str, *, width: int = 1280, height: int = 900, theme: str = "dark",
               language: str = "en", script: bool = True) -> Any:  # fmt: skip
        context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=script
        )
        contexts.append(context)
        context.add_cookies(
            [{"name": name, "value": value, "url": site}
             for name, value in (("theme", theme), ("language", language))]
        )  # fmt: skip
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def until(page: Any, condition: str) -> None:
    """Wait until something holds on a page, whose policy lets nobody evaluate text from within."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {condition}")


def pages(show: Showcase) -> dict[str, str]:
    return {
        "home": "/", "passes": "/passes", "gallery": "/gallery", "ledger": "/ledger",
        "pass": f"/passes/{show.pictured}/", "skipped": f"/passes/{show.skipped}/",
        "predicted": f"/passes/{show.following.iss_pass.id}/", "night": "/nights/2024-05-09",
        "device": "/device", "lens": "/lens", "focus": "/focus", "signin": "/signin",
    }  # fmt: skip


NAMES = [
    "home", "passes", "gallery", "ledger", "pass", "skipped", "predicted", "night", "device",
    "lens", "focus", "signin",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_in_any_theme(visit: Any, show: Showcase, name: str) -> None:
    page = visit(pages(show)[name])
    for theme in ("dark", "light", "night"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if theme != "dark":
            # nothing but colours changes with the theme
            options["runOnly"] = ["color-contrast"]
        found = axe_module.Axe().run(page, options=options)
        told = [
            f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}"
            for one in found.response["violations"]
        ]
        assert told == [], f"{name} in {theme}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_over_the_edge(visit: Any, show: Showcase, name: str) -> None:
    for language in ("en", "fr") if name in {"home", "pass", "device"} else ("en",):
        page = visit(pages(show)[name], language=language)
        for width in (320, 390, 768, 1280, 1920, 3840):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{wide} px too wide for {width} px in {language}"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_menu_is_one_line_on_the_smallest_phone(visit: Any, language: str) -> None:
    page = visit("/", width=320, height=640, language=language)
    rows = page.evaluate(
        "new Set([...document.querySelectorAll('.top nav li')].map(e => e.offsetTop)).size"
    )
    assert rows == 1
    page.set_viewport_size({"width": 768, "height": 1024})
    rows = page.evaluate(
        "new Set([...document.querySelectorAll('.top li')].map(e => Math.round("
        "e.getBoundingClientRect().top))).size"
    )
    assert rows == 1, "and with the themes beside it on a tablet"


@pytest.mark.parametrize("name", ["home", "passes", "ledger"])
def test_no_table_is_cut_off(visit: Any, show: Showcase, name: str) -> None:
    """A table that is wider than the page can be scrolled, but nobody knows that there is more."""
    for language in ("en", "fr"):
        page = visit(pages(show)[name], language=language)
        for width in (320, 660, 768, 1024, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            hidden = page.evaluate(
                "Math.max(...[...document.querySelectorAll('.scroll')].map("
                "e => e.scrollWidth - e.clientWidth))"
            )
            assert hidden <= 0, f"{hidden} px hidden at {width} px in {language}"


@pytest.mark.parametrize("name", ["home", "pass", "ledger", "device"])
def test_without_scripts_every_page_is_whole(visit: Any, show: Showcase, name: str) -> None:
    page = visit(pages(show)[name], script=False)
    assert page.locator("h1").count() == 1
    assert page.locator("nav a").count() >= 5
    assert not page.locator("[data-copy]:visible, .compare input:visible").count()
    # a theme can be chosen all the same, and one comes back to this page
    page.locator(".theme a", has_text="Night").click()
    assert page.url.endswith(pages(show)[name])
    assert page.locator("html").get_attribute("data-theme") == "night"
    page.locator(".foot a", has_text="Français").click()
    assert page.locator("html").get_attribute("lang") == "fr"


def test_the_night_theme_is_red_and_nothing_else(
    visit: Any, show: Showcase, tmp_path: Path
) -> None:
    for name in ("home", "pass", "lens"):
        page = visit(pages(show)[name], theme="night")
        page.wait_for_timeout(100)
        path = tmp_path / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        assert pixels[..., 0].max() > 200, name
        assert pixels[..., 1].max() <= 2, name
        assert pixels[..., 2].max() <= 2, name


def test_the_keyboard_alone_gets_everywhere(visit: Any, show: Showcase) -> None:
    page = visit(f"/passes/{show.pictured}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen: list[str] = []
    for _ in range(90):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                return [e.tagName, e.dataset.seek ? 'seek' : '', e.type || '',
                        s.outlineStyle !== 'none' || e.matches('.compare input')].join(' ') }"""
            )
        )
        if "TH" in seen[-1]:
            break
    reached = " | ".join(seen)
    for what in ("VIDEO", "A seek", "INPUT  range", "SUMMARY", "BUTTON"):
        assert what in reached, f"{what} is not reached: {reached}"
    assert not [
        one for one in seen if one.endswith("false") and one.split()[0] not in {"BODY", "VIDEO"}
    ], "no focus ring"


def test_the_film_is_sought_by_its_cells(visit: Any, show: Showcase) -> None:
    page = visit(f"/passes/{show.pictured}/")
    until(page, "document.querySelector('video').readyState >= 1")
    cells = page.locator("[data-seek]")
    assert cells.count() == 12
    cells.nth(7).click()
    until(page, "Math.abs(document.querySelector('video').currentTime - 7.5/12) < 0.02")
    until(page, "document.querySelectorAll('[data-seek]')[7].ariaCurrent === 'true'")


def test_the_slider_uncovers_the_single_frame(visit: Any, show: Showcase) -> None:
    page = visit(f"/passes/{show.pictured}/")
    slider = page.locator(".compare input")
    slider.focus()
    before = page.locator(".compare .over").evaluate("e => getComputedStyle(e).clipPath")
    slider.press("Home")
    after = page.locator(".compare .over").evaluate("e => getComputedStyle(e).clipPath")
    assert before != after


def test_a_live_pass_grows_where_it_stands(visit: Any, show: Showcase) -> None:
    rise = show.following.iss_pass.rise.utc
    show.shooting(later(rise, 20.0), done=3)
    page = visit("/")
    page.evaluate("document.getElementById('main').dataset.mark = 'the same'")
    assert "Frame 3 of 40." in page.locator("#doing").inner_text()
    place = page.locator("#station").get_attribute("transform")
    height = page.locator("#big").inner_text()
    for seconds, done in ((60.0, 8), (120.0, 14)):
        show.shooting(later(rise, seconds), done=done)
        until(page, f"document.getElementById('doing').textContent.includes('Frame {done} of')")
        until(page, f"document.getElementById('trail').src.endsWith('?{done}')")
        assert page.locator(".framebar .c-done").count() == done
        assert page.locator("#live-digested").inner_text() == f"{done} frames"
        assert page.locator("#station").get_attribute("transform") != place
        assert page.locator("#big").inner_text() != height
    assert page.locator("#main").get_attribute("data-mark") == "the same", "no new page meanwhile"
    # the shutter is shut: the page becomes another one by itself
    show.status(later(rise, 700.0), state="developing")
    until(page, "!document.querySelector('.framebar')")
    assert "Developing." in page.locator("#doing").inner_text()


def test_the_countdown_follows_the_devices_clock(visit: Any, show: Showcase) -> None:
    rise = show.following.iss_pass.lit[0].start.utc
    show.status(later(rise, -300.0))
    page = visit("/")
    place = page.locator("[data-until]").first
    assert place.inner_text().startswith(("5 min", "4 min"))
    show.status(later(rise, -90.0))
    until(page, "/^(9|8)\\d s$/.test(document.querySelector('[data-until]').textContent)")
    show.status(later(rise, -90.0), state="stopped")
    until(page, "!document.querySelector('[data-until]')")
    assert "Stopped since" in page.locator("#doing").inner_text()


def test_the_page_of_a_coming_pass_turns_when_the_pass_does(visit: Any, show: Showcase) -> None:
    """A fast clock runs past rise and set under the eyes of the reader, who touches nothing."""
    passed = show.following.iss_pass
    page = visit(f"/passes/{passed.id}/")
    show.status(now=later(passed.lit[0].start.utc, -20.0), speed=60)
    page.reload()
    assert "Will shoot." in page.locator("h1").inner_text()
    until(page, "document.querySelector('.count').textContent.includes('It is up now.')")
    show.status(now=later(passed.set.utc, -20.0), speed=60)
    page.reload()
    assert "It is up now." in page.locator(".count").inner_text()
    until(page, "document.querySelector('h1').textContent === 'Not settled yet'")
    assert page.locator("[data-turn]").count() == 0, "the ledger tells the rest"


def test_the_ninth_viewer_is_served_by_asking(visit: Any, site: str) -> None:
    seats: list[socket.socket] = []
    try:
        ninth = visit("/signin")
        for _ in range(200):
            # those who watched in the tests before have gone; their places come back in a second
            seat = socket.create_connection(("127.0.0.1", int(site.rsplit(":", 1)[1])), timeout=10)
            seat.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            if b"200 OK" in seat.recv(4096):
                seats.append(seat)
            else:
                seat.close()
                ninth.wait_for_timeout(50)
            if len(seats) == 8:
                break
        assert len(seats) == 8
        ninth.goto(site + "/")
        until(ninth, "!document.getElementById('note').hidden")
        assert "watching live" in ninth.locator("#note").inner_text()
        until(ninth, "page !== null")
    finally:
        for seat in seats:
            seat.close()


@pytest.mark.parametrize(("width", "most"), _PICTURE_BYTES.items())
def test_the_first_view_is_small_and_its_picture_fits_the_screen(
    visit: Any, site: str, width: int, most: int
) -> None:
    page = visit("/signin", width=width)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    # what the page's worker hands on, once it has come up, counts as nothing
    session.send("Network.setBypassServiceWorker", {"bypass": True})
    sizes: dict[str, int] = {}
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda e: kinds.update(
        {e["requestId"]: e["response"]["mimeType"]}))  # fmt: skip
    session.on("Network.loadingFinished", lambda e: sizes.update(
        {e["requestId"]: int(e["encodedDataLength"])}))  # fmt: skip
    page.goto(site + "/", wait_until="load")
    page.wait_for_timeout(300)
    picture = sum(size for name, size in sizes.items() if kinds.get(name) == "image/jpeg")
    rest = sum(size for name, size in sizes.items() if kinds.get(name) != "image/jpeg")
    assert 5_000 < rest <= _FIRST_VIEW_BYTES
    assert 0 < picture <= most
    chosen = page.locator(".shot img").evaluate("image => image.currentSrc")
    assert chosen.endswith("thumb.jpg" if width == 390 else "preview.jpg"), chosen


def test_the_gallery_loads_no_full_picture(visit: Any) -> None:
    page = visit("/gallery")
    asked = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert any(name.endswith(("thumb.jpg", "preview.jpg")) for name in asked)
    assert not any(name.endswith("picture.jpg") for name in asked)


def test_no_page_asks_anybody_else(visit: Any, show: Showcase, site: str) -> None:
    page = visit("/")
    for path in pages(show).values():
        page.goto(site + path)
        asked = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
        assert all(name.startswith(site) for name in asked), asked


def test_the_owner_signs_in_stars_and_signs_out(visit: Any, show: Showcase, site: str) -> None:
    token = make_token(show.archive, new=True)
    show.status(simulated=False)
    page = visit(f"/passes/{show.pictured}/")
    assert page.locator("text=Give it a star").count() == 0
    assert page.locator(".plot").count() == 0, "the axes of plots tell the second"
    page.goto(site + "/signin")
    page.fill("#token", token)
    page.keyboard.press("Enter")
    page.wait_for_url(site + "/")
    assert page.context.cookies()[-1]["httpOnly"]
    page.goto(f"{site}/passes/{show.pictured}/")
    assert page.locator("text=Give it a star").count() == 1
    page.locator("text=Sign out").click()
    page.wait_for_url(site + "/")
    assert page.locator("text=Sign in").count() == 1


def test_first_run_errors_and_emptiness_have_pages(
    chromium: Any, tmp_path: Path, visit: Any
) -> None:
    from issgaze.archive.layout import Archive

    empty = Archive(tmp_path / "none")
    server = waitress.server.create_server(
        build_app(empty), host="127.0.0.1", port=0, threads=4, ident=None
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.effective_port}"
    page = chromium.new_page()
    try:
        page.goto(base + "/")
        assert "Nothing is running here." in page.content()
        assert "No picture yet." in page.content()
        write_status(empty.run, json.loads(json.dumps({
            "state": "waiting", "simulated": True, "utc": "2024-05-10T18:00:00Z",
            "clock": {"trust": "untrusted", "bound_s": None}, "elements": [],
            "disk": {"free_gb": 0.3},
        })))  # fmt: skip
        page.goto(base + "/device")
        for words in ("does not know the time", "no element set", "0.3 GB left"):
            assert words in page.content()
        page.goto(base + "/nowhere")
        assert "Nothing here" in page.content()
        found = axe_module.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    finally:
        page.close()
        server.close()
        server.task_dispatcher.shutdown(timeout=1)
        thread.join(5)


def test_it_can_be_installed_and_opens_without_the_device(chromium: Any, show: Showcase) -> None:
    """On the machine itself, or behind TLS: elsewhere browsers allow no worker."""
    show.status()
    server = waitress.server.create_server(
        build_app(show.archive, SETTINGS), host="127.0.0.1", port=0, threads=4, ident=None
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.effective_port}"
    context = chromium.new_context()
    context.add_cookies([{"name": "language", "value": "fr", "url": base}])
    page = context.new_page()
    try:
        page.goto(base + "/ledger")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        session = context.new_cdp_session(page)
        told = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
        # browsers without a window refuse for that alone
        assert [e for e in told if e["errorId"] != "in-incognito"] == []
        manifest = session.send("Page.getAppManifest")
        assert manifest["errors"] == []
        page.reload()
        until(page, "navigator.serviceWorker.controller !== null")
    finally:
        server.close()
        server.task_dispatcher.shutdown(timeout=1)
        thread.join(5)
    page.goto(base + "/gallery")
    assert "ne répond pas" in page.locator("h1").inner_text()
    size = page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize")
    assert float(size.removesuffix("px")) > 20, "its style came along"
    context.close()


def test_the_mask_is_painted_by_the_keyboard_alone(visit: Any) -> None:
    page = visit("/lens")
    until(page, "!document.querySelector('.mask .tools').hidden")
    sent: list[bytes] = []

    def answer(route: Any) -> None:
        sent.append(route.request.post_data_buffer)
        route.fulfill(json={"done": True, "message": "the mask is replaced"})

    page.route("**/lens/mask", answer)

    def focused() -> str:
        found: str = page.evaluate(
            "(() => { const e = document.activeElement;"
            " return e.tagName + ' ' + Object.keys(e.dataset).join() + (e.dataset.brush || '') })()"
        )
        return found

    def reach(what: str) -> None:
        for _ in range(60):
            if focused() == what:
                return
            page.keyboard.press("Tab")
        pytest.fail(f"{what} is not reached")

    reach("CANVAS ")
    assert "arrows move the brush" in page.evaluate("document.activeElement.ariaLabel")
    # a line of ground from the middle to the left, then one dab of sky far below
    page.keyboard.down(" ")
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    page.keyboard.up(" ")
    reach("BUTTON brush255")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    assert focused() == "CANVAS "
    for _ in range(5):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press(" ")
    reach("BUTTON save")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('saved').textContent === 'the mask is replaced'")
    (body,) = sent
    start = body.index(b"\x89PNG")
    with Image.open(io.BytesIO(body[start : body.rindex(b"\r\n--")])) as picture:
        painted = np.asarray(picture.convert("L"))
    assert painted.shape == (380, 507)
    assert painted[190, 253] == painted[190, 220] == 0
    assert painted[190, 150] == 255, "no further than the brush went"
    assert painted[350, 213] == 255, "sky where there was ground"
    assert painted[350, 300] == 0


def test_a_quick_stroke_paints_what_lies_between(visit: Any) -> None:
    page = visit("/lens")
    until(page, "!document.querySelector('.mask .tools').hidden")
    canvas = page.locator(".mask canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()

    def go(share: float) -> None:
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.1 * box["height"])

    go(0.2)
    page.mouse.down()
    go(0.4)
    page.mouse.up()
    go(0.6)
    page.mouse.down()
    go(0.7)
    page.mouse.up()
    row = page.evaluate(
        "(() => { const c = document.querySelector('.mask canvas'); return Array.from("
        "c.getContext('2d').getImageData(0, 0.1 * c.height, c.width, 1).data); })()"
    )[::4]
    shades = [row[int(share * len(row))] for share in (0.2, 0.3, 0.4, 0.5, 0.65)]
    assert shades == [0, 0, 0, 255, 0], "and nothing where the brush was lifted"


def test_a_guest_during_a_pass_has_an_accessible_page(
    visit: Any, show: Showcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    stretch = show.following.iss_pass.lit[0]
    middle = later(stretch.start.utc, seconds_between(stretch.start.utc, stretch.end.utc) / 2.0)
    monkeypatch.setattr("issgaze.web.visitors.device_now", lambda _status, _age: middle)
    show.shooting(middle, done=20)
    path = show.archive.run / "status.json"
    for simulated in (True, False):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"simulated": simulated}))
        page = visit("/")
        path.touch()
        assert "Photographing." in page.locator("#doing").inner_text()
        found = axe_module.Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


def test_a_television_is_read_from_the_sofa(visit: Any) -> None:
    """At three metres a 1.2 m wide screen of 1920 px shows 13 arcmin in 18 px."""
    page = visit("/", width=1920, height=1080)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(`.next p, .next h1, .twin td, .health dd, .now,
        .shot figcaption span`)].filter(e => e.offsetParent).map(
        e => [e.className || e.tagName, parseFloat(getComputedStyle(e).fontSize)])"""
    )
    assert min(size for _name, size in sizes) >= 17.5, sizes
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('.skychart text, th')].map(e => {
        const svg = e.ownerSVGElement
        const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1
        return e.closest('.vh') ? 99 : parseFloat(getComputedStyle(e).fontSize) * scale}))"""
    )
    assert smallest >= 13.5, "names of stars are the smallest"
    side = page.locator(".sky .twin").evaluate("e => e.getBoundingClientRect().bottom")
    assert side <= 1080, "the table below the larger chart is still in the first view"
    clock = page.locator(".clock").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert clock >= 88
    below = page.locator(".health").first.evaluate("e => e.getBoundingClientRect().bottom")
    assert below <= 1080, "the first view tells all without scrolling"
