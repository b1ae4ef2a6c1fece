"""What ails the device stands on the first page."""

from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, from_unix
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
