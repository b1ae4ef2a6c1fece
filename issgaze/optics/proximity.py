"""How near a direction is to a bright star, looked up in a picture of the whole sphere.

The sphere is unfolded by the octahedral map (x, y over |x| + |y| + |z|, the lower half turned
outwards), which needs neither trigonometry nor branches by face.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array, UInt8Array

_FULL = 255.0
_Floats = NDArray[np.floating[Any]]


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
            hill = np.cos(radius) * stars + np.sin(radius) * around
            places = self._places(hill[..., 0], hill[..., 1], hill[..., 2])
            self._map[places.ravel()] = round(_FULL * (1.0 - ring / (rings + 1)))

    def _places(self, x: _Floats, y: _Floats, z: _Floats) -> NDArray[np.intp]:
        total = np.abs(x)
        total += np.abs(y)
        total += np.abs(z)
        u, v = x / total, y / total
        below = z < 0.0
        folded_u = np.where(below, np.copysign(1.0 - np.abs(v), u), u)
        folded_v = np.where(below, np.copysign(1.0 - np.abs(u), v), v)
        half = 0.5 * (self._size - 0.01)
        column = ((folded_u + 1.0) * half).astype(np.intp)
        row = ((folded_v + 1.0) * half).astype(np.intp)
        return np.asarray(row * self._size + column, dtype=np.intp)

    def turned(self, rotations: Float64Array, vectors: Float64Array) -> UInt8Array:
        """Return the nearness, 0 to 255, of every vector under every rotation.

        Args:
            rotations: Shape (h, 3, 3).
            vectors: Unit vectors (k, 3).

        Returns:
            Shape (h, k).
        """
        # one product of matrices in single precision: this is most of the search
        rows = rotations.reshape(-1, 3).astype(np.float32)
        moved = (rows @ vectors.T.astype(np.float32)).reshape(len(rotations), 3, len(vectors))
        places = self._places(moved[:, 0], moved[:, 1], moved[:, 2])
        return np.asarray(np.take(self._map, places), dtype=np.uint8)

    @property
    def mean(self) -> float:
        """Mean over the map: what a random direction finds, 0 to 1."""
        return float(self._map.mean()) / _FULL
