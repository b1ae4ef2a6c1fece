"""Times without seconds: the nearest minute everywhere, and its day."""

from issgaze.civil import parse_utc
from issgaze.web.passlines import line
from issgaze.web.sentences import day_words
from issgaze.web.visit import Visit
from issgaze.web.words import Words


def visit() -> Visit:
    return Visit(
        owner=True, theme=None, words=Words("en"), age_s=1.0,
        status={"site": {"time_zone": "Europe/Vienna"}, "state": "waiting"},
        now=parse_utc("2024-05-10T18:00:00Z"),
    )  # fmt: skip


def test_a_pass_at_the_end_of_a_day_is_listed_on_the_day_of_its_minute() -> None:
    event = {"utc": "2024-05-10T21:59:40.000Z", "altitude_deg": 40.0, "azimuth_deg": 180.0}
    item = {
        "id": "x", "rise": event, "culmination": event, "set": event, "visible": True,
        "verdict": "shoot", "reason": "",
    }  # fmt: skip
    listed = line(item, visit())
    assert (listed.day, listed.time) == ("Sat 11 May", "00:00")
    assert day_words(visit(), item) == "tonight, past midnight"
