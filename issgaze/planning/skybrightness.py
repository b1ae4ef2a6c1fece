"""How bright the sky is: twilight, Moon and night."""

import math

# A dark rural site near the zenith, V mag/arcsec^2; a town is brighter and is metered, not guessed.
NIGHT_SKY_MAG = 21.3
_MOON_FULL_MAG = 17.7
_MOON_EXTINCTION_MAG = 0.2


def sky_brightness_mag(
    *, sun_altitude_deg: float, moon_altitude_deg: float, moon_illuminated: float
) -> float:
    """Return the sky background in V mag/arcsec^2, typical for the upper half of a clear sky.

    Twilight: Patat, Ugolnikov & Postylyakov, A&A 455 (2006) 385, table 1, V at the zenith. Toward
    the sunset it is brighter by about one magnitude, which the exposure leaves room for.
    """
    light = _light(NIGHT_SKY_MAG)
    if sun_altitude_deg > -16.0:
        light += _light(twilight_mag(sun_altitude_deg))
    if moon_altitude_deg > 0.0 and moon_illuminated > 0.0:
        light += _light(moonlight_mag(moon_altitude_deg, moon_illuminated))
    return -2.5 * math.log10(light)


def twilight_mag(sun_altitude_deg: float) -> float:
    """Return the scattered sunlight in V mag/arcsec^2 for the Sun below the horizon."""
    beyond = max(-sun_altitude_deg - 5.0, -3.0)
    # the fit turns back at its top, where starlight takes over
    beyond = min(beyond, 1.518 / (2.0 * 0.057))
    return 11.84 + 1.518 * beyond - 0.057 * beyond * beyond


def moonlight_mag(moon_altitude_deg: float, illuminated: float) -> float:
    """Return the scattered moonlight in V mag/arcsec^2, a typical place 60 degrees from the Moon.

    After Krisciunas & Schaefer, PASP 103 (1991) 1033: 17.7 for a full Moon high in the sky, falling
    by 0.026 a degree of phase and with the airmass of the Moon.
    """
    phase_deg = math.degrees(math.acos(max(-1.0, min(1.0, 2.0 * illuminated - 1.0))))
    airmass = 1.0 / max(math.sin(math.radians(moon_altitude_deg)), 0.05)
    return _MOON_FULL_MAG + 0.026 * phase_deg + _MOON_EXTINCTION_MAG * (airmass - 1.0)


def _light(mag: float) -> float:
    return math.pow(10.0, -0.4 * mag)
