"""Dew point and clouds, from what the sensors say; None where they say nothing."""

import math

# Magnus' formula with the coefficients of Alduchov and Eskridge (1996), good to 0.1 K above -40
_A = 17.625
_B_C = 243.04
# the sky over a clear night is so much colder than the air at the ground, under clouds so much
_CLEAR_C = -22.0
_OVERCAST_C = -6.0
# a dome that sees a clear sky radiates and cools below the air, by about so much
_RADIATES_C = 2.5


def dew_point_c(air_c: float | None, humidity: float | None) -> float | None:
    """Return the temperature at which water condenses, from that of the air and % humidity."""
    if air_c is None or humidity is None:
        return None
    gamma = math.log(max(humidity, 1.0) / 100.0) + _A * air_c / (_B_C + air_c)
    return _B_C * gamma / (_A - gamma)


def cloud_percent(air_c: float | None, sky_c: float | None) -> int | None:
    """Return 0 for a clear sky to 100 for an overcast one."""
    if air_c is None or sky_c is None:
        return None
    share = (sky_c - air_c - _CLEAR_C) / (_OVERCAST_C - _CLEAR_C)
    return int(100.0 * min(1.0, max(0.0, share)) + 0.5)


def dew_margin_c(air_c: float | None, dew_c: float | None, cloud: int | None) -> float | None:
    """Return by how much an unheated dome is warmer than the dew point.

    Without a sky sensor the sky is taken for clear: too much heat is the lesser evil.
    """
    if air_c is None or dew_c is None:
        return None
    clear = 1.0 if cloud is None else 1.0 - cloud / 100.0
    return air_c - _RADIATES_C * clear - dew_c
