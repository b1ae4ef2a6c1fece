"""Crops for phones, framed so that the trail and the horizon stay in."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array, UInt8Array
from issgaze.stacking.trailpixels import TrailPixels

# width to height of what messengers and networks show
SHAPES = {"4x5": (4, 5), "9x16": (9, 16), "1x1": (1, 1)}
_TRAIL_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A rectangle of a picture in pixels: rows top to bottom, columns left to right, ends open."""

    top: int
    bottom: int
    left: int
    right: int

    def of(self, picture: UInt8Array) -> UInt8Array:
        """Return this part of a picture (h, w, 3)."""
        return np.ascontiguousarray(picture[self.top : self.bottom, self.left : self.right])


def frame_crop(
    shape: tuple[int, int],
    aspect: tuple[int, int],
    *,
    trail: TrailPixels | None = None,
    sky_fraction: Float32Array | None = None,
) -> Crop:
    """Return the largest crop of an aspect (width, height) with the most of trail and horizon.

    Args:
        shape: Of the picture (h, w).
        aspect: Wanted width to height.
        trail: The station's light, None for none.
        sky_fraction: How much of each pixel is sky (h, w); its edge is the horizon.
    """
    height, width = shape
    wide, high = aspect
    if width * high >= height * wide:
        span = max(1, height * wide // high)
        left = _best_start(width, span, _weights(shape, 0, trail, sky_fraction))
        return Crop(top=0, bottom=height, left=left, right=left + span)
    span = max(1, width * high // wide)
    top = _best_start(height, span, _weights(shape, 1, trail, sky_fraction))
    return Crop(top=top, bottom=top + span, left=0, right=width)


def _weights(
    shape: tuple[int, int],
    axis: int,
    trail: TrailPixels | None,
    sky_fraction: Float32Array | None,
) -> Float64Array:
    """Return what each column (axis 0) or row (axis 1) is worth: mostly its piece of trail."""
    length = shape[1 - axis]
    # without anything to choose by, the middle
    place = np.arange(length) / max(length - 1, 1) - 0.5
    worth = 1e-6 * (1.0 - place * place)
    if trail:
        bright = trail.light[1] > _TRAIL_SHARE * float(trail.light[1].max())
        along = np.zeros(length)
        along[(trail.column if axis == 0 else trail.row)[bright]] = 1.0
        worth = worth + along / max(float(along.sum()), 1.0)
    if sky_fraction is not None:
        edge: BoolArray = (sky_fraction > 0.02) & (sky_fraction < 0.98)
        there = edge.sum(axis=axis).astype(np.float64)
        worth = worth + 0.15 * there / max(float(there.sum()), 1.0)
    return worth


def _best_start(length: int, span: int, worth: Float64Array) -> int:
    """Return where a window of that span holds the most; of equals the one nearest the middle."""
    total = np.concatenate(([0.0], np.cumsum(worth)))
    held = total[span:] - total[: length - span + 1]
    best = np.flatnonzero(held >= held.max() - 1e-9)
    return int(best[int(np.argmin(np.abs(best - (length - span) / 2.0)))])
