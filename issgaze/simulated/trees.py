"""Spruces before the sky: whorls of drooping branches, thin at their ends, moved by the wind."""

import math

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.simulated.texture import hash01
from issgaze.simulated.traced import Traced

_FOLIAGE = np.array([0.665, 0.95, 0.66])
_FOOT_M = -2.2
# spruces: right, forward, height and greatest half width in metres, seed
SPRUCES = (
    (9.0, 13.5, 9.2, 2.1, 3),
    (12.6, 15.0, 7.4, 1.9, 5),
    (7.4, 21.0, 6.6, 1.6, 8),
    (15.5, 13.0, 10.4, 2.3, 13),
    (11.2, 23.0, 5.2, 1.6, 21),
    (13.9, 25.0, 6.3, 1.8, 34),
    (5.2, 30.0, 4.2, 1.5, 55),
    (9.6, 34.0, 4.9, 1.7, 89),
    (19.5, 20.0, 7.6, 2.2, 144),
    (18.0, 12.0, 7.2, 1.9, 233),
    (3.4, 38.0, 3.4, 1.4, 377),
)


def plant(
    rays: tuple[Float64Array, ...],
    number: NDArray[np.intp],
    met: Traced,
    spruce: tuple[float, float, float, float, int],
    moon: Float64Array,
) -> None:
    """Set up a spruce on an upright plane and let rays, given as x, y, z and number, meet it."""
    x, y, height, width, seed = spruce
    distance = math.hypot(x, y)
    facing = rays[0] * (x / distance) + rays[1] * (y / distance)
    side = rays[0] * (y / distance) - rays[1] * (x / distance)
    # only what lies within the tree's own angle and below its top
    near = np.flatnonzero(
        (facing > 1e-3)
        & (np.abs(side) * distance < 1.35 * width * facing)
        & (rays[2] * distance < height * facing)
    )
    reach = distance / facing[near]
    inside = reach < met.distance_m[number[near]]
    near, reach = near[inside], reach[inside]
    side = side[near] * reach
    level = (rays[2][near] * reach - _FOOT_M) / (height - _FOOT_M)
    near = number[near]
    depth, tone = _branches(side, level, width, seed)
    met.sway[near] = np.maximum(met.sway[near], np.clip(level, 0.0, 1.0) ** 2)
    hit = near[depth < 1.0]
    met.natural[hit] = tone[depth < 1.0][:, np.newaxis] * _FOLIAGE
    met.lamps[hit] = 0.0
    # needles scatter: half of the Moon's light from wherever it comes
    met.facing[hit] = 0.35 + 0.25 * max(0.0, float(-(moon[0] * x + moon[1] * y) / distance))
    met.distance_m[hit] = distance


def _branches(
    side: Float64Array, level: Float64Array, width: float, seed: int
) -> tuple[Float64Array, Float64Array]:
    """Return how deep points lie in the tree, below 1 where needles are, and their brightness."""
    part = np.abs(side) / width
    hand = (side > 0).astype(np.float64)
    trunk = np.clip(1.0 - level, 0.0, 1.0)
    # whorls stand closer towards the top and droop outwards; each side has its own
    whorl = 21.0 * (level + 0.35 * level * level) + 1.7 * part + 2.7 * seed + 0.37 * hand
    number = np.floor(whorl)
    within = whorl - number
    reach = 0.62 + 0.38 * hash01(number, hand + seed)
    # a branch tapers: full at its underside, where twigs hang, thin above
    droop = 0.58 + 0.42 * np.sin(np.pi * np.clip(1.15 * (1.0 - within), 0.0, 1.0))
    outline = trunk**0.9 * reach * droop + 0.02
    edge = part / np.maximum(outline, 1e-6)
    # twigs: the crown thins out towards its rim instead of ending in a line
    fine = hash01(np.floor(whorl * 6.0), np.floor(part * 30.0) + 7.0 * hand + seed)
    edge = edge + 0.34 * (fine - 0.5) * np.clip(part / np.maximum(trunk, 0.05), 0.3, 1.0)
    edge = np.where((level <= 0.0) | (level >= 1.0), 2.0, edge)
    rim = np.clip(edge, 0.0, 1.0)
    tone = 0.045 + 0.05 * rim * (0.4 + 0.6 * within) + 0.018 * fine
    return edge, tone
