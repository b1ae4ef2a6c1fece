"""A device left alone for weeks: faults at random, new element sets, a small card.

Usage: soak.py NIGHTS SEED FOLDER; prints one JSON document. It runs in a process of its own, so
that memory and open files can be counted.
"""

import dataclasses
import gc
import json
import math
import os
import random
import sys
from pathlib import Path
from typing import Any

from issgaze.archive.elements import ElementStore
from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.archive.retention import STAR_FILE, Budget, archive_bytes, keep_within
from issgaze.civil import later, parse_utc, seconds_between
from issgaze.errors import ArchiveError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import parse_elements
from issgaze.simulated.clock import SimulatedClock
from tests.scenarios import test_faults

# a tenth of what a month takes: raw frames and products must go again and again
BUDGET_BYTES = 4_000_000
_PRODUCT_BYTES = 60_000
# J2 of the Earth, its radius in km and mu in km^3/s^2 (WGS 72, as SGP4 has them)
_J2, _RADIUS_KM, _MU = 1.082616e-3, 6378.135, 398600.8


def aged(elements: ElementSet, days: float) -> ElementSet:
    """Return the set that the same orbit would have some days later, by J2's secular rates."""
    n = elements.mean_motion_rev_per_day * 2.0 * math.pi / 86400.0
    a_km = (_MU / n**2) ** (1.0 / 3.0)
    e, tilt = elements.eccentricity, math.radians(elements.inclination_deg)
    factor = 1.5 * _J2 * (_RADIUS_KM / (a_km * (1 - e**2))) ** 2 * n
    node = -factor * math.cos(tilt)
    perigee = factor * (2.0 - 2.5 * math.sin(tilt) ** 2)
    seconds = days * 86400.0
    return dataclasses.replace(
        elements,
        epoch=later(elements.epoch, seconds),
        raan_deg=(elements.raan_deg + math.degrees(node) * seconds) % 360.0,
        arg_of_perigee_deg=(elements.arg_of_perigee_deg + math.degrees(perigee) * seconds) % 360.0,
        mean_anomaly_deg=(elements.mean_anomaly_deg + math.degrees(n) * seconds) % 360.0,
        source="soak",
    )


class Weeks:
    """What else happens on the device while observe watches."""

    def __init__(self, root: Path, seed: int) -> None:
        self.archive = Archive(root)
        self.random = random.Random(seed)
        self.start = parse_utc(test_faults.START)
        self.night = 0
        self.rss_mb: list[float] = []
        self.files: list[int] = []
        self.largest_bytes = 0
        self.refused = 0
        (self.elements,) = parse_elements(Path(test_faults._DATA).read_bytes(), source="soak").sets
        self._finished: set[str] = set()

    def each(self, clock: SimulatedClock) -> None:
        """Do what is due."""
        night = int(seconds_between(self.start, clock.true_utc()) // 86400.0)
        if night <= self.night:
            return
        self.night = night
        # now and then the network is away for a day or two
        if self.random.random() < 0.7:
            ElementStore(self.archive.elements).add(aged(self.elements, night + 0.2))
        self._products()
        budget = Budget(most_bytes=BUDGET_BYTES, oldest=later(clock.now_utc(), -20 * 86400.0),
                        free_bytes=0.0)  # fmt: skip
        try:
            keep_within(self.archive, budget, clock.now_utc())
        except ArchiveError:
            self.refused += 1
        self.largest_bytes = max(self.largest_bytes, archive_bytes(self.archive))
        gc.collect()
        self.rss_mb.append(_rss_mb())
        self.files.append(len(list(Path("/proc/self/fd").iterdir())))

    def _products(self) -> None:
        """Give each developed pass what develop would have made of it, in small; star some."""
        for folder in pass_folders(self.archive):
            if folder.is_developed and folder.id not in self._finished:
                self._finished.add(folder.id)
                self._make(folder)

    def _make(self, folder: PassFolder) -> None:
        for name in ("stars.fits", "trail.fits", "ground.fits", "picture.tif"):
            (folder.path / name).write_bytes(bytes(_PRODUCT_BYTES))
        (folder.path / "picture.jpg").write_bytes(bytes(8000))
        if self.random.random() < 0.05:
            (folder.path / STAR_FILE).write_bytes(b"")


def faults(seed: int, count: int) -> list[Any]:
    """Return what goes wrong at each pass; at a third of them nothing does."""
    chosen = random.Random(seed)
    every = [*test_faults.CUES, *test_faults.HANDS]
    return [None if chosen.random() < 0.33 else chosen.choice(every) for _ in range(count)]


def soak(root: Path, nights: int, seed: int) -> dict[str, Any]:
    """Watch for so many nights; return what came of it."""
    weeks = Weeks(root, seed)
    kinds = faults(seed, len(test_faults.passes_of(nights)))
    document = test_faults.watch(root, float(nights), kinds, weeks.each)
    folders = list(pass_folders(weeks.archive))
    return {
        "document": document,
        "rss_mb": weeks.rss_mb,
        "files": weeks.files,
        "largest_bytes": weeks.largest_bytes,
        "starred": sum((folder.path / STAR_FILE).exists() for folder in folders),
        "raws_gone": sum((folder.path / "removed.json").exists() for folder in folders),
        "starred_without_frames": [
            folder.id
            for folder in folders
            if (folder.path / STAR_FILE).exists() and not folder.lights()
        ],
        "pictures_gone": [
            folder.id
            for folder in folders
            if folder.is_developed and (folder.path / "removed.json").exists()
            and not (folder.path / "picture.jpg").exists()
        ],
        "open": [folder.id for folder in folders if not folder.is_sealed],
        "faults": sum(kind is not None for kind in kinds),
    }  # fmt: skip


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Run it; what is flushed to the disk is tested elsewhere and costs most of the time."""
    os.fsync = lambda _descriptor: None
    nights, seed, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    sys.stdout.write(json.dumps(soak(folder, nights, seed)) + "\n")


if __name__ == "__main__":
    main()
