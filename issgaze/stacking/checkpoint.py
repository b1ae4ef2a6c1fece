"""All that a digest has gathered so far, to be put away and taken up again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.errors import FrameError


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A digest's state. A digest that goes on from it gives the very same stacks.

    Attributes:
        document: Numbers and texts, fit for JSON.
        arrays: The sums and what goes with them, by name; views of the digest's own memory, to be
            written before its next frame.
    """

    document: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


class Shelf:
    """Reads or writes attributes of a digest's parts as one checkpoint.

    Each part names its attributes once, for both ways.
    """

    def __init__(self, saved: Checkpoint | None = None) -> None:
        """Write when nothing was saved, else read it."""
        self.reading = saved is not None
        self.document: dict[str, Any] = dict(saved.document) if saved else {}
        self.arrays: dict[str, NDArray[Any]] = dict(saved.arrays) if saved else {}

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
            return saved.astype(saved.dtype, copy=True)
        np.copyto(own, saved)
        return own
