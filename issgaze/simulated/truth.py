"""What is really in the frames: written beside them for tests and curiosity, never read back."""

from typing import Any

import numpy as np

from issgaze.civil import format_utc, later, seconds_between
from issgaze.simulated.scene import Scene
from issgaze.simulated.sequence import Sequence

_TRACK_STEP_S = 0.5
_LISTED_TO_MAG = 6.5


def truth_document(scene: Scene, plan: Sequence) -> dict[str, Any]:
    """Return truth.json: the pass, the station's track and the stars at the middle of the run."""
    scenario = scene.scenario
    span_s = plan.count * plan.interval_s
    seconds = np.arange(0.0, span_s + _TRACK_STEP_S, _TRACK_STEP_S)
    sight = scene.station.see(plan.first_utc, seconds)
    points = scene.projection.pixels(sight.directions)
    up, east, north = sight.directions[:, 2], sight.directions[:, 0], sight.directions[:, 1]
    middle = later(plan.first_utc, span_s / 2)
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "mode": scene.mode,
        "pass": {
            "culmination_utc": format_utc(plan.visible.culmination),
            "culmination_deg": plan.visible.culmination_deg,
            "lit_start_utc": format_utc(plan.visible.lit_start),
            "lit_end_utc": format_utc(plan.visible.lit_end),
        },
        "frames": [
            {
                "file": f"lights/{index + 1:04d}.fits",
                "start_utc": format_utc(later(plan.first_utc, index * plan.interval_s)),
                "exposure_s": plan.exposure_s,
            }
            for index in range(plan.count)
        ],
        "track": {
            "start_utc": format_utc(plan.first_utc, decimals=6),
            "seconds": seconds.tolist(),
            "x": points[:, 0].tolist(),
            "y": points[:, 1].tolist(),
            "altitude_deg": np.degrees(np.arcsin(up)).tolist(),
            "azimuth_deg": (np.degrees(np.arctan2(east, north)) % 360.0).tolist(),
            "light": sight.light.tolist(),
            "magnitude": sight.magnitude.tolist(),
        },
        "stars": _stars(scene, plan, span_s),
        "stars_utc": format_utc(middle, decimals=6),
        "culmination_s": seconds_between(plan.first_utc, plan.visible.culmination),
    }


def _stars(scene: Scene, plan: Sequence, span_s: float) -> list[dict[str, float]]:
    points = scene.star_pixels(later(plan.first_utc, span_s / 2))
    height, width = scene.clear.shape
    seen = np.flatnonzero(
        (scene.stars.magnitude < _LISTED_TO_MAG)
        & (points[:, 0] > 0)
        & (points[:, 0] < width - 1)
        & (points[:, 1] > 0)
        & (points[:, 1] < height - 1)
    )
    listed: list[dict[str, float]] = []
    for star in seen.tolist():
        x, y = float(points[star, 0]), float(points[star, 1])
        if scene.clear[round(y), round(x)] > 0.99:
            listed.append(
                {
                    "hip": int(scene.stars.hip[star]),
                    "magnitude": round(float(scene.stars.magnitude[star]), 3),
                    "x": x,
                    "y": y,
                }
            )
    return listed
