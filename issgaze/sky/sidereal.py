"""The Earth's rotation, and the frames that turn with it.

UT1 is taken to be UTC: the difference stays below 0.9 s, since 2021 below 0.2 s, which is 3 arcsec
of rotation. TT is taken to be UTC + 69.184 s, right from 2017 until the next leap second.
"""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import J2000_JD, SECONDS_PER_DAY, JulianDates

TT_MINUS_UTC_S = 69.184
# rate of the Earth's rotation against the stars (IERS)
EARTH_ROTATION_RAD_PER_S = 7.292115146706979e-5
# against the mean equinox, which moves: the rate of `gmst_rad` at J2000.0, 1e-11 less in 2024
GMST_RATE_RAD_PER_S = 2.0 * np.pi * (1.0 + 8640184.812866 / (86400.0 * 36525.0)) / 86400.0


def tt_centuries(dates: JulianDates) -> Float64Array:
    """Return Julian centuries of Terrestrial Time since J2000.0, the shape of `dates`."""
    return dates.centuries() + TT_MINUS_UTC_S / (SECONDS_PER_DAY * 36525.0)


def gmst_rad(dates: JulianDates) -> Float64Array:
    """Return Greenwich mean sidereal time in radians, 0 to 2 pi, on the IAU 1982 scale.

    The system that SGP4 answers in is defined by this very formula: Aoki et al., A&A 105 (1982)
    359; Vallado, Crawford, Hujsak & Kelso, AIAA 2006-6753, appendix C.
    """
    days = (dates.whole - J2000_JD) + dates.fraction
    centuries = days / 36525.0
    # whole turns are dropped before they cost digits: 876600 h a century are one turn a day
    turns = (dates.whole - J2000_JD) % 1.0 + dates.fraction
    drift_s = (
        67310.54841
        - 43200.0
        + centuries * (8640184.812866 + centuries * (0.093104 - 6.2e-6 * centuries))
    )
    # at J2000.0, noon, 67310.54841 s includes the half day that `turns` does not
    angle = 2.0 * np.pi * ((turns + 0.5 + drift_s / SECONDS_PER_DAY) % 1.0)
    return np.asarray(angle, dtype=np.float64)


def gast_rad(dates: JulianDates, equation_of_equinoxes_rad: Float64Array) -> Float64Array:
    """Return Greenwich apparent sidereal time in radians for the IAU 2006 equinox.

    Earth rotation angle and polynomial: Capitaine, Wallace & Chapront, A&A 412 (2003) 567, as in
    the IERS Conventions (2010), equations 5.15 and 5.32.
    """
    days = (dates.whole - J2000_JD) + dates.fraction
    turns = (dates.whole - J2000_JD) % 1.0 + dates.fraction
    era = 2.0 * np.pi * ((turns + 0.7790572732640 + 0.00273781191135448 * days) % 1.0)
    centuries = tt_centuries(dates)
    arcsec = 0.014506 + centuries * (4612.156534 + centuries * 1.3915817)
    total = era + np.radians(arcsec / 3600.0) + equation_of_equinoxes_rad
    return np.asarray(total % (2.0 * np.pi), dtype=np.float64)
