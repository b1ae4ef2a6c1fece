"""Dew on the lens: it grows over the pass, softens the stars and puts halos around the lights."""

from datetime import datetime

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.civil import seconds_between

# it settles from this long before the culmination, and is complete so much later
_BEFORE_S, _LASTS_S = 420.0, 780.0
# a halo's two widths in pixels of the mosaic's 1/1000 of its width, and their shares
_HALOS = ((14.0, 0.6), (42.0, 0.4))


def dew_at(most: float, culmination: datetime | None, instant: datetime) -> float:
    """Return how wet the lens is, 0 to 1."""
    if culmination is None or most <= 0.0:
        return 0.0
    grown = (seconds_between(culmination, instant) + _BEFORE_S) / _LASTS_S
    return most * min(1.0, max(0.0, grown))


def scattered_share(dew: float) -> float:
    """Return the part of a light that goes into its halo."""
    return 0.72 * dew


def blur_growth(dew: float) -> float:
    """Return the factor on the width of a star's image."""
    return 1.0 + 1.3 * dew


def halos(
    x: Float64Array,
    y: Float64Array,
    points: Float64Array,
    electrons: Float64Array,
    width_px: int,
) -> Float32Array:
    """Return the halos of lights at the nodes of a grid, electrons a pixel.

    Args:
        x: Columns of the nodes.
        y: Their rows.
        points: x, y of the lights, shape (n, 2).
        electrons: What of each is scattered, red, green and blue, shape (n, 3).
        width_px: Of the mosaic.
    """
    total = np.zeros((len(y), len(x), 3), dtype=np.float32)
    for width, share in _HALOS:
        sigma = width * width_px / 1000.0
        across = np.exp(-0.5 * ((points[:, :1] - x) / sigma) ** 2).astype(np.float32)
        down = np.exp(-0.5 * ((points[:, 1:] - y) / sigma) ** 2).astype(np.float32)
        peak = (electrons * (share / (2.0 * np.pi * sigma * sigma))).astype(np.float32)
        for light in range(len(points)):
            spot = down[light][:, np.newaxis] * across[light]
            total += spot[..., np.newaxis] * peak[light]
    return total
