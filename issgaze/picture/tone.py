"""The tone of a picture: white balance, gradient, black, white and curve, all measured on it.

The curve is v = asinh(k x) / asinh(k) on the luminance (Lupton et al., PASP 116 (2004) 133), with k
set by the measured sky so that it lands where an eye expects a night; the colour of a pixel is
carried along as ratios, so that bright stars keep theirs. What comes out is sRGB-encoded.
"""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float32Array
from issgaze.picture.colour import (
    FoundStars,
    StarColours,
    WhiteBalance,
    find_stars,
    white_balance,
)
from issgaze.picture.compose import sample_bands
from issgaze.picture.gradient import (
    Gradient,
    fitted_gradient,
    gradient_at_blocks,
    gradient_surface,
)
from issgaze.picture.layers import BLOCK_PX, ComposedLinear, Composition, composition_of
from issgaze.picture.smooth import filled, spread
from issgaze.stacking.trailpixels import TrailPixels

LUMINANCE = np.array([0.30, 0.55, 0.15], dtype=np.float32)
# encoded values, 0 to 1: where the middle of a dark sky, of a bright one, of the ground should lie
_DARK_SKY_LEVEL = 0.125
_BRIGHT_SKY_LEVEL = 0.24
_GROUND_LEVEL = 0.11
_LEAST_GROUND_LEVEL = 0.035
# stars against the sky: from the first on a sky is dark, below the second it is bright
_DARK_CONTRAST, _BRIGHT_CONTRAST = 1.0, 0.05
_LARGEST_GAIN = 3.0
# a colour's black against that of the luminance
_LARGEST_SHARE = 3.0
_GROUND_NOISE_LEVEL = 0.008
_GROUND_AS_SKY_LEVEL = 0.22
# of a picture's ground, so that a lamp is not the brightest thing in it
GROUND_CEILING = 0.85
_LARGEST_K = 4000.0
_SURELY = 0.97


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

    @property
    def black_planes(self) -> Float32Array:
        """The blacks as planes, shape (3, 1, 1)."""
        return np.array(self.black_adu, dtype=np.float32).reshape(3, 1, 1)


def luminance(planes: Float32Array) -> Float32Array:
    """Return the brightness of balanced planes (3, h, w), shape (h, w)."""
    return np.tensordot(LUMINANCE, planes, axes=1).astype(np.float32)


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
    composition = composition_of(picture)
    if found is None:
        whole = composition.rows(0, composition.shape[0])
        found = find_stars(whole.sky, _inside(whole))
    sample = _Sample(composition)
    balance = white_balance(found, stars, saturation_adu=sample.saturation_adu)
    gradient = fitted_gradient(balance.applied(sample.backdrop), composition.shape)
    sample.measure(composition, balance, gradient)
    middle, low = float(np.median(sample.flat)), float(np.percentile(sample.flat, 1.0))
    noise = sample.noise_adu
    # the darkest sky stays a little above black, so that no shadow is clipped
    black = low - max(0.35 * (middle - low), 3.0 * noise)
    colours = balance.applied(sample.backdrop)
    colours -= gradient_at_blocks(gradient, colours.shape[1:], composition.shape)
    blocks = luminance(colours)
    known = ~np.isnan(blocks)
    if known.any():
        black = min(black, float(np.min(blocks[known])) - 2.0 * noise)
    white = _white(sample, black)
    if trail:
        # the trail is no white band where it could tell its brightness
        bright = float(np.percentile(luminance(balance.applied(trail.light[:, None])), 97.0))
        white = max(white, min(bright, 0.9 * sample.saturation_adu))
    contrast = float(np.percentile(sample.above, 99.9)) / max(middle, noise)
    brightness = _brightness(contrast)
    hue = np.median(colours[:, known], axis=1) if known.any() else np.ones(3, np.float32)
    level = _DARK_SKY_LEVEL + brightness * (_BRIGHT_SKY_LEVEL - _DARK_SKY_LEVEL)
    return Tone(
        balance=balance,
        gradient=gradient,
        black_adu=_blacks(black, hue, brightness),
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


def _inside(layers: ComposedLinear) -> BoolArray:
    inside = layers.seen & (layers.sky_fraction > _SURELY)
    return inside if inside.any() else layers.seen


def _brightness(contrast: float) -> float:
    """Return 0 for a dark sky full of stars to 1 for one that hides them."""
    span = np.log(_DARK_CONTRAST / _BRIGHT_CONTRAST)
    place = np.log(_DARK_CONTRAST / max(contrast, 1e-6)) / span
    return float(np.clip(place, 0.0, 1.0))


def _blacks(black: float, hue: Float32Array, brightness: float) -> tuple[float, float, float]:
    """Return the black of each colour.

    A dark sky is neutral, and one black serves all. A bright one has a colour, in twilight a deep
    blue, which a common black would drive to its extreme: there each colour gives its own share.

    Args:
        black: Of the luminance.
        hue: Levels of the sky in red, green and blue.
        brightness: From 0 for a dark sky to 1.
    """
    mean = float(LUMINANCE @ hue)
    share = np.clip(hue / mean, 0.0, _LARGEST_SHARE) if mean > 0.0 else np.ones_like(hue)
    red, green, blue = (black * (1.0 + brightness * (share - 1.0))).tolist()
    return red, green, blue


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
