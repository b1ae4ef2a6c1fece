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


def parse_horizon(text: str) -> HorizonMask | None:
    """Read corners as an owner writes them: "0:12 90:25 180:8", azimuth:altitude in degrees.

    Returns:
        The mask; None for a text without corners.

    Raises:
        ValueError: A corner cannot be read or lies outside 0 to 360 and 0 to 90; the text says
            which.
    """
    corners: dict[float, float] = {}
    for corner in text.replace(",", " ").split():
        azimuth, colon, altitude = corner.partition(":")
        try:
            place, height = float(azimuth), float(altitude)
        except ValueError:
            colon = ""
            place = height = 0.0
        if not colon or not (0.0 <= place <= 360.0 and 0.0 <= height < 90.0):
            raise ValueError(
                f"has the corner {corner!r}; write azimuth:altitude in degrees, as in "
                "0:12 90:25 180:8, azimuths from 0 to 360, altitudes from 0 to below 90"
            )
        corners[place % 360.0] = height
    if not corners:
        return None
    azimuths = sorted(corners)
    return HorizonMask(
        azimuth_deg=tuple(azimuths), altitude_deg=tuple(corners[place] for place in azimuths)
    )
