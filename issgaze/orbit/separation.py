"""How far two element sets of one satellite are apart, in seconds of flight."""

from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates, later
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.propagate import Propagator

_ROUNDS = 20
_CLOSE_ENOUGH_S = 1e-6


def separation_s(one: ElementSet, other: ElementSet, at: datetime) -> float:
    """Return how far two sets are apart at an instant, in seconds of flight.

    The time by which one leads or trails, and the distance that remains after that over the speed,
    added as at right angles. Infinite where SGP4 gives no position.
    """
    lead_s = along_track_lead_s(one, other, at)
    if not np.isfinite(lead_s):
        return float("inf")
    position, velocity = _state(one, at)
    nearest, _ = _state(other, later(at, lead_s))
    speed = float(np.linalg.norm(velocity))
    return float(np.hypot(lead_s, np.linalg.norm(position - nearest) / speed))


def along_track_lead_s(one: ElementSet, other: ElementSet, at: datetime) -> float:
    """Return by how many seconds `one` runs ahead of `other` at an instant, negative behind.

    NaN where SGP4 gives no position.
    """
    position, _ = _state(one, at)
    lead_s = 0.0
    for _round in range(_ROUNDS):
        # Newton's method on the distance along the path; each round sees a smaller arc
        reached, velocity = _state(other, later(at, lead_s))
        step_s = float((position - reached) @ velocity / (velocity @ velocity))
        lead_s += step_s
        if not abs(step_s) > _CLOSE_ENOUGH_S:
            break
    return lead_s


def _state(elements: ElementSet, at: datetime) -> tuple[Float64Array, Float64Array]:
    dates = JulianDates.after(at, np.zeros(1))
    positions, velocities, _sound = Propagator(elements).states(dates)
    return positions[0], velocities[0]
