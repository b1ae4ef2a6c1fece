"""lens.json on disk."""

import json
from pathlib import Path

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.errors import LensError
from issgaze.optics.lens import Lens


def read_lens(path: Path) -> Lens:
    """Read a lens file.

    Raises:
        LensError: It is missing, no JSON, or its numbers make no sense.
        ArchiveError: The disk refuses it.
    """
    remedy = "Check the path, or make one: `issgaze calibrate IMAGE --lens-out FILE`."
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LensError(f"{path}: no such lens file", remedy=remedy) from error
    except OSError as error:
        raise disk_error(path, error) from error
    except ValueError as error:
        raise LensError(f"{path}: no JSON ({error})", remedy=remedy) from error
    if not isinstance(document, dict):
        raise LensError(f"{path}: no lens file, it holds no JSON object", remedy=remedy)
    try:
        return Lens.from_document(document)
    except LensError as error:
        raise LensError(f"{path}: {error.message}", remedy=error.remedy) from error


def write_lens(path: Path, lens: Lens) -> int:
    """Write a lens file; return its bytes.

    Raises:
        ArchiveError: The disk refuses it.
    """
    return write_atomic(path, json.dumps(lens.to_document(), indent=1).encode() + b"\n")
