"""The real horizon: roofs, trees and hills as altitude against azimuth."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonMask:
    """A closed line around the horizon, straight between its corners.

    Attributes:
        azimuth_deg: Corners from north through east, 0 to below 360, ascending.
        altitude_deg: Apparent altitude of each corner, one for each azimuth.
    """

    azimuth_deg: tuple[float, ...]
    altitude_deg: tuple[float, ...]

    def altitude_at(self, azimuth_deg: Float64Array) -> Float64Array:
        """Return the horizon's apparent altitude in degrees at azimuths of any shape."""
        if not self.azimuth_deg:
            return np.full(np.shape(azimuth_deg), -90.0)
        return np.asarray(
            np.interp(azimuth_deg, self.azimuth_deg, self.altitude_deg, period=360.0),
            dtype=np.float64,
        )
