"""How good the stack is: stars counted, the faintest of them, their width, the sky behind."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.optics.lens import Lens
from issgaze.picture.colour import STAR_SIGMAS, FoundStars, StarColours, find_stars
from issgaze.stacking.stacks import Stacks

_ARCSEC_PER_RAD = 206264.806
_MATCH_PX = 1.5
_LEAST_MATCHES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Numbers of report.json's `quality`; None where the data do not allow them.

    Attributes:
        star_count: Point sources above 5.5 sigma in the sky.
        limiting_magnitude: Where half of the catalogue's stars are found.
        fwhm_px: Median width of unsaturated stars, in pixels of the product's grid.
        background_mag_arcsec2: Median sky, from the stars' own zero point.
        zero_point_mag: Magnitude of a star that gives 1 ADU a frame, green.
    """

    star_count: int
    limiting_magnitude: float | None
    fwhm_px: float | None
    background_mag_arcsec2: float | None
    zero_point_mag: float | None


def measure_quality(
    stacks: Stacks,
    *,
    sky: BoolArray,
    lens: Lens | None = None,
    catalogue: StarColours | None = None,
    found: FoundStars | None = None,
) -> Quality:
    """Return the numbers for a stack.

    Args:
        stacks: The stacks of the pass.
        sky: Which pixels show the sky, shape (h, w).
        lens: For the size of a pixel on the sky.
        catalogue: Stars with their places on the grid; None if the lens is unknown.
        found: Stars of the stack, found here when None.
    """
    found = found or find_stars(stacks.stars, sky, sigmas=STAR_SIGMAS)
    sound = (found.peak_adu < 0.6 * stacks.saturation_adu) & (found.flux_adu[:, 1] > 0)
    fwhm = float(np.median(found.fwhm_px[sound])) if sound.sum() >= _LEAST_MATCHES else None
    limit = zero = background = None
    if catalogue is not None and len(catalogue.x_px):
        matched = _nearest(found, catalogue)
        limit = _limiting_magnitude(matched, catalogue, sky)
        zero = _zero_point(found, matched, catalogue, sound)
        if zero is not None and lens is not None:
            background = _background(stacks.stars[1], sky, lens, stacks, zero)
    return Quality(
        star_count=found.total,
        limiting_magnitude=limit,
        fwhm_px=fwhm,
        background_mag_arcsec2=background,
        zero_point_mag=zero,
    )


def _nearest(found: FoundStars, catalogue: StarColours) -> Float64Array:
    """Return for each catalogue star the number of its source, -1 for none."""
    matched = np.full(len(catalogue.x_px), -1.0)
    if not len(found.x_px):
        return matched
    order = np.argsort(found.x_px)
    xs = found.x_px[order]
    for star in np.flatnonzero(np.isfinite(catalogue.x_px)).tolist():
        x, y = catalogue.x_px[star], catalogue.y_px[star]
        low, high = np.searchsorted(xs, (x - _MATCH_PX, x + _MATCH_PX))
        near = order[low:high]
        if not len(near):
            continue
        distance = np.hypot(found.x_px[near] - x, found.y_px[near] - y)
        best = int(np.argmin(distance))
        if distance[best] <= _MATCH_PX:
            matched[star] = near[best]
    return matched


def _limiting_magnitude(
    matched: Float64Array, catalogue: StarColours, sky: BoolArray
) -> float | None:
    """Return the magnitude where the found share of stars falls through one half."""
    height, width = sky.shape
    known = np.isfinite(catalogue.x_px)
    x = np.where(known, catalogue.x_px, 0.0)
    y = np.where(known, catalogue.y_px, 0.0)
    inside = known & (x > 8) & (y > 8) & (x < width - 9) & (y < height - 9)
    rows = np.clip(np.rint(y), 0, height - 1).astype(int)
    columns = np.clip(np.rint(x), 0, width - 1).astype(int)
    inside &= sky[rows, columns]
    edges = np.arange(1.0, 12.01, 0.5)
    share: list[float] = []
    middles: list[float] = []
    for low, high in pairwise(edges.tolist()):
        members = inside & (catalogue.magnitude >= low) & (catalogue.magnitude < high)
        if members.sum() >= 8:
            share.append(float(np.mean(matched[members] >= 0)))
            middles.append((low + high) / 2.0)
    if not share or max(share) < 0.5 or share[-1] >= 0.5:
        # the catalogue ends before the picture does
        return None
    last = max(place for place, value in enumerate(share) if value >= 0.5)
    step = share[last] - share[last + 1]
    return round(middles[last] + 0.5 * (share[last] - 0.5) / max(step, 1e-6), 2)


def _zero_point(
    found: FoundStars, matched: Float64Array, catalogue: StarColours, sound: BoolArray
) -> float | None:
    stars = np.flatnonzero(matched >= 0)
    sources = matched[stars].astype(int)
    good = sound[sources]
    stars, sources = stars[good], sources[good]
    if len(stars) < _LEAST_MATCHES:
        return None
    bright = np.argsort(catalogue.magnitude[stars])[: max(_LEAST_MATCHES, len(stars) // 2)]
    flux = found.flux_adu[sources[bright], 1]
    return float(np.median(catalogue.magnitude[stars[bright]] + 2.5 * np.log10(flux)))


def _background(
    green: Float32Array, sky: BoolArray, lens: Lens, stacks: Stacks, zero: float
) -> float | None:
    some = green[::2, ::2][sky[::2, ::2]]
    level = float(np.median(some)) if some.size else 0.0
    if level <= 0.0:
        return None
    # a half-resolution pixel holds a mean of its photosites, so an ADU there covers four
    pixel_arcsec = _ARCSEC_PER_RAD / lens.focal_px * (2.0 if stacks.resolution == "half" else 1.0)
    return round(zero - 2.5 * float(np.log10(level / pixel_arcsec**2)), 2)
