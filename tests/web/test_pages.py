import dataclasses
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.passfiles import STAR_FILE, folder_path
from issgaze.archive.status import write_status
from issgaze.civil import later
from issgaze.cli.main import main
from issgaze.web.access import SECURITY_HEADERS, host_is_ours, make_token
from issgaze.web.app import build_app
from issgaze.web.readings import BESIDE
from tests.archive.test_ledger import chosen, iss_pass
from tests.web.browser import Browser, Reply
from tests.web.conftest import JPEG, PAST, picture_in, status


def test_home_says_what_happens_and_what_comes(browser: Browser) -> None:
    page = browser.get("/")
    assert page.status == 200
    assert "<b>Waiting.</b> The station rises at 20:27, tonight." in page.text
    assert "Will shoot." in page.text
    assert "20:27" in page.text, "first light in Vienna, where summer time has not begun"
    assert "56 min 40 s" in page.text
    assert "good to 12 ms" in page.text
    assert "9 h old" in page.text
    assert "No picture yet." in page.text


def test_home_shows_the_chart_of_the_next_pass_and_of_no_other(
    browser: Browser, archive: Archive
) -> None:
    chart = {"id": iss_pass().id, "svg": '<svg class="skychart"><title>Chart</title></svg>'}
    for path in (archive.guest_chart, archive.chart):
        path.write_text(json.dumps(chart))
    assert chart["svg"] in browser.get("/").text
    for path in (archive.guest_chart, archive.chart):
        path.write_text(json.dumps(chart | {"id": "20200101T0000Z-25544"}))
    assert "skychart" not in browser.get("/").text
    archive.chart.write_text("{")
    assert browser.get("/").status == 200


def test_home_shows_the_trail_as_it_grows(browser: Browser, archive: Archive) -> None:
    pass_id = picture_in(archive)
    capture = {
        "pass_id": pass_id, "phase": "lights", "done": 3, "planned": 40, "exposure_s": 8.0,
        "analogue_gain": 8.0, "dead_time_s": 0.0006,
    }  # fmt: skip
    write_status(archive.run, status(capture=capture, state="capturing", simulated=True))
    assert "live.jpg" not in browser.get("/").text, "before the first frame is digested"
    folder = next((archive.root / "passes").glob(f"*/{pass_id}"))
    (folder / "live.jpg").write_bytes(JPEG)
    assert f"/passes/{pass_id}/live.jpg?" in browser.get("/").text
    assert browser.get(f"/passes/{pass_id}/live.jpg").body == JPEG


def test_every_page_is_whole_without_scripts_and_hardened(
    browser: Browser, archive: Archive
) -> None:
    pass_id = picture_in(archive)
    for path in ("/", "/gallery", "/ledger", f"/passes/{pass_id}/", "/healthz", "/api/status"):
        page = browser.get(path)
        assert page.status == 200, path
        for name, value in SECURITY_HEADERS.items():
            assert page.headers[name] == value, path
        assert "style=" not in page.text
        assert "<script>" not in page.text


def test_a_pass_page_shows_numbers_from_the_report(browser: Browser, archive: Archive) -> None:
    page = browser.get(f"/passes/{picture_in(archive)}/").text
    assert "−0.3′" in page
    assert "0.21 s" in page
    assert "1 of 2" in page
    assert "cut short" in page
    assert "A bright arc &lt;over&gt; the roof." in page


def test_files_of_a_pass_are_served_and_can_be_sought_in(
    browser: Browser, archive: Archive
) -> None:
    pass_id = picture_in(archive)
    whole = browser.get(f"/passes/{pass_id}/picture.jpg")
    assert (whole.status, whole.body, whole.headers["Content-Type"]) == (200, JPEG, "image/jpeg")
    part = browser.get(f"/passes/{pass_id}/picture.jpg", range="bytes=2-3")
    assert (part.status, part.body) == (206, JPEG[2:4])


@pytest.mark.parametrize(
    "path",
    [
        "/passes/../status.json", "/passes/x/", "/passes/20260227T1803Z-25544/plan.json",
        "/passes/20260227T1803Z-25544/..%2Fplan.json", "/passes/20260227T1803Z-25544/lights",
        "/passes/20260227T1803Z-25544/.lock", "/static/../app.py", "/static/nothing",
        "/passes/20260227T1803Z-25544/stars.fits", "/nothing",
    ],
)  # fmt: skip
def test_nothing_else_is_served(browser: Browser, archive: Archive, path: str) -> None:
    picture_in(archive)
    page = browser.get(path)
    assert page.status in {403, 404}
    assert str(archive.root) not in page.text
    assert "Traceback" not in page.text


