"""Spruces before the sky: whorls of drooping branches, thin at their ends, moved by the wind."""

import math

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.simulated.texture import hash01
from issgaze.simulated.traced import Traced

_FOLIAGE = np.array([0.665, 0.95, 0.66])
_FOOT_M = -2.2
# orders of branches: how many up the tree, how long
_ORDERS = ((13.0, 1.0), (23.0, 0.86), (41.0, 0.66))
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
    # the crown swells and narrows on its way up, on each side by itself
    swell = 1.0 + 0.13 * _wave(7.0 * level + hand, seed) + 0.10 * _wave(17.0 * level, seed + hand)
    crown = trunk**0.95 * swell
    outline = np.full_like(part, 0.015)
    within = np.zeros_like(part)
    # three orders of branches, none in step with the others: no whorl is like the next
    for order, (rate, long) in enumerate(_ORDERS):
        droop = 1.5 + 1.2 * order
        rise = rate * (level + 0.4 * level * level) + droop * part
        rise = rise + 0.45 * _wave(rise / 2.3, seed + 5.0 * order + hand)
        place = rise + 2.7 * seed + 0.61 * hand + 0.37 * order
        number = np.floor(place)
        along = place - number
        reach = long * (0.55 + 0.45 * hash01(number, hand + 3.0 * order + seed))
        # twigs hang from a branch: its underside ends slowly, its upper side at once
        shape = np.minimum(1.0, 0.45 + 1.9 * along) * np.minimum(1.0, 5.0 * (1.0 - along))
        branch = crown * reach * (0.40 + 0.60 * shape)
        within = np.where(branch > outline, along, within)
        outline = np.maximum(outline, branch)
    edge = part / np.maximum(outline, 1e-6)
    # needles: the crown thins out towards its rim instead of ending in a line
    fine = hash01(np.floor(level * 190.0 + 8.0 * part), np.floor(part * 46.0) + 7.0 * hand + seed)
    # the lower boughs close up: what is left of the sky between them is no confetti
    ragged = 0.34 * np.clip(1.4 * level, 0.15, 1.0)
    edge = edge + ragged * (fine - 0.45) * np.clip(part / np.maximum(trunk, 0.05), 0.25, 1.0)
    edge = np.where((level <= 0.0) | (level >= 1.0), 2.0, edge)
    rim = np.clip(edge, 0.0, 1.0)
    tone = 0.045 + 0.05 * rim * (0.4 + 0.6 * within) + 0.018 * fine
    return edge, tone


def _wave(place: Float64Array, seed: float | Float64Array) -> Float64Array:
    """Return a smooth course of chance between -1 and 1, one swing for each unit."""
    cell = np.floor(place)
    part = place - cell
    blend = part * part * (3.0 - 2.0 * part)
    row = np.broadcast_to(np.asarray(seed, dtype=np.float64) + 211.0, cell.shape)
    low, high = hash01(cell, row), hash01(cell + 1.0, row)
    return np.asarray(2.0 * (low + (high - low) * blend) - 1.0)
