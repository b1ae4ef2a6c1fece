"""Cloud cover from an infrared thermometer that looks at the zenith."""

# A clear sky is seen this much colder than the air at the ground, an overcast one this much: about
# what owners of such sensors report for a temperate climate; humid air narrows the gap. It marks a
# pass as doubtful and refuses none.
_CLEAR_C, _OVERCAST_C = -22.0, -6.0


def cloud_fraction(
    sky_temperature_c: float | None, air_temperature_c: float | None
) -> float | None:
    """Return the cloud cover, 0 to 1; None without both temperatures in degrees Celsius."""
    if sky_temperature_c is None or air_temperature_c is None:
        return None
    colder_c = sky_temperature_c - air_temperature_c
    return min(1.0, max(0.0, (colder_c - _CLEAR_C) / (_OVERCAST_C - _CLEAR_C)))
