"""How high a satellite can ever stand over a site."""

import math

from issgaze.orbit.elements import ElementSet
from issgaze.sky.site import Site

# WGS 72, which SGP4 is defined with
_EARTH_KM3_PER_S2 = 398600.8
_EARTH_KM = 6378.135


def highest_altitude_deg(elements: ElementSet, site: Site) -> float:
    """Return the greatest altitude in degrees that the satellite reaches over the site, 90 at most.

    From apogee over the latitude of the inclination, on a spherical Earth and without refraction:
    right to half a degree.
    """
    reach_deg = elements.inclination_deg
    if reach_deg > 90.0:
        reach_deg = 180.0 - reach_deg
    apart = math.radians(max(0.0, abs(site.latitude_deg) - reach_deg))
    if apart == 0.0:
        return 90.0
    rate = elements.mean_motion_rev_per_day * 2.0 * math.pi / 86400.0
    axis_km = math.pow(_EARTH_KM3_PER_S2 / rate**2, 1.0 / 3.0)
    apogee_km = axis_km * (1.0 + elements.eccentricity)
    rise = math.cos(apart) - (_EARTH_KM + site.height_m / 1000.0) / apogee_km
    return math.degrees(math.atan2(rise, math.sin(apart)))
