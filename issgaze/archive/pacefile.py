"""What this device needs to write and digest a frame, as it measured itself."""

import json
from collections.abc import Mapping
from typing import Any

from issgaze.archive.jsonfile import write_json
from issgaze.archive.layout import Archive

_NAME = "bench.json"


def keep_bench(archive: Archive, document: Mapping[str, Any]) -> None:
    """Keep what `issgaze bench` measured.

    Raises:
        ArchiveError: The disk refuses it.
    """
    write_json(archive.calibration / _NAME, dict(document))


def measured_interval_s(archive: Archive, mode: str) -> float | None:
    """Return the shortest interval that frames of a size can be digested in; None if not measured.

    Of the resolutions that were measured the lighter counts: developing falls back on it.
    """
    try:
        document = json.loads((archive.calibration / _NAME).read_text(encoding="utf-8"))
        times = [
            float(case["shortest_exposure_s"])
            for case in document["cases"]
            if case["capture"] == mode
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return min(times, default=None)
