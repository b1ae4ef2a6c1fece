"""JSON documents on disk, written so that every JSON reader can read them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic


def without_nan(value: Any) -> Any:
    """Return the value with every NaN and infinity in it replaced by None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return value


def write_json(path: Path, document: Mapping[str, Any]) -> int:
    """Replace a file by a document, one-space indented; return its bytes.

    Raises:
        ArchiveError: The disk refuses it.
    """
    text = json.dumps(without_nan(document), indent=1, ensure_ascii=False, allow_nan=False)
    return write_atomic(path, text.encode() + b"\n")
