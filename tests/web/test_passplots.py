"""The plots of a pass."""

import re
from typing import Any

from issgaze.civil import parse_utc
from issgaze.web.passplots import along_track, far_residuals
from issgaze.web.visit import Visit
from issgaze.web.words import Words

MANY = [0.02, -0.03, 0.01, -0.02, 0.03, 0.0, -0.01]


def visit(language: str = "en") -> Visit:
    return Visit(
        owner=True, theme=None, words=Words(language), age_s=1.0, status={},
        now=parse_utc("2024-05-10T18:00:00Z"),
    )  # fmt: skip


def report(values: list[float]) -> dict[str, Any]:
    return {
        "proof": {
            "residuals_s": values, "residual_utc_s": [10.0 * n for n in range(len(values))]
        },
        "frames": [{"start_utc": "2024-05-10T17:00:00Z"}],
    }  # fmt: skip


def test_one_outlier_is_an_arrow_at_the_edge_and_flattens_nothing() -> None:
    svg = along_track(report([*MANY, 3.2, -1.5]), visit())
    heights = [float(y) for y in re.findall(r'<circle class="c-dot"[^>]* cy="([\d.]+)"', svg)]
    assert len(heights) == len(MANY)
    assert max(heights) - min(heights) > 30.0
    assert svg.count('<path class="c-dot"') == 2
    assert "at most 3.20 s" in svg
    told = far_residuals(report([*MANY, 3.2, -1.5]), visit())
    assert told == "Beyond the scale, as arrows: +3.20 s, −1.50 s."
    french = far_residuals(report([*MANY, 3.2, -1.5]), visit("fr"))
    assert french == "Hors de l’échelle, en flèches\u202f: +3,20 s\u202f; −1,50 s."  # noqa: RUF001 - French


def test_without_an_outlier_every_residual_is_a_dot() -> None:
    svg = along_track(report(MANY), visit())
    assert svg.count('<circle class="c-dot"') == len(MANY)
    assert '<path class="c-dot"' not in svg
    assert far_residuals(report(MANY), visit()) == ""
    assert far_residuals({}, visit()) == ""
