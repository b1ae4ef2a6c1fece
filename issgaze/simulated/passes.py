"""The pass that a scenario is about, found with the simulator's own ephemeris."""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.civil import SECONDS_PER_DAY, later
from issgaze.errors import ScenarioError
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.station import Station, sun_altitude_deg

_SEARCH_DAYS = 10.0
_STEP_S = 20.0
_RISE_DEG = 10.0
_LOWEST_CULMINATION_DEG = 20.0
_DARK_SUN_DEG = -6.0
_SHORTEST_LIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPass:
    """One visible pass.

    Attributes:
        culmination: Highest point.
        culmination_deg: Its apparent altitude.
        lit_start, lit_end: First and last instant in half light or more above 10 degrees.
    """

    culmination: datetime
    culmination_deg: float
    lit_start: datetime
    lit_end: datetime


def first_pass(scenario: Scenario) -> SimulatedPass:
    """Return the first visible pass after the scenario's start that culminates above 20 degrees.

    Raises:
        ScenarioError: There is none within ten days.
    """
    station = Station(scenario)
    for day in range(int(_SEARCH_DAYS)):
        start = later(scenario.start_utc, day * SECONDS_PER_DAY)
        seconds = np.arange(0.0, SECONDS_PER_DAY + 2 * _STEP_S, _STEP_S)
        up = station.see(start, seconds).directions[:, 2]
        tops = np.flatnonzero((up[1:-1] >= up[:-2]) & (up[1:-1] > up[2:])) + 1
        for top in tops[up[tops] > math.sin(math.radians(_LOWEST_CULMINATION_DEG - 3.0))]:
            found = _visible(scenario, station, later(start, float(seconds[top])))
            if found is not None:
                return found
    raise ScenarioError(
        f"no visible pass within {_SEARCH_DAYS:.0f} days of {scenario.start_utc:%Y-%m-%d}",
        remedy="Choose another start_utc or site; `issgaze passes` shows what can be seen.",
    )


def _visible(scenario: Scenario, station: Station, near: datetime) -> SimulatedPass | None:
    start = later(near, -600.0)
    seconds = np.arange(0.0, 1200.5, 0.5)
    sight = station.see(start, seconds)
    up = sight.directions[:, 2]
    top = int(np.argmax(up))
    culmination = later(start, float(seconds[top]))
    height = math.degrees(math.asin(float(up[top])))
    if height < _LOWEST_CULMINATION_DEG:
        return None
    if sun_altitude_deg(scenario, culmination) > _DARK_SUN_DEG:
        return None
    lit = np.flatnonzero((up > math.sin(math.radians(_RISE_DEG))) & (sight.light >= 0.5))
    if len(lit) * 0.5 < _SHORTEST_LIT_S:
        return None
    return SimulatedPass(
        culmination=culmination,
        culmination_deg=height,
        lit_start=later(start, float(seconds[lit[0]])),
        lit_end=later(start, float(seconds[lit[-1]])),
    )
