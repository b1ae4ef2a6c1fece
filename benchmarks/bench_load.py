"""Can background work drop a frame? A camera in real time while develop and web work on all cores.

    .venv/bin/python benchmarks/bench_load.py [--frames N] [--exposure-s T]

The observer's own capture runs in a process with the priorities of its unit. Its camera is a thread
that reads a frame out every T seconds, whatever else happens, into one of three buffers as
picamera2 has them; where none is free the frame is lost and counted. Beside it run, with the
priorities of their units, `develop --watch` on the very frames, one more develop for each core on
other passes over and over, and the page with viewers who never rest. Once without all that, once
with it. Priorities above the usual need root; without it the observer has none, which is harder.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from bench_observer import PROJECT, free_port

from issgaze.archive.fits import read_raw
from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import from_unix, later
from issgaze.devices.systemclock import SystemClock
from issgaze.imaging.frame import Frame
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import ClockQuality
from issgaze.service.capture import Stage, capture

_BUFFERS = 3
_DEAD_S = 0.00063
_LIVE = "20240512T2300Z-25544"
# as in systemd/system
_OBSERVE = ("ionice", "-c", "2", "-n", "1", "nice", "-n", "-5")
_DEVELOP = ("ionice", "-c", "2", "-n", "7", "nice", "-n", "10", "chrt", "--batch", "0")
_WEB = ("nice", "-n", "5")


class LiveCamera:
    """Reads frames out by the clock into a few buffers; implements ports.Camera."""

    sensor = None

    def __init__(self, frames: list[Frame]) -> None:
        self._frames = frames
        self._free: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()
        for _ in range(_BUFFERS):
            self._free.put(np.empty_like(frames[0].mosaic))
        self._done: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self.asked = self.lost = 0
        self.waited_s: list[float] = []

    def __enter__(self) -> "LiveCamera":
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:  # noqa: ARG002 - port
        """Yield what was read out; a buffer is given back when the next frame is asked for."""
        self.asked = block.count
        sensor = threading.Thread(target=self._read_out, args=(block,), daemon=True)
        sensor.start()
        while sensor.is_alive() or not self._done.empty():
            try:
                frame = self._done.get(timeout=1.0)
            except queue.Empty:
                continue
            yield frame
            end = frame.info.start_utc.timestamp() + block.exposure_s
            self.waited_s.append(time.time() - end)
            self._free.put(frame.mosaic)

    def _read_out(self, block: ExposureBlock) -> None:
        begin, step_s = time.time(), block.exposure_s + _DEAD_S
        for number in range(block.count):
            due = begin + number * step_s + block.exposure_s
            time.sleep(max(0.0, due - time.time()))
            try:
                buffer = self._free.get_nowait()
            except queue.Empty:
                self.lost += 1
                continue
            held = self._frames[number % len(self._frames)]
            np.copyto(buffer, held.mosaic)
            start = from_unix(begin + number * step_s)
            info = dataclasses.replace(held.info, start_utc=start, exposure_s=block.exposure_s)
            self._done.put(Frame(mosaic=buffer, info=info))


class TrustedClock(SystemClock):
    """The machine's clock, whoever keeps it right."""

    def quality(self) -> ClockQuality:
        """Say that it can be believed."""
        return ClockQuality(trust="trusted", bound_s=0.001, source="bench")


def observe(folder: Path, source: Path) -> None:
    """Photograph a pass as the observer does; print what came of it."""
    lights = sorted(source.glob("lights/*.fits"))[:8]
    camera = LiveCamera([read_raw(path) for path in lights])
    live = PassFolder(folder)
    # the port asks for more than a bench needs
    stage = Stage(clock=TrustedClock(), camera=camera, roof=None, stop=lambda: False,  # type: ignore[arg-type]
                  on_progress=lambda _: None)  # fmt: skip
    reason = capture(live, live.plan_file().plan, stage)
    told = {"asked": camera.asked, "lost": camera.lost, "waited_s": camera.waited_s}
    print(json.dumps({"reason": reason, **told}))


