"""What this board can do: the digest measured on frames like those of its camera."""

import math
import platform
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

import numpy as np

from issgaze.arrays import UInt16Array
from issgaze.civil import later, parse_utc
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.lens import Lens
from issgaze.service.hands import hands
from issgaze.sky.site import Site
from issgaze.stacking.digest import Digest, DigestSetup
from issgaze.stacking.resolution import needed_memory_mb
from issgaze.stacking.stacks import Resolution
from issgaze.stacking.together import Workers

SIZES = {"binned": (2028, 1520), "full": (4056, 3040)}
_START = "2026-03-01T19:00:00Z"
_CADENCE_S = 5.0
# stars have gone this far from their place at the reference instant
_AWAY_S = 100.0
_ROUNDS = 6
# reading a frame, a picture of it and whatever else happens must fit into the exposure as well
_SAFETY = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchCase:
    """One size of frames and resolution of products.

    Attributes:
        capture: "binned" or "full".
        resolution: "half" or "full".
        frame_ms: Time to digest a frame, the best of six.
        ratio: To np.maximum over a frame of the same size.
        finish_s: Time to finish the stacks.
        memory_mb: That the digest needs; more with full products in memory.
        shortest_exposure_s: With which frames are digested as fast as they come, with a factor of
            two to spare.
    """

    capture: str
    resolution: Resolution
    frame_ms: float
    ratio: float
    finish_s: float
    memory_mb: float
    shortest_exposure_s: float


def bench() -> dict[str, Any]:
    """Measure every case; return the document of `issgaze bench --json`."""
    with hands() as workers:
        cases = [
            _measure(capture, resolution, workers)
            for capture in SIZES
            for resolution in get_args(Resolution)
        ]
        threads = workers.count
    return {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "threads": threads,
        "cases": [
            {name: getattr(case, name) for name in BenchCase.__dataclass_fields__} for case in cases
        ],
    }


def _measure(capture: str, resolution: Resolution, workers: Workers) -> BenchCase:
    width, height = SIZES[capture]
    digest = _digest(width, height, resolution, workers)
    mosaics = [_mosaic(width, height, seed) for seed in range(2)]
    largest = np.zeros((height, width), np.uint16)
    start = parse_utc(_START)
    best_ms = roof_ms = math.inf
    for number in range(_ROUNDS):
        mosaic = mosaics[number % 2]
        began = time.perf_counter()
        np.maximum(largest, mosaic, out=largest)
        roof_ms = min(roof_ms, 1e3 * (time.perf_counter() - began))
        frame = Frame(mosaic=mosaic, info=_info(later(start, number * _CADENCE_S)))
        began = time.perf_counter()
        digest.add(frame)
        best_ms = min(best_ms, 1e3 * (time.perf_counter() - began))
    began = time.perf_counter()
    digest.finish()
    return BenchCase(
        capture=capture,
        resolution=resolution,
        frame_ms=round(best_ms, 1),
        ratio=round(best_ms / roof_ms, 1),
        finish_s=round(time.perf_counter() - began, 2),
        memory_mb=round(needed_memory_mb(width, height, resolution)),
        shortest_exposure_s=round(_SAFETY * best_ms / 1e3, 3),
    )


def _digest(width: int, height: int, resolution: Resolution, workers: Workers) -> Digest:
    """Return a digest with a fisheye that sees the whole sky."""
    focal = height / math.pi
    lens = Lens(
        width_px=width,
        height_px=height,
        projection="equidistant",
        focal_px=focal,
        center_px=((width - 1) / 2, (height - 1) / 2),
        rotation=((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
        valid_radius_px=focal * math.pi / 2,
    )
    setup = DigestSetup(
        width_px=width,
        height_px=height,
        bayer_pattern="RGGB",
        black_level_adu=256.0,
        white_level_adu=4095.0,
        lens=lens,
        site=Site(latitude_deg=48.0, longitude_deg=11.0),
        reference_utc=later(parse_utc(_START), _AWAY_S),
        exposure_s=_CADENCE_S,
        resolution=resolution,
    )
    return Digest(setup, workers=workers)


def _mosaic(width: int, height: int, seed: int) -> UInt16Array:
    random = np.random.default_rng(seed)
    return random.integers(380, 421, (height, width), dtype=np.uint16)


def _info(start: datetime) -> FrameInfo:
    return FrameInfo(start_utc=start, exposure_s=_CADENCE_S)
