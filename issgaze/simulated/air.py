"""The air as a ray along the Earth's limb meets it: how it bends, and what it takes, by colour.

Written for the simulator alone, with other data and another way of integrating than
`issgaze.orbit.limb`: the US Standard Atmosphere 1976 layer by layer instead of one exponential,
Abel's integral instead of its closed form, aerosol besides Rayleigh scattering and ozone.
"""

import functools

import numpy as np

from issgaze.arrays import Float64Array

EARTH_KM = 6371.0
# red, green and blue of the sensor, in micrometres
BANDS_UM = np.array([0.610, 0.535, 0.460])
# US Standard Atmosphere 1976: foot of each layer (geopotential km) and lapse (K/km)
_LAYERS = (
    (0.0, -6.5),
    (11.0, 0.0),
    (20.0, 1.0),
    (32.0, 2.8),
    (47.0, 0.0),
    (51.0, -2.8),
    (71.0, -2.0),
)
_GROUND_K, _GROUND_HPA = 288.15, 1013.25
# g M / R: how fast pressure falls, K/km
_HYDROSTATIC_K_PER_KM = 34.1632
# 300 Dobson units; molecules a cm^2 of one: 2.687e16
_OZONE_PER_CM2 = 300.0 * 2.687e16
# cm^2 in the Chappuis band at the three bands, rounded from laboratory spectra (as Serdyuchenko et
# al., AMT 7 (2014) 625, review them): good to a tenth in red and green, a quarter in blue
_OZONE_CM2 = np.array([4.6e-21, 2.6e-21, 3.5e-22])
# Chapman's layer: height of its peak and scale, km; an estimate for middle latitudes
_OZONE_PEAK_KM, _OZONE_SCALE_KM = 21.0, 4.2
# Aerosol, vertical optical depth at 0.55 um with its height: an ordinary clear lower layer, and the
# quiet stratosphere's (Junge layer); both are estimates, volcanoes multiply the second by 30.
_HAZE_DEPTH, _HAZE_KM = 0.08, 1.4
_JUNGE_DEPTH, _JUNGE_KM, _JUNGE_WIDTH_KM = 0.004, 19.0, 4.0
_ANGSTROM = 1.3
_TOP_KM, _STEP_KM = 140.0, 0.1
_ALONG_KM = np.concatenate((np.arange(1.0, 400.0, 2.0), np.arange(405.0, 1600.0, 10.0)))
_ALONG_STEP_KM = np.concatenate((np.full(200, 2.0), np.full(120, 10.0)))


def density(height_km: Float64Array) -> Float64Array:
    """Return the density of air over that at the ground (US Standard Atmosphere 1976)."""
    height, table = _densities()
    return np.asarray(np.exp(np.interp(height_km, height, np.log(table), right=-99.0)))


@functools.cache
def _densities() -> tuple[Float64Array, Float64Array]:
    height = np.arange(0.0, _TOP_KM + _STEP_KM / 2, _STEP_KM)
    level = height * EARTH_KM / (EARTH_KM + height)
    temperature, pressure = np.empty_like(level), np.empty_like(level)
    kelvin, hpa = _GROUND_K, _GROUND_HPA
    for number, (foot, lapse) in enumerate(_LAYERS):
        # above 85 km the last layer goes on, without its lapse: there is next to nothing there
        top = _LAYERS[number + 1][0] if number + 1 < len(_LAYERS) else 84.85
        mine = level >= foot
        up = np.minimum(level[mine], top) - foot if lapse else level[mine] - foot
        temperature[mine] = kelvin + lapse * up
        if lapse:
            pressure[mine] = hpa * (temperature[mine] / kelvin) ** (-_HYDROSTATIC_K_PER_KM / lapse)
        else:
            pressure[mine] = hpa * np.exp(-_HYDROSTATIC_K_PER_KM * up / kelvin)
        whole = top - foot
        hpa *= (
            (1.0 + lapse * whole / kelvin) ** (-_HYDROSTATIC_K_PER_KM / lapse)
            if lapse
            else np.exp(-_HYDROSTATIC_K_PER_KM * whole / kelvin)
        )
        kelvin += lapse * whole
    above = level > 84.85
    pressure[above] = hpa * np.exp(-_HYDROSTATIC_K_PER_KM * (level[above] - 84.85) / kelvin)
    table = pressure / temperature * (_GROUND_K / _GROUND_HPA)
    return height, table


