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
    half_s: Float64Array,
    leaving: list[bool],
    margin: Function,
    *,
    full_rad: float,
    none_rad: float,
) -> list[FadeTimes]:
    """Return the fades about instants of half light.

    Args:
        half_s: Instants of half light, shape (n,).
        leaving: True where the satellite comes out of the shadow there.
        margin: The Sun above the limb in radians; there is full light above `full_rad` and none
            below `none_rad`.
        full_rad: See `margin`.
        none_rad: See `margin`.
    """
    count = half_s.size
    if count == 0:
        return []
    towards_light = np.where(leaving, 1.0, -1.0)
    sign = np.repeat((1.0, -1.0), count)
    edges = _edges(
        margin,
        from_s=np.concatenate((half_s, half_s)),
        direction=np.concatenate((towards_light, -towards_light)),
        level=np.repeat((full_rad, none_rad), count),
        sign=sign,
    ).tolist()
    return [
        FadeTimes(direction="out" if out else "in", start_s=start, half_s=half, gone_s=gone)
        for out, start, half, gone in zip(
            leaving, edges[:count], half_s.tolist(), edges[count:], strict=True
        )
    ]


def _edges(
    margin: Function,
    *,
    from_s: Float64Array,
    direction: Float64Array,
    level: Float64Array,
    sign: Float64Array,
) -> Float64Array:
    """Return where sign * (margin - level) first turns positive, else where it comes closest."""
    steps = np.arange(0.0, _REACH_S + _STEP_S, _STEP_S)
    times = from_s[:, np.newaxis] + direction[:, np.newaxis] * steps
    values = sign[:, np.newaxis] * (margin(times) - level[:, np.newaxis])
    reached = values > 0.0
    rows = np.arange(len(from_s))
    first = np.argmax(reached, axis=1)
    # what lies behind the first turning point belongs to another fade
    back = values[:, 1:] < values[:, :-1]
    turning, turns = np.argmax(back, axis=1), back.any(axis=1)
    found = reached.any(axis=1) & ~(turns & (turning < first)) & (first > 0)
    edge = times[rows, np.where(turns, turning, len(steps) - 1)]
    at, inside, signs, levels = rows[found], first[found], sign[found], level[found]
    edge[found] = find_roots(
        lambda seconds: signs * (margin(seconds) - levels),
        times[at, inside - 1],
        times[at, inside],
        ends=(values[at, inside - 1], values[at, inside]),
    )
    return edge
