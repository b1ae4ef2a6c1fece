"""Reading STL files, and whether they can be printed; numpy is enough."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
# printers bridge what leans no further than 45 degrees; a little for the facets of round things
_STEEPEST = np.sin(np.radians(46.0))
_BED_MM = 0.02


@dataclass(frozen=True)
class Mesh:
    """A closed surface of triangles, shape (n, 3, 3), mm."""

    corners: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """Lengths along x, y, z."""
        points = self.corners.reshape(-1, 3)
        return points.max(axis=0) - points.min(axis=0)

    @property
    def lowest(self) -> float:
        """Of the part; 0 on the bed."""
        return float(self.corners[..., 2].min())

    @property
    def volume_cm3(self) -> float:
        """Inside, by the divergence theorem."""
        one, two, three = self.corners.astype(np.float64).transpose(1, 0, 2)
        return float(np.einsum("ij,ij->i", one, np.cross(two, three)).sum() / 6000.0)

    @property
    def open_edges(self) -> int:
        """How many edges are not shared by two triangles; 0 for a closed surface."""
        points = np.round(self.corners.reshape(-1, 3), 3)
        _, index = np.unique(points, axis=0, return_inverse=True)
        triangles = index.reshape(-1, 3)
        # slivers whose corners fall together have no inside
        whole = [len(set(triangle)) == 3 for triangle in triangles.tolist()]
        triangles = triangles[whole]
        edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        # each edge runs one way in one triangle, the other way in its neighbour
        size = int(index.max()) + 1
        there = np.sort(edges[:, 0] * size + edges[:, 1])
        back = np.sort(edges[:, 1] * size + edges[:, 0])
        return len(np.setxor1d(there, back)) + int((there != back).sum())

    def overhang_mm2(self) -> float:
        """Return the area that hangs over by more than 45 degrees, the bed apart."""
        corners = self.corners.astype(np.float64)
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(normal, axis=1) / 2.0
        down = np.where(area > 0.0, -normal[:, 2] / np.maximum(2.0 * area, 1e-12), 0.0)
        on_bed = corners[..., 2].max(axis=1) < _BED_MM
        return float(area[(down > _STEEPEST) & ~on_bed].sum())


def read_stl(path: Path) -> Mesh:
    """Return the mesh of a binary STL file."""
    data = path.read_bytes()
    count = int.from_bytes(data[80:84], "little")
    if len(data) != 84 + count * _RECORD.itemsize:
        raise ValueError(f"{path}: {len(data)} bytes do not hold {count} triangles")
    return Mesh(corners=np.frombuffer(data, dtype=_RECORD, offset=84)["corners"])
