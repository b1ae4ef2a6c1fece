"""Nodes over the mosaic at which the smooth sky is computed, and the way back to pixels."""

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.simulated.projection import Projection

_NODES_DOWN, _NODES_ACROSS = 160, 212


class Grid:
    """The nodes of a lens's picture.

    Args:
        seen: The lens.
        cell: Colours of the mosaic's first 2x2 photosites, see `stamps.colour_cell`.
    """

    def __init__(self, seen: Projection, cell: tuple[tuple[int, int], tuple[int, int]]) -> None:
        self._cell = cell
        self.x = np.linspace(0.0, seen.width_px - 1.0, _NODES_ACROSS)
        self.y = np.linspace(0.0, seen.height_px - 1.0, _NODES_DOWN)
        self.directions: Float64Array = seen.directions(*np.meshgrid(self.x, self.y))
        place = np.arange(seen.width_px) * ((_NODES_ACROSS - 1.0) / (seen.width_px - 1.0))
        self._left = np.minimum(place.astype(np.intp), _NODES_ACROSS - 2)
        self._part = (place - self._left).astype(np.float32)
        rows = np.arange(seen.height_px) * ((_NODES_DOWN - 1.0) / (seen.height_px - 1.0))
        self._above = np.minimum(rows.astype(np.intp), _NODES_DOWN - 2)
        self._down = (rows - self._above).astype(np.float32)

    def spread(self, glow: Float32Array, image: Float32Array) -> None:
        """Interpolate node values of shape (rows, columns, 3) into a mosaic of electrons.

        Written without matrix products: small ones wake threads that cost more than they do.
        """
        for parity in (0, 1):
            lines = self._lines(glow, parity)
            steps = np.diff(lines, axis=0)
            rows = np.arange(parity, len(self._above), 2)
            bounds = np.searchsorted(self._above[rows], np.arange(_NODES_DOWN))
            for node in range(_NODES_DOWN - 1):
                mine = rows[bounds[node] : bounds[node + 1]]
                if not len(mine):
                    continue
                part = image[mine[0] : mine[-1] + 1 : 2]
                np.multiply(self._down[mine, np.newaxis], steps[node], out=part)
                part += lines[node]

    def _lines(self, glow: Float32Array, parity: int) -> Float32Array:
        """Return the node rows spread across, with the colours of even or odd mosaic rows."""
        lines = np.empty((_NODES_DOWN, len(self._left)), dtype=np.float32)
        for column in (0, 1):
            nodes = glow[..., self._cell[parity][column]]
            left = self._left[column::2]
            low = nodes[:, left]
            lines[:, column::2] = low + (nodes[:, left + 1] - low) * self._part[column::2]
        return lines
