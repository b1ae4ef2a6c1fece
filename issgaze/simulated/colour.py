"""What a star's or a lamp's light leaves in red, green and blue photosites."""

import math

import numpy as np

from issgaze.arrays import Float64Array

# Photons of V = 0 above the air that a green photosite counts, a second and cm^2: 1005 photons per
# angstrom (Bessell, PASP 91 (1979) 589), 880 angstrom of V band, 0.55 for glass, filter and chip.
ZERO_MAGNITUDE_E_PER_S_CM2 = 1005.0 * 880.0 * 0.55
# Middle of the passbands of the chip's colour filters, in m.
_BANDS_M = np.array([610e-9, 535e-9, 460e-9])
_SECOND_RADIATION_M_K = 1.438777e-2
_WHITE_K = 5800.0
# What sunlight leaves in the three, green as one: typical of the IMX477 behind an infrared filter.
SUNLIGHT_RGB = np.array([0.62, 1.0, 0.66])


def temperature_k(bv_mag: Float64Array) -> Float64Array:
    """Return a star's temperature from its B-V (Ballesteros, EPL 97 (2012) 34008)."""
    bv = np.clip(bv_mag, -0.4, 2.2)
    return np.asarray(4600.0 * (1.0 / (0.92 * bv + 1.7) + 1.0 / (0.92 * bv + 0.62)))


def thermal_rgb(temperature: Float64Array) -> Float64Array:
    """Return what black bodies of one V magnitude leave in red, green and blue, shape (n, 3)."""
    kelvin = np.asarray(temperature, dtype=np.float64)[..., np.newaxis]
    photons = 1.0 / (np.exp(_SECOND_RADIATION_M_K / (_BANDS_M * kelvin)) - 1.0)
    white = 1.0 / (np.exp(_SECOND_RADIATION_M_K / (_BANDS_M * _WHITE_K)) - 1.0)
    tint = photons / white
    return np.asarray(SUNLIGHT_RGB * tint / tint[..., 1:2])


def zero_e_per_s(focal_mm: float, f_number: float) -> float:
    """Return the electrons a second that a star of magnitude 0 leaves in green, without air."""
    aperture_cm = focal_mm / f_number / 10.0
    return ZERO_MAGNITUDE_E_PER_S_CM2 * math.pi / 4.0 * aperture_cm * aperture_cm


def hp_to_v_mag(hp: Float64Array, bv: Float64Array) -> Float64Array:
    """Return V from Hipparcos' own magnitude: a quadratic through the catalogue's own table.

    Hp - V is 0 at B-V = 0, 0.13 at 0.6 and falls again for red stars (ESA SP-1200, volume 1,
    section 1.3, appendix 4); good to 0.03 mag for ordinary stars.
    """
    color = np.clip(bv, -0.2, 1.8)
    return np.asarray(hp - (0.289 * color - 0.137 * color * color))
