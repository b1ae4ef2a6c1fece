"""How bright a sunlit satellite looks."""

import numpy as np

from issgaze.arrays import Float64Array

STANDARD_MAGNITUDE_ISS = -1.8
EXTINCTION_MAG_PER_AIRMASS = 0.2


def phase_angle_rad(satellite_km: Float64Array, sun_km: Float64Array) -> Float64Array:
    """Return the angle Sun-satellite-observer in radians, 0 for a fully lit face.

    Both positions, shape (..., 3), are counted from the observer.
    """
    to_sun = sun_km - satellite_km
    to_site = -satellite_km
    cross = np.linalg.norm(np.cross(to_sun, to_site), axis=-1)
    return np.asarray(np.arctan2(cross, np.sum(to_sun * to_site, axis=-1)), dtype=np.float64)


def airmass(apparent_altitude_deg: Float64Array) -> Float64Array:
    """Return the relative airmass, 1 at the zenith, about 38 at the horizon.

    Kasten & Young, Applied Optics 28 (1989) 4735. Below the horizon the value at 0 is kept.
    """
    altitude = np.maximum(apparent_altitude_deg, 0.0)
    return np.asarray(
        1.0 / (np.sin(np.radians(altitude)) + 0.50572 * (altitude + 6.07995) ** -1.6364),
        dtype=np.float64,
    )


def visual_magnitude(
    range_km: Float64Array,
    phase_rad: Float64Array,
    apparent_altitude_deg: Float64Array,
    light: Float64Array,
    *,
    standard_magnitude: float,
) -> Float64Array:
    """Return the visual magnitude with extinction, inf without light.

    A diffuse sphere, `standard_magnitude` at 1000 km and a phase angle of 90 degrees. Expect the
    real station within one magnitude, flares apart.
    """
    phase = np.sin(phase_rad) + (np.pi - phase_rad) * np.cos(phase_rad)
    # the phase function vanishes where the face is dark: no light is infinitely faint
    seen = np.maximum(light * phase, 0.0)
    with np.errstate(divide="ignore"):
        magnitude = standard_magnitude + 5.0 * np.log10(range_km / 1000.0) - 2.5 * np.log10(seen)
    return np.asarray(
        magnitude + EXTINCTION_MAG_PER_AIRMASS * airmass(apparent_altitude_deg), dtype=np.float64
    )
