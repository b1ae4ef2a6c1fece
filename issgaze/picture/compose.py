"""Three layers of one pass laid over each other, still linear: sky with stars, trail, ground."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from issgaze.arrays import BoolArray, Float32Array
from issgaze.civil import seconds_between
from issgaze.optics.lens import Lens
from issgaze.picture.alignment import aligned, measure_shift
from issgaze.picture.skyline import sky_fraction
from issgaze.picture.smooth import (
    block_medians,
    box_mean,
    eroded,
    extreme,
    filled,
    median_and_sigma,
    spread,
)
from issgaze.sky.horizon import HorizonMask
from issgaze.stacking.stacks import Resolution, Stacks

Variant = Literal["picture", "star_trails", "ground_only", "stars_only", "all_lights"]
_SKY_TURN_RAD_PER_S = 7.2921e-5
_BLOCK_PX = 16
_LEVEL_BLOCK_PX = 8
_LEAST_COVERAGE = 0.5
_FULL_COVERAGE = 0.9
_POINT_SIGMAS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedLinear:
    """The layers of a picture, in ADU above black; float32 planes of shape (3, h, w).

    Attributes:
        sky: Stars on their background, continued behind the ground.
        trail: The station alone above the sky, zero elsewhere.
        ground: What stands still, continued behind the sky.
        sky_fraction: How much of each pixel is sky, 0 to 1, shape (h, w).
        seen: Pixels inside the image circle, shape (h, w).
        sky_noise_adu: Standard deviation of a background pixel of `sky`, green.
        saturation_adu: Where a pixel saturates.
    """

    sky: Float32Array
    trail: Float32Array
    ground: Float32Array
    sky_fraction: Float32Array
    seen: BoolArray
    sky_noise_adu: float
    saturation_adu: float


def compose(
    stacks: Stacks,
    trail: Float32Array | None,
    *,
    lens: Lens | None = None,
    horizon: HorizonMask | None = None,
    sky_mask: Float32Array | None = None,
    variant: Variant = "picture",
) -> ComposedLinear:
    """Return the layers of the picture of one pass.

    Args:
        stacks: The stacks of the pass.
        trail: The station above the sky (3, h, w), None for none.
        lens: In raw mosaic pixels, None if unknown.
        horizon: The owner's horizon, used with the lens.
        sky_mask: How much of each pixel is sky (h, w), found in the stacks when None.
        variant: "picture"; "star_trails" lets the stars trail; "all_lights" keeps aircraft and
            satellites; "ground_only" and "stars_only" leave the other out.
    """
    shape = stacks.peak_frame.shape
    fraction = sky_mask
    if fraction is None:
        fraction = sky_fraction(stacks, lens=lens, horizon=horizon)
    seen = _seen(stacks, lens)
    shift = measure_shift(
        stacks.stars, seen & (fraction > 0.99), saturation_adu=stacks.saturation_adu
    )
    sky = _sky_layer(stacks, fraction, seen, _border_px(stacks, lens), variant)
    sky = aligned(sky, shift)
    ground = aligned(_ground_layer(stacks.ground, fraction, seen), shift)
    if variant == "ground_only":
        fraction = np.zeros(shape, dtype=np.float32)
    elif variant == "stars_only":
        fraction = np.ones(shape, dtype=np.float32)
    shown = np.zeros_like(sky) if trail is None else aligned(trail, shift)
    return ComposedLinear(
        sky=sky,
        trail=shown,
        ground=ground,
        sky_fraction=fraction,
        seen=seen,
        sky_noise_adu=_noise(sky[1], fraction > 0.99),
        saturation_adu=stacks.saturation_adu,
    )


def _seen(stacks: Stacks, lens: Lens | None) -> BoolArray:
    height, width = stacks.peak_frame.shape
    if lens is None:
        return np.ones((height, width), dtype=np.bool_)
    scale = 1.0 if stacks.resolution == "full" else 0.5
    x0, y0 = ((value + 0.5) * scale - 0.5 for value in lens.center_px)
    x, y = np.arange(width) - x0, np.arange(height) - y0
    radius = lens.valid_radius_px * scale
    return np.asarray(x[np.newaxis, :] ** 2 + y[:, np.newaxis] ** 2 < radius**2)


def _border_px(stacks: Stacks, lens: Lens | None) -> int:
    """Return how far registration can smear the ground into the sky, in grid pixels."""
    if lens is None or not stacks.frame_start_utc:
        return 3
    scale = 1.0 if stacks.resolution == "full" else 0.5
    away_s = max(
        abs(seconds_between(stacks.reference_utc, start)) + exposure
        for start, exposure in zip(stacks.frame_start_utc, stacks.exposure_s, strict=True)
    )
    return 2 + round(_SKY_TURN_RAD_PER_S * away_s * lens.focal_px * scale)


def _sky_layer(
    stacks: Stacks, fraction: Float32Array, seen: BoolArray, border_px: int, variant: Variant
) -> Float32Array:
    if variant == "star_trails":
        source = stacks.peak
    elif variant == "all_lights":
        source = np.maximum(stacks.stars, stacks.peak)
    else:
        source = stacks.stars
    inside = seen & (fraction > 0.97)
    # far enough from the ground that no frame has carried it here
    clean = eroded(inside, border_px)
    clean &= stacks.coverage >= min(_FULL_COVERAGE, 1.0 - 2.5 / stacks.frame_count)
    safe = eroded(inside, 2)
    weight = _feathered(clean)
    sampled = inside & (stacks.coverage >= _LEAST_COVERAGE)
    # registered pixels come from different frames: their level under a changing sky is not the
    # mean's, which is even everywhere
    above = np.stack([plane - _own_level(plane, sampled, stacks.resolution) for plane in source])
    # near the ground only the points of the registered stack are the sky's own; a star has all
    # three colours, a smeared edge of the ground seldom has
    real = sampled
    for plane in above:
        real = real & (_points(box_mean(plane, 1), _POINT_SIGMAS) > 0.0)
    real = extreme(real.astype(np.float32), 1, np.maximum) > 0.0
    layer = np.empty_like(source)
    for colour in range(3):
        near = np.where(real, _points(above[colour], 1.0), np.float32(0.0))
        layer[colour] = _background(stacks.ground[colour], safe)
        layer[colour] += weight * above[colour] + (1.0 - weight) * near
    return layer


def _own_level(plane: Float32Array, keep: BoolArray, resolution: Resolution) -> Float32Array:
    """Return the smooth level of a registered plane; at full resolution of each parity alone.

    There the pixels of even and odd rows and columns are made of different sets of frames.
    """
    if resolution == "half":
        return _background(plane, keep, _LEVEL_BLOCK_PX)
    level = np.empty_like(plane)
    for row in (0, 1):
        for column in (0, 1):
            part = (slice(row, None, 2), slice(column, None, 2))
            level[part] = _background(plane[part], keep[part], _LEVEL_BLOCK_PX // 2)
    return level


def _points(plane: Float32Array, sigmas: float) -> Float32Array:
    """Return what is smaller than a few pixels and stands above its surroundings and the noise."""
    low = extreme(extreme(plane, 2, np.minimum), 2, np.maximum)
    above = plane - low
    middle, sigma = median_and_sigma(above[::3, ::3])
    return np.asarray(
        np.maximum(above - np.float32(middle + sigmas * sigma), np.float32(0.0)), dtype=np.float32
    )


def _background(plane: Float32Array, keep: BoolArray, block_px: int = _BLOCK_PX) -> Float32Array:
    return spread(filled(block_medians(plane, block_px, keep)), block_px, plane.shape)


def _ground_layer(ground: Float32Array, fraction: Float32Array, seen: BoolArray) -> Float32Array:
    """Return the ground continued behind the sky by its own nearby values."""
    pure = seen & (box_mean(fraction, 1) < 0.03)
    if not pure.any():
        return ground
    layer = np.empty_like(ground)
    for colour in range(3):
        beyond = _nearby(ground[colour], pure)
        layer[colour] = np.where(pure, ground[colour], beyond)
    return layer


def _nearby(plane: Float32Array, keep: BoolArray) -> Float32Array:
    """Return means of the kept pixels around each pixel, from wider windows further away."""
    result = _background(plane, keep)
    known = np.zeros(plane.shape, dtype=np.bool_)
    values = np.where(keep, plane, np.float32(0.0))
    weights = keep.astype(np.float32)
    for radius in (1, 2, 4):
        share = box_mean(weights, radius)
        usable = ~known & (share > 0.05)
        result[usable] = (box_mean(values, radius) / np.maximum(share, np.float32(1e-6)))[usable]
        known |= usable
    return result


def _feathered(mask: BoolArray) -> Float32Array:
    """Return 0 outside the mask, rising to 1 over four pixels inside it."""
    steps = [eroded(mask, radius) for radius in (1, 2, 3)]
    total = mask.astype(np.float32)
    for step in steps:
        total += step
    return total * np.float32(0.25)


def _noise(plane: Float32Array, keep: BoolArray) -> float:
    # differences over 8 px: stars are smaller, gradients slower
    step = plane[:, 8:] - plane[:, :-8]
    values = step[keep[:, 8:] & keep[:, :-8]]
    if values.size < 100:
        values = step.ravel()
    return max(median_and_sigma(values)[1] / float(np.sqrt(2.0)), 1e-3)
