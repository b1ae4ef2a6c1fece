"""Twilight: sunlight scattered once along each line of sight, and again and again in all the air.

The zenith has the brightness that was measured there (Patat, Ugolnikov & Postylyakov, A&A 455
(2006) 385, table 1, V). How it is spread over the sky: what is scattered once is integrated along
each line of sight, through the air of `air`, with the Earth's shadow as its limb draws it; the rest
of the zenith's light is scattered more often and lies smoothly over the sky, brighter low down only
as far as the air there is thick, since no line of sight shows more than the air it ends in.
"""

import functools
import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.air import (
    BANDS_UM,
    EARTH_KM,
    density,
    extinction_per_km,
    grazing_depth,
    rayleigh_depth,
)

_SUN_V_MAG = -26.74
_SR_ARCSEC2 = 206264.806**2
# the Sun is up to here below the horizon in the paper's fit; beyond it starlight takes over
_FIT_FROM_DEG, _FIT_TO_DEG, _NIGHT_DEG = 4.0, 15.0, 18.5
# V per arcsec^2 of a clear day's zenith, where the prolonged fit ends
_DAY_MAG = 3.0
_COLUMN_KM = 8.43
_HAZE_DEPTH, _HAZE_KM, _FORWARD = 0.08, 1.4, 0.7
_ALTITUDES_DEG = np.concatenate((np.arange(0.0, 12.0, 1.0), np.arange(12.0, 90.1, 6.0)))
_TURNS_DEG = np.linspace(0.0, 180.0, 13)
_FAR_KM = np.concatenate((np.linspace(0.0, 60.0, 25), np.geomspace(66.0, 1500.0, 55)))
# tint over sunlight of what is scattered more than once: an estimate, blue by Rayleigh and ozone
_DIFFUSE = np.array([0.62, 0.95, 1.65])
# how much brighter diffuse light is towards the Sun than away from it, low down (estimate)
_LEAN = 0.7
_VERTICAL_DEPTH = 0.2


def zenith_mag(depth_deg: float) -> float:
    """Return V per arcsec^2 of scattered sunlight at the zenith, the Sun so far below the horizon.

    The paper's polynomial between 5 and 15 degrees, its ends prolonged; by day it is as bright as
    a clear day.
    """
    beyond = min(max(depth_deg - 5.0, _FIT_FROM_DEG - 5.0), _FIT_TO_DEG - 5.0)
    law = 11.84 + 1.518 * beyond - 0.057 * beyond * beyond
    slope = 1.518 - 0.114 * beyond
    outside = depth_deg - 5.0 - beyond
    # the fit levels out where starlight takes over; what is left fades with the Sun
    fade = 0.9 * max(depth_deg - 13.0, 0.0)
    return max(law + fade + (slope * outside if outside < 0.0 else 0.0), _DAY_MAG)


def twilight(directions: Float64Array, sun: Float64Array, air: Float64Array) -> Float64Array:
    """Return scattered sunlight in magnitude-0 stars per arcsec^2 over sunlight's own colours.

    Args:
        directions: Unit vectors (east, north, up), shape (..., 3).
        sun: The Sun's geometric direction.
        air: Airmass of the directions.
    """
    depth = -math.degrees(math.asin(float(np.clip(sun[2], -1.0, 1.0))))
    if depth > _NIGHT_DEG:
        return np.zeros(directions.shape)
    level = sun[:2] / max(float(np.hypot(sun[0], sun[1])), 1e-9)
    flat = np.maximum(np.hypot(directions[..., 0], directions[..., 1]), 1e-9)
    toward = (directions[..., 0] * level[0] + directions[..., 1] * level[1]) / flat
    zenith = math.pow(10.0, -0.4 * zenith_mag(depth))
    table = once_scattered(round(depth, 2))
    # the fit's own zenith rules: single scattering is a part of it
    once = _looked_up(table, directions[..., 2], toward)
    over = float(table[-1, 0, 1])
    once = once * min(1.0, 0.8 * zenith / max(over, 1e-30))
    rest = zenith - min(over, 0.8 * zenith)
    thick = (1.0 - np.exp(-_VERTICAL_DEPTH * air)) / (1.0 - math.exp(-_VERTICAL_DEPTH))
    lean = np.exp(_LEAN * (1.0 - np.maximum(directions[..., 2], 0.0)) * toward)
    diffuse = rest * np.sqrt(thick) * lean
    return np.asarray(once + diffuse[..., np.newaxis] * _DIFFUSE)


