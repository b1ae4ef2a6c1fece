"""The path of a satellite over a site, sampled in time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.orbit.brightness import STANDARD_MAGNITUDE_ISS, phase_angle_rad, visual_magnitude
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.illumination import sun_margin_rad
from issgaze.orbit.limb import limb_distance_km, limb_light
from issgaze.orbit.propagate import Propagator
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.refraction import refract_deg
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_teme_km
from issgaze.sky.topocentre import enu_from_teme


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A sampled path; every array has shape (n,).

    Attributes:
        start: Instant that `seconds` counts from.
        seconds: Offsets in s, ascending.
        altitude_deg: Apparent altitude.
        azimuth_deg: From north through east, 0 to 360.
        range_km: Distance from the site.
        light: Sunlight on the satellite, 0 (umbra) to 1.
        magnitude: Visual magnitude with phase, range and extinction; inf without light.
    """

    start: datetime
    seconds: Float64Array
    altitude_deg: Float64Array
    azimuth_deg: Float64Array
    range_km: Float64Array
    light: Float64Array
    magnitude: Float64Array


def compute_track(
    elements: ElementSet,
    site: Site,
    start: datetime,
    seconds: Float64Array,
    *,
    standard_magnitude: float = STANDARD_MAGNITUDE_ISS,
) -> Track:
    """Return the path at `start` plus `seconds` (s, shape (n,), ascending).

    Raises:
        PropagationError: SGP4 gives no position at one of the instants.
    """
    offsets = np.asarray(seconds, dtype=np.float64)
    dates = JulianDates.after(start, offsets)
    propagator = Propagator(elements)
    position, sound = propagator.positions_km(dates)
    propagator.require_sound(start, offsets, sound)
    sun = sun_teme_km(dates)
    relative = enu_from_teme(position, site, dates)
    true_altitude, azimuth = altaz_from_enu(relative)
    altitude = refract_deg(true_altitude)
    range_km = np.linalg.norm(relative, axis=-1)
    margin, _radius = sun_margin_rad(position, sun)
    light = limb_light(limb_distance_km(elements)).at(margin)
    # angles are the same in every system: the Sun is turned to the site's as well
    phase = phase_angle_rad(relative, enu_from_teme(sun, site, dates))
    return Track(
        start=start,
        seconds=offsets,
        altitude_deg=altitude,
        azimuth_deg=azimuth,
        range_km=range_km,
        light=light,
        magnitude=visual_magnitude(
            range_km, phase, altitude, light, standard_magnitude=standard_magnitude
        ),
    )
