"""Turning a frame's sky back to where it stood at one instant, for a film of still stars."""

from datetime import datetime

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.civil import seconds_between
from issgaze.imaging.frame import FrameInfo
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.registration import SkyMap


class StillStars:
    """Moves the sky of small frames by the lens model, to the nearest pixel.

    Args:
        lens: Of the raw mosaic.
        site: Where the camera stands.
        reference_utc: Instant at which the stars stand still.
    """

    def __init__(self, lens: Lens, site: Site, reference_utc: datetime) -> None:
        self._reference_utc = reference_utc
        self._size = (lens.height_px, lens.width_px)
        self._map = SkyMap(lens=lens, site=site, height_px=lens.height_px, width_px=lens.width_px)

    def turned_back(self, planes: Float32Array, info: FrameInfo) -> Float32Array:
        """Return planes (3, h, w) of a frame as its sky stood at the reference instant.

        What came into the picture since then is filled from the picture's edge.
        """
        middle_s = seconds_between(self._reference_utc, info.start_utc) + 0.5 * info.exposure_s
        field = self._map.displacement_px(np.full(len(self._map.rows_px), middle_s))
        field = np.nan_to_num(field)
        height, width = planes.shape[1:]
        # both sizes count from the mosaic's outer edge
        scale = self._size[1] / width
        rows = (np.arange(height) + 0.5) * scale - 0.5
        columns = (np.arange(width) + 0.5) * scale - 0.5
        shift = [self._spread(field[..., axis], rows, columns) / scale for axis in (0, 1)]
        x = np.rint(np.arange(width)[np.newaxis, :] + shift[0])
        y = np.rint(np.arange(height)[:, np.newaxis] + shift[1])
        x = np.minimum(np.maximum(x, 0), width - 1).astype(np.int32)
        y = np.minimum(np.maximum(y, 0), height - 1).astype(np.int32)
        place = (y * np.int32(width) + x).ravel()
        return np.stack([np.take(plane.ravel(), place).reshape(height, width) for plane in planes])

    def _spread(
        self, values: Float64Array, rows: Float64Array, columns: Float64Array
    ) -> Float64Array:
        down = _weights(rows, self._map.rows_px)
        across = _weights(columns, self._map.columns_px)
        return np.asarray(down @ values @ across.T, dtype=np.float64)


def _weights(places: Float64Array, nodes: Float64Array) -> Float64Array:
    at = np.interp(places, nodes, np.arange(len(nodes)))
    low = np.minimum(at.astype(int), len(nodes) - 2)
    weights = np.zeros((len(places), len(nodes)))
    weights[np.arange(len(places)), low] = 1.0 - (at - low)
    weights[np.arange(len(places)), low + 1] += at - low
    return weights
