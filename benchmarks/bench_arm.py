"""aarch64 instructions per raw pixel of a whole digest, counted under qemu-user.

    make bench-arm
    .venv/bin/python benchmarks/bench_arm.py FOLDER_OF_SETUP [--numpy 2 1] [--cpu cortex-a72]

The real aarch64 wheels of numpy run there, and Debian's Python. Counts hardly depend on what else
the machine does (0.1 %). Admission of a frame, dark, hot pixels, maximum with the number of its
frame, sums, noise, registration with validity map, and rejection are in; reading the file is not.
Frames are noise and stars on an all-sky fisheye with streaks to reject, 100 s from the reference
instant; the first three, in which the history begins, are not counted.

The sums, maxima and counts are held against those that the same program makes on this machine.
"""

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from issgaze.imaging.frame import Frame
from issgaze.imaging.masterdark import master_dark

sys.path.insert(0, str(Path(__file__).parent))
from bench_stacking import info, make_frames, make_lens

WIDTH, HEIGHT = 4056, 3040
FRAMES = 6
WARM_UP = 3
GOALS = {"half": 18.0, "full": 23.0}
PARTS = ("admission", "unregistered", "noise", "registered")


def prepare(folder: Path) -> None:
    """Write frames, dark and lens for the program under emulation."""
    frames = make_frames(FRAMES, WIDTH, HEIGHT)
    np.save(folder / "frames.npy", np.stack([frame.mosaic for frame in frames]))
    random = np.random.default_rng(1)
    darks = random.normal(260.0, 2.0, (3, HEIGHT, WIDTH))
    darks[:, 7::97, 11::89] += 500.0
    dark = master_dark(
        Frame(mosaic=np.rint(mosaic).astype(np.uint16), info=info(number))
        for number, mosaic in enumerate(darks)
    )
    assert dark is not None
    np.save(folder / "dark.npy", dark.excess_steps)
    np.save(folder / "hot.npy", dark.hot)
    (folder / "lens.json").write_text(json.dumps(make_lens(WIDTH, HEIGHT).to_document()))


def here(folder: Path, resolution: str) -> str:
    """Run the digest on this machine; return the checksums of its integers."""
    program = str(Path(__file__).parent / "arm" / "digest.py")
    command = [sys.executable, program, str(folder), resolution, "100"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def count(
    arm: Path, folder: Path, resolution: str, numpy: str, cpu: str
) -> tuple[dict[int, int], str]:
    """Run the digest under emulation; return the instructions at each mark, and the checksums."""
    root = arm / "root"
    libraries = "/lib/aarch64-linux-gnu:/usr/lib/aarch64-linux-gnu"
    paths = f"{arm}/numpy{numpy}:{Path(__file__).parents[1]}"
    given = {
        "LD_LIBRARY_PATH": libraries, "PYTHONHOME": f"{root}/usr", "PYTHONPATH": paths,
        "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    command = ["setarch", "-R", "qemu-aarch64", "-cpu", cpu, "-L", str(root)]
    command += ["-plugin", str(arm / "count.so")]
    for name, value in given.items():
        command += ["-E", f"{name}={value}"]
    command += [f"{root}/usr/bin/python3.11", str(Path(__file__).parent / "arm" / "digest.py")]
    command += [str(folder), resolution, "100"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={})
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    found = re.findall(r"^mark (\d+) (\d+)$", done.stderr, re.MULTILINE)
    return {int(number): int(executed) for number, executed in found}, done.stdout


def main() -> None:
    """Count both resolutions and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("arm", type=Path, help="what setup.sh made")
    parser.add_argument("--numpy", nargs="+", choices=("2", "1"), default=["2", "1"])
    parser.add_argument("--resolution", nargs="+", choices=tuple(GOALS), default=tuple(GOALS))
    parser.add_argument("--cpu", default="cortex-a72")
    given = parser.parse_args()
    pixels = WIDTH * HEIGHT
    print("| numpy | products | whole digest | " + " | ".join(PARTS) + " | goal | integers |")
    print("|---|---|---|" + "---|" * len(PARTS) + "---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        wanted = {resolution: here(folder, resolution) for resolution in given.resolution}
        for numpy in given.numpy:
            for resolution in given.resolution:
                marks, sums = count(given.arm.resolve(), folder, resolution, numpy, given.cpu)
                whole = [marks[10 * n + 1] - marks[10 * n] for n in range(WARM_UP, FRAMES - 1)]
                last = 10 * (FRAMES - 1)
                parts = [marks[last + n + 1] - marks[last + n] for n in range(len(PARTS))]
                goal = GOALS[resolution] * (1.0 if numpy == "2" else 1.25)
                cells = [f"{n / pixels:.2f}" for n in (math.fsum(whole) / len(whole), *parts)]
                same = "as here" if sums == wanted[resolution] else f"differ: {sums.split()}"
                line = " | ".join((numpy, resolution, *cells, f"{goal:.1f}", same))
                print(f"| {line} |", flush=True)


if __name__ == "__main__":
    main()