def test_a_link_in_a_pass_folder_is_not_followed(browser: Browser, archive: Archive) -> None:
    pass_id = picture_in(archive)
    picture = next(archive.root.rglob("picture.jpg"))
    picture.unlink()
    picture.symlink_to("/etc/hostname")
    assert browser.get(f"/passes/{pass_id}/picture.jpg").status == 404


def test_guests_get_minutes_and_whole_degrees(browser: Browser, archive: Archive) -> None:
    write_status(archive.run, status())
    pass_id = picture_in(archive)
    for path in ("/", f"/passes/{pass_id}/", "/api/status", "/api/passes", "/metrics"):
        text = browser.get(path).text
        assert "48.20821" not in text, path
        assert "16.37381" not in text, path
        assert "18:00:07" not in text, path
    assert browser.get("/api/passes").text.count(":30Z") == 0
    assert browser.get(f"/passes/{pass_id}/report.json").status == 404
    assert browser.get(f"/passes/{pass_id}/caption.txt").status == 404


def test_the_owner_signs_in_with_the_token(browser: Browser, archive: Archive) -> None:
    write_status(archive.run, status())
    pass_id = picture_in(archive)
    token = make_token(archive, new=False)
    wrong = browser.post("/signin", token="wrong")
    assert wrong.status == 403
    assert "That is not the token." in wrong.text
    reply = browser.post("/signin", token=token)
    assert reply.status in {302, 303}
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    browser.cookie = cookie.split(";")[0]
    assert "19:00:07" in browser.get(f"/passes/{pass_id}/").text
    assert browser.get(f"/passes/{pass_id}/report.json").status == 200
    make_token(archive, new=True)
    assert browser.get(f"/passes/{pass_id}/report.json").status == 404, "the old token has ended"


def test_the_ledger_adds_up_and_filters(browser: Browser, archive: Archive) -> None:
    picture_in(archive)
    ledger = Ledger(archive.ledger)
    row = ledger.open(chosen(datetime(2026, 2, 26, 18, 3, tzinfo=UTC), reason="low"))
    ledger.settle(row.id, "skipped", "too low <b>")
    page = browser.get("/ledger").text
    assert "2 predicted = 1 caught + 1 skipped" in page
    assert "Too low &lt;b&gt;" in page, "after the full stop of the outcome"
    assert "too low" not in browser.get("/ledger?outcome=caught").text
    document = json.loads(browser.get("/api/ledger").text)
    assert (document["predicted"], document["unexplained"]) == (2, 0)


