"""Stars counted against the catalogue: is the sky clear, how deep, how transparent."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.imaging.detect import Detections
from issgaze.optics.lens import Lens
from issgaze.optics.platefit import unique_pairs
from issgaze.optics.platestages import SkyStars

# stars that every night camera sees in a clear sky, and how low they may stand for it
_BRIGHT_MAG = 3.7
_LOW_SINE = float(np.sin(np.radians(15.0)))
_HIGH_SINE = float(np.sin(np.radians(35.0)))
_MATCH_PX = 4.0
_BIN_MAG = 0.5
_FEWEST_IN_BIN = 8
_FEWEST_FOR_ZERO = 8
_NEAR_TRACK_RAD = float(np.radians(20.0))
# V extinction of a good site per airmass, taken out of the zero point
_EXTINCTION_MAG = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class StarCount:
    """Catalogue stars in one frame; arrays of shape (n,), the brightest first.

    Attributes:
        directions: Apparent unit vectors (n, 3).
        pixels: Where they should stand, raw px (n, 2).
        magnitude: V.
        seen: Which were found.
        flux_adu: Of those found, nan for the others.
        exposure_s: Of the frame.
    """

    directions: Float64Array
    pixels: Float64Array
    magnitude: Float64Array
    seen: BoolArray
    flux_adu: Float64Array
    exposure_s: float

    def bright(self) -> BoolArray:
        """Return which must be seen under a clear sky."""
        return np.asarray(
            (self.magnitude < _BRIGHT_MAG) & (self.directions[:, 2] > _LOW_SINE), dtype=np.bool_
        )

    def near(self, track: Float64Array) -> BoolArray:
        """Return which stand within 20 degrees of a track of unit vectors (m, 3)."""
        cosine = (self.directions @ track.T).max(axis=1, initial=-1.0)
        return np.asarray(cosine > np.cos(_NEAR_TRACK_RAD))

    def limiting_magnitude(self) -> float | None:
        """Return where half of the stars above 35 degrees are found, None when it is not seen."""
        high = self.directions[:, 2] > _HIGH_SINE
        magnitude, seen = self.magnitude[high], self.seen[high]
        before: tuple[float, float] | None = None
        for low in np.arange(1.0, 9.5, _BIN_MAG):
            here = (magnitude >= low) & (magnitude < low + _BIN_MAG)
            if here.sum() < _FEWEST_IN_BIN:
                continue
            share, middle = float(seen[here].mean()), float(low + 0.5 * _BIN_MAG)
            if share < 0.5:
                if before is None:
                    return None
                slope = (before[1] - share) / (middle - before[0])
                return before[0] + (before[1] - 0.5) / slope
            before = middle, share
        return before[0] if before else None

    def zero_point_mag(self) -> float | None:
        """Return the magnitude of a star at the zenith that gives 1 ADU a second, None if unknown.

        Its fall from one night to the next is the loss of transparency.
        """
        usable = self.seen & (self.directions[:, 2] > _HIGH_SINE) & (self.flux_adu > 0.0)
        usable &= (self.magnitude > 2.5) & (self.magnitude < 6.0)
        if usable.sum() < _FEWEST_FOR_ZERO:
            return None
        rate = self.flux_adu[usable] / self.exposure_s
        above_air = self.magnitude[usable] + _EXTINCTION_MAG / self.directions[usable, 2]
        return float(np.median(above_air + 2.5 * np.log10(rate))) - _EXTINCTION_MAG


def count_stars(
    found: Detections, lens: Lens, stars: SkyStars, *, exposure_s: float, faintest_mag: float = 7.5
) -> StarCount:
    """Return which catalogue stars of the field were found in a frame.

    Args:
        found: All detections of the frame.
        lens: Of the raw mosaic.
        stars: The sky at mid-exposure.
        exposure_s: Of the frame.
        faintest_mag: Of the stars to count.
    """
    wanted = stars.magnitude < faintest_mag
    directions, magnitude = stars.directions[wanted], stars.magnitude[wanted]
    pixels = lens.to_pixels(directions)
    margin = 12.0
    inside = (
        np.isfinite(pixels[:, 0])
        & (pixels > margin).all(axis=1)
        & (pixels[:, 0] < lens.width_px - margin)
        & (pixels[:, 1] < lens.height_px - margin)
    )
    pixels, magnitude = pixels[inside], magnitude[inside]
    seen = np.zeros(len(pixels), dtype=np.bool_)
    flux = np.full(len(pixels), np.nan)
    star, detection, _ = unique_pairs(
        pixels, np.stack((found.x_px, found.y_px), axis=-1), _MATCH_PX
    )
    seen[star] = True
    flux[star] = found.flux_adu[detection]
    return StarCount(
        directions=directions[inside],
        pixels=pixels,
        magnitude=magnitude,
        seen=seen,
        flux_adu=flux,
        exposure_s=exposure_s,
    )
