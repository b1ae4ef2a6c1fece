"""White balance: from the catalogue colours of the stars in the picture, else from their mean."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.picture.smooth import box_mean, gaussian_like, median_and_sigma

# B-V of a star that looks white on an sRGB screen (D65): between F5 and the Sun's 0.65
WHITE_BV = 0.58
# the mean of naked-eye stars, by which a picture without a catalogue is balanced
_MEAN_BV_OFFSET = 0.06
_LEAST_STARS = 12
_APERTURE_PX = 2
_RING_PX = 6
_BAND_ROWS = 128
# of a star that counts
STAR_SIGMAS = 5.5

Int64Array = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhiteBalance:
    """Factors of red and blue against green, and what they rest on.

    Attributes:
        red, blue: Multiply those planes.
        stars: Stars used, 0 when the gains are a guess.
        source: "catalogue", "mean star" or "none".
    """

    red: float
    blue: float
    stars: int
    source: str

    def applied(self, planes: Float32Array) -> Float32Array:
        """Return balanced planes, shape (3, h, w)."""
        gains = np.array([self.red, 1.0, self.blue], dtype=np.float32)
        return planes * gains[:, np.newaxis, np.newaxis]


@dataclass(frozen=True, slots=True, kw_only=True)
class StarColours:
    """Catalogue stars on the stacks' grid; arrays of shape (n,).

    Attributes:
        x_px, y_px: Where they should stand on the grid.
        b_minus_v: Colour index, nan if unknown.
        magnitude: Visual magnitude.
    """

    x_px: Float64Array
    y_px: Float64Array
    b_minus_v: Float64Array
    magnitude: Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStars:
    """Stars found in the picture; arrays of shape (n,), brightest first.

    Attributes:
        x_px, y_px: Centroids.
        flux_adu: Of red, green, blue above the sky, shape (n, 3).
        peak_adu: Brightest pixel above the sky, green.
        fwhm_px: Full width at half maximum from the second moments.
        total: How many there are; only the brightest are measured.
        sigmas: How far each stands above the noise, smoothed.
    """

    x_px: Float64Array
    y_px: Float64Array
    flux_adu: Float64Array
    peak_adu: Float64Array
    fwhm_px: Float64Array
    total: int
    sigmas: Float64Array


def find_stars(
    planes: Float32Array, keep: BoolArray, *, sigmas: float = 6.0, most: int = 4000
) -> FoundStars:
    """Return point sources of a picture (3, h, w) where `keep` (h, w) allows them.

    It works on a few rows at a time, and takes the noise from a part of them.
    """
    green = planes[1]
    height = len(green)
    margin = _RING_PX + 2
    bands = [(top, min(top + _BAND_ROWS, height)) for top in range(0, height, _BAND_ROWS)]
    every = 1 if height <= 8 * _BAND_ROWS else 3
    sample: list[Float32Array] = []
    for top, bottom in bands[every // 2 :: every]:
        above, first = _above(green, top, bottom)
        allowed = _allowed(keep, first, first + len(above), margin)
        sample.append(above[allowed] if allowed.any() else above.ravel())
    _, sigma = median_and_sigma(np.concatenate(sample))
    sigma = max(sigma, 1e-6)
    rows: list[Int64Array] = []
    columns: list[Int64Array] = []
    heights: list[Float32Array] = []
    for top, bottom in bands:
        above, first = _above(green, top, bottom)
        peaks = _peaks(above, sigmas * sigma)
        peaks &= _allowed(keep, first, first + len(above), margin)
        row, column = np.nonzero(peaks)
        mine = (row + first >= top) & (row + first < bottom)
        rows.append(row[mine] + first)
        columns.append(column[mine])
        heights.append(above[row[mine], column[mine]])
    row, column, high = np.concatenate(rows), np.concatenate(columns), np.concatenate(heights)
    order = np.argsort(-high, kind="stable")[:most]
    return _measured(
        planes, row[order], column[order], counted=len(row), sigmas=high[order] / sigma
    )


def _above(green: Float32Array, top: int, bottom: int) -> tuple[Float32Array, int]:
    """Return smoothed rows above what surrounds them, with the rows needed beyond; the first."""
    first, last = max(0, top - _RING_PX - 4), min(len(green), bottom + _RING_PX + 4)
    part = green[first:last]
    return gaussian_like(part, 0.7) - box_mean(part, _RING_PX), first


def _allowed(keep: BoolArray, first: int, last: int, margin: int) -> BoolArray:
    """Return which of the rows may hold stars: not at the picture's edge."""
    allowed = keep[first:last].copy()
    low, high = max(0, margin - first), max(0, len(keep) - margin - first)
    allowed[:low], allowed[high:] = False, False
    allowed[:, :margin], allowed[:, -margin:] = False, False
    return allowed


