"""Laying red and blue onto green: a quad's photosites lie apart, and so do a lens's colours."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.picture.colour import FoundStars

_LEAST_STARS, _MOST_STARS = 25, 600
_LEAST_SIGMAS = 12.0
_REACH_PX = 3
_LARGEST_PX = 0.6
# smaller than this is not worth a resampling
_SMALLEST_PX = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourShift:
    """Where red and blue stand against green, as x, y in pixels of the grid."""

    red_px: tuple[float, float] = (0.0, 0.0)
    blue_px: tuple[float, float] = (0.0, 0.0)


def measure_shift(
    planes: Float32Array, found: FoundStars, *, saturation_adu: float = np.inf
) -> ColourShift:
    """Return the shift of the colours from the centroids of stars, zero where there are too few.

    Args:
        planes: Red, green, blue, shape (3, h, w).
        found: Stars in it, brightest first; the clearest of them are used.
        saturation_adu: Stars near it are left out.
    """
    sound = (found.peak_adu < 0.6 * saturation_adu) & (found.flux_adu > 0.0).all(axis=1)
    sound &= found.sigmas > _LEAST_SIGMAS
    sound[_MOST_STARS:] = False
    if sound.sum() < _LEAST_STARS:
        return ColourShift()
    centres = [_centroids(plane, found.x_px[sound], found.y_px[sound]) for plane in planes]
    red = np.median(centres[0] - centres[1], axis=0)
    blue = np.median(centres[2] - centres[1], axis=0)
    if max(np.abs(red).max(), np.abs(blue).max()) > _LARGEST_PX:
        return ColourShift()
    return ColourShift(
        red_px=(float(red[0]), float(red[1])), blue_px=(float(blue[0]), float(blue[1]))
    )


def aligned(planes: Float32Array, shift: ColourShift) -> Float32Array:
    """Return planes (3, h, w) with red and blue moved onto green.

    Linear interpolation widens what it moves; green is widened alike so that no star gets a rim.
    """
    moves = (shift.red_px, shift.blue_px)
    if max(abs(value) for move in moves for value in move) < _SMALLEST_PX:
        return planes
    red, blue = (_moved(planes[colour], move) for colour, move in ((0, moves[0]), (2, moves[1])))
    spreads = [
        np.mean([abs(move[axis]) * (1.0 - abs(move[axis])) for move in moves]) for axis in (0, 1)
    ]
    green = _widened(_widened(planes[1], float(spreads[0]), 1), float(spreads[1]), 0)
    return np.stack((red, green, blue))


def _centroids(plane: Float32Array, x_px: Float64Array, y_px: Float64Array) -> Float64Array:
    steps = np.arange(-_REACH_PX, _REACH_PX + 1)
    rows, columns = np.rint(y_px).astype(int), np.rint(x_px).astype(int)
    stamps = plane[
        rows[:, None, None] + steps[None, :, None], columns[:, None, None] + steps[None, None, :]
    ].astype(np.float64)
    edge = np.concatenate((stamps[:, 0], stamps[:, -1], stamps[:, :, 0], stamps[:, :, -1]), axis=1)
    light = np.maximum(stamps - np.median(edge, axis=1)[:, None, None], 0.0)
    total = np.maximum(light.sum(axis=(1, 2)), 1e-9)
    x = (light * steps[None, None, :]).sum(axis=(1, 2)) / total
    y = (light * steps[None, :, None]).sum(axis=(1, 2)) / total
    return np.stack((columns + x, rows + y), axis=-1)


def _moved(plane: Float32Array, by_px: tuple[float, float]) -> Float32Array:
    """Return the plane as it would be seen `by_px` further left and up: value at x + dx."""
    for axis, step in ((1, by_px[0]), (0, by_px[1])):
        share = np.float32(abs(step))
        neighbour = np.roll(plane, -1 if step > 0 else 1, axis=axis)
        # the picture's own edge stays as it is instead of wrapping round
        edge = [slice(None), slice(None)]
        edge[axis] = slice(-1, None) if step > 0 else slice(0, 1)
        neighbour[tuple(edge)] = plane[tuple(edge)]
        plane = np.asarray((np.float32(1.0) - share) * plane + share * neighbour, np.float32)
    return plane


def _widened(plane: Float32Array, variance_px2: float, axis: int) -> Float32Array:
    side = np.float32(0.5 * variance_px2)
    result = np.asarray((np.float32(1.0) - 2.0 * side) * plane, dtype=np.float32)
    for step in (1, -1):
        neighbour = np.roll(plane, step, axis=axis)
        edge = [slice(None), slice(None)]
        edge[axis] = slice(0, 1) if step > 0 else slice(-1, None)
        neighbour[tuple(edge)] = plane[tuple(edge)]
        result += side * neighbour
    return np.asarray(result, dtype=np.float32)