def refractivity(band_um: float) -> float:
    """Return n - 1 of air at the ground, 15 degrees C (Edlen, Metrologia 2 (1966) 71)."""
    wave2 = 1.0 / band_um**2
    return 1e-8 * (8342.13 + 2406030.0 / (130.0 - wave2) + 15997.0 / (38.9 - wave2))


def rayleigh_depth(band_um: float) -> float:
    """Return the vertical optical depth of air at sea level (Bodhaine et al., 1999, eq. 30)."""
    square = band_um**2
    above = 1.0455996 - 341.29061 / square - 0.90230850 * square
    return 0.0021520 * above / (1.0 + 0.0027059889 / square - 85.968563 * square)


def bending_rad(tangent_km: Float64Array, band_um: float) -> Float64Array:
    """Return by how much rays bend that come closest to the ground at these heights.

    Abel's integral over x = n r, made smooth by x^2 = a^2 + s^2; the ray comes from space and goes
    back there.
    """
    height, table = _densities()
    index = np.log1p(refractivity(band_um) * table)
    reach = np.exp(index) * (EARTH_KM + height)
    slope = np.gradient(index, reach)
    closest = np.interp(tangent_km, height, reach)[:, np.newaxis]
    steps = _ALONG_KM
    x = np.sqrt(closest * closest + steps * steps)
    inner = np.interp(x, reach, slope, right=0.0) / x
    return np.asarray(-2.0 * closest[:, 0] * (inner * _ALONG_STEP_KM).sum(axis=1))


def extinction_per_km(height_km: Float64Array) -> Float64Array:
    """Return what a km of air takes in red, green and blue, optical depth, shape (..., 3)."""
    column_km = float(np.sum(_densities()[1]) * _STEP_KM)
    rayleigh = np.array([rayleigh_depth(float(band)) for band in BANDS_UM]) / column_km
    place = (height_km - _OZONE_PEAK_KM) / _OZONE_SCALE_KM
    # Chapman's shape integrates to e times its scale
    shape = np.exp(1.0 - place - np.exp(-np.maximum(place, -5.0)))
    ozone = _OZONE_CM2 * (_OZONE_PER_CM2 / (np.e * _OZONE_SCALE_KM))
    haze = _HAZE_DEPTH / _HAZE_KM * np.exp(-height_km / _HAZE_KM)
    wide = _JUNGE_WIDTH_KM * np.sqrt(2.0 * np.pi)
    haze = haze + _JUNGE_DEPTH / wide * np.exp(
        -0.5 * ((height_km - _JUNGE_KM) / _JUNGE_WIDTH_KM) ** 2
    )
    return np.asarray(
        density(height_km)[..., np.newaxis] * rayleigh
        + shape[..., np.newaxis] * ozone
        + haze[..., np.newaxis] * (BANDS_UM / 0.55) ** -_ANGSTROM
    )


def grazing_depth(tangent_km: Float64Array) -> Float64Array:
    """Return the optical depth of whole rays along the limb, shape (n, 3)."""
    closest = EARTH_KM + tangent_km[:, np.newaxis]
    height = np.sqrt(closest * closest + _ALONG_KM * _ALONG_KM) - EARTH_KM
    taken = extinction_per_km(height)
    return np.asarray(2.0 * (taken * _ALONG_STEP_KM[:, np.newaxis]).sum(axis=1))
