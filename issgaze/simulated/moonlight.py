"""Moonlight: scattered in the air, in the lens, and on the ground."""

import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.bodies import MoonSight
from issgaze.simulated.earth import airmass

# over sunlight: the scattered light of a clear night is as blue as the day's sky
_SCATTERED = np.array([0.66, 0.98, 1.45])
_AUREOLE = np.array([1.0, 1.0, 0.98])
# part of the Moon's light that a clean fisheye scatters over its whole picture
_GLARE = 0.006
_GLARE_CORE_DEG = 0.7
_NANOLAMBERT_MAG = 22.5
_SR_ARCSEC2 = 206264.806**2


def moonglow(
    moon: MoonSight, directions: Float64Array, air: Float64Array, extinction_mag: float
) -> Float64Array:
    """Return the sky's brightness by the Moon in magnitude-0 stars per arcsec^2, three colours.

    Krisciunas & Schaefer, PASP 103 (1991) 1033, equations 15 to 21; the colours are ours.

    Args:
        moon: Where it stands.
        directions: Unit vectors (east, north, up), shape (..., 3).
        air: Their airmass.
        extinction_mag: Per airmass.
    """
    up = float(moon.direction[2])
    if up < -0.02:
        return np.zeros((*directions.shape[:-1], 3))
    cosine = np.clip((directions * moon.direction).sum(axis=-1), -1.0, 1.0)
    apart = np.maximum(np.degrees(np.arccos(cosine)), 1.0)
    rayleigh = 10.0**5.36 * (1.06 + cosine**2)
    # the larger of the two, not a change at 10 degrees, where the paper leaves a step
    mie = np.maximum(6.2e7 / apart**2, 10.0 ** (6.15 - apart / 40.0))
    outside = 10.0 ** (-0.4 * (moon.magnitude + 12.73 + 3.84))
    through = _slant(up)
    lost = outside * 10.0 ** (-0.4 * extinction_mag * through)
    slant = np.minimum(air, 30.0)
    share = 1.0 - np.power(10.0, -0.4 * extinction_mag * slant)
    # near the horizon the Moon's own light is spent before it gets there
    scale = lost * share * _sunk(up) / 34.08 * math.pow(10.0, -0.4 * _NANOLAMBERT_MAG)
    blue = (scale * rayleigh)[..., np.newaxis] * _SCATTERED
    white = (scale * mie)[..., np.newaxis] * _AUREOLE
    return np.asarray(blue + white)


def glare(moon: MoonSight, directions: Float64Array, light: float) -> Float64Array:
    """Return what the lens scatters of a Moon of that light, the same unit, shape (...)."""
    cosine = np.clip((directions * moon.direction).sum(axis=-1), -1.0, 1.0)
    square = 2.0 * (1.0 - cosine) * math.degrees(1.0) ** 2
    core = _GLARE_CORE_DEG**2
    whole = math.pi * math.log((60.0**2 + core) / core)
    per_degree2 = light * _GLARE / (whole * (square + core))
    return np.asarray(per_degree2 / 3600.0**2)


def moonlit(moon: MoonSight, extinction_mag: float) -> float:
    """Return the brightness of white ground that faces the Moon, the same unit."""
    up = float(moon.direction[2])
    if up <= 0.0:
        return 0.0
    air = float(airmass(np.array(up)))
    light = math.pow(10.0, -0.4 * (moon.magnitude + extinction_mag * air))
    return light / (math.pi * _SR_ARCSEC2)


def _slant(up: float) -> float:
    """Return the paper's own airmass of the Moon."""
    return 1.0 / math.sqrt(1.0 - 0.96 * (1.0 - max(up, 0.0) ** 2))


def _sunk(up: float) -> float:
    return min(1.0, max(0.0, (up + 0.02) / 0.03))
