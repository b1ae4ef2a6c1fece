"""All that a digest has gathered so far, to be put away and taken up again."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.civil import format_utc, parse_utc
from issgaze.errors import FrameError
from issgaze.imaging.frame import FrameInfo

# an array is read in pieces of about this size, so that what it is read from may leave memory
_PIECE_BYTES = 4 << 20


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A digest's state. A digest that goes on from it gives the very same stacks.

    Attributes:
        document: Numbers and texts, fit for JSON.
        arrays: The sums and what goes with them, by name; views of the digest's own memory, to be
            written before its next frame.
        settle: Called after each piece of an array was read: it may leave memory.
    """

    document: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    settle: Callable[[], None] = _nothing


class Shelf:
    """Reads or writes attributes of a digest's parts as one checkpoint.

    Each part names its attributes once, for both ways.
    """

    def __init__(self, saved: Checkpoint | None = None) -> None:
        """Write when nothing was saved, else read it."""
        self.reading = saved is not None
        self.document: dict[str, Any] = dict(saved.document) if saved else {}
        self.arrays: dict[str, NDArray[Any]] = dict(saved.arrays) if saved else {}
        self._settle = saved.settle if saved else _nothing

    def checkpoint(self) -> Checkpoint:
        """Return what was written."""
        return Checkpoint(document=self.document, arrays=self.arrays)

    def numbers(self, name: str, part: object, *attributes: str) -> None:
        """Read or write plain numbers of a part."""
        for attribute in attributes:
            key = f"{name}.{attribute}"
            if self.reading:
                setattr(part, attribute, self.document[key])
            else:
                self.document[key] = getattr(part, attribute)

    def array(self, name: str, own: NDArray[Any]) -> NDArray[Any]:
        """Write an array, or read it into the part's own memory; return what the part is to keep.

        An array that grew to wider numbers takes the place of the part's own.

        Raises:
            FrameError: The saved array has another shape.
        """
        if not self.reading:
            self.arrays[name] = own
            return own
        saved = self.arrays[name]
        if saved.shape != own.shape:
            raise FrameError(
                f"the checkpoint's {name} has the shape {saved.shape}, {own.shape} is needed",
                remedy="Remove the checkpoint; the frames are digested from the start.",
            )
        if saved.dtype != own.dtype:
            own = np.empty(saved.shape, saved.dtype)
        step = max(1, _PIECE_BYTES * len(saved) // max(1, saved.nbytes))
        for first in range(0, len(saved), step):
            np.copyto(own[first : first + step], saved[first : first + step])
            self._settle()
        return own


def info_document(info: FrameInfo) -> dict[str, Any]:
    """Return what is known of a frame, fit for JSON."""
    return {**asdict(info), "start_utc": format_utc(info.start_utc, decimals=6)}


def info_of(document: Mapping[str, Any]) -> FrameInfo:
    """Return what `info_document` was given."""
    values: dict[str, Any] = {**document, "start_utc": parse_utc(document["start_utc"])}
    return FrameInfo(**values)
