"""Bright stars along the station's way: seen or not, they tell cloud from a clear sky."""

from dataclasses import dataclass

import numpy as np

from issgaze.civil import seconds_between
from issgaze.errors import PropagationError
from issgaze.imaging.starcount import StarCount
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Pass
from issgaze.orbit.tracks import compute_track
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.site import Site

_STEP_S = 10.0
_FEWEST = 4
_CLOUDED_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStars:
    """Bright catalogue stars within 20 degrees of the way: how many are up and free, and seen."""

    expected: int
    seen: int

    @property
    def clouded(self) -> bool:
        """True when so few are seen that cloud stood before them."""
        return self.expected >= _FEWEST and self.seen < _CLOUDED_SHARE * self.expected


def stars_along(
    iss_pass: Pass,
    elements: ElementSet,
    site: Site,
    count: StarCount,
    horizon: HorizonMask | None = None,
) -> TrackStars | None:
    """Return the bright stars along a pass, None when its way cannot be computed.

    Args:
        iss_pass: The pass.
        elements: Of the satellite.
        site: Where the camera stands.
        count: Stars of a frame.
        horizon: What hides stars besides cloud.
    """
    length_s = seconds_between(iss_pass.rise.utc, iss_pass.set.utc)
    try:
        track = compute_track(
            elements, site, iss_pass.rise.utc, np.arange(0.0, length_s + _STEP_S, _STEP_S)
        )
    except PropagationError:
        return None
    usable = count.bright() & count.near(enu_from_altaz(track.altitude_deg, track.azimuth_deg))
    if horizon is not None:
        east, north, up = count.directions.T
        azimuth = np.degrees(np.arctan2(east, north)) % 360.0
        usable &= np.degrees(np.arcsin(np.clip(up, -1.0, 1.0))) > horizon.altitude_at(azimuth) + 1.0
    return TrackStars(expected=int(usable.sum()), seen=int(count.seen[usable].sum()))
