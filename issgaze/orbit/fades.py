"""Ways into and out of the Earth's shadow."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.orbit.roots import Function, find_roots

# Half light lies at most this far from the edges of full and no light, but for grazing passes,
# whose turning point takes the place of an edge that is never reached.
_REACH_S = 240.0
_STEP_S = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FadeTimes:
    """Seconds of the edge of full light, of half light and of the edge of no light."""

    direction: Literal["in", "out"]
    start_s: float
    half_s: float
    gone_s: float


def fade_times(
    half_s: Float64Array, leaving: list[bool], full: Function, none: Function
) -> list[FadeTimes]:
    """Return the fades about instants of half light.

    Args:
        half_s: Instants of half light, shape (n,).
        leaving: True where the satellite comes out of the shadow there.
        full: Positive in full light.
        none: Positive where there is any light.
    """
    if half_s.size == 0:
        return []
    steps = np.arange(0.0, _REACH_S + _STEP_S, _STEP_S)
    towards_light = np.where(leaving, 1.0, -1.0)
    start_s = _edge(full, half_s, towards_light, steps, sign=1.0)
    gone_s = _edge(none, half_s, -towards_light, steps, sign=-1.0)
    return [
        FadeTimes(direction="out" if out else "in", start_s=start, half_s=half, gone_s=gone)
        for out, start, half, gone in zip(
            leaving, start_s.tolist(), half_s.tolist(), gone_s.tolist(), strict=True
        )
    ]


def _edge(
    function: Function,
    from_s: Float64Array,
    direction: Float64Array,
    steps: Float64Array,
    *,
    sign: float,
) -> Float64Array:
    """Return where sign * function first turns positive, else where it comes closest to it."""
    times = from_s[:, np.newaxis] + direction[:, np.newaxis] * steps
    values = sign * function(times)
    reached = values > 0.0
    rows = np.arange(len(from_s))
    first = np.argmax(reached, axis=1)
    # what lies behind the first turning point belongs to another fade
    turning = np.argmax(values[:, 1:] < values[:, :-1], axis=1)
    turns = (values[:, 1:] < values[:, :-1]).any(axis=1)
    found = reached.any(axis=1) & ~(turns & (turning < first))
    found &= first > 0
    closest = np.where(turns, turning, len(steps) - 1)
    edge = times[rows, closest]
    edge[found] = find_roots(function, times[rows, first - 1][found], times[rows, first][found])
    return edge
