"""Run under emulation by bench_arm.py: digest a few frames, with marks for the counting plugin."""

import contextlib
import json
import os
import sys
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.digest import Digest, DigestSetup

START = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)
MARK = 900_000_000


def mark(number: int) -> None:
    """Set a mark: ask for the priority of a process that does not exist."""
    with contextlib.suppress(ProcessLookupError):
        os.getpriority(os.PRIO_PROCESS, MARK + number)


def info(number: int) -> FrameInfo:
    """Return the description of a frame."""
    return FrameInfo(start_utc=START + timedelta(seconds=5.5 * number), exposure_s=5.0)


def main(folder: str, resolution: str, away_s: str) -> None:
    """Digest the folder's frames; the stars are away_s seconds from their place at the first."""
    frames = np.load(f"{folder}/frames.npy", mmap_mode="r")
    _, height, width = frames.shape
    lens = Lens.from_document(json.loads(Path(folder, "lens.json").read_text()))
    dark = MasterDark(
        excess_steps=np.load(f"{folder}/dark.npy"), step_adu=1.0, hot=np.load(f"{folder}/hot.npy"),
        bayer_pattern="RGGB", exposure_s=5.0, temperature_c=None, frame_count=3,
    )  # fmt: skip
    digest = Digest(
        DigestSetup(
            width_px=width, height_px=height, bayer_pattern="RGGB", black_level_adu=256.0,
            white_level_adu=4095.0, lens=lens, site=Site(latitude_deg=48.0, longitude_deg=11.0),
            reference_utc=START + timedelta(seconds=float(away_s)), exposure_s=5.0,
            resolution=resolution, dark=dark, reuse_frames=True,  # type: ignore[arg-type]
        )
    )  # fmt: skip
    parts = {"still": digest._still, "sky": digest._sky}  # noqa: SLF001 - parts are counted
    for number in range(len(frames)):
        frame = Frame(mosaic=np.array(frames[number]), info=info(number))
        mark(10 * number)
        if number < len(frames) - 1:
            digest.add(frame)
            mark(10 * number + 1)
            continue
        # the last one in its parts
        digest._admission.check(frame)  # noqa: SLF001
        mark(10 * number + 1)
        parts["still"].add(frame.mosaic, frame.mosaic, number, digest._workers)  # noqa: SLF001
        mark(10 * number + 2)
        digest._noise.add(frame.mosaic)  # noqa: SLF001
        mark(10 * number + 3)
        noise = digest._noise.model()  # noqa: SLF001
        parts["sky"].add(frame.mosaic, frame.info, noise, digest._workers)  # noqa: SLF001
        mark(10 * number + 4)
    still, sky = parts["still"], parts["sky"].stack
    for name, arrays in (
        ("unregistered", (still.sums.rows(0, 0, height), still.largest, still.latest)),
        ("registered", (*(sky.sums.rows(n, 0, height) for n in range(sky.layers)), sky.counts)),
    ):
        check = 0
        for array in arrays:
            check = zlib.crc32(np.ascontiguousarray(array).tobytes(), check)
        print(f"{name} {check:08x}")


if __name__ == "__main__":
    main(*sys.argv[1:])
