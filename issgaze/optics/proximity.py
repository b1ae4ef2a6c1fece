"""How near a direction is to a bright star, looked up in a picture of the whole sphere.

The sphere is unfolded by the octahedral map (x, y over |x| + |y| + |z|, the lower half turned
outwards), which needs neither trigonometry nor branches by face.
"""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array, UInt8Array

_FULL = 255.0


class ProximityMap:
    """A map of the sphere: 255 on a star, falling linearly to 0 at the reach.

    Args:
        stars: Unit vectors (n, 3).
        reach_rad: Where a star's hill ends.
    """

    def __init__(self, stars: Float64Array, reach_rad: float) -> None:
        self._size = int(min(2048, max(128, 2 ** np.ceil(np.log2(8.0 / reach_rad)))))
        self._map = np.zeros(self._size * self._size, dtype=np.uint8)
        self._draw(stars, reach_rad)

    def _draw(self, stars: Float64Array, reach_rad: float) -> None:
        helper = np.where(np.abs(stars[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
        first = np.cross(stars, helper)
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        second = np.cross(stars, first)
        rings = int(np.clip(reach_rad * self._size / 1.4, 3, 14))
        # from the outside in: what is written last wins, and that is the nearest
        for ring in range(rings, -1, -1):
            radius = reach_rad * ring / (rings + 1)
            turns = np.linspace(0.0, 2.0 * np.pi, max(1, 7 * ring), endpoint=False)
            around = np.cos(turns)[:, None, None] * first + np.sin(turns)[:, None, None] * second
            places = self._places(np.cos(radius) * stars + np.sin(radius) * around)
            self._map[places.ravel()] = round(_FULL * (1.0 - ring / (rings + 1)))

    def _places(self, directions: Float64Array) -> NDArray[np.intp]:
        x, y, z = directions[..., 0], directions[..., 1], directions[..., 2]
        total = np.abs(x) + np.abs(y) + np.abs(z)
        u, v = x / total, y / total
        below = z < 0.0
        folded_u = np.where(below, np.copysign(1.0 - np.abs(v), u), u)
        folded_v = np.where(below, np.copysign(1.0 - np.abs(u), v), v)
        half = 0.5 * (self._size - 1e-6)
        column = ((folded_u + 1.0) * half).astype(np.intp)
        row = ((folded_v + 1.0) * half).astype(np.intp)
        return np.asarray(row * self._size + column)

    def __call__(self, directions: Float64Array) -> UInt8Array:
        """Return the nearness, 0 to 255, of vectors of shape (..., 3)."""
        return np.asarray(self._map[self._places(directions)], dtype=np.uint8)

    @property
    def mean(self) -> float:
        """Mean over the map: what a random direction finds, 0 to 1."""
        return float(self._map.mean()) / _FULL
