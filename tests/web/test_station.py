import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issgaze.web.station import station_now
from issgaze.web.visit import Visit
from issgaze.web.words import Words

START = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)


def visit(seconds: float, *, owner: bool = True) -> Visit:
    return Visit(
        owner=owner, theme=None, words=Words("en"), status={}, age_s=0.0,
        now=START + timedelta(seconds=seconds),
    )  # fmt: skip


def chart(*points: list) -> dict:
    return {"track": {"from_utc": "2026-03-01T19:00:00Z", "step_s": 5.0, "points": list(points)}}


def test_between_two_points_it_is_on_the_great_circle() -> None:
    over = chart([80.0, 350.0, 500.0, -3.0, 1.0], [80.0, 10.0, 520.0, -3.2, 1.0])
    here = station_now(over, visit(2.5))
    assert here is not None
    assert here.azimuth_deg == pytest.approx(0.0, abs=1e-9), "not the 180 that azimuths average to"
    assert here.altitude_deg == pytest.approx(80.15, abs=0.01)
    assert here.range_km == pytest.approx(510.0)
    assert (here.x, here.y) == (0.0, pytest.approx(-21.9, abs=0.1))


@pytest.mark.parametrize("seconds", [-0.1, 10.1, 1e6])
def test_before_rise_and_after_set_it_is_nowhere(seconds: float) -> None:
    points = [[10.0 + n, 200.0, 900.0, None, 0.0] for n in range(3)]
    assert station_now(chart(*points), visit(seconds)) is None
    assert station_now({}, visit(seconds)) is None


def test_guests_get_whole_degrees_and_tens_of_km() -> None:
    points = [[10.3, 200.4, 904.0, -1.04, 1.0], [12.3, 203.4, 884.0, -1.1, 1.0]]
    here = station_now(chart(*points), visit(2.0, owner=False))
    assert here is not None
    assert (here.altitude_deg, here.azimuth_deg, here.range_km) == (11, 202, 900)


@given(st.floats(0, 5), st.floats(0, 89), st.floats(0, 360), st.floats(0, 89), st.floats(0, 360))
def test_it_never_leaves_the_chart(
    seconds: float, low: float, first: float, high: float, second: float
) -> None:
    points = [[low, first, 900.0, None, 1.0], [high, second, 900.0, None, 1.0]]
    here = station_now(json.loads(json.dumps(chart(*points))), visit(seconds))
    assert here is not None
    assert here.x**2 + here.y**2 <= 200.1**2
