"""Frames of the time-lapse: the night sky moving over still ground, toned alike throughout."""

from collections.abc import Iterable, Iterator

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt8Array
from issgaze.imaging.calibration import Calibrator
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark
from issgaze.picture.alignment import ColourShift, aligned
from issgaze.picture.encode import to_8bit
from issgaze.picture.plain import plain_layers
from issgaze.picture.smooth import block_medians, box_mean, eroded, filled, median_and_sigma, spread
from issgaze.picture.stillstars import StillStars
from issgaze.picture.tone import (
    GROUND_CEILING,
    Tone,
    gradient_surface,
    luminance,
    measure_tone,
    to_16bit,
)

WIDTH_LIMIT_PX, HEIGHT_LIMIT_PX = 1440, 1080
# the level of the sky is followed slowly, so that a cloud or a jitter of the exposure is no flicker
_FOLLOW = 0.25
_COLOURS = {"R": 0, "G": 1, "B": 2}
# a pixel this far above the noise whose neighbours hold next to nothing of it is no star
_HOT_SIGMAS = 10.0
_HOT_SHARE = 0.1
_BLOCK_PX = 16
_SKY_COLOUR = 0.5


def timelapse_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Return width and height of the film of a raw mosaic: one quad or a mean of quads a pixel."""
    factor = _factor(width_px // 2, height_px // 2)
    width, height = width_px // 2 // factor, height_px // 2 // factor
    return width - width % 2, height - height % 2


def timelapse_frames(
    frames: Iterable[Frame],
    *,
    tone: Tone | None = None,
    dark: MasterDark | None = None,
    sky_fraction: Float32Array | None = None,
    still_stars: StillStars | None = None,
) -> Iterator[UInt8Array]:
    """Yield one picture for each frame, uint8 (height, width, 3) of even size.

    Args:
        frames: Raw frames in order; read once, one at a time.
        tone: From the first frame if None; fixed for all that follow.
        dark: Master dark of the mosaic, None for none.
        sky_fraction: How much of each pixel is sky, on the stacks' grid; gives the ground a tone
            of its own.
        still_stars: Turns each frame's sky back to where it stood at the reference instant.
    """
    filming = Filming(tone=tone, dark=dark, sky_fraction=sky_fraction, still_stars=still_stars)
    for frame in frames:
        filming.see(frame)
        yield filming.moving() if still_stars is None else filming.still()


class Filming:
    """Makes the frames of one film after the other, in one tone and at an even level of the sky.

    Args:
        tone: From the first frame if None; fixed for all that follow.
        dark: Master dark of the mosaic, None for none.
        sky_fraction: See `timelapse_frames`.
        still_stars: Needed for `still`.
    """

    def __init__(
        self,
        *,
        tone: Tone | None = None,
        dark: MasterDark | None = None,
        sky_fraction: Float32Array | None = None,
        still_stars: StillStars | None = None,
    ) -> None:
        self._tone = tone
        self._dark = dark
        self._sky_fraction = sky_fraction
        self._still_stars = still_stars
        self._level: float | None = None
        self._share: Float32Array | None = None
        self._first_row = 0
        self._info: FrameInfo | None = None
        self._planes = np.zeros((3, 2, 2), dtype=np.float32)
        self._ground: Float32Array | None = None
        self._offset = np.float32(0.0)

    def see(self, frame: Frame) -> None:
        """Take the next frame."""
        self._info = frame.info
        self._planes = planes = small_planes(frame, self._dark)
        if self._tone is None:
            white = frame.info.white_level_adu - frame.info.black_level_adu
            self._tone = measure_tone(plain_layers(planes, saturation_adu=white))
        if self._share is None and self._sky_fraction is not None:
            self._share = share = resized(self._sky_fraction, planes.shape[1:])
            rows = np.flatnonzero(share.min(axis=1) < 1.0)
            self._first_row = int(rows[0]) if len(rows) else share.shape[0]
        now = _sky_level(planes, self._share)
        before = now if self._level is None else self._level
        self._level = before + _FOLLOW * (now - before)
        self._offset = np.float32(now - self._level)
        first = self._first_row
        self._ground = None
        if self._share is not None and first < self._share.shape[0]:
            self._ground = _ground(planes[:, first:], self._tone)

    def moving(self) -> UInt8Array:
        """Return the frame as it is, uint8 (height, width, 3)."""
        return self._finished(self._planes - self._offset)

    def still(self) -> UInt8Array:
        """Return the frame with its sky turned back, uint8 (height, width, 3)."""
        assert self._still_stars is not None
        assert self._info is not None
        sky = _behind_ground(self._planes - self._offset, self._share)
        return self._finished(self._still_stars.turned_back(sky, self._info))

    def _finished(self, sky: Float32Array) -> UInt8Array:
        assert self._tone is not None
        shown = _toned(sky, self._tone)
        if self._ground is not None and self._share is not None:
            share = self._share[self._first_row :]
            below = shown[:, self._first_row :]
            below *= share
            below += (np.float32(1.0) - share) * self._ground
        return to_8bit(to_16bit(shown))


def small_planes(frame: Frame, dark: MasterDark | None = None) -> Float32Array:
    """Return red, green, blue above black at the film's size, float32 (3, h, w)."""
    mosaic = _calibrated(frame, dark)
    height, width = mosaic.shape
    factor = _factor(width // 2, height // 2)
    out_width, out_height = timelapse_size(width, height)
    cells = [
        _shrunk(_without_hot(mosaic[row::2, column::2]), factor)[:out_height, :out_width]
        for row in (0, 1)
        for column in (0, 1)
    ]
    if frame.info.bayer_pattern == "MONO":
        mean = np.mean(cells, axis=0, dtype=np.float32)
        return np.stack([mean] * 3)
    planes = np.zeros((3, out_height, out_width), dtype=np.float32)
    for letter, cell in zip(frame.info.bayer_pattern, cells, strict=True):
        planes[_COLOURS[letter]] += cell * np.float32(0.5 if letter == "G" else 1.0)
    return aligned(planes, _quad_shift(frame.info.bayer_pattern, factor))


def _quad_shift(pattern: str, factor: int) -> ColourShift:
    """Return where red and blue look lower or further right than the middle of the quad."""
    row_red, column_red = divmod(pattern.index("R"), 2)
    quarter = 0.25 / factor
    x, y = quarter * (1 - 2 * column_red), quarter * (1 - 2 * row_red)
    return ColourShift(red_px=(x, y), blue_px=(-x, -y))


def resized(plane: Float32Array, shape: tuple[int, ...]) -> Float32Array:
    """Return a plane of the stacks' grid at the film's size, by means of whole blocks."""
    factor = max(1, round(plane.shape[1] / shape[1]))
    small = _shrunk(plane, factor)
    rows = np.minimum(np.arange(shape[0]), small.shape[0] - 1)
    columns = np.minimum(np.arange(shape[1]), small.shape[1] - 1)
    return np.ascontiguousarray(small[rows[:, np.newaxis], columns[np.newaxis, :]])


def _calibrated(frame: Frame, dark: MasterDark | None) -> Float32Array:
    height, width = (size // 2 * 2 for size in frame.mosaic.shape)
    raw = np.ascontiguousarray(frame.mosaic[:height, :width])
    black = frame.info.black_level_adu
    if dark is None or dark.excess_steps.shape != raw.shape:
        return raw.astype(np.float32) - np.float32(black)
    calibrator = Calibrator(
        shape=raw.shape, black_level_adu=black, dark=dark, exposure_s=frame.info.exposure_s
    )
    calibrator.subtract(raw, raw, 0, height)
    calibrator.repair(raw, 0, height)
    return raw.astype(np.float32) - np.float32(calibrator.pedestal_adu)


def _factor(width: int, height: int) -> int:
    return max(1, -(-width // WIDTH_LIMIT_PX), -(-height // HEIGHT_LIMIT_PX))


def _shrunk(plane: Float32Array, factor: int) -> Float32Array:
    if factor == 1:
        return plane
    height, width = plane.shape[0] // factor, plane.shape[1] // factor
    blocks = plane[: height * factor, : width * factor].reshape(height, factor, width, factor)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def _without_hot(cell: Float32Array) -> Float32Array:
    """Return one colour's pixels with single hot ones replaced by the mean of their neighbours."""
    middle, sigma = median_and_sigma(cell[::4, ::4])
    limit = np.float32(middle + _HOT_SIGMAS * max(sigma, 1.0))
    rows, columns = np.nonzero(cell > limit)
    inside = (rows > 0) & (columns > 0)
    inside &= (rows < cell.shape[0] - 1) & (columns < cell.shape[1] - 1)
    rows, columns = rows[inside], columns[inside]
    around = np.stack(
        [
            cell[rows + dy, columns + dx]
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
            if (dy, dx) != (0, 0)
        ]
    )
    height = cell[rows, columns] - middle
    lone: BoolArray = around.max(axis=0) - middle < _HOT_SHARE * height + 3.0 * sigma
    result = cell.copy()
    result[rows[lone], columns[lone]] = around.mean(axis=0)[lone]
    return result


def _behind_ground(planes: Float32Array, share: Float32Array | None) -> Float32Array:
    """Return the sky continued behind the ground, so that no edge moves when it is turned."""
    if share is None:
        return planes
    sky = share > 0.97
    # light of a pixel beside the edge is half the ground's
    sky = eroded(sky, 1)
    return np.stack(
        [
            np.where(
                sky,
                plane,
                spread(filled(block_medians(plane, _BLOCK_PX, sky)), _BLOCK_PX, plane.shape),
            )
            for plane in planes
        ]
    )


def _sky_level(planes: Float32Array, share: Float32Array | None) -> float:
    green = planes[1, ::8, ::8]
    if share is not None and (share[::8, ::8] > 0.99).any():
        green = green[share[::8, ::8] > 0.99]
    return float(np.median(green))


def _toned(planes: Float32Array, tone: Tone) -> Float32Array:
    """Return encoded planes: the picture's curve, with a single frame's noise softened."""
    balanced = tone.balance.applied(planes)
    balanced -= gradient_surface(tone.gradient, planes.shape[1:])
    balanced -= np.float32(tone.black_adu[1])
    return _encoded(balanced, tone.white_adu, tone.sky_k)


def _ground(planes: Float32Array, tone: Tone) -> Float32Array:
    shown = _encoded(tone.balance.applied(planes), tone.ground_white_adu, tone.ground_k)
    shown *= np.float32(GROUND_CEILING)
    return shown


def _encoded(balanced: Float32Array, white_adu: float, k: float) -> Float32Array:
    """Return linear planes through the curve: what is no star smooth, and its colour smoother."""
    light = luminance(balanced)
    shape = light.shape
    around = spread(filled(block_medians(light, _BLOCK_PX)), _BLOCK_PX, shape)
    step = (light[:, 8:] - light[:, :-8])[::2, ::2]
    noise = np.float32(max(median_and_sigma(step)[1] / 1.414, 1e-3))
    calm = box_mean(light, 1)
    # a mean of nine pixels is three times quieter than one
    sure = np.minimum(np.maximum((calm - around) / noise - np.float32(0.9), 0.0), 1.0)
    shown = sure * light + (np.float32(1.0) - sure) * (0.2 * calm + 0.8 * box_mean(calm, 1))
    linear = np.float32(k / white_adu) * np.maximum(shown, np.float32(0.0))
    curve = np.arcsinh(linear) / np.float32(np.arcsinh(k))
    floor = np.maximum(shown, noise)
    result = np.empty_like(balanced)
    # the sky's colour is that of what is no star
    plain = np.float32(1.0) - sure
    weight = np.maximum(_means(plain, _BLOCK_PX // 2), np.float32(0.02))
    for colour, plane in enumerate(balanced):
        excess = plane - light
        blocks = np.asarray(_means(excess * plain, _BLOCK_PX // 2) / weight, dtype=np.float32)
        soft = spread(blocks, _BLOCK_PX // 2, shape)
        shade = np.float32(0.7) * sure * excess + np.float32(_SKY_COLOUR) * plain * soft
        ratio = np.float32(1.0) + shade / floor
        result[colour] = np.minimum(np.maximum(ratio, np.float32(0.3)), np.float32(2.5)) * curve
    return result


def _means(plane: Float32Array, block_px: int) -> Float32Array:
    """Return means of square blocks; an incomplete last row or column is left out."""
    height, width = plane.shape[0] // block_px, plane.shape[1] // block_px
    blocks = plane[: height * block_px, : width * block_px]
    return np.asarray(
        blocks.reshape(height, block_px, width, block_px).mean(axis=(1, 3)), dtype=np.float32
    )
