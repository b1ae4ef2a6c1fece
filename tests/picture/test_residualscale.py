"""One outlier does not flatten a plot of residuals, and it is still told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issgaze.civil import time_zone
from issgaze.picture.reportpage import report_page
from issgaze.picture.residualscale import beyond, residual_reach

MANY = [0.02, -0.03, 0.01, -0.02, 0.03, 0.0, -0.01]
ZONE = time_zone("Europe/Berlin")
sizes = st.floats(-50.0, 50.0)


def page(values: list[float], language: str = "en") -> str:
    times = [10.0 * n for n in range(len(values))]
    report = {"proof": {"residuals_s": values, "residual_utc_s": times}, "frames": []}
    return report_page(report, language, ZONE)


def test_the_reach_is_that_of_the_many() -> None:
    # four sigmas of a median of 0.02
    assert residual_reach([*MANY, 3.2], 0.01) == pytest.approx(4 * 1.4826 * 0.02)
    assert residual_reach(MANY, 0.01) == 0.03
    assert residual_reach(MANY, 0.5) == 0.5
    assert residual_reach([0.0, 0.0, 0.0], 0.1) == 0.1


@given(st.lists(sizes, min_size=1, max_size=40), st.floats(0.01, 1.0))
def test_every_residual_is_within_reach_or_told(values: list[float], least: float) -> None:
    reach = residual_reach(values, least)
    far = beyond(values, reach)
    assert sorted([*far, *(v for v in values if abs(v) <= reach)]) == sorted(values)
    assert least <= reach <= max(least, *map(abs, values))


def test_the_report_draws_an_outlier_as_an_arrow_and_says_how_far_it_lies() -> None:
    told = page([*MANY, 3.2, -1.5])
    assert "Beyond the scale, as arrows: +3.20 s, −1.50 s." in told
    assert "at most 3.20 s" in told
    assert told.count('<path class="dot"') == 2
    heights = [float(y) for y in re.findall(r'<circle class="dot"[^>]* cy="([\d.]+)"', told)]
    assert len(heights) == len(MANY)
    assert max(heights) - min(heights) > 20.0, "the many are not flattened"
    assert all(15.0 <= y <= 125.0 for y in heights)
    french = page([*MANY, 3.2, -1.5], "fr")
    assert "en flèches\u202f: +3,20 s\u202f; −1,50 s." in french


def test_without_an_outlier_nothing_is_said_of_one() -> None:
    assert "Beyond" not in page(MANY)
    assert '<path class="dot"' not in page(MANY)
