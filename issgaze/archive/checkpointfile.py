"""A digest's checkpoint as one file: a line of JSON, then the arrays one after the other."""

import contextlib
import json
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.errors import ArchiveError
from issgaze.stacking.checkpoint import Checkpoint

_FORMAT = "issgaze-checkpoint"
_VERSION = 1
_LONGEST_HEAD = 4 << 20
_REMEDY = "Remove the checkpoint; the frames are digested from the start."


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> int:
    """Replace a checkpoint file; return the number of bytes.

    Raises:
        ArchiveError: The disk refuses it.
    """
    head = {
        "format": _FORMAT,
        "version": _VERSION,
        "document": checkpoint.document,
        "arrays": {
            name: {"dtype": array.dtype.str, "shape": array.shape}
            for name, array in checkpoint.arrays.items()
        },
    }
    text = json.dumps(head).encode() + b"\n"
    pieces = [np.ascontiguousarray(array) for array in checkpoint.arrays.values()]
    return write_atomic(path, text, *(piece.data.cast("B") for piece in pieces))


def read_checkpoint(path: Path) -> Checkpoint | None:
    """Return a checkpoint, its arrays mapped from the file; None where there is none.

    Raises:
        ArchiveError: It cannot be read or is broken.
    """
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_HEAD)
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        return None
    except ValueError as error:
        # an empty file cannot be mapped
        raise _broken(path) from error
    except OSError as error:
        raise disk_error(path, error) from error
    try:
        head = json.loads(line)
        if (head["format"], head["version"]) != (_FORMAT, _VERSION):
            raise _broken(path)
        arrays = dict(_arrays(head["arrays"], content, len(line)))
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(path) from error
    return Checkpoint(
        document=head["document"],
        arrays=arrays,
        # of a map that is only read this forgets nothing
        settle=lambda: content.madvise(mmap.MADV_DONTNEED),
    )


def remove_checkpoint(path: Path) -> None:
    """Remove a checkpoint; one that cannot be removed does no harm."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _arrays(
    described: dict[str, Any], content: mmap.mmap, offset: int
) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, form in described.items():
        kind, shape = np.dtype(form["dtype"]), tuple(form["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        yield name, np.frombuffer(content, kind, count, offset).reshape(shape)
        offset += count * kind.itemsize


def _broken(path: Path) -> ArchiveError:
    return ArchiveError(f"{path}: no checkpoint, or cut short", remedy=_REMEDY)
