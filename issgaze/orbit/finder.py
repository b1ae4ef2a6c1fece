"""Finds the passes of a satellite over a site."""

from datetime import datetime

import numpy as np

from issgaze.civil import JulianDates, seconds_between
from issgaze.orbit.arcs import find_arcs, hopeful_sine
from issgaze.orbit.brightness import STANDARD_MAGNITUDE_ISS
from issgaze.orbit.describe import SeenLimits, describe_arcs
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.ephemeris import STEP_S, Ephemeris
from issgaze.orbit.passes import Pass
from issgaze.orbit.propagate import Propagator
from issgaze.orbit.scene import Scene
from issgaze.orbit.timing import TimingUncertainty, uncertainty_from_age
from issgaze.sky.almanac import Almanac
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.refraction import unrefract_deg
from issgaze.sky.site import Site

# A month at a time keeps a year's search small.
_CHUNK_S = 30 * 86400.0


def find_passes(
    elements: ElementSet,
    site: Site,
    start: datetime,
    end: datetime,
    *,
    min_altitude_deg: float = 10.0,
    horizon: HorizonMask | None = None,
    standard_magnitude: float = STANDARD_MAGNITUDE_ISS,
    sun_limit_deg: float = -6.0,
    timing_uncertainty_s: TimingUncertainty | None = None,
) -> tuple[Pass, ...]:
    """Return every pass whose culmination lies in [start, end), in order of culmination.

    Args:
        elements: The satellite.
        site: The place.
        start: Begin of the span, aware UTC.
        end: Its end, itself not in it.
        min_altitude_deg: Apparent altitude of rise and set.
        horizon: What stands in the way; it only shortens what is lit.
        standard_magnitude: At 1000 km and a phase angle of 90 degrees.
        sun_limit_deg: The Sun's geometric altitude below which a satellite is seen.
        timing_uncertainty_s: From an instant to the along-track error in s; from the set's age
            when omitted.

    Raises:
        PropagationError: SGP4 gives no position at the start. Where it gives out later, the
            passes until then are returned.
    """
    propagator = Propagator(elements)
    at_start = np.zeros(1)
    _position, sound = propagator.positions_km(JulianDates.after(start, at_start))
    propagator.require_sound(start, at_start, sound)
    limits = SeenLimits(
        min_altitude_deg=min_altitude_deg,
        horizon=horizon,
        standard_magnitude=standard_magnitude,
        sun_limit_deg=sun_limit_deg,
        uncertainty_s=timing_uncertainty_s or uncertainty_from_age(elements.epoch),
    )
    lowest_sine = float(np.sin(np.radians(unrefract_deg(np.array(min_altitude_deg)))))
    span_s = max(0.0, seconds_between(start, end))
    # an arc at either end is followed to its rise and set
    pad_s = propagator.period_s + 2.0 * STEP_S
    passes: list[Pass] = []
    for first_s in np.arange(0.0, span_s, _CHUNK_S).tolist():
        last_s = min(span_s, first_s + _CHUNK_S)
        ephemeris = Ephemeris(
            propagator,
            site,
            start,
            first_s=first_s - pad_s,
            last_s=last_s + pad_s,
            lowest_sine=hopeful_sine(lowest_sine),
        )
        almanac = Almanac(start, first_s - pad_s, last_s + pad_s)
        scene = Scene(elements, ephemeris, site, almanac)
        end_s = ephemeris.given_up_s(first_s)
        arcs = find_arcs(scene, first_s, min(last_s, end_s), lowest_sine)
        passes.extend(describe_arcs(scene, arcs, limits))
        if end_s < last_s:
            break
    return tuple(passes)
