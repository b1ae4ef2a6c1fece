"""Turning a frame's sky back to where it stood at one instant, for a film of still stars."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, Float64Array, Int32Array
from issgaze.civil import seconds_between
from issgaze.imaging.frame import FrameInfo
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.registration import SkyMap

Int64Array = NDArray[np.int64]


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

    def places(self, info: FrameInfo, shape: tuple[int, int]) -> Int32Array:
        """Return where each pixel of a frame turned back comes from, as numbers row by row.

        Args:
            info: Of the frame.
            shape: Height and width of the frame's picture; any size of the mosaic's outline.

        Returns:
            Shape (height * width,). What came into the picture since the reference instant is taken
            from the picture's edge.
        """
        middle_s = seconds_between(self._reference_utc, info.start_utc) + 0.5 * info.exposure_s
        field = self._map.displacement_px(np.full(len(self._map.rows_px), middle_s))
        field = np.nan_to_num(field)
        height, width = shape
        # both sizes count from the mosaic's outer edge
        scale = self._size[1] / width
        rows, columns = (
            np.asarray((np.arange(count) + 0.5) * scale - 0.5, dtype=np.float64)
            for count in (height, width)
        )
        x, y = (self._spread(field[..., axis] / scale, rows, columns) for axis in (0, 1))
        x += np.arange(width, dtype=np.float32)[np.newaxis, :] + np.float32(0.5)
        y += np.arange(height, dtype=np.float32)[:, np.newaxis] + np.float32(0.5)
        np.minimum(np.maximum(x, np.float32(0.0), out=x), np.float32(width - 1), out=x)
        np.minimum(np.maximum(y, np.float32(0.0), out=y), np.float32(height - 1), out=y)
        place = y.astype(np.int32)
        place *= np.int32(width)
        place += x.astype(np.int32)
        return place.ravel()

    def _spread(
        self, values: Float64Array, rows: Float64Array, columns: Float64Array
    ) -> Float32Array:
        """Return the map's values at pixels, linear between its nodes."""
        low, share = _between(columns, self._map.columns_px)
        wide = values[:, low] + (values[:, low + 1] - values[:, low]) * share
        few: Float32Array = wide.astype(np.float32)
        low, share = _between(rows, self._map.rows_px)
        step = np.diff(few, axis=0)[low].astype(np.float32)
        step *= share.astype(np.float32)[:, np.newaxis]
        step += few[low]
        return np.asarray(step, dtype=np.float32)


def _between(places: Float64Array, nodes: Float64Array) -> tuple[Int64Array, Float64Array]:
    """Return the node before each place, and how far it is from there to the next one."""
    at = np.interp(places, nodes, np.arange(len(nodes)))
    low = np.minimum(at.astype(np.int64), len(nodes) - 2)
    return low, at - low
