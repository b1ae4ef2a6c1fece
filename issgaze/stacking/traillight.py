"""The light along a predicted path: what stands out of its flanks, and how far beside it."""

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.stacking.corridor import Corridor
from issgaze.stacking.stacks import Stacks

# half the width of a trail's core in grid pixels, and where its flanks begin
CORE_PX = 2.0
_RING_PX = 8.0
# fewer bright pixels are no trail
LEAST_PIXELS = 24


def excess_adu(stacks: Stacks, corridor: Corridor) -> Float64Array:
    """Return the brightest frame's excess over the mean, green and red, at corridor pixels."""
    rows, columns = corridor.rows, corridor.columns
    excess = stacks.peak[:2, rows, columns] - stacks.ground[:2, rows, columns]
    return np.asarray(excess.mean(axis=0), dtype=np.float64)


def above_flanks(stacks: Stacks, corridor: Corridor) -> tuple[Float64Array, Float64Array]:
    """Return the excess over the flanks of the path, and the noise there, piece by piece."""
    excess = excess_adu(stacks, corridor)
    order = np.argsort(corridor.seconds, kind="stable")
    result = np.zeros_like(excess)
    noise = np.full_like(excess, np.inf)
    flank = np.abs(corridor.across_px) > _RING_PX
    pieces = max(1, len(order) // 1200)
    for piece in np.array_split(order, pieces):
        sides = excess[piece][flank[piece]]
        if len(sides) < 30:
            continue
        level = float(np.median(sides))
        spread = 1.4826 * float(np.median(np.abs(sides - level)))
        result[piece] = excess[piece] - level
        noise[piece] = max(spread, 1e-3)
    return result, noise


def core_offset(corridor: Corridor, excess: Float64Array, used: BoolArray) -> float | None:
    """Return how far beside the path the light is brightest, in grid pixels; None for too few."""
    if used.sum() < LEAST_PIXELS:
        return None
    places = np.arange(-4.0 * CORE_PX, 4.0 * CORE_PX + 0.1, 0.5)
    across, light = corridor.across_px[used], np.sqrt(np.maximum(excess[used], 0.0))
    sums = [float(light[np.abs(across - place) <= 1.5].sum()) for place in places]
    return float(places[int(np.argmax(sums))])


def cross_track(corridor: Corridor, excess: Float64Array, used: BoolArray, offset: float) -> float:
    """Return the trail's distance from the path in grid pixels: the median of its pieces."""
    order = np.flatnonzero(used)
    order = order[np.argsort(corridor.seconds[order], kind="stable")]
    values: list[float] = []
    for piece in np.array_split(order, max(1, len(order) // 120)):
        across = corridor.across_px[piece]
        light = np.maximum(excess[piece], 0.0)
        centre = offset
        for _ in range(4):
            weight = np.where(np.abs(across - centre) <= 3.0, light, 0.0)
            if weight.sum() <= 0.0:
                break
            centre = float(np.sum(weight * across) / weight.sum())
        values.append(centre)
    return float(np.median(values))
