"""How long the simulator takes for a frame, and how much memory.

    .venv/bin/python benchmarks/bench_simulator.py

CPU seconds of one process (so that a busy machine does not count), each mode in a process of its
own; best and median of the frames. Set-up is what `Scene` and `Chip` cost before the first frame.
The last column is a frame against `np.maximum` over its mosaic in the same run.
"""

import json
import resource
import statistics
import subprocess
import sys
import time

FRAMES = 15


def measure(mode: str) -> dict[str, float]:
    """Return the figures of one mode, in s and MB."""
    import numpy as np

    from issgaze.civil import later
    from issgaze.simulated.chip import Chip
    from issgaze.simulated.scenario import load_scenario
    from issgaze.simulated.scene import Scene
    from issgaze.simulated.sequence import sequence

    scenario = load_scenario("clear")
    plan = sequence(scenario, mode=mode, count=FRAMES)
    begun = time.process_time()
    scene = Scene(scenario, mode=mode, middle=plan.first_utc)
    chip = Chip(scenario, mode)
    setup_s = time.process_time() - begun
    frames_s, roofline_s, peaks_mb = [], [], []
    for number in range(FRAMES):
        begun = time.process_time()
        light = scene.expose(later(plan.first_utc, number * plan.interval_s), plan.exposure_s)
        mosaic = chip.read(light, exposure_s=plan.exposure_s, analogue_gain=8.0, frame=number)
        frames_s.append(time.process_time() - begun)
        del light
        peaks_mb.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0)
        other = mosaic.copy()
        begun = time.process_time()
        np.maximum(mosaic, other, out=other)
        roofline_s.append(time.process_time() - begun)
    return {
        "setup_s": setup_s,
        "best_s": min(frames_s),
        "median_s": statistics.median(frames_s),
        "ratio": min(frames_s) / min(roofline_s),
        "peak_mb": peaks_mb[-1],
        "growth_mb": peaks_mb[-1] - peaks_mb[2],
    }


def main() -> None:
    """Measure each mode in a process of its own."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
        return
    print("mode    set-up s  frame s best/median  of np.maximum  peak MB  growth MB over 12 frames")
    for mode in ("binned", "full"):
        run = subprocess.run([sys.executable, __file__, mode], capture_output=True, check=True)
        f = json.loads(run.stdout)
        print(
            f"{mode:<7} {f['setup_s']:8.2f}  {f['best_s']:8.3f} / {f['median_s']:.3f}"
            f"  {f['ratio']:12.0f}  {f['peak_mb']:7.0f}  {f['growth_mb']:8.1f}"
        )


if __name__ == "__main__":
    main()