def trial(archive: Archive, source: Path, block: ExposureBlock, *, loaded: bool) -> dict[str, str]:
    """Photograph once, alone or beside all that can be in the way."""
    live = make_live(archive, source, block)
    with contextlib.ExitStack() as stack:
        if loaded:
            load(stack, archive, source)
        busy = busy_s()
        begin = time.monotonic()
        words = [sys.executable, __file__, "--live", str(live.path), "--source", str(source)]
        done = subprocess.run([*_OBSERVE, *words], check=True, capture_output=True, text=True)
        took_s = time.monotonic() - begin
        share = (busy_s() - busy) / (took_s * (os.cpu_count() or 1))
    told = json.loads(done.stdout.splitlines()[-1])
    starts = [read_raw(path).info.start_utc for path in live.lights()]
    gaps = [(b - a).total_seconds() - block.exposure_s for a, b in pairwise(starts)]
    waited = sorted(told["waited_s"])
    return {
        "cores busy": f"{100 * share:.0f} %",
        "frames asked for, on disk, lost": f"{told['asked']}, {len(starts)}, {told['lost']}",
        "gap between frames": f"{1000 * min(gaps):.2f} to {1000 * max(gaps):.2f} ms",
        "readout to disk, median / worst": f"{waited[len(waited) // 2]:.3f} / {waited[-1]:.3f} s",
    }


def busy_s() -> float:
    """Return the seconds that all cores have worked since boot."""
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    idle = float(words[3]) + float(words[4])
    return (sum(map(float, words)) - idle) / os.sysconf("SC_CLK_TCK")


def make_live(archive: Archive, source: Path, block: ExposureBlock) -> PassFolder:
    """Return the folder of a pass that is photographed now."""
    plan_file = PassFolder(source).plan_file()
    # with time for a process to start beside all the others
    now = later(datetime.now().astimezone(block.start_utc.tzinfo), 15.0)
    plan = dataclasses.replace(
        plan_file.plan, lights=(dataclasses.replace(block, start_utc=now),), darks=None
    )
    folder = archive.passes / "2024-05-12" / _LIVE
    shutil.rmtree(folder, ignore_errors=True)
    return PassFolder.create(archive, dataclasses.replace(plan_file, pass_id=_LIVE, plan=plan))


def load(stack: contextlib.ExitStack, archive: Archive, source: Path) -> None:
    """Put everything in the way that the device has."""
    over = threading.Event()
    null, cores = subprocess.DEVNULL, os.cpu_count() or 1
    issgaze, root = [sys.executable, "-m", "issgaze"], ["--archive", str(archive.root)]
    port = free_port()
    for words in (
        [*_DEVELOP, *issgaze, "develop", "--watch", *root],
        [*_WEB, *issgaze, "web", *root, "--port", port],
    ):
        child = subprocess.Popen(words, stdout=null, stderr=null)
        stack.callback(child.wait)
        stack.callback(child.terminate)

    def again(number: int) -> None:
        while not over.is_set():
            other = archive.root / f"other{number}" / source.name
            shutil.rmtree(other.parent, ignore_errors=True)
            copy(source, other)
            words = [*_DEVELOP, *issgaze, "develop", str(other)]
            with subprocess.Popen(words, stdout=null, stderr=null) as one:
                while one.poll() is None and not over.wait(0.2):
                    pass
                one.terminate()

    def view() -> None:
        pages = ("/", "/gallery", "/ledger", "/api/status", f"/passes/{source.name}/")
        while not over.is_set():
            for page in pages:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=10).read()

    works = [threading.Thread(target=again, args=(number,)) for number in range(cores)]
    works += [threading.Thread(target=view) for _ in range(2)]
    for work in works:
        work.start()
        stack.callback(work.join)
    stack.callback(over.set)
    # until all of them have got going
    time.sleep(10.0)


def copy(source: Path, other: Path) -> None:
    """Copy a pass as it was before it was developed."""
    (other / "lights").mkdir(parents=True)
    for path in (source / "plan.json", source / "sealed", *source.glob("lights/*.fits")):
        shutil.copy(path, other / path.relative_to(source))


def main() -> None:
    """Run both trials and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--exposure-s", type=float, default=1.0)
    parser.add_argument("--live", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.live is not None:
        observe(given.live, given.source)
        return
    with tempfile.TemporaryDirectory(dir=PROJECT) as name:
        words = ["--scenario", "clear", "--speed", "max", "--passes", "1", "--port", free_port()]
        subprocess.run(
            [sys.executable, "-m", "issgaze", "run", "--simulated", *words, "--archive", name],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        (report,) = Path(name).glob("passes/*/*/report.json")
        first = PassFolder(report.parent).plan_file().plan.lights[0]
        block = dataclasses.replace(
            first, exposure_s=given.exposure_s, interval_s=given.exposure_s + _DEAD_S,
            count=given.frames,
        )  # fmt: skip
        for loaded in (False, True):
            print("develop and web at full load" if loaded else "nothing else runs")
            found = trial(Archive(Path(name)), report.parent, block, loaded=loaded)
            for what, value in found.items():
                print(f"  {what:34}  {value}", flush=True)


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
