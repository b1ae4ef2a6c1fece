"""Our whole digest against Siril's debayer, registration and rejection on the same frames.

    .venv/bin/issgaze simulate --scenario clear --frames 20 --size binned --out /tmp/pass
    .venv/bin/python benchmarks/bench_siril.py /tmp/pass

Needs `siril-cli` 1.0 (apt-get install siril). CPU seconds of all processes and threads depend
little on what else the machine does, wall seconds do. Siril registers by star matching and reads
frames into files of its own; ours takes darks, digests, reviews and finishes.

Reading and digesting alone is timed twice: in a process that does it for the first time, and as
the best of some in one process. A virtual machine that gives unused memory back to its host pays
for each page that a process touches anew: here some 50 ms for the 37 MB of the stars' sums.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from issgaze.archive.fits import read_raw, site_of
from issgaze.archive.fitsimage import ImageRoom, read_header
from issgaze.devices.memory import return_memory_at_once
from issgaze.imaging.masterdark import master_dark
from issgaze.optics.lens import Lens
from issgaze.service.hands import hands
from issgaze.stacking.digest import Digest, DigestSetup
from issgaze.stacking.together import Workers

# of ours, of which the one that took the least CPU counts
ROUNDS = 5
SCRIPT = """requires 1.0.0
convert light -out=../p
cd ../p
preprocess light -debayer
register pp_light
stack r_pp_light rej 3 3 -norm=addscale -out=result
"""


class Series:
    """The frames of a folder, to be stacked."""

    def __init__(self, folder: Path, resolution: str, workers: Workers) -> None:
        return_memory_at_once()
        self.lights = sorted((folder / "lights").glob("*.fits"))
        self._workers = workers
        dark = master_dark(read_raw(path) for path in sorted((folder / "darks").glob("*.fits")))
        lens = Lens.from_document(json.loads((folder / "lens.json").read_text()))
        middle = read_raw(self.lights[len(self.lights) // 2])
        height, width = middle.mosaic.shape
        self._setup = DigestSetup(
            width_px=width, height_px=height, bayer_pattern=middle.info.bayer_pattern,
            black_level_adu=middle.info.black_level_adu,
            white_level_adu=middle.info.white_level_adu,
            lens=lens.scaled_to(width, height), site=site_of(read_header(self.lights[0])),
            reference_utc=middle.info.start_utc, exposure_s=middle.info.exposure_s,
            resolution=resolution, dark=dark, reuse_frames=True,  # type: ignore[arg-type]
        )  # fmt: skip

    def digest(self) -> tuple[Digest, float, float]:
        """Read and digest the frames; return the digest, wall and CPU seconds."""
        digest = Digest(self._setup, workers=self._workers)
        room = ImageRoom()
        wall, cpu = time.perf_counter(), time.process_time()
        for path in self.lights:
            digest.add(read_raw(path, room=room))
        return digest, time.perf_counter() - wall, time.process_time() - cpu


def ours(series: Series) -> tuple[float, float]:
    """Do all of it; return wall and CPU seconds of reading and digesting alone."""
    digest, wall, cpu = series.digest()
    for number in digest.doubtful:
        digest.review(number, read_raw(series.lights[number]))
    digest.finish()
    return wall, cpu


def again_and_again(series: Series) -> tuple[float, float]:
    """Read and digest some times; return the seconds of the time that took the least CPU."""
    return min((series.digest()[1:] for _ in range(ROUNDS)), key=lambda times: times[1])


def measured(command: list[str]) -> tuple[float, float, float, str]:
    """Run a command; return its wall and CPU seconds, its largest memory in MB, and its words."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    timed = ["/usr/bin/time", "-f", "rss %M", *command]
    done = subprocess.run(timed, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, int(done.stderr.rsplit("rss ", 1)[1]) / 1024.0, done.stdout


def main(folder: Path) -> None:
    """Measure Siril and ours, with one thread and with all, and print a table."""
    frames = len(list((folder / "lights").glob("*.fits")))
    print(f"{frames} frames\n\n| what | wall s | CPU s | peak MB | x Siril, wall | x Siril, CPU |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name) / "work"
        shutil.copytree(folder / "lights", work)
        script = Path(name) / "script.ssf"
        script.write_text(SCRIPT)
        wall, cpu, peak, _ = measured(["siril-cli", "-d", str(work), "-s", str(script)])
    print(f"| Siril, all threads | {wall:.1f} | {cpu:.1f} | {peak:.0f} | 1 | 1 |")
    for resolution in ("half", "full"):
        for threads in ("one", "all"):
            command = [sys.executable, __file__, str(folder), resolution, threads]
            best = min((measured([*command, "once"]) for _ in range(ROUNDS)), key=lambda r: r[1])
            *_, again = measured([*command, "again"])
            what = f"{resolution}, {threads} thread{'s' if threads == 'all' else ''}"
            for part, (own_wall, own_cpu), memory in (
                (f"reading and digesting, best of {ROUNDS}", numbers(again), ""),
                ("the same, first in its process", numbers(best[3]), ""),
                ("all of it", best[:2], f"{best[2]:.0f}"),
            ):
                times = f"{own_wall:.2f} | {own_cpu:.2f} | {memory}"
                ratios = f"{wall / own_wall:.0f} | {cpu / own_cpu:.0f}"
                print(f"| {what}, {part} | {times} | {ratios} |", flush=True)


def numbers(words: str) -> tuple[float, float]:
    """Return the two seconds that a process of ours printed."""
    wall, cpu = map(float, words.split())
    return wall, cpu


if __name__ == "__main__":
    if len(sys.argv) == 5:
        folder, resolution, threads, how = sys.argv[1:]
        with hands() if threads == "all" else nullcontext(Workers()) as workers:
            series = Series(Path(folder), resolution, workers)
            print(*(ours if how == "once" else again_and_again)(series))
    else:
        main(Path(sys.argv[1]))
