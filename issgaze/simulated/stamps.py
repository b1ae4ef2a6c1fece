"""Lights laid into a Bayer mosaic with the lens's blur, exact to a fraction of a pixel."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, Float64Array

MARGIN_PX = 32
_CHUNK_SAMPLES = 1_500_000
_COLOURS = {"R": 0, "G": 1, "B": 2}


def colour_cell(bayer_pattern: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the colour (0 red, 1 green, 2 blue) of each photosite in the first 2x2 cell."""
    a, b, c, d = (_COLOURS[letter] for letter in bayer_pattern)
    return (a, b), (c, d)


def canvas(height_px: int, width_px: int) -> Float32Array:
    """Return an empty mosaic with a margin, so that no stamp needs to be cut."""
    shape = (height_px + 2 * MARGIN_PX, width_px + 2 * MARGIN_PX)
    return np.zeros(shape, dtype=np.float32)


def inside(mosaic: Float32Array) -> Float32Array:
    """Return the mosaic without its margin, as a view."""
    return mosaic[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]


def add_lights(
    mosaic: Float32Array,
    points: Float64Array,
    electrons: Float64Array,
    sigma_px: Float64Array,
    *,
    half_px: int,
    cell: tuple[tuple[int, int], tuple[int, int]],
    row_share: "RowShare | None" = None,
) -> None:
    """Add round Gaussian lights to a mosaic made by `canvas`.

    Args:
        mosaic: Where to add.
        points: x, y of shape (n, 2); those outside the picture by more than a stamp are left out.
        electrons: Of each in red, green and blue, shape (n, 3).
        sigma_px: Width of each, at least 0.5.
        half_px: A stamp reaches so far from its middle.
        cell: See `colour_cell`.
        row_share: What part of each light a row sees, for a rolling shutter.
    """
    height, width = mosaic.shape
    reach = MARGIN_PX - half_px - 1
    x, y = points[:, 0] + MARGIN_PX, points[:, 1] + MARGIN_PX
    edge = MARGIN_PX - reach
    seen = (x >= edge) & (x <= width - 1 - edge) & (y >= edge) & (y <= height - 1 - edge)
    chosen = np.flatnonzero(seen)
    step = max(1, _CHUNK_SAMPLES // (2 * half_px + 1) ** 2)
    for start in range(0, len(chosen), step):
        part = chosen[start : start + step]
        share = row_share.of(part, y[part], half_px) if row_share is not None else None
        _add_chunk(mosaic, x[part], y[part], electrons[part], sigma_px[part], half_px, cell, share)


def thinned_to(
    points: Float64Array, electrons: Float64Array, spacing_px: float
) -> tuple[Float64Array, Float64Array]:
    """Return fewer lights for a densely sampled path: runs closer than a spacing become one."""
    if len(points) < 2:
        return points, electrons
    path = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    run = (path / spacing_px).astype(np.intp)
    first = np.flatnonzero(np.concatenate(([True], np.diff(run) > 0)))
    light = electrons.sum(axis=1, keepdims=True)
    whole = np.maximum(np.add.reduceat(light, first, axis=0), 1e-30)
    middle = np.add.reduceat(points * light, first, axis=0) / whole
    return middle, np.add.reduceat(electrons, first, axis=0)


class RowShare:
    """What part of a moving light's short stretch of time falls into each row's exposure.

    Args:
        middle_s: Middle of each light's stretch, after the start of row 0's exposure.
        length_s: Length of each stretch.
        exposure_s: Of every row.
        row_time_s: Start of a row after the one above.
        height_px: Rows of the picture; with a negative row time the last one starts first.
    """

    def __init__(
        self,
        middle_s: Float64Array,
        length_s: float,
        *,
        exposure_s: float,
        row_time_s: float,
        height_px: int,
    ) -> None:
        self._middle = middle_s
        self._length = length_s
        self._exposure = exposure_s
        self._row_time = row_time_s
        self._first = (height_px - 1) * -min(row_time_s, 0.0)

    def of(self, part: NDArray[np.intp], y: Float64Array, half_px: int) -> Float64Array:
        """Return the shares, shape (lights, rows of the stamp)."""
        rows = np.rint(y)[:, np.newaxis] - half_px + np.arange(2 * half_px + 1) - MARGIN_PX
        opens = self._first + rows * self._row_time
        middle = self._middle[part][:, np.newaxis]
        half = 0.5 * self._length
        begun = np.minimum(middle + half, opens + self._exposure) - np.maximum(middle - half, opens)
        return np.asarray(np.clip(begun / self._length, 0.0, 1.0), dtype=np.float64)


def _add_chunk(
    mosaic: Float32Array,
    x: Float64Array,
    y: Float64Array,
    electrons: Float64Array,
    sigma: Float64Array,
    half: int,
    cell: tuple[tuple[int, int], tuple[int, int]],
    share: Float64Array | None,
) -> None:
    left, top = np.rint(x).astype(np.intp) - half, np.rint(y).astype(np.intp) - half
    offsets = np.arange(2 * half + 1)
    narrow = (-0.5 / (sigma * sigma))[:, np.newaxis].astype(np.float32)
    gx = np.exp(narrow * ((left - x)[:, np.newaxis] + offsets).astype(np.float32) ** 2)
    gy = np.exp(narrow * ((top - y)[:, np.newaxis] + offsets).astype(np.float32) ** 2)
    # what a small stamp cuts off is put back into it: no light is lost
    gx /= gx.sum(axis=1, keepdims=True)
    gy /= gy.sum(axis=1, keepdims=True)
    if share is not None:
        gy *= share.astype(np.float32)
    flat = mosaic.reshape(-1)
    stride = mosaic.shape[1]
    counts = electrons.astype(np.float32)
    parity = (top & 1) * 2 + (left & 1)
    for group in range(4):
        members = np.flatnonzero(parity == group)
        if not len(members):
            continue
        corner = top[members] * stride + left[members]
        mine, across, down = counts[members], gx[members], gy[members]
        for a in (0, 1):
            for b in (0, 1):
                # the margin is even, so parities of the canvas are those of the mosaic
                colour = cell[((group >> 1) + a) & 1][((group & 1) + b) & 1]
                column = down[:, a::2] * mine[:, colour : colour + 1]
                values = column[:, :, np.newaxis] * across[:, np.newaxis, b::2]
                shifts = offsets[a::2, np.newaxis] * stride + offsets[b::2]
                where = corner[:, np.newaxis, np.newaxis] + shifts
                np.add.at(flat, where.reshape(-1), values.reshape(-1))
