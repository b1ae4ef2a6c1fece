"""From linear layers to a picture: background, white balance, asinh stretch, colour.

The curve is v = asinh(k x) / asinh(k) on the luminance (Lupton et al., PASP 116 (2004) 133), with k
set by the measured sky so that it lands where an eye expects a night; the colour of a pixel is
carried along as ratios, so that bright stars keep theirs. What comes out is sRGB-encoded.
"""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array, UInt16Array
from issgaze.picture.colour import StarColours, WhiteBalance, find_stars, white_balance
from issgaze.picture.compose import ComposedLinear
from issgaze.picture.smooth import (
    block_medians,
    box_mean,
    filled,
    gaussian_like,
    spread,
)

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
_GROUND_AS_SKY_LEVEL = 0.29
GROUND_CEILING = 0.85
# how much of the smooth gradient is taken away, and of the colours that differ from the sky's
_FLATTEN = 0.55
_NEUTRALISE = 0.35
_SKY_TINT = np.array([0.82, 0.97, 1.42], dtype=np.float32)
_BLOCK_PX = 16
_STAR_SATURATION = 1.35
# from this share of saturation on a colour is not to be trusted
_BURNT = 0.75
_LARGEST_K = 4000.0


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


def measure_tone(composed: ComposedLinear, stars: StarColours | None = None) -> Tone:
    """Return the tone that suits the layers: all its numbers are measured on them."""
    inside = composed.seen & (composed.sky_fraction > 0.97)
    if not inside.any():
        inside = composed.seen
    found = find_stars(composed.sky, inside)
    balance = white_balance(found, stars, saturation_adu=composed.saturation_adu)
    sky = balance.applied(composed.sky)
    gradient = _gradient(sky, inside)
    flat = sky - gradient_surface(gradient, sky.shape[1:])
    light = luminance(flat)
    values = light[::2, ::2][inside[::2, ::2]]
    middle, low = float(np.median(values)), float(np.percentile(values, 1.0))
    noise = composed.sky_noise_adu
    # the darkest sky stays a little above black, so that no shadow is clipped
    black = low - max(0.35 * (middle - low), 3.0 * noise)
    white = _white(composed, sky, black)
    contrast = _star_contrast(light, inside) / max(middle, noise)
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
        **_ground_tone(
            composed, balance, float(np.median(luminance(sky)[::2, ::2][inside[::2, ::2]])), noise
        ),
    )


def _star_contrast(light: Float32Array, inside: BoolArray) -> float:
    """Return how far the brightest thousandth of the sky stands above what surrounds it."""
    around = filled(block_medians(light, _BLOCK_PX, inside))
    above = light - spread(around, _BLOCK_PX, light.shape)
    return float(np.percentile(above[inside], 99.9))


def _brightness(contrast: float) -> float:
    """Return 0 for a dark sky full of stars to 1 for one that hides them."""
    span = np.log(_DARK_CONTRAST / _BRIGHT_CONTRAST)
    place = np.log(_DARK_CONTRAST / max(contrast, 1e-6)) / span
    return float(np.clip(place, 0.0, 1.0))


def _white(composed: ComposedLinear, sky: Float32Array, black: float) -> float:
    """Return what becomes white: well above the bright stars, so that all keep their shape."""
    bright = float(np.percentile(luminance(sky), 99.98)) - black
    least = max(0.22 * composed.saturation_adu, 60.0 * composed.sky_noise_adu)
    return max(min(2.0 * bright, 0.9 * composed.saturation_adu), least, 1.0)


def _ground_tone(
    composed: ComposedLinear, balance: WhiteBalance, sky_adu: float, noise_adu: float
) -> dict[str, float]:
    ground = luminance(balance.applied(composed.ground))
    pure = composed.seen & (composed.sky_fraction < 0.03)
    values = ground[pure][::3] if pure.sum() > 500 else ground.ravel()
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
    composed: ComposedLinear, *, tone: Tone | None = None, stars: StarColours | None = None
) -> UInt16Array:
    """Return the finished picture, sRGB-encoded, uint16 of shape (h, w, 3)."""
    tone = tone or measure_tone(composed, stars)
    sky = _sky_picture(composed, tone)
    fraction = composed.sky_fraction
    if fraction.min() < 1.0:
        ground = _ground_picture(composed, tone)
        sky *= fraction
        sky += ground * (1.0 - fraction)
    sky *= composed.seen
    return to_16bit(sky)


def to_16bit(planes: Float32Array) -> UInt16Array:
    """Return encoded planes (3, h, w), 0 to 1, as a picture of shape (h, w, 3)."""
    limited = np.minimum(np.maximum(planes, np.float32(0.0)), np.float32(1.0))
    return np.ascontiguousarray(
        np.moveaxis(limited * np.float32(65535.0) + np.float32(0.5), 0, -1)
    ).astype(np.uint16)


