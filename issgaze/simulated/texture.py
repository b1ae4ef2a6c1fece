"""Chance that is the same every time: the texture of things without order."""

import numpy as np

from issgaze.arrays import Float64Array


def hash01(a: Float64Array, b: Float64Array) -> Float64Array:
    """Return the same number from 0 to 1 for the same cell, without any visible order."""
    mixed = np.sin(a * 127.1 + b * 311.7) * 43758.5453
    return np.asarray(mixed - np.floor(mixed))
