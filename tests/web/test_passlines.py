"""The table beside the chart of a pass."""

from typing import Any

from issgaze.civil import format_utc, later, parse_utc
from issgaze.web.passlines import events, when_seen
from issgaze.web.visit import Visit
from issgaze.web.words import Words

RISE = parse_utc("2026-03-01T20:00:00Z")


def event(seconds: float) -> dict[str, Any]:
    return {
        "utc": format_utc(later(RISE, seconds), decimals=3), "altitude_deg": 20.0,
        "azimuth_deg": 180.0, "range_km": 900.0,
    }  # fmt: skip


def behind_a_tree() -> dict[str, Any]:
    """Return a pass that shows between twigs three times before it is free of the tree."""
    lit = [
        (10.0, 13.0, "mask_clear", "mask_blocked"),
        (60.0, 90.0, "mask_clear", "mask_blocked"),
        (92.0, 150.0, "mask_clear", "mask_blocked"),
        (153.0, 300.0, "mask_clear", "shadow_entry"),
    ]
    return {
        "rise": event(0.0), "culmination": event(170.0), "set": event(340.0),
        "lit": [
            {"from": event(begin), "to": event(end), "from_cause": cause, "to_cause": last}
            for begin, end, cause, last in lit
        ],
    }  # fmt: skip


def visit() -> Visit:
    return Visit(
        owner=True, theme=None, words=Words("en"), age_s=1.0, status={"state": "waiting"},
        now=later(RISE, -3600.0),
    )  # fmt: skip


def test_the_table_names_the_moments_that_the_chart_marks() -> None:
    told = [(line.name, line.time) for line in events(behind_a_tree(), visit())]
    assert told == [
        ("Rises", "20:00:00"),
        ("Clears the horizon", "20:01:00"),
        ("Highest", "20:02:50"),
        ("Into shadow", "20:05:00"),
        ("Sets", "20:05:40"),
    ]


def test_it_is_seen_from_where_it_stays_in_sight() -> None:
    assert when_seen(behind_a_tree())["utc"] == "2026-03-01T20:01:00.000Z"
