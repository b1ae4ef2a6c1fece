"""The camera's lens as it is known now, and every solution there was."""

import itertools
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import append_line
from issgaze.archive.jsonfile import write_json
from issgaze.archive.lensfile import read_lens, write_lens
from issgaze.arrays import Float64Array
from issgaze.civil import format_utc
from issgaze.errors import ArchiveError, LensError
from issgaze.optics.lens import Lens

_CURRENT = "lens.json"
_NIGHTS_FOR_BEST = 3
_HISTORY = "lens-history.jsonl"
_RESIDUALS = "lens-residuals.json"
# as many as a map can show; the brightest come first
_MOST_RESIDUALS = 500


@dataclass(frozen=True, slots=True)
class LensHistory:
    """Lenses in the calibration folder of an archive.

    Attributes:
        folder: The folder.
    """

    folder: Path

    @property
    def current_file(self) -> Path:
        """lens.json of the last good solution."""
        return self.folder / _CURRENT

    def current(self) -> Lens | None:
        """Return the lens of the last good solution, None when there is none that can be read."""
        try:
            return read_lens(self.current_file)
        except (LensError, ArchiveError):
            return None

    def add(self, lens: Lens, *, utc: datetime, facts: dict[str, Any]) -> None:
        """Make a lens the current one and write down where it came from.

        Args:
            lens: The lens.
            utc: Of the frame that told it.
            facts: What happened and its numbers, for the history.

        Raises:
            ArchiveError: The disk refuses it.
        """
        row = {"utc": format_utc(utc), **facts, "lens": lens.to_document()}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_lens(self.current_file, lens)
        append_line(self.folder / _HISTORY, json.dumps(row))

    def keep_residuals(self, lens: Lens, residuals_px: Float64Array, *, utc: datetime) -> None:
        """Keep how far from its place the lens puts each star, for the map on the page.

        Args:
            lens: The current lens.
            residuals_px: x, y, dx, dy of each star, shape (n, 4).
            utc: Of the frame.

        Raises:
            ArchiveError: The disk refuses it.
        """
        stars = residuals_px[:_MOST_RESIDUALS].round(2).tolist()
        write_json(
            self.folder / _RESIDUALS,
            {
                "utc": format_utc(utc),
                "width_px": lens.width_px,
                "height_px": lens.height_px,
                "stars": stars,
            },
        )

    def holds(self, pass_id: str) -> bool:
        """Return whether a pass has told its lens."""
        return any(row.get("pass_id") == pass_id for row in self.rows())

    def best_zero_point_mag(self, *, before: str) -> float | None:
        """Return the zero point of the most transparent nights, None before there are three.

        Only passes before the one of an id count: developed again, it says the same.

        The 90th percentile: a lucky measurement shall not make every night look hazy.
        """
        rows = itertools.takewhile(lambda row: row.get("pass_id") != before, self.rows())
        held = [row.get("frame_zero_point_mag") for row in rows]
        known = sorted(float(value) for value in held if isinstance(value, int | float))
        if len(known) < _NIGHTS_FOR_BEST:
            return None
        return known[min(int(0.9 * len(known)), len(known) - 1)]

    def rows(self) -> list[dict[str, Any]]:
        """Return the history, the oldest first; what a power cut left half written is skipped."""
        try:
            lines = (self.folder / _HISTORY).read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        rows: list[dict[str, Any]] = []
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                rows.append(row)
        return rows
