"""The trail as the few pixels that hold it: three whole planes would be mostly zeros."""

from dataclasses import dataclass

import numpy as np

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
        return cls(
            shape=(planes.shape[1], planes.shape[2]),
            row=row.astype(np.int32),
            column=column.astype(np.int32),
            light=np.ascontiguousarray(planes[:, row, column]),
        )

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
