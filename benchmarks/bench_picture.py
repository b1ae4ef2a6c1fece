"""From the last frame to the finished picture: seconds of CPU and memory of each step.

    .venv/bin/python benchmarks/bench_picture.py [--size binned|full] [--frames N]

A clear night is simulated and stacked at half resolution, in a process of its own; what is timed
begins when the last frame is digested. Boards are modelled from the CPU time by the ratio of their
single-core speed to this machine's (`issgaze bench` measures a board itself), films apart: they
run beside the rest on two cores or more.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

# how many times slower than a core of the machine at hand, from the model in FACTS of the digest:
# 12 MP take 0.085 s here, 0.5 to 0.95 s, 0.14 to 0.2 s and 0.07 to 0.1 s there
BOARDS = {"Zero 2 W": 8.5, "Pi 4": 2.0, "Pi 5": 1.0}
CORES = {"Zero 2 W": 4, "Pi 4": 4, "Pi 5": 4}


def main() -> None:
    """Simulate, stack, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("binned", "full"), default="full")
    parser.add_argument("--frames", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        issgaze = [sys.executable, "-m", "issgaze"]
        subprocess.run(
            [
                *issgaze, "simulate", "--scenario", "clear", "--out", str(folder), "--size",
                arguments.size, "--frames", str(arguments.frames),
            ],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        lights, darks = (sorted(map(str, (folder / k).iterdir())) for k in ("lights", "darks"))
        subprocess.run(
            [
                *issgaze, "stack", *lights, "--darks", *darks, "--resolution", "half", "--lens",
                str(folder / "lens.json"), "--elements", str(folder / "elements.json"), "--out",
                str(folder / "out"),
            ],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = json.loads((folder / "out" / "report.json").read_text())
    resources = report["resources"]
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{arguments.frames} frames, {arguments.size}, half resolution; CPU in all {cpu_s:.1f} s")
    for step, took in resources["steps"].items():
        print(
            f"  {step:8} {took['seconds']:7.2f} s wall {took.get('cpu_s', 0.0):7.2f} s CPU"
            f"  peak {took['peak_rss_mb']:.0f} MB"
        )
    print(f"  after the last frame {resources['after_last_frame_s']} s wall")
    print(f"  encoder at most {resources['encoder_peak_rss_mb']} MB")
    needed = sum(
        took.get("cpu_s", 0.0) for step, took in resources["steps"].items() if step != "digest"
    )
    for board, slower in BOARDS.items():
        # the bands and frames share the cores; a quarter of the work does not
        wall = needed * slower * (0.25 + 0.75 / CORES[board])
        print(f"  modelled {board}: {wall:.0f} s")


if __name__ == "__main__":
    main()
