"""Aurora: folded curtains along the geomagnetic oval, seen in their true perspective."""

import math
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import seconds_between
from issgaze.simulated.geomagnetic import geomagnetic_place
from issgaze.simulated.scenario import Scenario

# Geomagnetic latitude of the oval in a moderately disturbed night, around midnight: an estimate
# within the 63 to 68 degrees that it wanders over.
_OVAL_DEG = 65.0
_KM_PER_DEG = 111.2
_EARTH_KM = 6371.0
_HEIGHTS_KM = np.arange(97.0, 300.0, 7.0)
_GREEN = np.array([0.30, 1.60, 0.42])
_RED = np.array([1.50, 0.50, 0.42])
_VIOLET = np.array([1.10, 0.45, 1.50])
# distance of each curtain from the oval's middle in km, its strength, its half width in km
_CURTAINS = ((0.0, 1.0, 7.0), (55.0, 0.6, 11.0), (-70.0, 0.45, 9.0), (130.0, 0.3, 26.0))
_STRONGEST = 60.0


def aurora(scenario: Scenario, directions: Float64Array, instant: datetime) -> Float64Array:
    """Return the light of the aurora in units of a dark zenith, red, green, blue.

    Args:
        scenario: The night.
        directions: Unit vectors (east, north, up), shape (..., 3).
        instant: When.
    """
    glow = np.zeros((*directions.shape[:-1], 3))
    strength = scenario.sky.aurora
    if strength <= 0.0:
        return glow
    time_s = seconds_between(scenario.start_utc, instant)
    latitude_deg, way = geomagnetic_place(scenario)
    away_km = (_OVAL_DEG - abs(latitude_deg)) * _KM_PER_DEG
    along = directions[..., 0] * way[1] - directions[..., 1] * way[0]
    poleward = directions[..., 0] * way[0] + directions[..., 1] * way[1]
    up = np.maximum(directions[..., 2], 0.0)
    step = float(_HEIGHTS_KM[1] - _HEIGHTS_KM[0])
    for height in _HEIGHTS_KM:
        # slant distance to a shell over a round Earth
        slant = -_EARTH_KM * up + np.sqrt((_EARTH_KM * up) ** 2 + 2 * _EARTH_KM * height)
        east = along * slant
        north = poleward * slant - away_km
        colour = _colour(float(height))
        density = np.zeros(up.shape)
        for number, (offset, weight, width) in enumerate(_CURTAINS):
            density += weight * _curtain(east, north - offset, width, number, time_s)
        # the path through one step of height is longer at a slant
        density *= step / np.maximum(up, 0.12)
        glow += density[..., np.newaxis] * colour
    return np.asarray(glow * (_STRONGEST * strength**1.5 / 240.0) * (up > 0.0)[..., np.newaxis])


def _curtain(
    east: Float64Array, north: Float64Array, width_km: float, number: int, time_s: float
) -> Float64Array:
    """Return how dense a curtain is: folds drift along it, rays stand in it."""
    shift = 37.0 * number
    fold = 42.0 * np.sin((east + 0.35 * time_s) / 118.0 + shift)
    fold = fold + 15.0 * np.sin((east - 0.55 * time_s) / 41.0 + 2.3 * shift)
    fold = fold + 4.5 * np.sin((east + 0.8 * time_s) / 15.0 + 0.7 * shift)
    sheet = np.exp(-(((north - fold) / width_km) ** 2))
    rays = 0.55 + 0.25 * np.sin(east / 6.1 + 0.06 * time_s + shift)
    rays = rays + 0.20 * np.sin(east / 2.7 - 0.09 * time_s + 3.1 * shift)
    patches = 0.60 + 0.40 * np.sin(east / 190.0 + 0.01 * time_s + 1.7 * shift)
    return np.asarray(sheet * np.maximum(rays, 0.0) * np.maximum(patches, 0.05))


def _colour(height_km: float) -> Float64Array:
    """Return what a height sends out: violet at the lower edge, green above it, red on top."""
    edge = math.exp(-(((height_km - 97.0) / 6.0) ** 2))
    green = (1.0 - math.exp(-(((height_km - 92.0) / 12.0) ** 2))) * math.exp(
        -(max(height_km - 112.0, 0.0)) / 30.0
    )
    red = 0.16 * math.exp(-(((height_km - 220.0) / 60.0) ** 2))
    return 0.5 * edge * _VIOLET + green * _GREEN + red * _RED
