"""What is told of a pass that runs behind trees."""

from issgaze.civil import later, parse_utc
from issgaze.orbit.flicker import without_flicker
from issgaze.orbit.passes import Event, LitCause, LitInterval

START = parse_utc("2026-03-01T20:00:00Z")


def lit(*stretches: tuple[float, float, LitCause, LitCause]) -> list[LitInterval]:
    def event(seconds: float) -> Event:
        return Event(
            utc=later(START, seconds), altitude_deg=20.0, azimuth_deg=180.0, range_km=900.0
        )

    return [
        LitInterval(start=event(begin), end=event(end), start_cause=cause, end_cause=last)
        for begin, end, cause, last in stretches
    ]


def spans(found: list[LitInterval]) -> list[tuple[float, float]]:
    return [
        ((one.start.utc - START).total_seconds(), (one.end.utc - START).total_seconds())
        for one in found
    ]


def test_twigs_leave_no_marks_of_their_own() -> None:
    found = without_flicker(
        lit(
            (0.0, 3.0, "mask_clear", "mask_blocked"),
            (60.0, 90.0, "mask_clear", "mask_blocked"),
            (92.0, 200.0, "mask_clear", "mask_blocked"),
            (203.0, 300.0, "mask_clear", "shadow_entry"),
        )
    )
    assert spans(found) == [(60.0, 300.0)]
    assert (found[0].start_cause, found[0].end_cause) == ("mask_clear", "shadow_entry")


def test_a_house_does() -> None:
    stretches = lit(
        (0.0, 60.0, "mask_clear", "mask_blocked"), (85.0, 200.0, "mask_clear", "shadow_entry")
    )
    assert without_flicker(stretches) == stretches


def test_a_moment_is_shown_when_it_is_all_there_is() -> None:
    stretches = lit((0.0, 3.0, "mask_clear", "mask_blocked"))
    assert without_flicker(stretches) == stretches
    assert without_flicker([]) == []
