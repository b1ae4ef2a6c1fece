"""What ails the device stands on the first page."""

import re
from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, from_unix
from issgaze.picture.frenchreasons import french_reason
from issgaze.service.health import complaints
from issgaze.web.app import build_app
from tests.web.test_pages import Browser


def test_a_wrong_configuration_and_a_dying_card_are_said(tmp_path: Path) -> None:
    import time

    complaint = {"message": "The disk has counted 3 errors", "remedy": "Put in a new card."}
    write_status(
        Archive(tmp_path).run,
        {
            "utc": format_utc(from_unix(time.time())),
            "simulated": False,
            "state": "waiting",
            "sentence": "Waiting.",
            "configuration": {"right": False, "complaint": "site.latitude_deg = 912"},
            "health": {"complaints": [complaint]},
        },
    )
    page = Browser(build_app(Archive(tmp_path))).get("/").text
    assert "The configuration file is wrong; the last good one holds." in page
    assert "912" not in page
    assert "The disk has counted 3 errors" in page


def test_what_health_can_say_is_said_in_french() -> None:
    """Every complaint that the health watch knows is changed by the translation, its remedy too."""
    health = {
        "disk": {"read_only": True, "errors": 3},
        "throttled_now": ["undervoltage"],
        "board_temperature_c": 99.0,
        "memory": {"pressure_percent": 99.0},
        "dew_margin_c": 0.1,
    }
    said = complaints(health)
    assert len(said) == 6
    for complaint in said:
        for english in complaint.values():
            french = french_reason(english)
            assert not re.search(r"\b(the|is|what|disk|board|or)\b", french, re.IGNORECASE), french
            assert re.findall(r"\d+", french) == re.findall(r"\d+", english)


def test_the_diary_of_a_pass_speaks_of_health_in_words() -> None:
    from types import SimpleNamespace

    from issgaze.web.passpage import _event_words
    from issgaze.web.words import Words

    visit = SimpleNamespace(words=Words("en"))
    well = {"disk": {"errors": 0}, "complaints": []}
    assert _event_words("health", well, visit) == "The device is in good health."
    ill = {"disk": {}, "complaints": [{"message": "The voltage is too low", "remedy": ""}]}
    assert _event_words("health", ill, visit) == "The voltage is too low."