def _gradient(sky: Float32Array, inside: BoolArray) -> Gradient:
    """Return the part of the smooth background to take away: of each plane, mean zero.

    A surface of second order is too stiff to follow the Milky Way, which stays.
    """
    few = inside[::4, ::4]
    terms: list[tuple[float, ...]] = []
    for plane in sky:
        fitted = _fitted(block_medians(plane, _BLOCK_PX, inside), plane.shape)
        surface = gradient_surface((tuple(fitted),), (few.shape[0], few.shape[1]))[0]
        fitted[0] -= float(np.median(surface[few])) if few.any() else 0.0
        terms.append(tuple(_FLATTEN * term for term in fitted))
    return tuple(terms)


def gradient_surface(gradient: Gradient, shape: tuple[int, ...]) -> Float32Array:
    """Return the surfaces of a gradient for a picture of any size and the same outline.

    Each is a + b x + c y + d x^2 + e x y + f y^2, with x and y in parts of the larger side,
    counted from the middle.
    """
    height, width = shape
    size = max(height, width)
    y = ((np.arange(height, dtype=np.float32) + 0.5 - height / 2) / size)[:, np.newaxis]
    x = ((np.arange(width, dtype=np.float32) + 0.5 - width / 2) / size)[np.newaxis, :]
    surfaces = np.empty((len(gradient), height, width), dtype=np.float32)
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
    y = ((rows + 0.5) * _BLOCK_PX - shape[0] / 2) / max(shape)
    x = ((columns + 0.5) * _BLOCK_PX - shape[1] / 2) / max(shape)
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


def _sky_picture(composed: ComposedLinear, tone: Tone) -> Float32Array:
    inside = composed.seen & (composed.sky_fraction > 0.97)
    if not inside.any():
        inside = composed.seen
    sky = tone.balance.applied(composed.sky)
    sky -= gradient_surface(tone.gradient, sky.shape[1:])
    background = np.stack(
        [
            spread(filled(block_medians(plane, _BLOCK_PX, inside)), _BLOCK_PX, plane.shape)
            for plane in sky
        ]
    )
    background = np.stack([gaussian_like(plane, _BLOCK_PX / 2) for plane in background])
    detail = sky - background
    light = luminance(background)
    black = np.float32(tone.black_adu[1])
    tinted = _tinted(background - black, light - black, inside)
    detail = _quietened(detail, tone.noise_adu)
    burnt = composed.sky.max(axis=0) > _BURNT * composed.saturation_adu
    detail = _recoloured(detail, burnt)
    detail *= np.float32(tone.detail_gain)
    detail += _evenly_coloured(tone.balance.applied(composed.trail), composed)
    planes = tinted + detail
    # in the middle of the Moon nothing is left to take a colour from
    share = box_mean(box_mean(burnt.astype(np.float32), 3), 3)
    blank = np.minimum(np.maximum(np.float32(2.0) * share - np.float32(0.4), 0.0), 1.0)
    planes += blank * (planes.max(axis=0) - planes)
    return _stretched(planes, tone.white_adu, tone.sky_k)


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


def _tinted(background: Float32Array, light: Float32Array, inside: BoolArray) -> Float32Array:
    """Return the background with its general cast exchanged for the colour of a night sky.

    What differs from the general cast stays as it is: aurora, twilight, a light dome.
    """
    few = (slice(None, None, 4), slice(None, None, 4))
    values = np.maximum(light[few][inside[few]], np.float32(1e-3))
    wanted = _SKY_TINT / np.float32(_LUMINANCE @ _SKY_TINT)
    # the Moon and its glow are far brighter than the sky that has the cast
    ordinary = np.minimum(light, np.float32(1.5 * float(np.median(values))))
    casts = [np.float32(np.median(plane[few][inside[few]] / values)) for plane in background]
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


def _ground_picture(composed: ComposedLinear, tone: Tone) -> Float32Array:
    ground = tone.balance.applied(composed.ground)
    light = luminance(ground)
    noise = max(tone.noise_adu, 1e-6)
    sure = np.clip((box_mean(light, 1) / np.float32(noise) - 1.0) / 6.0, 0.0, 1.0)
    colour = ground - light
    soft = np.stack([box_mean(plane, 2) for plane in colour])
    planes = np.asarray(
        light + sure * (0.5 * colour + 0.5 * soft) + (1.0 - sure) * soft, dtype=np.float32
    )
    out = _stretched(planes, tone.ground_white_adu, tone.ground_k)
    return out * np.float32(GROUND_CEILING)
