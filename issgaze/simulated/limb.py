"""Sunlight past the Earth's limb: bent, spread, dimmed and reddened by the air, in three colours.

The image of the Sun that the satellite sees is put together strip by strip: air moves each strip
up, squeezes it and takes its part, and brightness of surface is kept. `issgaze.orbit.limb` has the
same physics by other means; tests/simulated/test_limb.py holds both against a third.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.air import (
    BANDS_UM,
    EARTH_KM,
    bending_rad,
    density,
    grazing_depth,
    refractivity,
)

# The Sun's limb darkening, I = 1 - u (1 - mu), in the three bands: rounded from Cox (ed.), Allen's
# Astrophysical Quantities, 4th ed. (2000), section 14.7
_DARKENING = (0.53, 0.62, 0.72)
_SUN_RADIUS_RAD = math.radians(959.63 / 3600.0)
_STEP_KM = 0.15
_AIR_TOP_KM = 110.0
_ROUNDED_KM = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimbTable:
    """Part of the Sun's light that is left, in red, green and blue.

    Attributes:
        margin_rad: Height of the Sun's true middle above the solid limb, ascending, shape (n,).
        light: Shape (n, 3), 0 to 1.
    """

    margin_rad: Float64Array
    light: Float64Array

    def at(self, margin_rad: Float64Array) -> Float64Array:
        """Return the light at margins of shape (n,), shape (n, 3)."""
        columns = [
            np.interp(margin_rad, self.margin_rad, self.light[:, band], left=0.0, right=1.0)
            for band in range(3)
        ]
        return np.stack(columns, axis=-1)


def limb_table(center_km: float) -> LimbTable:
    """Return the light for a satellite so far from the Earth's centre, in steps of 50 km."""
    steps = max(round((center_km - EARTH_KM) / _ROUNDED_KM), 1)
    return _table(steps)


@functools.lru_cache(maxsize=64)
def _table(steps: int) -> LimbTable:
    center_km = EARTH_KM + steps * _ROUNDED_KM
    sine_limb = EARTH_KM / center_km
    # the Sun's image reaches from the ground to where there is no air, and its own width beyond
    beyond_km = _AIR_TOP_KM + 2.5 * _SUN_RADIUS_RAD * math.sqrt(center_km**2 - EARTH_KM**2)
    tangent = np.arange(_STEP_KM / 2, beyond_km, _STEP_KM)
    passed = np.exp(-grazing_depth(tangent))
    margins: Float64Array | None = None
    colours: list[Float64Array] = []
    for band, band_um in enumerate(BANDS_UM.tolist()):
        # Snell's law on spheres: n r sin(zenith angle) stays what it is
        impact = (tangent + EARTH_KM) * (1.0 + refractivity(band_um) * density(tangent))
        seen = np.arcsin(impact / center_km)
        true = seen - bending_rad(tangent, band_um)
        # a strip of the image as wide as it is high: the limb's curve spreads it a little too
        height = np.gradient(seen) * np.sin(seen) / np.sin(true)
        above = true - math.asin(sine_limb)
        if margins is None:
            low = float(above.min()) - 1.5 * _SUN_RADIUS_RAD
            high = float(np.interp(_AIR_TOP_KM, tangent, above)) + _SUN_RADIUS_RAD
            margins = np.linspace(low, high, 700)
        weight = passed[:, band] * height
        colours.append(_sunlight(margins, above, weight, _DARKENING[band]))
    assert margins is not None
    return LimbTable(margin_rad=margins, light=np.stack(colours, axis=-1))


def _sunlight(
    margin: Float64Array, above: Float64Array, weight: Float64Array, darkening: float
) -> Float64Array:
    """Return the sum over the image of what each strip shows of the Sun's disc."""
    light = np.empty_like(margin)
    whole = math.pi * (1.0 - darkening / 3.0) * _SUN_RADIUS_RAD
    for number, middle in enumerate(margin.tolist()):
        y = (above - middle) / _SUN_RADIUS_RAD
        chord = np.sqrt(np.maximum(1.0 - y * y, 0.0))
        strip = 2.0 * (1.0 - darkening) * chord + 0.5 * math.pi * darkening * chord**2
        light[number] = float((strip * weight).sum())
    return np.minimum(light / whole, 1.0)
