"""Stars in a single raw frame, ranked by how well they serve to recognise the sky."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.imaging.frame import Frame

_BLOCK_PX = 16
_HALF_PX = 5
_MARGIN_PX = _HALF_PX + 2
_THRESHOLD_SIGMA = 5.0
# a mono mosaic above this size is summed to cells of 2x2 px: no star is lost and time is saved
_LARGEST_MONO_PX = 4_000_000
_MOST = 6000
_LONGEST_RATIO = 1.9
_HOT_SHARE = 0.85
_STREAK_SHARE = 0.4
_SATURATED_SHARE = 0.97
_SATURATED_PX = 30
# text and the pieces of a streak stand in a crowd of their like
_CROWD_PX = 14.0
_CROWD = 3
_THINNING_CELLS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Detections:
    """Point sources, the most useful first; arrays of shape (n,).

    Attributes:
        x_px, y_px: Centroids in pixels of the raw mosaic.
        flux_adu: Above the local sky, summed over the aperture.
        elongation: Long axis over short axis, 1 is round.
        sound: False for what is elongated, saturated, crowded or a hot pixel; all of these come
            after the others.
        sky_adu: Median level of the picture above black.
    """

    x_px: Float64Array
    y_px: Float64Array
    flux_adu: Float64Array
    elongation: Float64Array
    sound: BoolArray
    sky_adu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    x: Float64Array
    y: Float64Array
    flux: Float64Array
    elongation: Float64Array
    bad: BoolArray


def detect_stars(frame: Frame, *, most: int = 1200) -> Detections:
    """Return at most that many point sources of a frame.

    Ranking goes by flux within coarse fields of the picture, field by field in turn, so that no
    lamp, aurora or overlay fills the head of the list.
    """
    plane, scale = _plane(frame)
    sky = _background(plane)
    above = _blurred(plane - sky)
    rows, columns = _peaks(above, _noise(above))
    white = (frame.info.white_level_adu - frame.info.black_level_adu) * _SATURATED_SHARE
    measured = _measured(plane, rows, columns, white)
    order, sound = _ranked(measured, plane.shape)
    order = order[:most]
    offset = 0.5 * (scale - 1)
    return Detections(
        x_px=measured.x[order] * scale + offset,
        y_px=measured.y[order] * scale + offset,
        flux_adu=measured.flux[order],
        elongation=measured.elongation[order],
        sound=sound[order],
        sky_adu=float(np.median(sky[::_BLOCK_PX, ::_BLOCK_PX])),
    )


def _plane(frame: Frame) -> tuple[Float32Array, int]:
    """Return the picture to search, above black, and its pixel in pixels of the mosaic."""
    mosaic = frame.mosaic
    black = np.float32(frame.info.black_level_adu)
    if frame.info.bayer_pattern == "MONO" and mosaic.size <= _LARGEST_MONO_PX:
        return mosaic.astype(np.float32) - black, 1
    height, width = (length // 2 * 2 for length in mosaic.shape)
    cells = mosaic[0:height:2, 0:width:2].astype(np.float32)
    for dy, dx in ((0, 1), (1, 0), (1, 1)):
        cells += mosaic[dy:height:2, dx:width:2]
    return cells * np.float32(0.25) - black, 2


def _background(plane: Float32Array) -> Float32Array:
    """Return the sky at every pixel."""
    return _expanded(_median3(np.median(_blocks(plane), axis=-1)), plane.shape)


def _noise(above: Float32Array) -> Float32Array:
    """Return the noise of the blurred picture at every pixel, grain of a JPEG included."""
    blocks = _blocks(above)
    middle = np.median(blocks, axis=-1, keepdims=True)
    spread = np.median(np.abs(blocks - middle), axis=-1) * np.float32(1.4826)
    floor = np.float32(max(0.3 * float(np.median(spread)), 0.1))
    return _expanded(_median3(np.maximum(spread, floor)), above.shape)


def _blocks(plane: Float32Array) -> Float32Array:
    """Return the pixels of whole blocks, shape (rows, columns, pixels)."""
    rows, columns = (max(length // _BLOCK_PX, 1) for length in plane.shape)
    inner = plane[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
    cells = inner.reshape(rows, inner.shape[0] // rows, columns, inner.shape[1] // columns)
    return cells.swapaxes(1, 2).reshape(rows, columns, -1)


def _median3(grid: Float32Array) -> Float32Array:
    padded = np.pad(grid, 1, mode="edge")
    height, width = grid.shape
    stack = [padded[dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)]
    return np.asarray(np.median(np.stack(stack), axis=0), dtype=np.float32)


def _expanded(grid: Float32Array, shape: tuple[int, ...]) -> Float32Array:
    for axis in (0, 1):
        place = np.clip((np.arange(shape[axis]) + 0.5) / _BLOCK_PX - 0.5, 0, grid.shape[axis] - 1)
        low = np.minimum(place.astype(np.intp), max(grid.shape[axis] - 2, 0))
        high = np.minimum(low + 1, grid.shape[axis] - 1)
        weight = (place - low).astype(np.float32)
        weight = weight[:, np.newaxis] if axis == 0 else weight[np.newaxis, :]
        first, second = np.take(grid, low, axis=axis), np.take(grid, high, axis=axis)
        grid = np.asarray(first + (second - first) * weight, dtype=np.float32)
    return grid


def _blurred(plane: Float32Array) -> Float32Array:
    """Return the plane under the 3x3 binomial, its outermost pixels zero."""
    across = np.zeros_like(plane)
    across[:, 1:-1] = 0.25 * (plane[:, :-2] + plane[:, 2:]) + 0.5 * plane[:, 1:-1]
    both = np.zeros_like(plane)
    both[1:-1] = 0.25 * (across[:-2] + across[2:]) + 0.5 * across[1:-1]
    return both


_Places = NDArray[np.intp]


def _peaks(above: Float32Array, sigma: Float32Array) -> tuple[_Places, _Places]:
    """Return rows and columns of the local maxima that stand out, the highest first."""
    rows, columns = np.nonzero(above > np.float32(_THRESHOLD_SIGMA) * sigma)
    height, width = above.shape
    inside = (
        (rows >= _MARGIN_PX)
        & (rows < height - _MARGIN_PX)
        & (columns >= _MARGIN_PX)
        & (columns < width - _MARGIN_PX)
    )
    rows, columns = rows[inside], columns[inside]
    value = above[rows, columns]
    top = np.ones(len(rows), dtype=np.bool_)
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            if (dy, dx) != (0, 0):
                other = above[rows + dy, columns + dx]
                top &= (value >= other) if (dy, dx) < (0, 0) else (value > other)
    rows, columns = rows[top], columns[top]
    order = np.argsort(-above[rows, columns], kind="stable")[:_MOST]
    return rows[order], columns[order]


def _measured(plane: Float32Array, rows: _Places, columns: _Places, white: float) -> _Measured:
    steps = np.arange(-_HALF_PX, _HALF_PX + 1)
    dy, dx = np.meshgrid(steps, steps, indexing="ij")
    where = rows[:, None, None] + dy, columns[:, None, None] + dx
    raw = plane[where].astype(np.float64)
    distance = np.hypot(dx, dy)
    ring = distance > _HALF_PX - 0.5
    stamps = raw - np.median(raw[:, ring], axis=-1)[:, None, None] if len(rows) else raw
    x, y = np.zeros(len(rows)), np.zeros(len(rows))
    for width in (2.0, 1.6, 1.6, 1.6):
        window = np.exp(
            -((dx - x[:, None, None]) ** 2 + (dy - y[:, None, None]) ** 2) / (2.0 * width**2)
        )
        weight = window * np.where(distance < _HALF_PX, stamps, 0.0)
        total = np.maximum(weight.sum(axis=(1, 2)), 1e-9)
        # under a window of the star's own size half the step is seen: take it whole
        x = np.clip(x + 2.0 * ((weight * dx).sum(axis=(1, 2)) / total - x), -2.5, 2.5)
        y = np.clip(y + 2.0 * ((weight * dy).sum(axis=(1, 2)) / total - y), -2.5, 2.5)
    elongation = _elongation(np.maximum(stamps, 0.0) * (distance < _HALF_PX), dx, dy)
    # a streak goes on where a star has ended
    end = np.sort(stamps[:, ring], axis=-1)[:, -4]
    passing = end > _STREAK_SHARE * np.maximum(stamps.max(axis=(1, 2)), 1e-9)
    near = distance <= 3.0
    flux = np.where(near, stamps, 0.0).sum(axis=(1, 2))
    core = np.maximum(np.where(distance < 1.5, stamps, 0.0).sum(axis=(1, 2)), 1e-9)
    hot = stamps[:, _HALF_PX, _HALF_PX] / core > _HOT_SHARE
    blob = (raw >= white).sum(axis=(1, 2)) > _SATURATED_PX
    return _Measured(
        x=columns + x,
        y=rows + y,
        flux=flux,
        elongation=elongation,
        bad=hot | blob | passing | (flux <= 0.0) | (elongation > _LONGEST_RATIO),
    )


def _elongation(weight: Float64Array, dx: NDArray[np.intp], dy: NDArray[np.intp]) -> Float64Array:
    total = np.maximum(weight.sum(axis=(1, 2)), 1e-9)
    x, y = ((weight * step).sum(axis=(1, 2)) / total for step in (dx, dy))
    xx = (weight * dx * dx).sum(axis=(1, 2)) / total - x * x
    yy = (weight * dy * dy).sum(axis=(1, 2)) / total - y * y
    xy = (weight * dx * dy).sum(axis=(1, 2)) / total - x * y
    middle, half = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    return np.asarray(
        np.sqrt(np.maximum(middle + half, 0.05) / np.maximum(middle - half, 0.05)),
        dtype=np.float64,
    )


def _ranked(found: _Measured, shape: tuple[int, ...]) -> tuple[_Places, BoolArray]:
    """Return the order of usefulness and which are sound."""
    sound = ~found.bad & ~_crowded(found)
    cell_px = max(shape) / _THINNING_CELLS
    cell = (found.y // cell_px).astype(np.intp) * 64 + (found.x // cell_px).astype(np.intp)
    turn = np.zeros(len(found.x), dtype=np.intp)
    seen: dict[tuple[int, bool], int] = {}
    for place in np.argsort(-found.flux, kind="stable"):
        key = int(cell[place]), bool(sound[place])
        turn[place] = seen.get(key, 0)
        seen[key] = int(turn[place]) + 1
    # two of a field in each turn: the brightest of a field is often the planet or the lamp
    return np.lexsort((-found.flux, turn // 2, ~sound)), sound


def _crowded(found: _Measured) -> BoolArray:
    """Return which have several others of at least a third of their flux close by."""
    crowded = np.zeros(len(found.x), dtype=np.bool_)
    order = np.argsort(found.x, kind="stable")
    x, y, flux = found.x[order], found.y[order], found.flux[order]
    first = np.searchsorted(x, x - _CROWD_PX)
    last = np.searchsorted(x, x + _CROWD_PX, side="right")
    for place in range(len(x)):
        near = slice(int(first[place]), int(last[place]))
        close = np.hypot(x[near] - x[place], y[near] - y[place]) < _CROWD_PX
        alike = flux[near] > flux[place] / 3.0
        crowded[order[place]] = int(np.count_nonzero(close & alike)) > _CROWD
    return crowded
