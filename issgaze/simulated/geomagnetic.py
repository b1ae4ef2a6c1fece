"""Where the Earth's magnetic dipole points: geomagnetic latitude, and the way to its pole."""

import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.earth import Moment, local_axes
from issgaze.simulated.scenario import Scenario

# First-degree coefficients g10, g11, h11 in nT of the International Geomagnetic Reference Field,
# 14th generation (IAGA, 2024), for 2020.0 (definitive) and 2025.0; straight lines before and after.
_YEARS = (2020.0, 2025.0)
_DIPOLE_NT = np.array([[-29403.41, -1451.37, 4653.35], [-29350.0, -1410.3, 4545.5]])


def dipole_pole(year: float) -> Float64Array:
    """Return the northern geomagnetic pole of a year as an Earth-fixed unit vector."""
    part = (year - _YEARS[0]) / (_YEARS[1] - _YEARS[0])
    g10, g11, h11 = _DIPOLE_NT[0] + part * (_DIPOLE_NT[1] - _DIPOLE_NT[0])
    # the dipole's own north pole lies in the south
    pole = -np.array([g11, h11, g10])
    return np.asarray(pole / np.linalg.norm(pole))


def geomagnetic_place(scenario: Scenario) -> tuple[float, Float64Array]:
    """Return a site's geomagnetic latitude in degrees and the way to the nearer pole.

    The way is a unit vector of length 1 over the ground (east, north).
    """
    year = 2000.0 + 100.0 * Moment.of(scenario.start_utc).tt_centuries
    east, north, up = local_axes(scenario.site) @ dipole_pole(year)
    way = np.array([east, north]) * math.copysign(1.0, up)
    latitude_deg = math.degrees(math.asin(float(np.clip(up, -1.0, 1.0))))
    return latitude_deg, way / max(float(np.linalg.norm(way)), 1e-12)
