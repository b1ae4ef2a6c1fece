"""Bright stars along the way feed the verdict on clouds."""

from datetime import UTC, datetime

import pytest

from issgaze.service.outcome import judge
from issgaze.service.startruth import TrackStars
from issgaze.stacking.trailfit import not_proved

_NIGHT = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seen", "expected", "clouded"),
    [(0, 9, True), (2, 9, True), (3, 9, False), (9, 9, False), (0, 3, False), (0, 0, False)],
)
def test_so_few_stars_mean_cloud(seen: int, expected: int, clouded: bool):
    assert TrackStars(expected=expected, seen=seen).clouded is clouded


def test_a_pass_behind_cloud_is_clouded_though_stars_shine_elsewhere():
    outcome = judge(
        not_proved("No trail was found"),
        iss_pass=None,
        exposed=[],
        star_count=400,
        track_stars=TrackStars(expected=11, seen=1),
        sealed_reason=None,
    )
    assert outcome.name == "clouded"
    assert outcome.reason == "1 of 11 bright stars along the way seen; No trail was found"


def test_a_pass_without_a_trail_under_clear_stars_is_not_called_clouded():
    outcome = judge(
        not_proved("No trail was found"),
        iss_pass=None,
        exposed=[],
        star_count=400,
        track_stars=TrackStars(expected=11, seen=10),
        sealed_reason=None,
    )
    assert outcome.name == "partial"
