"""Our whole digest against Siril's debayer, registration and rejection on the same frames.

    .venv/bin/issgaze simulate --scenario clear --frames 20 --size binned --out /tmp/pass
    .venv/bin/python benchmarks/bench_siril.py /tmp/pass

Needs `siril-cli` 1.0 (apt-get install siril). CPU seconds are compared, of all processes and
threads: they do not depend on what else the machine does. Siril registers by star matching and
reads frames into files of its own; ours takes darks, digests, reviews and finishes.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCRIPT = """requires 1.0.0
convert light -out=../p
cd ../p
preprocess light -debayer
register pp_light
stack r_pp_light rej 3 3 -norm=addscale -out=result
"""


def ours(folder: Path, resolution: str) -> None:
    """Develop the frames of a folder and print nothing: the caller measures this process."""
    from issgaze.archive.fits import read_raw, site_of
    from issgaze.archive.fitsimage import ImageRoom, read_header
    from issgaze.devices.memory import return_memory_at_once
    from issgaze.imaging.masterdark import master_dark
    from issgaze.optics.lens import Lens
    from issgaze.stacking.digest import Digest, DigestSetup

    return_memory_at_once()
    lights = sorted((folder / "lights").glob("*.fits"))
    dark = master_dark(read_raw(path) for path in sorted((folder / "darks").glob("*.fits")))
    lens = Lens.from_document(json.loads((folder / "lens.json").read_text()))
    middle = read_raw(lights[len(lights) // 2])
    height, width = middle.mosaic.shape
    digest = Digest(
        DigestSetup(
            width_px=width, height_px=height, bayer_pattern=middle.info.bayer_pattern,
            black_level_adu=middle.info.black_level_adu,
            white_level_adu=middle.info.white_level_adu,
            lens=lens.scaled_to(width, height), site=site_of(read_header(lights[0])),
            reference_utc=middle.info.start_utc, exposure_s=middle.info.exposure_s,
            resolution=resolution, dark=dark, reuse_frames=True,  # type: ignore[arg-type]
        )
    )  # fmt: skip
    began = time.process_time()
    room = ImageRoom()
    for path in lights:
        digest.add(read_raw(path, room=room))
    print(f"{time.process_time() - began:.3f}")
    del room
    for number in digest.doubtful:
        digest.review(number, read_raw(lights[number]))
    digest.finish()


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
    """Measure the three and print a table."""
    frames = len(list((folder / "lights").glob("*.fits")))
    print(
        f"{frames} frames\n\n| what | wall s | CPU s | frames per CPU s | peak MB | x Siril, CPU |"
    )
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name) / "work"
        shutil.copytree(folder / "lights", work)
        script = Path(name) / "script.ssf"
        script.write_text(SCRIPT)
        siril = measured(["siril-cli", "-d", str(work), "-s", str(script)])
    rows = {"Siril": siril}
    for resolution in ("half", "full"):
        rows[resolution] = measured([sys.executable, __file__, str(folder), resolution])
    for what, (wall, cpu, peak, words) in rows.items():
        speed = f"{frames / cpu:.1f} | {peak:.0f} | {siril[1] / cpu:.1f}"
        print(f"| {what} | {wall:.1f} | {cpu:.1f} | {speed} |")
        if what != "Siril":
            alone = float(words)
            speed = f"{frames / alone:.1f} | | {siril[1] / alone:.0f}"
            print(f"| {what}, reading and digesting alone | | {alone:.1f} | {speed} |")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        ours(Path(sys.argv[1]), sys.argv[2])
    else:
        main(Path(sys.argv[1]))