@functools.lru_cache(maxsize=8)
def once_scattered(depth_deg: float) -> Float64Array:
    """Return light scattered once, the Sun so far below the horizon.

    Shape (altitudes, turns from the Sun's azimuth, 3), magnitude-0 stars per arcsec^2.
    """
    altitude = np.radians(_ALTITUDES_DEG)[:, np.newaxis, np.newaxis]
    turn = np.radians(_TURNS_DEG)[np.newaxis, :, np.newaxis]
    depth = math.radians(depth_deg)
    far = _FAR_KM
    # x towards the Sun's azimuth, y across, z up, from the Earth's centre
    x = far * np.cos(altitude) * np.cos(turn)
    z = EARTH_KM + far * np.sin(altitude) + 0.0 * turn
    whole = np.sqrt(EARTH_KM**2 + far**2 + 2.0 * EARTH_KM * far * np.sin(altitude)) + 0.0 * turn
    height = whole - EARTH_KM
    ahead = x * math.cos(depth) - z * math.sin(depth)
    lowest = np.where(ahead < 0.0, np.sqrt(np.maximum(whole**2 - ahead**2, 0.0)) - EARTH_KM, height)
    lit = np.exp(-_shade(lowest) * np.where(ahead < 0.0, 1.0, 0.5)[..., np.newaxis])
    cosine = np.cos(altitude) * np.cos(turn) * math.cos(depth) - np.sin(altitude) * math.sin(depth)
    rayleigh = np.array([rayleigh_depth(float(band)) for band in BANDS_UM]) / _COLUMN_KM
    source = density(height)[..., np.newaxis] * rayleigh
    source = source * (3.0 / (16.0 * math.pi) * (1.0 + cosine**2))[..., np.newaxis]
    haze = _HAZE_DEPTH / _HAZE_KM * np.exp(-height / _HAZE_KM)
    peak = (1.0 - _FORWARD**2) / (1.0 + _FORWARD**2 - 2.0 * _FORWARD * cosine) ** 1.5
    source += (haze * peak / (4.0 * math.pi))[..., np.newaxis]
    step = np.gradient(far)[:, np.newaxis]
    taken = extinction_per_km(height) * step
    through = np.exp(-(np.cumsum(taken, axis=2) - 0.5 * taken))
    light = (source * lit * through * step).sum(axis=2)
    sun = math.pow(10.0, -0.4 * _SUN_V_MAG)
    return np.asarray(light * (sun / _SR_ARCSEC2))


@functools.cache
def _shades() -> tuple[Float64Array, Float64Array]:
    height = np.arange(0.0, 140.0, 0.5)
    return height, grazing_depth(height)


def _shade(lowest_km: Float64Array) -> Float64Array:
    """Return the depth of rays from the Sun that pass the ground at these heights."""
    height, depth = _shades()
    columns = [np.interp(lowest_km, height, depth[:, band]) for band in range(3)]
    dark = np.stack(columns, axis=-1)
    return np.where((lowest_km < 0.0)[..., np.newaxis], 700.0, dark)


def _looked_up(table: Float64Array, up: Float64Array, toward: Float64Array) -> Float64Array:
    altitude = np.degrees(np.arcsin(np.clip(up, 0.0, 1.0)))
    row = np.interp(altitude, _ALTITUDES_DEG, np.arange(len(_ALTITUDES_DEG)))
    column = np.degrees(np.arccos(np.clip(toward, -1.0, 1.0))) / 180.0 * (len(_TURNS_DEG) - 1)
    i = np.minimum(row.astype(np.intp), len(_ALTITUDES_DEG) - 2)
    j = np.minimum(column.astype(np.intp), len(_TURNS_DEG) - 2)
    a, b = (row - i)[..., np.newaxis], (column - j)[..., np.newaxis]
    upper = table[i, j] * (1.0 - b) + table[i, j + 1] * b
    lower = table[i + 1, j] * (1.0 - b) + table[i + 1, j + 1] * b
    return np.asarray(upper * (1.0 - a) + lower * a)