def _peaks(above: Float32Array, least: float) -> BoolArray:
    """Return the pixels above a limit that are higher than all eight neighbours."""
    result = np.zeros(above.shape, dtype=np.bool_)
    centre = above[1:-1, 1:-1]
    top = centre > least
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            if (dy, dx) != (1, 1):
                other = above[dy : dy + centre.shape[0], dx : dx + centre.shape[1]]
                top &= (centre >= other) if (dy, dx) < (1, 1) else (centre > other)
    result[1:-1, 1:-1] = top
    return result


def _measured(
    planes: Float32Array,
    rows: Int64Array,
    columns: Int64Array,
    *,
    counted: int,
    sigmas: Float32Array,
) -> FoundStars:
    steps = np.arange(-_RING_PX, _RING_PX + 1)
    dy, dx = np.meshgrid(steps, steps, indexing="ij")
    stamps = planes[:, rows[:, None, None] + dy[None], columns[:, None, None] + dx[None]].astype(
        np.float64
    )
    distance = np.hypot(dx, dy)
    ring = distance > _RING_PX - 1.5
    sky = np.median(stamps[..., ring], axis=-1)
    stamps -= sky[..., None, None]
    near = distance <= _APERTURE_PX + 0.5
    flux = np.sum(np.where(near, stamps, 0.0), axis=(-2, -1)).T
    weight = np.where(near, np.maximum(stamps[1], 0.0), 0.0)
    total = np.maximum(weight.sum(axis=(-2, -1)), 1e-9)
    x = np.sum(weight * dx, axis=(-2, -1)) / total
    y = np.sum(weight * dy, axis=(-2, -1)) / total
    spread = np.sum(
        weight * ((dx - x[:, None, None]) ** 2 + (dy - y[:, None, None]) ** 2), axis=(-2, -1)
    )
    return FoundStars(
        x_px=columns + x,
        y_px=rows + y,
        flux_adu=flux,
        peak_adu=stamps[1].max(axis=(-2, -1)) if len(rows) else np.zeros(0),
        fwhm_px=2.3548 * np.sqrt(np.maximum(spread / total / 2.0, 1e-6)),
        total=counted,
        sigmas=sigmas.astype(np.float64),
    )


def white_balance(
    found: FoundStars, catalogue: StarColours | None = None, *, saturation_adu: float = np.inf
) -> WhiteBalance:
    """Return the gains that make a star of B-V 0.58 white.

    With a catalogue the log ratios of red and blue to green are fitted linearly against B-V;
    without one the median star counts as slightly warmer than white.
    """
    usable = (found.peak_adu < 0.7 * saturation_adu) & (found.flux_adu > 0).all(axis=1)
    flux = found.flux_adu[usable]
    if len(flux) < _LEAST_STARS:
        return WhiteBalance(red=1.0, blue=1.0, stars=0, source="none")
    red = np.log(flux[:, 0] / flux[:, 1])
    blue = np.log(flux[:, 2] / flux[:, 1])
    if catalogue is not None:
        colour = _matched(found, usable, catalogue)
        known = np.isfinite(colour)
        if known.sum() >= _LEAST_STARS:
            return WhiteBalance(
                red=float(np.exp(-_at_white(colour[known], red[known]))),
                blue=float(np.exp(-_at_white(colour[known], blue[known]))),
                stars=int(known.sum()),
                source="catalogue",
            )
    return WhiteBalance(
        red=float(np.exp(-np.median(red) + _MEAN_BV_OFFSET)),
        blue=float(np.exp(-np.median(blue) - _MEAN_BV_OFFSET)),
        stars=len(flux),
        source="mean star",
    )


def _matched(found: FoundStars, usable: BoolArray, catalogue: StarColours) -> Float64Array:
    """Return the colour index of the catalogue star at each usable source, nan for none."""
    x, y = found.x_px[usable], found.y_px[usable]
    bright = np.argsort(catalogue.magnitude)[:3000]
    cx, cy = catalogue.x_px[bright], catalogue.y_px[bright]
    colour = np.full(len(x), np.nan)
    if not len(bright):
        return colour
    for place in range(len(x)):
        distance = np.hypot(cx - x[place], cy - y[place])
        distance = np.where(np.isnan(distance), np.inf, distance)
        nearest = int(np.argmin(distance))
        if distance[nearest] < 1.5:
            colour[place] = catalogue.b_minus_v[bright][nearest]
    return colour


def _at_white(colour: Float64Array, ratio: Float64Array) -> float:
    """Return the ratio at the colour of white from a line fitted with outliers left out."""
    keep = np.ones(len(colour), dtype=np.bool_)
    value = float(np.median(ratio))
    for _ in range(4):
        if keep.sum() < 8 or np.ptp(colour[keep]) < 0.3:
            return value
        slope, base = np.polyfit(colour[keep], ratio[keep], 1)
        value = float(base + slope * WHITE_BV)
        rest = ratio - (base + slope * colour)
        _, sigma = median_and_sigma(rest[keep].astype(np.float32))
        keep = np.abs(rest) <= 2.5 * max(sigma, 0.02)
    return value
