"""Frames of the time-lapse: the night sky moving over still ground, toned alike throughout."""

from collections.abc import Iterable, Iterator

import numpy as np

from issgaze.arrays import Float32Array, UInt8Array
from issgaze.imaging.frame import Frame
from issgaze.picture.encode import to_8bit
from issgaze.picture.plain import plain_layers
from issgaze.picture.smooth import box_mean
from issgaze.picture.tone import Tone, luminance, measure_tone, to_16bit

WIDTH_LIMIT_PX, HEIGHT_LIMIT_PX = 1440, 1080
# the level of the sky is followed slowly, so that a cloud or a jitter of the exposure is no flicker
_FOLLOW = 0.25
_COLOURS = {"R": 0, "G": 1, "B": 2}


def timelapse_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Return width and height of the film of a raw mosaic: one quad or a mean of quads a pixel."""
    factor = _factor(width_px // 2, height_px // 2)
    width, height = width_px // 2 // factor, height_px // 2 // factor
    return width - width % 2, height - height % 2


def timelapse_frames(
    frames: Iterable[Frame],
    *,
    tone: Tone | None = None,
    dark: Float32Array | None = None,
) -> Iterator[UInt8Array]:
    """Yield one picture for each frame, uint8 (height, width, 3) of even size.

    Args:
        frames: Raw frames in order; read once, one at a time.
        tone: From the first frame if None; fixed for all that follow.
        dark: Master dark of the mosaic in ADU above black, None for none.
    """
    level: float | None = None
    for frame in frames:
        planes = small_planes(frame, dark)
        if tone is None:
            white = frame.info.white_level_adu - frame.info.black_level_adu
            tone = measure_tone(plain_layers(planes, saturation_adu=white))
        now = _sky_level(planes)
        level = now if level is None else level + _FOLLOW * (now - level)
        planes = planes - np.float32(now - level)
        yield to_8bit(to_16bit(_toned(planes, tone)))


def small_planes(frame: Frame, dark: Float32Array | None = None) -> Float32Array:
    """Return red, green, blue above black at the film's size, float32 (3, h, w)."""
    mosaic = frame.mosaic.astype(np.float32) - np.float32(frame.info.black_level_adu)
    if dark is not None:
        mosaic -= dark
    height, width = mosaic.shape
    factor = _factor(width // 2, height // 2)
    out_width, out_height = timelapse_size(width, height)
    cells = [
        _shrunk(mosaic[row::2, column::2], factor)[:out_height, :out_width]
        for row in (0, 1)
        for column in (0, 1)
    ]
    if frame.info.bayer_pattern == "MONO":
        mean = np.mean(cells, axis=0, dtype=np.float32)
        return np.stack([mean] * 3)
    planes = np.zeros((3, out_height, out_width), dtype=np.float32)
    for letter, cell in zip(frame.info.bayer_pattern, cells, strict=True):
        planes[_COLOURS[letter]] += cell * np.float32(0.5 if letter == "G" else 1.0)
    return planes


def _factor(width: int, height: int) -> int:
    return max(1, -(-width // WIDTH_LIMIT_PX), -(-height // HEIGHT_LIMIT_PX))


def _shrunk(plane: Float32Array, factor: int) -> Float32Array:
    if factor == 1:
        return plane
    height, width = plane.shape[0] // factor, plane.shape[1] // factor
    blocks = plane[: height * factor, : width * factor].reshape(height, factor, width, factor)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def _sky_level(planes: Float32Array) -> float:
    return float(np.median(planes[1, ::8, ::8]))


def _toned(planes: Float32Array, tone: Tone) -> Float32Array:
    """Return encoded planes: the picture's curve, with a single frame's noise softened."""
    balanced = tone.balance.applied(planes) - np.float32(tone.black_adu[1])
    light = luminance(balanced)
    colour = np.stack([box_mean(plane - light, 1) for plane in balanced])
    calm = box_mean(light, 1)
    sure = np.clip(
        (calm - np.float32(np.median(calm))) / np.float32(6.0 * tone.noise_adu), 0.0, 1.0
    )
    shown = sure * light + (1.0 - sure) * (0.4 * light + 0.6 * calm)
    scale = np.float32(tone.sky_k / tone.white_adu)
    curve = np.arcsinh(scale * np.maximum(shown, 0.0)) / np.float32(np.arcsinh(tone.sky_k))
    ratio = 1.0 + colour / np.maximum(light, np.float32(tone.noise_adu * 2.0 + 1e-3)) * 0.6
    return np.asarray(np.minimum(np.maximum(ratio, 0.2), 3.0) * curve, dtype=np.float32)
