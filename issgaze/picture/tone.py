"""From linear layers to a picture: background, white balance, asinh stretch, colour.

The curve is v = asinh(k x) / asinh(k) on the luminance (Lupton et al., PASP 116 (2004) 133), with k
set by the measured sky so that it lands where an eye expects a night; the colour of a pixel is
carried along as ratios, so that bright stars keep theirs. What comes out is sRGB-encoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array, UInt16Array
from issgaze.picture.colour import (
    FoundStars,
    StarColours,
    WhiteBalance,
    find_stars,
    white_balance,
)
from issgaze.picture.compose import BAND_ROWS, bands, sample_bands
from issgaze.picture.layers import BLOCK_PX, ComposedLinear, Composition, WholeComposition
from issgaze.picture.smooth import box_mean, filled, spread
from issgaze.stacking.together import Workers
from issgaze.stacking.trailpixels import TrailPixels

_LUMINANCE = np.array([0.30, 0.55, 0.15], dtype=np.float32)
# encoded values, 0 to 1: where the middle of a dark sky, of a bright one, of the ground should lie
_DARK_SKY_LEVEL = 0.125
_BRIGHT_SKY_LEVEL = 0.24
_GROUND_LEVEL = 0.11
_LEAST_GROUND_LEVEL = 0.035
# stars against the sky: from the first on a sky is dark, below the second it is bright
_DARK_CONTRAST, _BRIGHT_CONTRAST = 1.0, 0.05
_LARGEST_GAIN = 3.0
_GROUND_NOISE_LEVEL = 0.008
_GROUND_AS_SKY_LEVEL = 0.22
GROUND_CEILING = 0.85
# how much of the smooth gradient is taken away, and of the colours that differ from the sky's
_FLATTEN = 0.55
_NEUTRALISE = 0.35
_SKY_TINT = np.array([0.82, 0.97, 1.42], dtype=np.float32)
_STAR_SATURATION = 1.35
# from this share of saturation on a colour is not to be trusted
_BURNT = 0.75
_LARGEST_K = 4000.0
# how far a pixel of the picture looks around itself
_HALO_ROWS = 16
_SURELY = 0.97


Gradient = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """Everything that turns linear values into a picture; fixed for a whole sequence.

    Attributes:
        balance: White balance.
        gradient: Terms of the part of the smooth background to take away, six for each colour,
            see `gradient_surface`.
        black_adu: Subtracted from the sky after balancing, one per colour.
        white_adu: What becomes white.
        sky_k, ground_k: Strength of the two curves.
        ground_white_adu: What becomes white on the ground.
        noise_adu: Of a background pixel of the sky's luminance.
        detail_gain: By how much stars are lifted against a bright sky.
    """

    balance: WhiteBalance
    gradient: Gradient
    black_adu: tuple[float, float, float]
    white_adu: float
    sky_k: float
    ground_white_adu: float
    ground_k: float
    noise_adu: float
    detail_gain: float = 1.0


def luminance(planes: Float32Array) -> Float32Array:
    """Return the brightness of balanced planes (3, h, w), shape (h, w)."""
    return np.tensordot(_LUMINANCE, planes, axes=1).astype(np.float32)


def measure_tone(
    picture: Composition | ComposedLinear,
    stars: StarColours | None = None,
    *,
    found: FoundStars | None = None,
    trail: TrailPixels | None = None,
) -> Tone:
    """Return the tone that suits a picture: all its numbers are measured on it.

    Args:
        picture: Its layers, whole or a few rows at a time.
        stars: Catalogue colours of stars on its grid, None for none.
        found: Stars in it, found here when None, which takes whole layers.
        trail: What must keep its differences of brightness, None for nothing.
    """
    composition = _composition(picture)
    if found is None:
        whole = composition.rows(0, composition.shape[0])
        found = find_stars(whole.sky, _inside(whole))
    sample = _Sample(composition)
    balance = white_balance(found, stars, saturation_adu=sample.saturation_adu)
    gradient = _gradient(balance.applied(sample.backdrop), composition.shape)
    sample.measure(composition, balance, gradient)
    middle, low = float(np.median(sample.flat)), float(np.percentile(sample.flat, 1.0))
    noise = sample.noise_adu
    # the darkest sky stays a little above black, so that no shadow is clipped
    black = low - max(0.35 * (middle - low), 3.0 * noise)
    blocks = luminance(balance.applied(sample.backdrop))
    blocks -= luminance(_at_blocks(gradient, blocks.shape, composition.shape))
    if not np.isnan(blocks).all():
        black = min(black, float(np.nanmin(blocks)) - 2.0 * noise)
    white = _white(sample, black)
    if trail:
        # the trail is no white band where it could tell its brightness
        bright = float(np.percentile(luminance(balance.applied(trail.light[:, None])), 97.0))
        white = max(white, min(bright, 0.9 * sample.saturation_adu))
    contrast = float(np.percentile(sample.above, 99.9)) / max(middle, noise)
    brightness = _brightness(contrast)
    level = _DARK_SKY_LEVEL + brightness * (_BRIGHT_SKY_LEVEL - _DARK_SKY_LEVEL)
    return Tone(
        balance=balance,
        gradient=gradient,
        black_adu=(black, black, black),
        white_adu=white,
        sky_k=_strength((middle - black) / white, level),
        noise_adu=noise,
        detail_gain=1.0 + brightness * (_LARGEST_GAIN - 1.0),
        **_ground_tone(sample.ground, float(np.median(sample.sky)), noise),
    )


class _Sample:
    """Values of the rows that stand for a whole picture."""

    def __init__(self, composition: Composition) -> None:
        self._bands = list(sample_bands(composition.shape[0]))
        one = composition.rows(*self._bands[0])
        self.backdrop = one.backdrop
        self.noise_adu = one.sky_noise_adu
        self.saturation_adu = one.saturation_adu
        empty = np.zeros(0, dtype=np.float32)
        # of the sky: luminance, the same without gradient, above what is around; of everything;
        # of the ground
        self.sky = self.flat = self.above = self.all = self.ground = empty

    def measure(self, composition: Composition, balance: WhiteBalance, gradient: Gradient) -> None:
        """Fill in the values."""
        around = filled(luminance(balance.applied(self.backdrop)))
        sky: list[Float32Array] = []
        flat: list[Float32Array] = []
        above: list[Float32Array] = []
        every: list[Float32Array] = []
        ground: list[Float32Array] = []
        still: list[Float32Array] = []
        for top, bottom in self._bands:
            rows = composition.rows(top, bottom)
            light = luminance(balance.applied(rows.sky))
            inside = rows.seen & (rows.sky_fraction > _SURELY)
            every.append(light[rows.seen])
            higher = light - spread(around, BLOCK_PX, composition.shape, (top, bottom))
            above.append(higher[inside])
            few = inside[::2, ::2]
            sky.append(light[::2, ::2][few])
            surface = luminance(gradient_surface(gradient, composition.shape, (top, bottom)))
            flat.append((light - surface)[::2, ::2][few])
            lit = luminance(balance.applied(rows.ground))
            ground.append(lit[rows.seen & (rows.sky_fraction < 0.03)][::3])
            still.append(lit[::4, ::4].ravel())
        self.all = np.concatenate(every)
        self.sky = _or(sky, self.all)
        self.flat = _or(flat, self.all)
        self.above = _or(above, self.all)
        self.ground = _or(ground, np.concatenate(still), least=170)


def _or(parts: list[Float32Array], otherwise: Float32Array, least: int = 1) -> Float32Array:
    whole = np.concatenate(parts)
    if whole.size >= least:
        return whole
    return otherwise if otherwise.size else np.zeros(1, dtype=np.float32)


def _composition(picture: Composition | ComposedLinear) -> Composition:
    return WholeComposition(picture) if isinstance(picture, ComposedLinear) else picture


def _inside(layers: ComposedLinear) -> BoolArray:
    inside = layers.seen & (layers.sky_fraction > _SURELY)
    return inside if inside.any() else layers.seen


def _brightness(contrast: float) -> float:
    """Return 0 for a dark sky full of stars to 1 for one that hides them."""
    span = np.log(_DARK_CONTRAST / _BRIGHT_CONTRAST)
    place = np.log(_DARK_CONTRAST / max(contrast, 1e-6)) / span
    return float(np.clip(place, 0.0, 1.0))


def _white(sample: _Sample, black: float) -> float:
    """Return what becomes white: well above the bright stars, so that all keep their shape."""
    bright = float(np.percentile(sample.all, 99.98)) - black
    least = max(0.22 * sample.saturation_adu, 60.0 * sample.noise_adu)
    return max(min(2.0 * bright, 0.9 * sample.saturation_adu), least, 1.0)


def _ground_tone(values: Float32Array, sky_adu: float, noise_adu: float) -> dict[str, float]:
    middle = max(float(np.median(values)), 1e-3)
    white = max(float(np.percentile(values, 99.95)), 8.0 * middle, 8.0 * sky_adu)
    # what is as bright as the sky must not look much brighter beside it
    lifted = _strength(middle / white, _GROUND_LEVEL)
    level = _strength(max(sky_adu, 1e-3) / white, _GROUND_AS_SKY_LEVEL)
    # shadows are opened only as far as their noise allows
    least = min(_strength(middle / white, _LEAST_GROUND_LEVEL), _steepness(white, noise_adu))
    return {"ground_white_adu": white, "ground_k": max(min(lifted, level), least)}


def _steepness(white_adu: float, noise_adu: float) -> float:
    """Return the k at which the noise of a black pixel becomes as large as may be seen."""
    wanted = _GROUND_NOISE_LEVEL * white_adu / noise_adu
    low, high = 1e-3, _LARGEST_K
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        if middle / np.arcsinh(middle) < wanted:
            low = middle
        else:
            high = middle
    return low


def _strength(value: float, wanted: float) -> float:
    """Return the k that lifts a linear value to the wanted encoded one, by bisection."""
    value = float(np.clip(value, 1e-5, 0.9))
    low, high = 1e-3, _LARGEST_K
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        if np.arcsinh(middle * value) / np.arcsinh(middle) < wanted:
            low = middle
        else:
            high = middle
    return low


def render(
    picture: Composition | ComposedLinear,
    *,
    tone: Tone | None = None,
    stars: StarColours | None = None,
    workers: Workers | None = None,
) -> UInt16Array:
    """Return the finished picture, sRGB-encoded, uint16 of shape (h, w, 3)."""
    composition = _composition(picture)
    tone = tone or measure_tone(composition, stars)
    finished = list(rendered_bands(composition, tone=tone, workers=workers))
    return np.concatenate(finished)


def rendered_bands(
    picture: Composition | ComposedLinear, *, tone: Tone, workers: Workers | None = None
) -> Iterator[UInt16Array]:
    """Yield the finished picture from the top down, uint16 of shape (rows, w, 3) each.

    Args:
        picture: Its layers.
        tone: Measured on them, or on the first of a sequence.
        workers: That many bands are made at the same time; the result does not depend on it.
    """
    composition = _composition(picture)
    workers = workers or Workers()
    height = composition.shape[0]
    developer = _Developer(composition.rows(0, min(height, BAND_ROWS)), tone)
    todo = bands(height)
    for first in range(0, len(todo), workers.count):
        group = todo[first : first + workers.count]
        done: dict[int, UInt16Array] = {}

        def work(top: int, bottom: int, done: dict[int, UInt16Array] = done) -> None:
            low, high = max(0, top - _HALO_ROWS), min(height, bottom + _HALO_ROWS)
            shown = developer.rows(composition.rows(low, high))
            done[top] = to_16bit(shown[:, top - low : bottom - low])

        workers.together([partial(work, *band) for band in group])
        for top, _ in group:
            yield done[top]


def to_16bit(planes: Float32Array) -> UInt16Array:
    """Return encoded planes (3, h, w), 0 to 1, as a picture of shape (h, w, 3)."""
    limited = np.minimum(np.maximum(planes, np.float32(0.0)), np.float32(1.0))
    return np.ascontiguousarray(
        np.moveaxis(limited * np.float32(65535.0) + np.float32(0.5), 0, -1)
    ).astype(np.uint16)


def _gradient(backdrop: Float32Array, shape: tuple[int, int]) -> Gradient:
    """Return the part of the smooth background to take away: of each plane, mean zero.

    A surface of second order is too stiff to follow the Milky Way, which stays.
    """
    known = ~np.isnan(backdrop[0])
    terms: list[tuple[float, ...]] = []
    for plane in backdrop:
        fitted = _fitted(plane, shape)
        surface = _at_blocks((tuple(fitted),), plane.shape, shape)[0]
        fitted[0] -= float(np.median(surface[known])) if known.any() else 0.0
        terms.append(tuple(_FLATTEN * term for term in fitted))
    return tuple(terms)


def _at_blocks(gradient: Gradient, grid: tuple[int, ...], shape: tuple[int, int]) -> Float32Array:
    """Return the surfaces of a gradient at the middles of the blocks."""
    rows, columns = ((np.arange(count) + 0.5) * BLOCK_PX - 0.5 for count in grid)
    return _surface(gradient, shape, rows.astype(np.float32), columns.astype(np.float32))


def gradient_surface(
    gradient: Gradient, shape: tuple[int, ...], rows: tuple[int, int] | None = None
) -> Float32Array:
    """Return the surfaces of a gradient for a picture of any size and the same outline.

    Each is a + b x + c y + d x^2 + e x y + f y^2, with x and y in parts of the larger side,
    counted from the middle. With `rows` only those from the first to before the last.
    """
    first, last = rows or (0, shape[0])
    return _surface(
        gradient,
        shape,
        np.arange(first, last, dtype=np.float32),
        np.arange(shape[1], dtype=np.float32),
    )


def _surface(
    gradient: Gradient, shape: tuple[int, ...], rows: Float32Array, columns: Float32Array
) -> Float32Array:
    height, width = shape
    size = np.float32(max(height, width))
    y = ((rows + np.float32(0.5 - height / 2)) / size)[:, np.newaxis]
    x = ((columns + np.float32(0.5 - width / 2)) / size)[np.newaxis, :]
    surfaces = np.empty((len(gradient), len(rows), len(columns)), dtype=np.float32)
    for colour, terms in enumerate(gradient):
        a, b, c, d, e, f = (np.float32(term) for term in terms)
        surfaces[colour] = a + b * x + d * x * x
        surfaces[colour] += c * y + f * y * y
        surfaces[colour] += e * (x * y)
    return surfaces


def _fitted(grid: Float32Array, shape: tuple[int, ...]) -> list[float]:
    rows, columns = np.nonzero(~np.isnan(grid))
    if len(rows) < 12:
        return [0.0] * 6
    values = grid[rows, columns].astype(np.float64)
    y = ((rows + 0.5) * BLOCK_PX - shape[0] / 2) / max(shape)
    x = ((columns + 0.5) * BLOCK_PX - shape[1] / 2) / max(shape)
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    weight = np.ones_like(values)
    terms: Float64Array = np.zeros(6)
    for _ in range(6):
        solved = np.linalg.lstsq(design * weight[:, None], values * weight, rcond=None)[0]
        terms = np.asarray(solved, dtype=np.float64)
        rest = values - design @ terms
        scale = 1.4826 * float(np.median(np.abs(rest))) + 1e-9
        # bright structure above the surface (Milky Way, light dome) pulls less than the dark sky
        weight = 1.0 / np.sqrt(1.0 + np.maximum(rest / scale, 0.0) ** 2)
    return [float(term) for term in terms]


class _Developer:
    """Turns rows of layers into a picture; the smooth sky behind is made once, block by block.

    Args:
        layers: Any rows of the picture.
        tone: To show it in.
    """

    def __init__(self, layers: ComposedLinear, tone: Tone) -> None:
        self._tone = tone
        shape = layers.whole_shape
        known = ~np.isnan(layers.backdrop[0])
        filled_in = np.stack([_softened(filled(grid)) for grid in layers.backdrop])
        self._behind = tone.balance.applied(filled_in)
        flat = self._behind - _at_blocks(tone.gradient, known.shape, shape)
        flat -= np.float32(tone.black_adu[1])
        self._tinted = _tinted(flat, luminance(flat), known)

    def rows(self, layers: ComposedLinear) -> Float32Array:
        """Return encoded rows (3, h, w), 0 to 1."""
        shown = self._sky(layers)
        fraction = layers.sky_fraction
        ground = np.flatnonzero(fraction.min(axis=1) < 1.0)
        if len(ground):
            # rows without ground, and their neighbours, need none
            part = slice(max(0, int(ground[0]) - 4), int(ground[-1]) + 5)
            below = _ground_picture(layers.ground[:, part], self._tone)
            shown[:, part] *= fraction[part]
            shown[:, part] += below * (np.float32(1.0) - fraction[part])
        shown *= layers.seen
        return shown

    def _smooth(self, grid: Float32Array, layers: ComposedLinear) -> Float32Array:
        rows = (layers.top, layers.top + layers.seen.shape[0])
        return np.stack([spread(plane, BLOCK_PX, layers.whole_shape, rows) for plane in grid])

    def _sky(self, layers: ComposedLinear) -> Float32Array:
        tone = self._tone
        detail = tone.balance.applied(layers.sky)
        detail -= self._smooth(self._behind, layers)
        detail = _quietened(detail, tone.noise_adu)
        burnt = layers.sky.max(axis=0) > _BURNT * layers.saturation_adu
        detail = _recoloured(detail, burnt)
        detail *= np.float32(tone.detail_gain)
        if layers.trail.any():
            detail += _evenly_coloured(tone.balance.applied(layers.trail), layers)
        detail += self._smooth(self._tinted, layers)
        if burnt.any():
            # in the middle of the Moon nothing is left to take a colour from
            share = box_mean(box_mean(burnt.astype(np.float32), 3), 3)
            blank = np.minimum(np.maximum(np.float32(2.0) * share - np.float32(0.4), 0.0), 1.0)
            detail += blank * (detail.max(axis=0) - detail)
        return _stretched(detail, tone.white_adu, tone.sky_k)


def _softened(grid: Float32Array) -> Float32Array:
    """Return block values with their noise evened out a little."""
    for axis in (0, 1):
        padded = np.pad(grid, [(1, 1) if axis == each else (0, 0) for each in (0, 1)], mode="edge")
        before, after = (np.take(padded, range(s, s + grid.shape[axis]), axis=axis) for s in (0, 2))
        grid = np.asarray(0.75 * grid + 0.125 * (before + after), dtype=np.float32)
    return grid


def _recoloured(detail: Float32Array, burnt: BoolArray) -> Float32Array:
    """Return the detail with burnt pixels in the colour of what surrounds them.

    Where one colour has reached saturation the ratios are no longer true.
    """
    if not burnt.any():
        return detail
    result = detail.copy()
    top = detail.max(axis=0)[burnt]
    for colour, ratio in enumerate(_ratios(detail, burnt, 4)):
        result[colour][burnt] = top * ratio[burnt]
    return result


def _evenly_coloured(trail: Float32Array, composed: ComposedLinear) -> Float32Array:
    """Return the trail in a colour that changes slowly along it.

    Sunlight from the station changes its colour only with the air it comes through; single pixels
    of a thin line through a Bayer mosaic do not show it truly.
    """
    if not trail.any():
        return trail
    total = (composed.sky + composed.trail).max(axis=0)
    burnt = total > _BURNT * composed.saturation_adu
    light = luminance(trail)
    light[burnt] = np.maximum(light, trail.max(axis=0))[burnt]
    # beside a burnt core only its rims are left, too colourful by the mosaic's interpolation;
    # there it takes the white of sunlight, which is what the balance makes white
    share = box_mean(np.where(burnt, light, np.float32(0.0)), 6)
    share /= np.maximum(box_mean(light, 6), np.float32(1e-6))
    white = np.minimum(np.float32(4.0) * share, np.float32(1.0))
    ratios = _ratios(trail, burnt, 6)
    coloured = [light * (white + (np.float32(1.0) - white) * ratio) for ratio in ratios]
    return np.asarray(coloured, dtype=np.float32)


def _ratios(planes: Float32Array, burnt: BoolArray, radius_px: int) -> list[Float32Array]:
    """Return colours over luminance from the light around each pixel that is not burnt."""
    sound = np.maximum(np.where(burnt, np.float32(0.0), planes), np.float32(0.0))
    around = np.stack([box_mean(plane, radius_px) for plane in sound])
    light = np.maximum(luminance(around), np.float32(1e-6))
    known = light > 1e-4
    return [
        np.where(known, np.maximum(plane / light, np.float32(0.2)), np.float32(1.0))
        for plane in around
    ]


def _tinted(background: Float32Array, light: Float32Array, known: BoolArray) -> Float32Array:
    """Return the background with its general cast exchanged for the colour of a night sky.

    What differs from the general cast stays as it is: aurora, twilight, a light dome. All arrays
    hold a value for each block; `known` are those that show the sky.
    """
    if not known.any():
        known = np.ones_like(known)
    values = np.maximum(light[known], np.float32(1e-3))
    wanted = _SKY_TINT / np.float32(_LUMINANCE @ _SKY_TINT)
    # the Moon and its glow are far brighter than the sky that has the cast
    ordinary = np.minimum(light, np.float32(1.5 * float(np.median(values))))
    casts = [np.float32(np.median(plane[known] / values)) for plane in background]
    # twilight and moonlight are bluer than any night, and right as they are
    share = np.float32(np.clip((wanted[2] - casts[2]) / 0.25, 0.0, 1.0))
    result = np.empty_like(background)
    for colour, plane in enumerate(background):
        result[colour] = plane + share * (wanted[colour] - casts[colour]) * ordinary
        result[colour] += np.float32(_NEUTRALISE) * (wanted[colour] * light - result[colour])
    return result


def _quietened(detail: Float32Array, noise_adu: float) -> Float32Array:
    """Return what stands above the background with noise damped, its colour before its light."""
    light = luminance(detail)
    local = box_mean(light, 1)
    strength = np.maximum(local, 0.0) / np.float32(max(noise_adu, 1e-6))
    # three by three pixels are three times quieter than one: 1.2 sigma here is 3.6 there
    keep = np.asarray(np.clip((strength - 0.5) / 1.2, 0.0, 1.0), dtype=np.float32)
    keep = np.maximum(keep, box_mean(keep, 1))
    calm = np.float32(0.45) * light + np.float32(0.15) * local
    shown = keep * light + (1.0 - keep) * calm
    colour = detail - light
    soft = np.stack([box_mean(plane, 2) for plane in colour])
    sure = np.asarray(np.clip((strength - 1.5) / 4.0, 0.0, 1.0), dtype=np.float32)
    hue = sure * colour + (1.0 - sure) * soft * keep
    return np.asarray(shown + np.float32(_STAR_SATURATION) * hue, dtype=np.float32)


def _stretched(planes: Float32Array, white_adu: float, k: float) -> Float32Array:
    """Return encoded planes: luminance through the curve, colours as ratios, cores not clipped."""
    light = np.maximum(luminance(planes), np.float32(1e-6))
    curve = np.arcsinh(np.float32(k / white_adu) * light) / np.float32(np.arcsinh(k))
    colour = planes / light
    # ratios are of linear light; an encoded picture shows their square root or so
    ratio = np.power(np.maximum(colour, np.float32(0.02)), np.float32(0.6))
    ratio /= np.maximum(luminance(ratio), np.float32(1e-6))
    out = ratio * curve
    # above white the colour pales instead of clipping channel by channel
    over = np.maximum(out.max(axis=0) - np.float32(1.0), 0.0)
    pale = over / (over + np.float32(0.6))
    out = out + (np.maximum(curve, 1.0) - out) * pale
    return np.asarray(out / np.maximum(out.max(axis=0), np.float32(1.0)), dtype=np.float32)


def _ground_picture(planes: Float32Array, tone: Tone) -> Float32Array:
    ground = tone.balance.applied(planes)
    light = luminance(ground)
    noise = max(tone.noise_adu, 1e-6)
    sure = np.minimum(
        np.maximum((box_mean(light, 1) / np.float32(noise) - np.float32(1.0)) / 6.0, 0.0), 1.0
    )
    for colour in range(3):
        excess = ground[colour] - light
        soft = box_mean(excess, 2)
        ground[colour] = light + soft + np.float32(0.5) * sure * (excess - soft)
    out = _stretched(ground, tone.ground_white_adu, tone.ground_k)
    out *= np.float32(GROUND_CEILING)
    return out
