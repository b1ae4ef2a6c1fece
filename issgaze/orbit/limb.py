"""Sunlight that reaches a satellite past the Earth's limb: refracted, spread and dimmed by air.

The model: an exponential atmosphere that bends and spreads the light (Baum & Code, AJ 58 (1953)
108), Rayleigh scattering and ozone at 550 nm along the ray, the Sun's disc with linear limb
darkening. Twilight clouds, dust and volcanic aerosol are left out; they darken the lowest 10 km,
which give less than a hundredth of the light anyway. Compared with the bare geometry it moves half
light of the station some 10 s away from the shadow.

Verified in tests/orbit/test_limb.py: the bending at the horizon against twice the tabulated
horizontal refraction (Allen's Astrophysical Quantities: 35 arcmin, so some 70 through the whole
atmosphere); the dimming by spreading against the Baum-Code relation solved in its own form; the
limit without air (the bare disc's own fade); and, with what the abstract of Mallama
(arXiv:2112.08310) says of photometry by MMT-9, that light is left inside the geometric shadow and
that the dimming begins tens of km outside of it. Not verified: the fade's times against his tables
or any photometry; they were not at hand and nothing here is fitted to them. Expect half light
within 3 s: without ozone it comes 2.9 s nearer to the shadow, a third more or less air moves it by
0.25 s.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import SECONDS_PER_DAY
from issgaze.orbit.elements import ElementSet

EARTH_RADIUS_KM = 6371.0
_EARTH_KM3_PER_S2 = 398600.8
# Density falls to 1/e over this height; fits the US Standard Atmosphere 1976 at 0 and 20 km.
_SCALE_HEIGHT_KM = 7.6
# n - 1 of air at the ground, 15 deg C, 550 nm (Ciddor, Applied Optics 35 (1996) 1566)
_REFRACTIVITY = 2.78e-4
# vertical optical depth of Rayleigh scattering at 550 nm (Bodhaine et al., JTECH 16 (1999) 1854)
_RAYLEIGH_DEPTH = 0.097
# 300 Dobson units of ozone at 3.3e-21 cm^2, a layer about 22 km high and 5 km wide (sigma)
_OZONE_DEPTH = 8.07e18 * 3.3e-21
_OZONE_HEIGHT_KM, _OZONE_WIDTH_KM = 22.0, 5.0
_SUN_RADIUS_RAD = math.radians(959.63 / 3600.0)
# linear limb darkening in V (Cox, Allen's Astrophysical Quantities, 4th ed., table 14.17, rounded)
_LIMB_DARKENING = 0.6
FULL_LIGHT, NO_LIGHT = 0.99, 0.01
_STEP_KM = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimbLight:
    """Light against the Sun's height above the limb, for one distance of the limb.

    Attributes:
        margin_rad: Height of the Sun's true centre above the solid limb, ascending, shape (n,).
        light: Part of full sunlight, 0 to 1, shape (n,).
        full_rad, half_rad, none_rad: Where 99, 50 and 1 % of the light are left.
    """

    margin_rad: Float64Array
    light: Float64Array
    full_rad: float
    half_rad: float
    none_rad: float

    def at(self, margin_rad: Float64Array) -> Float64Array:
        """Return the light at heights of any shape."""
        return np.asarray(
            np.interp(margin_rad, self.margin_rad, self.light, left=0.0, right=1.0),
            dtype=np.float64,
        )


def limb_distance_km(elements: ElementSet) -> float:
    """Return how far the limb is from a satellite at its mean height."""
    rate = elements.mean_motion_rev_per_day * 2.0 * math.pi / SECONDS_PER_DAY
    axis_km = math.pow(_EARTH_KM3_PER_S2 / rate**2, 1.0 / 3.0)
    return math.sqrt(max(axis_km**2 - EARTH_RADIUS_KM**2, _STEP_KM**2))


def limb_light(distance_km: float) -> LimbLight:
    """Return the light past a limb at a distance from the satellite, in steps of 50 km.

    Args:
        distance_km: sqrt(r^2 - R^2) for a satellite at the distance r from the Earth's centre;
            2300 km for the station.
    """
    return _table(max(1, round(distance_km / _STEP_KM)))


@lru_cache(maxsize=64)
def _table(steps: int) -> LimbLight:
    distance_km = steps * _STEP_KM
    height = np.linspace(0.0, 110.0, 1101)
    spread = math.sqrt(2.0 * math.pi * EARTH_RADIUS_KM / _SCALE_HEIGHT_KM)
    thin = np.exp(-height / _SCALE_HEIGHT_KM)
    bend_rad = _REFRACTIVITY * spread * thin
    coarse = height[::5]
    depth = _RAYLEIGH_DEPTH * spread * thin + np.interp(height, coarse, _ozone_depth(coarse))
    # light through a layer of height dh arrives over dh (1 + D bend / H)
    passed = np.exp(-depth) / (1.0 + distance_km / _SCALE_HEIGHT_KM * bend_rad)
    true_rad = height / distance_km - bend_rad
    margin = np.linspace(true_rad[0] - 2 * _SUN_RADIUS_RAD, true_rad[-1] + _SUN_RADIUS_RAD, 2400)
    across = np.linspace(-1.0, 1.0, 81)
    weight = _disc_profile(across)
    points = margin[:, np.newaxis] + across * _SUN_RADIUS_RAD
    seen = np.interp(points, true_rad, passed, left=0.0, right=1.0)
    light = seen @ weight / weight.sum()
    return LimbLight(
        margin_rad=margin,
        light=light,
        full_rad=float(np.interp(FULL_LIGHT, light, margin)),
        half_rad=float(np.interp(0.5, light, margin)),
        none_rad=float(np.interp(NO_LIGHT, light, margin)),
    )


def _ozone_depth(tangent_km: Float64Array) -> Float64Array:
    """Return the optical depth of ozone along rays that graze at these heights."""
    along_km = np.linspace(-1100.0, 1100.0, 221)
    height = tangent_km[:, np.newaxis] + along_km**2 / (2.0 * EARTH_RADIUS_KM)
    density = np.exp(-0.5 * ((height - _OZONE_HEIGHT_KM) / _OZONE_WIDTH_KM) ** 2)
    density *= _OZONE_DEPTH / (_OZONE_WIDTH_KM * math.sqrt(2.0 * math.pi))
    return np.asarray(density.sum(axis=1) * (along_km[1] - along_km[0]), dtype=np.float64)


def _disc_profile(across: Float64Array) -> Float64Array:
    """Return the light of horizontal strips of the Sun's disc at heights of -1 to 1 radii."""
    half_chord = np.sqrt(1.0 - across**2)
    # the integral of 1 - u (1 - mu) along the chord
    bare, darkened = 2.0 * half_chord, 0.5 * math.pi * half_chord**2
    return np.asarray((1.0 - _LIMB_DARKENING) * bare + _LIMB_DARKENING * darkened)
