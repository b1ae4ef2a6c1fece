"""Zeros and maxima of a function of time, many at once."""

from collections.abc import Callable

import numpy as np

from issgaze.arrays import Float64Array

Function = Callable[[Float64Array], Float64Array]

# the last step; the error is that of a step further
_TOLERANCE_S = 1e-3
_MOST_STEPS = 60
_HALVINGS = 3
_PARABOLAS = 3


def find_roots(
    function: Function,
    left: Float64Array,
    right: Float64Array,
    *,
    ends: tuple[Float64Array, Float64Array] | None = None,
) -> Float64Array:
    """Return one zero in each bracket, shape (n,), to better than 1 ms, by the Illinois method.

    Args:
        function: Takes seconds of shape (n,), element by element.
        left: One end of each bracket, shape (n,).
        right: The other end; the function differs in sign between the two.
        ends: The function at both ends, where it is known already.
    """
    if left.size == 0:
        return left
    a, b = left, right
    at_a, at_b = ends or (function(a), function(b))
    for _ in range(_MOST_STEPS):
        slope = at_b - at_a
        with np.errstate(divide="ignore", invalid="ignore"):
            c = np.where(slope != 0.0, b - at_b * (b - a) / slope, b)
        at_c = function(c)
        crossed = at_c * at_b <= 0.0
        # an end that stays twice loses half its weight, else it would never move
        a, at_a = np.where(crossed, b, a), np.where(crossed, at_b, at_a * 0.5)
        moved = np.abs(c - b)
        b, at_b = c, at_c
        if np.all((moved < _TOLERANCE_S) | (at_b == 0.0)):
            break
    return b


def refine_maxima(function: Function, near: Float64Array, step: float) -> Float64Array:
    """Return the places of maxima, shape (n,), to about a thousandth of the step.

    Three times the bracket about the best sample is halved, until a peak as sharp as a sixth of the
    step looks like a parabola; then parabolas over a shrinking step.

    Args:
        function: Takes seconds of shape (m, n), element by element.
        near: A sample that is no smaller than its neighbours `step` before and after, shape (n,).
        step: Distance of the samples in seconds.
    """
    if near.size == 0:
        return near
    centre = near
    columns = np.arange(near.size)
    for _ in range(_HALVINGS):
        step /= 2.0
        places = np.stack((centre - step, centre, centre + step))
        best = np.argmax(function(places), axis=0)
        centre = places[best, columns]
    for _ in range(_PARABOLAS):
        before, here, after = function(np.stack((centre - step, centre, centre + step)))
        bend = before - 2.0 * here + after
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = np.where(bend < 0.0, 0.5 * step * (before - after) / bend, 0.0)
        centre = centre + np.clip(shift, -step, step)
        step /= 4.0
    return centre
