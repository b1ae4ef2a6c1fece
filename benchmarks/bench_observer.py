"""What a device does of what it promises: missed passes, gaps, times, memory, bytes, recovery.

    .venv/bin/python benchmarks/bench_observer.py [--nights N]

A clear pass and one whose camera dies are run whole, `issgaze run --simulated`, with every program
in a process of its own; the simulator's truth is what frames are held against. The rate of missed
passes comes from a soak of some nights with faults at random (tests/scenarios/soak.py).
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import tomllib
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from issgaze.archive.fits import read_raw

PROJECT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run the scenarios and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=7)
    nights = parser.parse_args().nights
    for part in (clear_pass, failing_camera, lambda: weeks(nights)):
        for name, value in part():
            print(f"{name:56}  {value}", flush=True)


def clear_pass() -> list[tuple[str, str]]:
    """Return what a pass without faults shows."""
    with tempfile.TemporaryDirectory(dir=PROJECT) as name:
        memory = run_scenario("clear", Path(name))
        (report_file,) = Path(name).glob("passes/*/*/report.json")
        folder, report = report_file.parent, json.loads(report_file.read_text())
        frames = [frame for frame in report["frames"] if frame["used"]]
        infos = [read_raw(path).info for path in folder.glob("lights/*.fits")]
        bounds_ms = [
            1000.0 * info.clock_error_s for info in infos if info.clock_error_s is not None
        ]
        raws = sum(path.stat().st_size for path in folder.glob("*s/*.fits"))
        products = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    dead_ms = [1000.0 * frame["dead_time_s"] for frame in frames[1:]]
    proof = report["proof"]
    return [
        ("lit arc exposed, of the part above the horizon", f"{report['lit_part_exposed']:.4f}"),
        ("dead time per frame", f"{min(dead_ms):.2f} to {max(dead_ms):.2f} ms"),
        (
            "bound on a frame's time, as it states",
            f"{min(bounds_ms):.1f} to {max(bounds_ms):.1f} ms",
        ),
        (
            "time error, by the trail against the elements",
            f"{proof['along_track_s']:+.3f} +- {proof['along_track_sigma_s']:.3f} s",
        ),
        ("bytes written for a pass of " + f"{len(frames)} frames",
         f"{raws / 1e6:.0f} MB raw, {products / 1e6:.0f} MB products"),
        *((f"peak memory of {program}", f"{peak:.0f} MB") for program, peak in memory.items()),
    ]  # fmt: skip


def failing_camera() -> list[tuple[str, str]]:
    """Return how long a camera costs that reopening heals, and one that is away for 40 s."""
    dies = (PROJECT / "issgaze/simulated/scenarios/camera-dies.toml").read_text()
    scenario = tomllib.loads(dies)
    (cue,) = scenario["failures"]
    # over the end of an exposure, and gone when the camera is opened again
    hangs = dies.replace("camera_gone", "camera_hangs").replace("lasts_s = 40.0", "lasts_s = 12.0")
    begins = [exposures_around_a_failure(text) for text in (hangs, dies)]
    start_utc = datetime.fromisoformat(scenario["start_utc"])
    back_utc = start_utc + timedelta(seconds=cue["start_s"] + cue["lasts_s"])
    (good, exposure_s), (healed, _) = begins[0]
    waited_s = (healed - good).total_seconds() - exposure_s
    away_s = (begins[1][1][0] - back_utc).total_seconds()
    return [
        ("recovery from a hang, last good frame to next exposure",
         f"{waited_s:.1f} s, limit 2 T + 10 = {2.0 * exposure_s + 10.0:.0f} s"),
        (f"the same after {cue['lasts_s']:.0f} s without a camera, once it is back",
         f"{away_s:.1f} s"),
    ]  # fmt: skip


def exposures_around_a_failure(scenario: str) -> list[tuple[datetime, float]]:
    """Run a scenario; return start and length of the exposures before and after its longest gap."""
    with tempfile.TemporaryDirectory(dir=PROJECT) as name:
        file = Path(name) / "scenario.toml"
        file.write_text(scenario)
        run_scenario(str(file), Path(name) / "archive")
        infos = [read_raw(path).info for path in sorted(Path(name).rglob("lights/*.fits"))]
    pairs = list(pairwise(infos))
    gaps = [(b.start_utc - a.start_utc).total_seconds() - a.exposure_s for a, b in pairs]
    pair = pairs[gaps.index(max(gaps))]
    return [(info.start_utc, info.exposure_s) for info in pair]


def weeks(nights: int) -> list[tuple[str, str]]:
    """Return what a soak of some nights comes to."""
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run(
            [sys.executable, "-m", "tests.scenarios.soak", str(nights), "1", name],
            cwd=PROJECT, check=True, capture_output=True, text=True,
        )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    ledger = told["document"]
    counts = ledger["by_outcome"]
    rss_mb = told["rss_mb"]
    shares = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return [
        (f"{nights} nights, faults at random in {told['faults']} of {ledger['predicted']} passes",
         f"{shares}; {ledger['unexplained']} unexplained"),
        ("missed-pass rate among them", f"{100.0 * counts['missed'] / ledger['predicted']:.0f} %"),
        ("memory over them, a reading a night", f"{min(rss_mb):.1f} to {max(rss_mb):.1f} MB"),
    ]  # fmt: skip


def run_scenario(scenario: str, folder: Path) -> dict[str, float]:
    """Run a scenario to its end; return the peak memory in MB of each program."""
    peaks: dict[str, float] = {}
    words = [
        *(sys.executable, "-m", "issgaze", "run", "--simulated", "--scenario", scenario),
        *("--speed", "max", "--passes", "1", "--archive", str(folder), "--port", free_port()),
    ]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        over = threading.Event()
        while not over.wait(0.25):
            for pid in [child.pid, *children(child.pid)]:
                note_peak(pid, peaks)
            if child.poll() is not None:
                over.set()
    return peaks


def free_port() -> str:
    """Return a port that nobody has."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return str(held.getsockname()[1])


def children(pid: int) -> list[int]:
    """Return all processes below one."""
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = [int(each) for each in tasks.read_text().split()]
        except OSError:
            continue
        found += below
        for each in below:
            found += children(each)
    return found


def note_peak(pid: int, peaks: dict[str, float]) -> None:
    """Remember the largest resident memory of a program so far."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return
    names = [word.decode() for word in words if word in PROGRAMS]
    if not names or "VmHWM:" not in status:
        return
    name = "develop, a pass" if names[0] == "develop" and b"--watch" not in words else names[0]
    kilobytes = float(status.partition("VmHWM:")[2].split()[0])
    peaks[name] = max(peaks.get(name, 0.0), kilobytes / 1000.0)


PROGRAMS = (b"observe", b"develop", b"web")


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
