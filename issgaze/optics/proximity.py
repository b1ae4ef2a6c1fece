"""How near a direction is to a bright star, looked up in a picture of the whole sphere.

The sphere is unfolded by the octahedral map (x, y over |x| + |y| + |z|, the lower half turned
outwards), which needs neither trigonometry nor branches by face.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array, UInt8Array

_FULL = 255.0
_STARS_AT_ONCE = 1000
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
        self._upper = bool(len(stars)) and float(stars[:, 2].min()) > 0.0
        self._draw(stars, reach_rad)

    def _draw(self, stars: Float64Array, reach_rad: float) -> None:
        rings = int(np.clip(reach_rad * self._size / 1.4, 3, 14))
        # from the outside in: what is written last wins, and that is the nearest
        for ring in range(rings, -1, -1):
            radius = reach_rad * ring / (rings + 1)
            for start in range(0, len(stars), _STARS_AT_ONCE):
                hill = _ringed(stars[start : start + _STARS_AT_ONCE], radius, max(1, 7 * ring))
                places = self._places(hill[..., 0], hill[..., 1], hill[..., 2])
                self._map[places.ravel()] = round(_FULL * (1.0 - ring / (rings + 1)))

    def _places(self, x: _Floats, y: _Floats, z: _Floats) -> NDArray[np.int32]:
        total = np.abs(x)
        total += np.abs(y)
        half = 0.5 * (self._size - 0.01)
        if self._upper:
            # below the horizon is nothing: it all lands on the rim
            total += np.maximum(z, 0.0)
            u, v = x / total, y / total
        else:
            total += np.abs(z)
            u, v = x / total, y / total
            below = z < 0.0
            folded = np.where(below, np.copysign(1.0 - np.abs(v), u), u)
            v = np.where(below, np.copysign(1.0 - np.abs(u), v), v)
            u = folded
        u += 1.0
        v += 1.0
        u *= half
        v *= half
        places = v.astype(np.int32)
        places *= self._size
        places += u.astype(np.int32)
        return places

    def turned(self, rotations: _Floats, vectors: Float64Array) -> UInt8Array:
        """Return the nearness, 0 to 255, of every vector under every rotation.

        Args:
            rotations: Shape (h, 3, 3).
            vectors: Unit vectors (k, 3).

        Returns:
            Shape (h, k).
        """
        # one product of matrices in single precision: this is most of the search
        rows = rotations.reshape(-1, 3).astype(np.float32, copy=False)
        moved = (rows @ vectors.T.astype(np.float32)).reshape(len(rotations), 3, len(vectors))
        places = self._places(moved[:, 0], moved[:, 1], moved[:, 2])
        return np.asarray(np.take(self._map, places), dtype=np.uint8)

    @property
    def mean(self) -> float:
        """Mean over the map: what a random direction finds, 0 to 1."""
        return float(self._map.mean()) / _FULL


def _ringed(stars: Float64Array, radius_rad: float, count: int) -> Float64Array:
    """Return points on a circle about every star, (count, n, 3)."""
    helper = np.where(np.abs(stars[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(stars, helper)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(stars, first)
    turns = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    around = np.cos(turns)[:, None, None] * first + np.sin(turns)[:, None, None] * second
    return np.asarray(np.cos(radius_rad) * stars + np.sin(radius_rad) * around)
