"""The trail as the few pixels that hold it: three whole planes would be mostly zeros."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, Float64Array, Int32Array


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPixels:
    """Pixels of a trail, in order of their rows.

    Attributes:
        shape: Height and width of the picture.
        row, column: Shape (n,).
        light: Red, green, blue above the sky, shape (3, n).
    """

    shape: tuple[int, int]
    row: Int32Array
    column: Int32Array
    light: Float32Array

    @classmethod
    def of(cls, planes: Float32Array) -> "TrailPixels":
        """Return the pixels of planes (3, h, w) that are not zero."""
        row, column = np.nonzero(planes.any(axis=0))
        shape = (planes.shape[1], planes.shape[2])
        return cls.of_any(shape, row, column, planes[:, row, column])

    @classmethod
    def of_any(
        cls,
        shape: tuple[int, int],
        row: NDArray[np.integer[Any]],
        column: NDArray[np.integer[Any]],
        light: Float32Array,
    ) -> "TrailPixels":
        """Return those of the pixels that are not zero; they are given in order of their rows."""
        lit = np.flatnonzero(light.any(axis=0))
        return cls(
            shape=shape,
            row=row[lit].astype(np.int32),
            column=column[lit].astype(np.int32),
            light=np.ascontiguousarray(light[:, lit], dtype=np.float32),
        )

    @classmethod
    def nothing(cls, shape: tuple[int, int]) -> "TrailPixels":
        """Return a trail without light."""
        none = np.zeros(0, dtype=np.int32)
        return cls(shape=shape, row=none, column=none, light=np.zeros((3, 0), dtype=np.float32))

    @classmethod
    def brightest(cls, shape: tuple[int, int], parts: Sequence["TrailPixels"]) -> "TrailPixels":
        """Return the pixels of all parts, each colour from the part where it is brightest."""
        if not parts:
            return cls.nothing(shape)
        width = shape[1]
        places = [part.row.astype(np.int64) * width + part.column for part in parts]
        place, which = np.unique(np.concatenate(places), return_inverse=True)
        light = np.zeros((3, len(place)), dtype=np.float32)
        for plane, values in zip(light, np.hstack([part.light for part in parts]), strict=True):
            np.maximum.at(plane, which, values)
        return cls.of_any(shape, place // width, place % width, light)

    def rows(self, top: int, bottom: int) -> Float32Array:
        """Return rows top <= y < bottom as planes (3, bottom - top, w)."""
        first, last = np.searchsorted(self.row, (top, bottom))
        planes = np.zeros((3, bottom - top, self.shape[1]), dtype=np.float32)
        here = slice(int(first), int(last))
        planes[:, self.row[here] - top, self.column[here]] = self.light[:, here]
        return planes

    def green_at(self, row: Int32Array, column: Int32Array) -> Float64Array:
        """Return the green light of any pixels, zero where there is none, shape (n,)."""
        return self._at(self.light[1], row, column)

    def brightest_at(self, row: Int32Array, column: Int32Array) -> Float64Array:
        """Return the light of the brightest colour of any pixels, shape (n,)."""
        return self._at(self.light.max(axis=0), row, column)

    def _at(self, values: Float32Array, row: Int32Array, column: Int32Array) -> Float64Array:
        width = self.shape[1]
        mine = self.row.astype(np.int64) * width + self.column
        asked = row.astype(np.int64) * width + column
        if not len(mine):
            return np.zeros(len(asked))
        place = np.minimum(np.searchsorted(mine, asked), len(mine) - 1)
        return np.where(mine[place] == asked, values[place], 0.0).astype(np.float64)

    def __bool__(self) -> bool:
        """Return True when there is any light."""
        return len(self.row) > 0
