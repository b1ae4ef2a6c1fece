"""From linear layers and a tone to a picture, sRGB-encoded, a few rows at a time."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt16Array
from issgaze.picture.colour import StarColours
from issgaze.picture.compose import BAND_ROWS, bands
from issgaze.picture.gradient import gradient_at_blocks
from issgaze.picture.layers import BLOCK_PX, ComposedLinear, Composition, composition_of
from issgaze.picture.smooth import box_mean, filled, spread
from issgaze.picture.tone import GROUND_CEILING, LUMINANCE, Tone, luminance, measure_tone
from issgaze.stacking.together import Workers

# how much of the colours that differ from the sky's is taken away
_NEUTRALISE = 0.35
_SKY_TINT = np.array([0.82, 0.97, 1.42], dtype=np.float32)
_STAR_SATURATION = 1.35
# from this share of saturation on a colour is not to be trusted
_BURNT = 0.75
# how far a pixel of the picture looks around itself
_HALO_ROWS = 16


def render(
    picture: Composition | ComposedLinear,
    *,
    tone: Tone | None = None,
    stars: StarColours | None = None,
    workers: Workers | None = None,
) -> UInt16Array:
    """Return the finished picture, sRGB-encoded, uint16 of shape (h, w, 3)."""
    composition = composition_of(picture)
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
    composition = composition_of(picture)
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
        flat = self._behind - gradient_at_blocks(tone.gradient, known.shape, shape)
        flat -= tone.black_planes
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
    wanted = _SKY_TINT / np.float32(LUMINANCE @ _SKY_TINT)
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
