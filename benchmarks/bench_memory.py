"""Peak memory of a whole digest, from reading frames to the finished stacks, measured not modelled.

    .venv/bin/python benchmarks/bench_memory.py

Each case runs in a process of its own: frames are read from FITS files as `issgaze develop` reads
them, with a master dark, a lens and a streak to reject. Full-resolution products are kept in files.
"""

import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

CASES = (
    # name, resolution, width, height, limit in MB
    ("12 MP half", "half", 4056, 3040, 185),
    ("12 MP full", "full", 4056, 3040, 290),
    ("3 MP half", "half", 2028, 1520, 80),
    ("3 MP full", "full", 2028, 1520, None),
)
FRAMES = 12
START = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)


def peak_mb() -> float:
    """Return the largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def write_frames(folder: Path, width: int, height: int, *, frames: int) -> None:
    """Write noise frames with a moving streak, and three darks."""
    import numpy as np

    from issgaze.archive.fits import write_raw
    from issgaze.imaging.frame import Frame, FrameInfo

    random = np.random.default_rng(1)
    for number in range(-3, frames):
        mosaic = random.normal(350.0 if number >= 0 else 260.0, 9.0, (height, width))
        mosaic[100, 100::100] += 900.0
        if number >= 0:
            top = 200 + 60 * number
            mosaic[top : top + 3, 300 : width - 300] += 60.0
        info = FrameInfo(start_utc=START + timedelta(seconds=6.0 * number), exposure_s=5.0)
        path = folder / (f"light{number:02d}.fits" if number >= 0 else f"dark{-number}.fits")
        frame = Frame(mosaic=np.rint(mosaic).astype(np.uint16), info=info)
        write_raw(path, frame, site=None, durable=False)


def digest(folder: Path, resolution: str, width: int, height: int) -> None:
    """Digest the frames of a folder and print the memory that it took."""
    import math

    from issgaze.archive.fits import read_raw
    from issgaze.archive.mappedarrays import MappedArrays
    from issgaze.devices.memory import return_memory_at_once
    from issgaze.imaging.masterdark import master_dark
    from issgaze.optics.lens import Lens
    from issgaze.sky.site import Site
    from issgaze.stacking.digest import Digest, DigestSetup

    return_memory_at_once()
    empty = peak_mb()
    focal = height / math.pi
    lens = Lens(
        width_px=width, height_px=height, projection="equidistant", focal_px=focal,
        center_px=((width - 1) / 2, (height - 1) / 2),
        rotation=((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
        valid_radius_px=focal * math.pi / 2,
    )  # fmt: skip
    taker = Digest(
        DigestSetup(
            width_px=width, height_px=height, bayer_pattern="RGGB", black_level_adu=256.0,
            white_level_adu=4095.0, lens=lens, site=Site(latitude_deg=48.0, longitude_deg=11.0),
            reference_utc=START + timedelta(seconds=3.0 * FRAMES), exposure_s=5.0,
            resolution=resolution,  # type: ignore[arg-type]
            dark=master_dark(read_raw(path) for path in sorted(folder.glob("dark*.fits"))),
            reuse_frames=True,
        )
    )  # fmt: skip
    ready = peak_mb()
    for path in sorted(folder.glob("light*.fits")):
        taker.add(read_raw(path))
    lights = sorted(folder.glob("light*.fits"))
    for number in taker.doubtful:
        taker.review(number, read_raw(lights[number]))
    digested = peak_mb()
    storage = MappedArrays(folder) if resolution == "full" else None
    stacks = taker.finish(storage)
    assert stacks.frame_count == FRAMES
    print(f"{empty:.0f} {ready:.0f} {digested:.0f} {peak_mb():.0f}")


def main() -> None:
    """Run every case in a process of its own."""
    print(f"{'case':12} {'start':>6} {'darks':>6} {'frames':>7} {'finish':>7} {'limit':>6}  MB")
    for name, resolution, width, height, limit in CASES:
        with tempfile.TemporaryDirectory() as folder:
            write = [sys.executable, __file__, "write", folder, str(width), str(height)]
            subprocess.run(write, check=True)
            command = [sys.executable, __file__, "digest", folder, resolution, str(width)]
            done = subprocess.run(
                [*command, str(height)], check=True, capture_output=True, text=True
            )
        figures = done.stdout.split()
        print(f"{name:12} {figures[0]:>6} {figures[1]:>6} {figures[2]:>7} {figures[3]:>7} {limit}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write_frames(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), frames=FRAMES)
    elif sys.argv[1:2] == ["digest"]:
        digest(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
