"""The smooth gradient of a sky: a surface of second order for each colour, and what of it goes."""

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.picture.layers import BLOCK_PX

# how much of the smooth gradient is taken away
_FLATTEN = 0.55

Gradient = tuple[tuple[float, ...], ...]


def fitted_gradient(backdrop: Float32Array, shape: tuple[int, int]) -> Gradient:
    """Return the part of the smooth background to take away: of each plane, mean zero.

    A surface of second order is too stiff to follow the Milky Way, which stays.
    """
    known = ~np.isnan(backdrop[0])
    terms: list[tuple[float, ...]] = []
    for plane in backdrop:
        fitted = _fitted(plane, shape)
        surface = gradient_at_blocks((tuple(fitted),), plane.shape, shape)[0]
        fitted[0] -= float(np.median(surface[known])) if known.any() else 0.0
        terms.append(tuple(_FLATTEN * term for term in fitted))
    return tuple(terms)


def gradient_at_blocks(
    gradient: Gradient, grid: tuple[int, ...], shape: tuple[int, int]
) -> Float32Array:
    """Return the surfaces of a gradient at the middles of the blocks."""
    rows, columns = ((np.arange(count) + 0.5) * BLOCK_PX - 0.5 for count in grid)
    return _surface(gradient, shape, rows.astype(np.float32), columns.astype(np.float32))


def gradient_surface(
    gradient: Gradient, shape: tuple[int, ...], rows: tuple[int, int] | None = None
) -> Float32Array:
    """Return the surfaces of a gradient for a picture of any size and the same outline.

    Each is a + b x + c y + d x^2 + e x y + f y^2, with x and y in parts of the larger side,
    counted from the middle. With `rows` only those from the first to before the last.
    """
    first, last = rows or (0, shape[0])
    return _surface(
        gradient,
        shape,
        np.arange(first, last, dtype=np.float32),
        np.arange(shape[1], dtype=np.float32),
    )


def _surface(
    gradient: Gradient, shape: tuple[int, ...], rows: Float32Array, columns: Float32Array
) -> Float32Array:
    height, width = shape
    size = np.float32(max(height, width))
    y = ((rows + np.float32(0.5 - height / 2)) / size)[:, np.newaxis]
    x = ((columns + np.float32(0.5 - width / 2)) / size)[np.newaxis, :]
    surfaces = np.empty((len(gradient), len(rows), len(columns)), dtype=np.float32)
    for colour, terms in enumerate(gradient):
        a, b, c, d, e, f = (np.float32(term) for term in terms)
        surfaces[colour] = a + b * x + d * x * x
        surfaces[colour] += c * y + f * y * y
        surfaces[colour] += e * (x * y)
    return surfaces


def _fitted(grid: Float32Array, shape: tuple[int, ...]) -> list[float]:
    rows, columns = np.nonzero(~np.isnan(grid))
    if len(rows) < 12:
        return [0.0] * 6
    values = grid[rows, columns].astype(np.float64)
    y = ((rows + 0.5) * BLOCK_PX - shape[0] / 2) / max(shape)
    x = ((columns + 0.5) * BLOCK_PX - shape[1] / 2) / max(shape)
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    weight = np.ones_like(values)
    terms: Float64Array = np.zeros(6)
    for _ in range(6):
        solved = np.linalg.lstsq(design * weight[:, None], values * weight, rcond=None)[0]
        terms = np.asarray(solved, dtype=np.float64)
        rest = values - design @ terms
        scale = 1.4826 * float(np.median(np.abs(rest))) + 1e-9
        # bright structure above the surface (Milky Way, light dome) pulls less than the dark sky
        weight = 1.0 / np.sqrt(1.0 + np.maximum(rest / scale, 0.0) ** 2)
    return [float(term) for term in terms]