def test_page_and_command_say_the_same_of_a_pass_that_is_withdrawn(
    browser: Browser, archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may come back with the next element set: until it would rise it is in no sum."""
    picture_in(archive)
    ledger = Ledger(archive.ledger)
    for day, reason in ((28, "By a newer element set it does not rise"), (29, "The same")):
        row = ledger.open(chosen(later(PAST, 86400.0 * (day - 27)), reason=reason))
        ledger.settle(row.id, "withdrawn", reason)

    def both(now: str) -> tuple[str, str, dict[str, Any]]:
        write_status(archive.run, status(simulated=True, utc=now))
        assert main(["ledger", "--archive", str(archive.root)]) == 0
        document = json.loads(browser.get("/api/ledger").text)
        return browser.get("/ledger?outcome=withdrawn").text, capsys.readouterr().out, document

    page, told, document = both("2026-02-28T12:00:00Z")
    assert (told.count("withdraw"), page.count("Withdrawn for now.")) == (2, 2)
    assert "?outcome=withdrawn" in page, "what is looked at stays a choice"
    assert "?outcome=missed" not in page, "none was, so there is nothing to choose"
    assert "2 coming passes are withdrawn for now" in page
    assert "1 pass over: 1 caught. 2 to come." in told
    assert document["by_outcome"]["withdrawn"] == 0

    page, told, document = both("2026-03-01T12:00:00Z")
    assert "Withdrawn 1" in page
    assert "One coming pass is withdrawn for now" in page
    assert page.count("Withdrawn.</span>") == 1
    assert "2 passes over: 1 caught, 1 withdrawn. 1 to come." in told
    assert (told.count("to withdraw"), document["by_outcome"]["withdrawn"]) == (1, 1)

    page, told, document = both("2026-03-02T12:00:00Z")
    assert "for now" not in page
    assert "Withdrawn 2" in page
    assert "1 caught, 2 withdrawn." in told


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("192.168.1.5:8080", True), ("localhost", True), ("issgaze.local:8080", True),
        ("[::1]:8080", True), ("roof", True), ("evil.example.com", False), ("", False),
        ("issgaze.local.evil.com:8080", False), ("127.0.0.1.nip.io", False),
    ],
)  # fmt: skip
def test_foreign_names_are_not_answered(browser: Browser, host: str, ours: bool) -> None:
    assert host_is_ours(host) is ours
    assert (browser.get("/healthz", host=host).status == 200) is ours


def test_the_ninth_live_viewer_is_told_to_reload(browser: Browser) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/events", "HTTP_HOST": "localhost"}

    def watch() -> tuple[Reply, Any]:
        reply = Reply()
        stream = browser.app(environ | {"wsgi.input": BytesIO()}, reply.start)
        first = next(iter(stream))
        assert json.loads(first.decode().removeprefix("data: "))["state"] == "waiting"
        return reply, stream

    streams = [watch()[1] for _ in range(8)]
    assert browser.get("/api/events").status == 503
    for stream in streams:
        stream.close()
    reply, stream = watch()
    assert reply.status == 200
    stream.close()


def test_themes_are_kept_by_the_server(browser: Browser) -> None:
    assert "theme=night" in browser.get("/theme?set=night").headers["Set-Cookie"]
    browser.cookie = "theme=night"
    assert 'data-theme="night"' in browser.get("/").text
    browser.cookie = 'theme="><script>'
    assert "<script>" not in browser.get("/").text
    assert browser.get("/theme?set=pink").status == 400


def test_an_empty_archive_has_a_page(tmp_path: Path) -> None:
    browser = Browser(build_app(Archive(tmp_path / "none")))
    assert "Nothing is running here." in browser.get("/").text
    assert browser.get("/gallery").status == 200
    assert browser.get("/ledger").status == 200
    assert not (tmp_path / "none").exists()


def test_metrics_follow_the_text_format(browser: Browser, archive: Archive) -> None:
    picture_in(archive)
    text = browser.get("/metrics").text
    assert 'issgaze_passes_total{outcome="caught"} 1\n' in text
    assert "issgaze_clock_bound_seconds 0.012\n" in text
    assert "# TYPE issgaze_passes_total counter\n" in text


def test_what_sky_roof_and_health_say_is_on_the_page(browser: Browser, archive: Archive) -> None:
    said = status(
        simulated=True,
        sky={"utc": "2026-03-01T18:20:00Z", "cloud_fraction": 0.4, "sky_mag_arcsec2": 20.94},
        roof={"rain": False, "cover": "closed", "faults": ["the motor stalls"]},
        health={
            "board_temperature_c": 61.2, "dew_margin_c": 3.4, "disk": {"life_years": 7.6},
            "complaints": [{"message": "The voltage is too low", "remedy": "A shorter cable."}],
        },
        configuration={"right": False, "complaint": "unknown section: stie"},
    )  # fmt: skip
    write_status(archive.run, said)
    home = browser.get("/").text
    assert "no rain, 40 % cloud, cover shut<" in home
    for words in ("The voltage is too low.", "unknown section: stie", "the motor stalls"):
        assert words in home
    device = browser.get("/device").text
    assert "no rain, 40 % cloud, 20.9 mag/arcsec², cover shut, seen at 19:20" in device
    for words in ("61 °C", "3.4 °C", "8 years"):
        assert words in device
    # what programs complain of may name folders: it is the owner's
    write_status(archive.run, said | {"simulated": False})
    guest = browser.get("/").text
    assert "stie" not in guest
    assert "stalls" not in guest


def test_a_pass_beside_the_frame_is_not_shown_as_the_latest_picture(
    archive: Archive, browser: Browser, add_picture: Callable[..., str]
) -> None:
    beside = add_picture()
    ledger = Ledger(archive.ledger)
    ledger.settle(beside, "partial", f"not proved: {BESIDE}")
    assert f'href="/passes/{beside}/"' in browser.get("/").text, "the only one there is"
    older = add_picture(later(PAST, -86400.0))
    page = browser.get("/").text
    assert f'<a href="/passes/{older}/"><img' in page
    assert f'<a href="/passes/{beside}/"><img' not in page
    gallery = browser.get("/gallery").text
    assert f"/passes/{beside}/" in gallery, "it is where it belongs"


def test_an_outcome_is_told_once_where_it_is_the_heading(
    archive: Archive, browser: Browser, add_picture: Callable[..., str]
) -> None:
    row = Ledger(archive.ledger).open(chosen(later(PAST, -86400.0), reason="x"))
    Ledger(archive.ledger).settle(row.id, "skipped", "Too low: culminates at 19°, the limit is 20°")
    page = browser.get(f"/passes/{row.id}/").text
    assert '<h1 class="lede">Skipped</h1>' in page
    assert page.count("Skipped") == 1
    assert '<p class="mt">Too low: culminates at 19°, the limit is 20°</p>' in page
    titled = browser.get(f"/passes/{add_picture()}/").text
    assert '<h1 class="lede">Over the attic</h1>' in titled
    assert '<dd class="yes">Caught</dd>' in titled


def test_the_gallery_leads_with_its_best_picture(
    archive: Archive, browser: Browser, add_picture: Callable[..., str]
) -> None:
    def lead() -> list[str]:
        page = browser.get("/gallery").text
        return re.findall(r'<figure class="lead"><a href="/passes/([^/]+)/"', page)

    beside = add_picture()
    Ledger(archive.ledger).settle(beside, "partial", f"not proved: {BESIDE}")
    clouded = add_picture(later(PAST, -6000.0))
    Ledger(archive.ledger).settle(clouded, "clouded", "no star was seen")
    assert lead() == [], "none has a trail"
    partial = add_picture(later(PAST, -86400.0))
    Ledger(archive.ledger).settle(partial, "partial", "began late")
    assert lead() == [partial]
    caught = [add_picture(later(PAST, -86400.0 * days)) for days in (2, 3, 4)]
    assert lead() == [caught[0]], "the newest of equals"
    (folder_path(archive, caught[1]) / STAR_FILE).touch()
    assert lead() == [caught[1]]
    path = folder_path(archive, caught[2]) / "guest.json"
    (folder_path(archive, caught[1]) / STAR_FILE).unlink()
    high: dict[str, Any] = json.loads(path.read_text())
    high["pass"]["culmination"]["altitude_deg"] = 88.0
    path.write_text(json.dumps(high | {"trail_found": True}))
    assert lead() == [caught[2]], "the one that is known to stand high"
    path.write_text(json.dumps(high | {"trail_found": False}))
    assert lead() == [caught[0]]
    order = re.findall(r'<figure[^>]*><a href="/passes/([^/]+)/"', browser.get("/gallery").text)
    rest = [beside, clouded, partial, *caught[1:]]
    assert order == [caught[0], *rest], "the others stay in their order"


def test_the_ledger_says_what_is_listed_and_not_counted_yet(
    archive: Archive, browser: Browser, add_picture: Callable[..., str]
) -> None:
    pass_id = add_picture()
    ledger = Ledger(archive.ledger)
    row = ledger.row(pass_id)
    assert row is not None
    assert "still being developed" not in browser.get("/ledger").text
    ledger.put(dataclasses.replace(row, outcome=None))
    page = browser.get("/ledger").text
    assert "0 predicted" in page
    assert "One pass is still being developed; it counts when it is settled." in page
    assert ">All 1</a>" in page


def test_a_developed_pass_has_its_outcome_before_the_ledger_is_settled(
    archive: Archive, browser: Browser, add_picture: Callable[..., str]
) -> None:
    pass_id = add_picture()
    ledger = Ledger(archive.ledger)
    row = ledger.row(pass_id)
    assert row is not None
    ledger.put(dataclasses.replace(row, outcome=None))
    assert "Not settled yet" in browser.get("/").text
    report = folder_path(archive, pass_id) / "report.json"
    told = json.loads(report.read_text()) | {"outcome": "caught", "reason": "It lies well."}
    report.write_text(json.dumps(told))
    home, listed = browser.get("/").text, browser.get("/ledger").text
    assert "Not settled yet" not in home + listed
    assert "Caught." in home
    assert "1 predicted = 1 caught" in listed
    assert json.loads(browser.get("/api/ledger").text)["by_outcome"]["caught"] == 1
    told["outcome"] = "splendid"
    report.write_text(json.dumps(told))
    assert "Not settled yet" in browser.get("/").text, "no outcome that the ledger does not know"


def test_french_numbers_and_names_are_french_to_the_last(archive: Archive) -> None:
    write_status(
        archive.run,
        status(simulated=True, clock={"trust": "trusted", "bound_s": 0.01, "source": "simulated"}),
    )
    browser = Browser(build_app(archive))
    browser.cookie = "language=fr"
    assert ">0,01 s</option>" in browser.get("/focus").text
    assert "<dd>simulé</dd>" in browser.get("/device").text
