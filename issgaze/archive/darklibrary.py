"""The dark library: sets of darks, looked up by size, gain, exposure and temperature.

<archive>/calibration/darks/<UTC>/NNNN.fits
<archive>/calibration/darks/<UTC>/set.json    last: a set without it was broken off
"""

import json
import math
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import disk_error, make_folder, write_atomic
from issgaze.archive.fits import write_raw
from issgaze.civil import format_utc, parse_utc, seconds_between
from issgaze.errors import IssgazeError
from issgaze.imaging.frame import Frame, FrameInfo

_SET_FILE = "set.json"
_SAME_GAIN = 0.02
# a dark is scaled in proportion to the exposure, which holds so far
_FARTHEST_EXPOSURE = 4.0
_FARTHEST_C = 15.0
# dark current doubles within about so many degrees; so far away a set is as good as one of half
# the exposure
_DOUBLES_C = 6.0
# of one size and gain; the oldest goes
_MOST_SETS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkKey:
    """What a dark must have in common with a light.

    Attributes:
        width_px, height_px: Of the mosaic.
        analogue_gain: Of the sensor.
        exposure_s: Scaled where it differs.
        temperature_c: Of the sensor, None when it is not known.
    """

    width_px: int
    height_px: int
    analogue_gain: float
    exposure_s: float
    temperature_c: float | None

    @classmethod
    def of(cls, info: FrameInfo, shape: tuple[int, int]) -> "DarkKey":
        """Return the key of a frame of a shape (height, width)."""
        return cls(
            width_px=shape[1],
            height_px=shape[0],
            analogue_gain=info.analogue_gain,
            exposure_s=info.exposure_s,
            temperature_c=info.temperature_c,
        )

    def distance(self, other: "DarkKey") -> float:
        """Return how ill darks of the one fit lights of the other; infinite when not at all.

        One for half or double the exposure, or for six degrees.
        """
        if (self.width_px, self.height_px) != (other.width_px, other.height_px):
            return math.inf
        if abs(self.analogue_gain - other.analogue_gain) > _SAME_GAIN * other.analogue_gain:
            return math.inf
        ratio = abs(math.log2(self.exposure_s / other.exposure_s))
        if ratio > math.log2(_FARTHEST_EXPOSURE):
            return math.inf
        if self.temperature_c is None or other.temperature_c is None:
            return ratio
        away_c = abs(self.temperature_c - other.temperature_c)
        return math.inf if away_c > _FARTHEST_C else ratio + away_c / _DOUBLES_C


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkSet:
    """A set of darks.

    Attributes:
        path: Its folder, whose name is its id.
        key: What it was taken with.
        count: Frames in it.
        taken_utc: When the first was taken.
    """

    path: Path
    key: DarkKey
    count: int
    taken_utc: datetime

    def frames(self) -> list[Path]:
        """Return its files in order."""
        return sorted(self.path.glob("*.fits"))


class DarkLibrary:
    """The sets that were taken so far.

    Args:
        calibration: The calibration folder of an archive.
    """

    def __init__(self, calibration: Path) -> None:
        self._folder = calibration / "darks"

    def sets(self) -> list[DarkSet]:
        """Return the whole sets, oldest first; what cannot be read is none."""
        found: list[DarkSet] = []
        for path in sorted(self._folder.glob(f"*/{_SET_FILE}")):
            try:
                document: dict[str, Any] = json.loads(path.read_text())
                found.append(
                    DarkSet(
                        path=path.parent,
                        key=DarkKey(**document["key"]),
                        count=int(document["count"]),
                        taken_utc=parse_utc(document["taken_utc"]),
                    )
                )
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return found

    def find(self, key: DarkKey) -> DarkSet | None:
        """Return the set that fits lights of a kind best, the newest of equals; None without."""
        fits = [held for held in self.sets() if held.key.distance(key) < math.inf]
        return min(reversed(fits), key=lambda held: held.key.distance(key), default=None)

    def is_fresh(self, key: DarkKey, now: datetime, *, days: float, distance: float) -> bool:
        """Return whether a set that fits well was taken lately."""
        return any(
            held.key.distance(key) <= distance
            and 0.0 <= seconds_between(held.taken_utc, now) < days * 86400.0
            for held in self.sets()
        )

    def add(self, frames: Iterable[Frame]) -> DarkSet | None:
        """Write a set as its frames come; None when none came. The oldest alike may go.

        Raises:
            ArchiveError: The disk refuses it; what was written of the set is removed, as it is
                when the frames themselves raise an error.
        """
        folder: Path | None = None
        first: FrameInfo | None = None
        shape = (0, 0)
        temperatures_c: list[float] = []
        count = 0
        try:
            for frame in frames:
                if folder is None:
                    first, shape = frame.info, frame.mosaic.shape
                    stamp = f"{frame.info.start_utc:%Y%m%dT%H%M%SZ}"
                    folder = self._folder / stamp
                    make_folder(folder)
                count += 1
                write_raw(folder / f"{count:04d}.fits", frame, site=None)
                if frame.info.temperature_c is not None:
                    temperatures_c.append(frame.info.temperature_c)
        except (OSError, IssgazeError) as error:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, IssgazeError):
                raise
            raise disk_error(folder or self._folder, error) from error
        if folder is None or first is None:
            return None
        middle_c = sum(temperatures_c) / len(temperatures_c) if temperatures_c else None
        key = DarkKey(
            width_px=shape[1],
            height_px=shape[0],
            analogue_gain=first.analogue_gain,
            exposure_s=first.exposure_s,
            temperature_c=middle_c,
        )
        document = {
            "format": "issgaze-darks",
            "version": 1,
            "key": asdict(key),
            "count": count,
            "taken_utc": format_utc(first.start_utc),
        }
        write_atomic(folder / _SET_FILE, json.dumps(document, indent=1).encode() + b"\n")
        self._prune(key)
        return DarkSet(path=folder, key=key, count=count, taken_utc=first.start_utc)

    def _prune(self, key: DarkKey) -> None:
        """Remove broken sets, and the oldest where there are too many of one size and gain."""
        whole = {held.path for held in self.sets()}
        for path in self._folder.glob("*"):
            if path not in whole:
                shutil.rmtree(path, ignore_errors=True)
        alike = [
            held
            for held in self.sets()
            if (held.key.width_px, held.key.height_px, held.key.analogue_gain)
            == (key.width_px, key.height_px, key.analogue_gain)
        ]
        for held in alike[:-_MOST_SETS]:
            shutil.rmtree(held.path, ignore_errors=True)
