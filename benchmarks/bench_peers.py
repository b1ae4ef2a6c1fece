"""The digest against what others use on the same frames: speed and memory.

    .venv/bin/issgaze simulate --scenario clear --frames 16 --size binned --out /tmp/pass
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -e . opencv-python-headless \
        astroalign ccdproc astropy
    /tmp/peers/bin/python benchmarks/bench_peers.py /tmp/pass

Each peer runs in a process of its own and reads the frames itself. Frames per CPU second count all
threads. Peers are no dependency of the package; Siril is measured by bench_siril.py, what the
stacks look like by bench_quality.py.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

Plane = np.ndarray


def lights(folder: Path) -> list[Path]:
    """Return the frames in order."""
    return sorted((folder / "lights").glob("*.fits"))


def mosaic(path: Path) -> Plane:
    """Return the pixels of a frame."""
    from issgaze.archive.fits import read_raw

    return read_raw(path).mosaic


def green(raw: Plane) -> Plane:
    """Return the mean green of each cell, float32."""
    return 0.5 * (raw[0::2, 1::2].astype(np.float32) + raw[1::2, 0::2])


def opencv_maximum(folder: Path) -> Plane:
    """Debayer and keep the largest, as star-trail programs do."""
    import cv2

    largest = None
    for path in lights(folder):
        colour = cv2.cvtColor(mosaic(path), cv2.COLOR_BayerBG2BGR)
        largest = colour if largest is None else cv2.max(largest, colour)
    assert largest is not None
    return largest[0::2, 0::2, 1].astype(np.float32)


def colour_average(folder: Path) -> Plane:
    """Register whole colour pictures by star patterns and average them, as indi-allsky does.

    Its parameters: the first frame is the reference, patterns are sought in the middle half of the
    picture among 50 points of 10 px and 5 sigma. It keeps all registered pictures until the end;
    here they are summed as they come, which is kinder to its memory.
    """
    import astroalign
    import cv2

    paths = lights(folder)
    target = cv2.cvtColor(mosaic(paths[0]), cv2.COLOR_BayerBG2BGR)
    height, width = target.shape[:2]
    middle = np.zeros((height, width), np.uint8)
    middle[height // 4 : -(height // 4), width // 4 : -(width // 4)] = 255
    masked = cv2.bitwise_and(target, target, mask=middle)
    total, count = target.astype(np.float64), 1
    for path in paths[1:]:
        colour = cv2.cvtColor(mosaic(path), cv2.COLOR_BayerBG2BGR)
        try:
            transform, _ = astroalign.find_transform(
                cv2.bitwise_and(colour, colour, mask=middle), masked, detection_sigma=5,
                max_control_points=50, min_area=10,
            )  # fmt: skip
            moved, _ = astroalign.apply_transform(transform, colour, target)
        except Exception as error:  # noqa: BLE001 - any failure of a peer is a result
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        total += moved
        count += 1
    return (total / count)[0::2, 0::2, 1].astype(np.float32)


def astroalign_average(folder: Path) -> Plane:
    """Register one green of half the size by star patterns and average: the least such work."""
    import astroalign

    paths = lights(folder)
    target = green(mosaic(paths[len(paths) // 2]))
    total, count = np.zeros(target.shape), 0
    for path in paths:
        try:
            moved, _ = astroalign.register(green(mosaic(path)), target, detection_sigma=5)
        except Exception as error:  # noqa: BLE001 - any failure of a peer is a result
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        total += moved
        count += 1
    return (total / max(1, count)).astype(np.float32)


def ccdproc_clip(folder: Path) -> Plane:
    """Sigma-clipped mean without registration."""
    import ccdproc
    from astropy.nddata import CCDData

    frames = [CCDData(green(mosaic(path)), unit="adu") for path in lights(folder)]
    clipped = ccdproc.combine(
        frames, method="average", sigma_clip=True, sigma_clip_low_thresh=3,
        sigma_clip_high_thresh=3, dtype=np.float32,
    )  # fmt: skip
    return np.asarray(clipped.data)


def ours(folder: Path, resolution: str) -> Plane:
    """Digest, review and finish, with the darks."""
    from issgaze.archive.fits import read_raw, site_of
    from issgaze.archive.fitsimage import ImageRoom, read_header
    from issgaze.devices.memory import return_memory_at_once
    from issgaze.imaging.masterdark import master_dark
    from issgaze.optics.lens import Lens
    from issgaze.stacking.digest import Digest, DigestSetup

    return_memory_at_once()
    paths = lights(folder)
    dark = master_dark(read_raw(path) for path in sorted((folder / "darks").glob("*.fits")))
    middle = read_raw(paths[len(paths) // 2])
    height, width = middle.mosaic.shape
    digest = Digest(
        DigestSetup(
            width_px=width, height_px=height, bayer_pattern=middle.info.bayer_pattern,
            black_level_adu=middle.info.black_level_adu,
            white_level_adu=middle.info.white_level_adu,
            lens=Lens.from_document(json.loads((folder / "lens.json").read_text())),
            site=site_of(read_header(paths[0])), reference_utc=middle.info.start_utc,
            exposure_s=middle.info.exposure_s, dark=dark, reuse_frames=True,
            resolution=resolution,  # type: ignore[arg-type]
        )
    )  # fmt: skip
    room = ImageRoom()
    for path in paths:
        digest.add(read_raw(path, room=room))
    del room
    for number in digest.doubtful:
        digest.review(number, read_raw(paths[number]))
    return digest.finish().stars[1]


PEERS: dict[str, Callable[[Path], Plane]] = {
    "OpenCV debayer + maximum": opencv_maximum,
    "register in colour + average, as indi-allsky": colour_average,
    "astroalign register + average, one green": astroalign_average,
    "ccdproc sigma clip, not registered": ccdproc_clip,
    "issgaze half": lambda folder: ours(folder, "half"),
    "issgaze full": lambda folder: ours(folder, "full"),
}


def main(folder: Path) -> None:
    """Run each in a process of its own and print a table."""
    count = len(lights(folder))
    print("| what | wall s | frames per CPU s | peak MB |\n|---|---|---|---|")
    for name in PEERS:
        began = time.perf_counter()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["/usr/bin/time", "-f", "rss %M", sys.executable, __file__, str(folder), name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if done.returncode:
            print(f"| {name} | failed: {done.stderr.strip().splitlines()[-2][:80]} | | |")
            continue
        peak = int(done.stderr.rsplit("rss ", 1)[1]) / 1024.0
        print(f"| {name} | {wall:.1f} | {count / cpu:.2f} | {peak:.0f} |")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        PEERS[sys.argv[2]](Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]))
