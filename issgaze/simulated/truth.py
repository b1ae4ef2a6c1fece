"""What is really in the frames: written beside them for tests and curiosity, never read back."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.civil import format_utc, later, seconds_between
from issgaze.simulated.scene import LAYERS, Scene
from issgaze.simulated.sequence import Sequence

_TRACK_STEP_S = 0.5
_FINE_STEP_S = 0.1
# between these instants a star moves in a straight line to 0.001 px
_STAR_STEP_S = 20.0
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
        "planets": _planets(scene, plan, span_s),
        "culmination_s": seconds_between(plan.first_utc, plan.visible.culmination),
    }


def _stars(scene: Scene, plan: Sequence, span_s: float) -> list[dict[str, float]]:
    points = scene.star_pixels(later(plan.first_utc, span_s / 2))
    clear = scene.clear
    height, width = clear.shape
    seen = np.flatnonzero(
        (scene.stars.magnitude < _LISTED_TO_MAG)
        & (scene.stars.hip > 0)
        & (points[:, 0] > 0)
        & (points[:, 0] < width - 1)
        & (points[:, 1] > 0)
        & (points[:, 1] < height - 1)
    )
    listed: list[dict[str, float]] = []
    for star in seen.tolist():
        x, y = float(points[star, 0]), float(points[star, 1])
        if clear[round(y), round(x)] > 0.99:
            listed.append(
                {
                    "hip": int(scene.stars.hip[star]),
                    "magnitude": round(float(scene.stars.magnitude[star]), 3),
                    "x": x,
                    "y": y,
                }
            )
    return listed


def _planets(scene: Scene, plan: Sequence, span_s: float) -> list[dict[str, Any]]:
    count = len(scene.planets)
    points = scene.star_pixels(later(plan.first_utc, span_s / 2))[len(scene.stars.hip) - count :]
    magnitudes = scene.stars.magnitude[len(scene.stars.hip) - count :]
    width, height = scene.projection.width_px, scene.projection.height_px
    return [
        {"name": name, "magnitude": round(float(magnitude), 2), "x": float(x), "y": float(y)}
        for name, magnitude, (x, y) in zip(scene.planets, magnitudes, points, strict=True)
        if 0 < x < width - 1 and 0 < y < height - 1
    ]


def truth_arrays(scene: Scene, plan: Sequence) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file in truth/, one at a time to spare memory.

    stars.npz: `hip` (0 for seeded ones), `magnitude` and, at `seconds` after the first frame's
    start, `x` and `y` of shape (instants, stars), straight lines in between; nan where unseen.
    track.npz: the station every 0.1 s. The rest are layers of the middle frame without noise, in
    electrons: glow, stars, station, movers, ground (float32), and clear, the part of each pixel
    that sees the sky: frame = (glow + stars + station + movers) * clear + ground.
    """
    yield "stars.npz", _npz(**_star_paths(scene, plan))
    yield "track.npz", _npz(**_track(scene, plan))
    start = later(plan.first_utc, plan.count // 2 * plan.interval_s)
    for name in sorted(LAYERS):
        layer = scene.sky(start, plan.exposure_s, layers=frozenset({name}))
        yield f"{name}.npy", _npy(layer)
    ground = np.zeros((scene.projection.height_px, scene.projection.width_px), dtype=np.float32)
    scene.cover(ground, start, plan.exposure_s)
    yield "ground.npy", _npy(ground)
    clear = np.ones_like(ground)
    scene.cover(clear, start, plan.exposure_s)
    clear -= ground
    yield "clear.npy", _npy(clear)


def _star_paths(scene: Scene, plan: Sequence) -> dict[str, NDArray[Any]]:
    span_s = plan.count * plan.interval_s
    seconds = np.linspace(0.0, span_s, int(np.ceil(span_s / _STAR_STEP_S)) + 1)
    paths = np.stack([scene.star_pixels(later(plan.first_utc, s)) for s in seconds.tolist()])
    width, height = scene.projection.width_px, scene.projection.height_px
    with np.errstate(invalid="ignore"):
        x, y = paths[..., 0], paths[..., 1]
        inside = (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)
    seen = np.flatnonzero(inside.any(axis=0))
    return {
        "hip": scene.stars.hip[seen].astype(np.int32),
        "magnitude": scene.stars.magnitude[seen].astype(np.float32),
        "seconds": seconds,
        "x": x[:, seen].astype(np.float32),
        "y": y[:, seen].astype(np.float32),
    }


def _track(scene: Scene, plan: Sequence) -> dict[str, NDArray[Any]]:
    span_s = plan.count * plan.interval_s
    seconds = np.arange(0.0, span_s + _FINE_STEP_S / 2, _FINE_STEP_S)
    sight = scene.station.see(plan.first_utc, seconds)
    points = scene.projection.pixels(sight.directions)
    return {
        "seconds": seconds,
        "x": points[:, 0],
        "y": points[:, 1],
        "direction_enu": sight.directions,
        "range_km": sight.range_km,
        "light": sight.light,
        "magnitude": sight.magnitude,
    }


def _npz(**arrays: NDArray[Any]) -> bytes:
    held = io.BytesIO()
    np.savez(held, allow_pickle=True, **arrays)  # plain arrays, nothing is pickled
    return held.getvalue()


def _npy(array: NDArray[Any]) -> bytes:
    held = io.BytesIO()
    np.save(held, array)
    return held.getvalue()
