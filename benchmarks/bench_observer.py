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
from datetime import datetime
from itertools import pairwise
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run the scenarios and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=7)
    nights = parser.parse_args().nights
    for part in (clear_pass, dead_camera, lambda: weeks(nights)):
        for name, value in part():
            print(f"{name:56}  {value}", flush=True)


def clear_pass() -> list[tuple[str, str]]:
    """Return what a pass without faults shows."""
    with tempfile.TemporaryDirectory(dir=PROJECT) as name:
        memory = run_scenario("clear", Path(name))
        (report_file,) = Path(name).glob("passes/*/*/report.json")
        folder, report = report_file.parent, json.loads(report_file.read_text())
        frames = [frame for frame in report["frames"] if frame["used"]]
        raws = sum(path.stat().st_size for path in folder.glob("*s/*.fits"))
        products = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    dead_ms = [1000.0 * frame["dead_time_s"] for frame in frames[1:]]
    proof = report["proof"]
    return [
        ("lit arc exposed, of the part above the horizon", f"{report['lit_part_exposed']:.4f}"),
        ("dead time per frame", f"{min(dead_ms):.2f} to {max(dead_ms):.2f} ms"),
        (
            "time error, by the trail against the elements",
            f"{proof['along_track_s']:+.3f} +- {proof['along_track_sigma_s']:.3f} s",
        ),
        ("bytes written for a pass of " + f"{len(frames)} frames",
         f"{raws / 1e6:.0f} MB raw, {products / 1e6:.0f} MB products"),
        *((f"peak memory of {program}", f"{peak:.0f} MB") for program, peak in memory.items()),
    ]  # fmt: skip


def dead_camera() -> list[tuple[str, str]]:
    """Return how long the camera's death costs."""
    with tempfile.TemporaryDirectory(dir=PROJECT) as name:
        run_scenario("camera-dies", Path(name))
        (events,) = Path(name).glob("passes/*/*/events.jsonl")
        failed = [
            json.loads(line)
            for line in events.read_text().splitlines()
            if json.loads(line)["event"] == "camera_failed"
        ]
        starts = []
        for light in sorted(events.parent.glob("lights/*.fits")):
            header = light.read_bytes()[:5760].decode("ascii", "replace")
            card = header[header.index("DATE-OBS") :][:80]
            exposure = header[header.index("EXPTIME") :][:80].partition("=")[2].partition("/")[0]
            starts.append((datetime.fromisoformat(card.split("'")[1].strip()), float(exposure)))
    exposure_s = starts[0][1]
    gaps = [
        (after - before).total_seconds() - exposure_s
        for (before, _), (after, _) in pairwise(starts)
    ]
    return [
        (
            "recovery: from the last good frame to the next exposure",
            f"{max(gaps):.1f} s, limit 2 T + 10 = {2 * exposure_s + 10:.0f} s, "
            f"{len(failed)} failures",
        )
    ]


def weeks(nights: int) -> list[tuple[str, str]]:
    """Return what a soak of some nights comes to."""
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run(
            [sys.executable, "-m", "tests.scenarios.soak", str(nights), "1", name],
            cwd=PROJECT, check=True, capture_output=True, text=True,
        )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    ledger = told["document"]
    counts = {name: count for name, count in ledger.items() if not isinstance(count, list)}
    rss_mb = told["rss_mb"]
    return [
        (f"{nights} nights, {told['faults']} faults at random", json.dumps(counts)),
        ("memory over them, a reading a night", f"{min(rss_mb):.1f} to {max(rss_mb):.1f} MB"),
    ]


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
