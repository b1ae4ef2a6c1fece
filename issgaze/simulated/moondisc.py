"""The Moon's own disc: lit where the Sun reaches it, faintly by the Earth elsewhere."""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.bodies import MoonSight

_ACROSS = 41
_EARTHSHINE = 3e-4


def moon_disc(moon: MoonSight) -> tuple[Float64Array, Float64Array]:
    """Return directions over the disc (n, 3) and what part of the Moon's light each sends."""
    forward = moon.direction
    right = np.cross(forward, np.array([0.0, 0.0, 1.0]))
    right /= max(float(np.linalg.norm(right)), 1e-12)
    above = np.cross(right, forward)
    raster = (np.arange(_ACROSS) + 0.5) / _ACROSS * 2.0 - 1.0
    x, y = (values.ravel() for values in np.meshgrid(raster, raster))
    inside = x * x + y * y < 1.0
    x, y = x[inside], y[inside]
    z = np.sqrt(1.0 - x * x - y * y)
    # the face that looks at us, with the Sun's height over each part of it
    sun = np.array([moon.sunward @ right, moon.sunward @ above, -(moon.sunward @ forward)])
    height = x * sun[0] + y * sun[1] + z * sun[2]
    shine = np.maximum(height, 0.0) ** 0.4 + _EARTHSHINE
    offsets = x[:, np.newaxis] * right + y[:, np.newaxis] * above
    directions = forward + moon.radius_rad * offsets
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    return directions, shine / shine.sum()
