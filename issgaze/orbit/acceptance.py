"""Whether an element set is to be believed as today's: physics, age, and the sets held before.

JSON, CSV, KVN and XML carry no checksum: one wrong digit passes every range check half the time.
What catches it is the set before, propagated to the new one's epoch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from issgaze.civil import SECONDS_PER_DAY, format_utc, later, seconds_between
from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.separation import separation_s
from issgaze.orbit.timing import timing_uncertainty_s

Standing = Literal["confirmed", "unconfirmed", "suspect"]

OLDEST_NEWS_S = 30.0 * SECONDS_PER_DAY
_LEAST_SUSPICION_S = 3.0
_SUSPICION = 3.0
# beyond this age the drag of a low orbit is anybody's guess, and nothing is proved by a comparison
_COMPARABLE_DAYS = 14.0
# the operator of a clock that is trusted to 0.1 s still rounds its minutes
_CLOCK_SLACK_S = 600.0
_REMEDY = "What is held already stays as it is; the next fetch tries again."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Station:
    """What the orbit of a well-known satellite looks like through the years of its life."""

    name: str
    inclination_deg: float
    slowest_rev_per_day: float
    fastest_rev_per_day: float
    roundest: float


# Inclination is set at launch and hardly changes; mean motions span altitudes that the stations
# have been kept at, 330 to 480 km, and Hubble's 450 to 620 km.
_STATIONS = {
    25544: _Station(
        name="ISS", inclination_deg=51.64, slowest_rev_per_day=15.3, fastest_rev_per_day=15.85,
        roundest=0.01,
    ),
    48274: _Station(
        name="Tiangong", inclination_deg=41.47, slowest_rev_per_day=15.3,
        fastest_rev_per_day=15.85, roundest=0.01,
    ),
    20580: _Station(
        name="Hubble", inclination_deg=28.47, slowest_rev_per_day=14.8, fastest_rev_per_day=15.5,
        roundest=0.01,
    ),
}  # fmt: skip
_INCLINATION_SLACK_DEG = 0.2


def require_current(elements: ElementSet, *, now: datetime, clock_trusted: bool) -> None:
    """Refuse a set that cannot be today's orbit of its satellite.

    Args:
        elements: A set that parsed without fault.
        now: The present instant as the device knows it.
        clock_trusted: False leaves the age unjudged: the clock may be as wrong as the set.

    Raises:
        ElementError: It is not the orbit of a satellite of that number, too old, or from the
            future.
    """
    _require_station(elements)
    if not clock_trusted:
        return
    age_s = seconds_between(elements.epoch, now)
    epoch = format_utc(elements.epoch, decimals=0)
    if age_s < -_CLOCK_SLACK_S:
        raise ElementError(
            f"the set of {epoch} lies {-age_s / 3600.0:.1f} h after the clock's "
            f"{format_utc(now, decimals=0)}",
            remedy=_REMEDY,
        )
    if age_s > OLDEST_NEWS_S:
        raise ElementError(
            f"the set of {epoch} is {age_s / SECONDS_PER_DAY:.1f} days old, the limit is "
            f"{OLDEST_NEWS_S / SECONDS_PER_DAY:.0f}",
            remedy=_REMEDY,
        )


def _require_station(elements: ElementSet) -> None:
    known = _STATIONS.get(elements.norad_id)
    if known is None:
        return
    checks = (
        (
            "inclination",
            elements.inclination_deg,
            known.inclination_deg - _INCLINATION_SLACK_DEG,
            known.inclination_deg + _INCLINATION_SLACK_DEG,
        ),
        (
            "mean motion",
            elements.mean_motion_rev_per_day,
            known.slowest_rev_per_day,
            known.fastest_rev_per_day,
        ),
        ("eccentricity", elements.eccentricity, 0.0, known.roundest),
    )
    for what, value, low, high in checks:
        if not low <= value <= high:
            raise ElementError(
                f"not the orbit of the {known.name}: {what} {value:g}, the limits are {low:g} and "
                f"{high:g}",
                remedy=_REMEDY,
            )


def judge_standing(elements: ElementSet, held: Iterable[tuple[ElementSet, Standing]]) -> Standing:
    """Return how far a current set is to be believed, given the sets held before.

    Two successive sets that agree confirm each other. One that disagrees with the set before it is
    suspect until the next agrees with it: it may be a burn, or a wrong digit.

    Args:
        elements: The new set.
        held: Sets of the same satellite with their standing, in any order.
    """
    before = [
        (one, standing)
        for one, standing in held
        if 0.0 <= seconds_between(one.epoch, elements.epoch) <= _COMPARABLE_DAYS * SECONDS_PER_DAY
    ]
    before.sort(key=lambda pair: pair[0].epoch, reverse=True)
    if not before:
        return "unconfirmed"
    newest, standing = before[0]
    if agrees(elements, newest):
        return "confirmed"
    if standing == "suspect":
        trusted = next((one for one, of in before[1:] if of != "suspect"), None)
        if trusted is not None and agrees(elements, trusted):
            return "confirmed"
    return "suspect"


def agrees(new: ElementSet, held: ElementSet) -> bool:
    """Return whether the held set foretold the new one, at its epoch and a day later.

    The limit is the larger of 3 s and three times the uncertainty stated for the held set's age. At
    the epoch alone a wrong digit in the mean motion or the drag does not show yet.
    """
    for ahead_days in (0.0, 1.0):
        at = later(new.epoch, ahead_days * SECONDS_PER_DAY)
        age_days = abs(seconds_between(held.epoch, at)) / SECONDS_PER_DAY
        limit_s = max(_LEAST_SUSPICION_S, _SUSPICION * timing_uncertainty_s(age_days))
        if not separation_s(new, held, at) <= limit_s:
            return False
    return True
