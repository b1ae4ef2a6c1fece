"""How far a prediction can be trusted in time."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime

from issgaze.civil import SECONDS_PER_DAY, seconds_between
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.separation import along_track_lead_s

TimingUncertainty = Callable[[datetime], float]

# Sets before the one in force that are asked where they see the satellite.
PREDECESSORS = 3
_OLDEST_PREDECESSOR_DAYS = 7.0


def timing_uncertainty_s(age_days: float) -> float:
    """Return the along-track error in s that nearly 95 % of sets of the ISS stay below.

    2 s and 3 s a day squared, measured on 499 sets without a burn in between.
    """
    return 2.0 + 3.0 * age_days**2


def uncertainty_from_age(epoch: datetime) -> TimingUncertainty:
    """Return the uncertainty in s as a function of the instant, for a set of that epoch."""

    def at(instant: datetime) -> float:
        return timing_uncertainty_s(abs(seconds_between(epoch, instant)) / SECONDS_PER_DAY)

    return at


def uncertainty_from_history(
    elements: ElementSet,
    before: Sequence[ElementSet],
    *,
    rival: ElementSet | None = None,
) -> TimingUncertainty:
    """Return the uncertainty in s as a function of the instant, for a set with a history.

    Where the sets before it see the satellite somewhere else, it is at least as uncertain as they
    disagree: after a burn, and in days of restless air. On the real sets of autumn 2024 that lifts
    the part of cases covered from 94 to 99 % without widening the window of a typical one.

    Args:
        elements: The set in force.
        before: Sets of the same satellite with earlier epochs, newest first; the first three that
            are no more than a week older are asked.
        rival: The last believed set beside a suspect one: the window reaches to both.
    """
    own = uncertainty_from_age(elements.epoch)
    oldest_s = _OLDEST_PREDECESSOR_DAYS * SECONDS_PER_DAY
    asked = [one for one in before if seconds_between(one.epoch, elements.epoch) <= oldest_s]

    def at(instant: datetime) -> float:
        leads_s = [_lead_s(elements, one, instant) for one in asked[:PREDECESSORS]]
        apart_s = 0.0 if rival is None else _lead_s(elements, rival, instant)
        return max([own(instant), *leads_s]) + apart_s

    return at


def _lead_s(one: ElementSet, other: ElementSet, instant: datetime) -> float:
    lead_s = abs(along_track_lead_s(one, other, instant))
    # what SGP4 gives up says nothing about the other set
    return lead_s if math.isfinite(lead_s) else 0.0
