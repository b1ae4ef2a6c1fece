"""Speed of the digest as ratios to np.maximum over the same bytes, best of 15 interleaved runs.

    .venv/bin/python benchmarks/bench_stacking.py [--size 4056x3040] [--threads 1]

The frames are noise with stars on an all-sky fisheye, 100 s away from the reference instant, with
a streak to reject; what a Raspberry Pi needs is measured there by `issgaze bench`.
"""

import argparse
import math
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np

from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import master_dark
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.digest import Digest, DigestSetup
from issgaze.stacking.together import Workers

ROUNDS = 15
START = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)
# bytes that the parts cannot avoid to read or write, per raw pixel: frame 2, dark 1, calibrated 2,
# sum 2 + 2, maximum 2 + 2, its frame .5; registered: frame 2, sum 2 + 2, and of each block of 64 px
# its history, counts and levels, read and written: 40 bytes, 70 where there are four layers
STILL_BYTES = 13.5
SKY_BYTES = {"half": 6.6, "full": 7.1}
MAXIMUM_BYTES = 6.0


def make_lens(width: int, height: int) -> Lens:
    """Return a fisheye that sees more than the sky."""
    focal = height / math.pi
    return Lens(
        width_px=width, height_px=height, projection="equidistant", focal_px=focal,
        center_px=((width - 1) / 2, (height - 1) / 2),
        rotation=((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
        valid_radius_px=focal * math.pi / 2 * 1.3,
    )  # fmt: skip


def make_digest(resolution: str, width: int, height: int, workers: Workers) -> Digest:
    """Return a digest with an all-sky lens and a dark."""
    random = np.random.default_rng(1)
    darks = random.normal(260.0, 2.0, (3, height, width))
    darks[:, 7::97, 11::89] += 500.0
    dark = master_dark(
        Frame(mosaic=np.rint(mosaic).astype(np.uint16), info=info(number))
        for number, mosaic in enumerate(darks)
    )
    return Digest(
        DigestSetup(
            width_px=width, height_px=height, bayer_pattern="RGGB", black_level_adu=256.0,
            white_level_adu=4095.0, lens=make_lens(width, height),
            site=Site(latitude_deg=48.0, longitude_deg=11.0),
            reference_utc=START + timedelta(seconds=100.0), exposure_s=5.0,
            resolution=resolution, dark=dark,  # type: ignore[arg-type]
        ),
        workers=workers,
    )  # fmt: skip


def info(number: int) -> FrameInfo:
    """Return the description of a frame."""
    return FrameInfo(start_utc=START + timedelta(seconds=5.5 * number), exposure_s=5.0)


def make_frames(count: int, width: int, height: int) -> list[Frame]:
    """Return noise frames with a moving streak."""
    random = np.random.default_rng(2)
    frames = []
    for number in range(count):
        mosaic = random.normal(400.0, 12.0, (height, width)).astype(np.float32)
        top = height // 3 + 40 * number
        mosaic[top : top + 3, width // 4 : width // 2] += 300.0
        frames.append(Frame(mosaic=np.rint(mosaic).astype(np.uint16), info=info(number)))
    return frames


def measure(resolution: str, frames: list[Frame], workers: Workers) -> dict[str, float]:
    """Return the best times in ms of the parts of a digest and of np.maximum."""
    height, width = frames[0].mosaic.shape
    digest = make_digest(resolution, width, height, workers)
    still, sky, noise = digest._still, digest._sky, digest._noise  # noqa: SLF001
    assert sky is not None
    calibrated = np.empty((height, width), np.uint16)
    largest = np.zeros((height, width), np.uint16)
    parts: dict[str, Callable[[int], object]] = {
        "np.maximum": lambda n: np.maximum(largest, frames[n].mosaic, out=largest),
        "unregistered": lambda n: still.add(frames[n].mosaic, calibrated, n, workers),
        "noise": lambda _: noise.add(calibrated),
        "registered": lambda n: sky.add(calibrated, frames[n].info, noise.model(), workers),
    }
    best = dict.fromkeys(parts, math.inf)
    for turn in range(ROUNDS):
        for name, part in parts.items():
            start = time.perf_counter()
            part(turn % len(frames))
            best[name] = min(best[name], 1e3 * (time.perf_counter() - start))
    return best


def main() -> None:
    """Measure both resolutions and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="4056x3040")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    frames = make_frames(4, width, height)
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
    print(f"{width}x{height} px, {given.threads} thread(s), best of {ROUNDS} interleaved\n")
    print("| part | ms a frame | x np.maximum | x np.maximum for the same bytes |")
    print("|---|---|---|---|")
    with ThreadPoolExecutor(given.threads) as pool:

        def together(tasks: object) -> None:
            for future in [pool.submit(task) for task in tasks]:  # type: ignore[attr-defined]
                future.result()

        workers = Workers(count=given.threads, together=together)
        if given.threads == 1:
            workers = Workers()
        for resolution in ("half", "full"):
            best = measure(resolution, frames, workers)
            roof = best["np.maximum"]
            print(f"| np.maximum | {roof:.1f} | 1.0 | 1.0 |")
            sizes = {"unregistered": STILL_BYTES, "registered": SKY_BYTES[resolution]}
            for name, size in sizes.items():
                spent = best[name] + (best["noise"] if name == "registered" else 0.0)
                same = spent / roof * MAXIMUM_BYTES / size
                print(f"| {resolution} {name} | {spent:.1f} | {spent / roof:.1f} | {same:.1f} |")


if __name__ == "__main__":
    main()
