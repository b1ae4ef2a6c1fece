"""Arcs above the horizon: rise, culmination and set of every pass in a span."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.orbit.ephemeris import STEP_S
from issgaze.orbit.roots import find_roots, refine_maxima
from issgaze.orbit.scene import Scene

_Index: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arcs:
    """Arcs in order of culmination: seconds from the scene's start, each of shape (n,)."""

    rise_s: Float64Array
    culmination_s: Float64Array
    set_s: Float64Array


def find_arcs(scene: Scene, start_s: float, end_s: float, lowest_sine: float) -> Arcs:
    """Return the arcs above a true altitude whose culmination lies in [start_s, end_s).

    Between two crossings of that altitude the highest point is the culmination. An arc without a
    rise or set within one revolution of the span, as of a satellite that stays up, is left out.

    Samples 30, 60 and 120 s apart find the same passes of satellites near the Earth; 180 s moves
    times by 0.5 s, 300 s loses passes.

    Args:
        scene: Satellite and site.
        start_s: Begin of the span in seconds from the scene's start.
        end_s: Its end, itself not in it.
        lowest_sine: Sine of the true altitude of rise and set.
    """
    grid, sine = scene.ephemeris.grid_s, scene.ephemeris.grid_sine
    middle = sine[1:-1]
    hopeful = middle > hopeful_sine(lowest_sine)
    index = np.flatnonzero((middle >= sine[:-2]) & (middle > sine[2:]) & hopeful) + 1
    peak_s = refine_maxima(scene.altitude_sine, grid[index], STEP_S)
    peak_sine = scene.altitude_sine(peak_s)
    above = peak_sine > lowest_sine
    index, peak_s, peak_sine = index[above], peak_s[above], peak_sine[above]

    below = ~(sine > lowest_sine)
    numbers = np.arange(len(grid))
    before = np.maximum.accumulate(np.where(below, numbers, -1))[index]
    after = np.minimum.accumulate(np.where(below, numbers, len(grid))[::-1])[::-1][index]
    # a culmination whose own sample lies below is bracketed by its neighbours
    alone = below[index]
    before = np.where(alone, np.where(grid[index] < peak_s, index, index - 1), before)
    after = np.where(alone, np.where(grid[index] < peak_s, index + 1, index), after)

    chosen = _highest_of_each(before, peak_sine)
    chosen = chosen[(before[chosen] >= 0) & (after[chosen] < len(grid))]
    chosen = chosen[(peak_s[chosen] >= start_s) & (peak_s[chosen] < end_s)]
    before, after, peak_s = before[chosen], after[chosen], peak_s[chosen]

    def height(seconds: Float64Array) -> Float64Array:
        return scene.altitude_sine(seconds) - lowest_sine

    # with several peaks in one arc the crossings lie next to the samples below, not to the highest
    count = len(peak_s)
    low = np.concatenate((grid[before], grid[after]))
    high = np.concatenate(
        (np.minimum(grid[before + 1], peak_s), np.maximum(grid[after - 1], peak_s))
    )
    high_enough = height(high) > 0.0
    high = np.where(high_enough, high, np.concatenate((peak_s, peak_s)))
    ends = find_roots(height, low, high)
    return Arcs(rise_s=ends[:count], culmination_s=peak_s, set_s=ends[count:])


def hopeful_sine(lowest_sine: float) -> float:
    """Return how high a sample must stand for a peak above the limit to hide beside it.

    A peak can stand well above the best sample, the more so the higher it is.
    """
    return min(lowest_sine, 0.35) - 0.25


def _highest_of_each(group: _Index, height: Float64Array) -> _Index:
    """Return the index of the highest member of each group, ascending."""
    order = np.lexsort((-height, group))
    first = np.ones(len(order), dtype=bool)
    first[1:] = group[order][1:] != group[order][:-1]
    return np.sort(order[first])
