"""Frames of the time-lapse: the night sky moving over still ground, toned alike throughout."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt8Array, UInt16Array, UInt32Array
from issgaze.imaging.calibration import Calibrator
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark
from issgaze.picture.alignment import ColourShift, aligned
from issgaze.picture.gradient import gradient_surface
from issgaze.picture.plain import plain_layers
from issgaze.picture.smooth import block_medians, box_mean, eroded, filled, median_and_sigma, spread
from issgaze.picture.stillstars import StillStars
from issgaze.picture.tone import (
    GROUND_CEILING,
    Tone,
    luminance,
    measure_tone,
)

WIDTH_LIMIT_PX, HEIGHT_LIMIT_PX = 1440, 1080
# the level of the sky is followed slowly, so that a cloud or a jitter of the exposure is no flicker
_FOLLOW = 0.25
_COLOURS = {"R": 0, "G": 1, "B": 2}
# a pixel this far above the noise whose neighbours hold next to nothing of it is no star
_HOT_SIGMAS = 10.0
_HOT_SHARE = 0.1
_BLOCK_PX = 16
_ROWS = 128
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
    filming: Filming | None = None
    for frame in frames:
        planes = small_planes(frame, dark)
        if filming is None:
            white = frame.info.white_level_adu - frame.info.black_level_adu
            filming = Filming(
                tone=tone or measure_tone(plain_layers(planes, saturation_adu=white)),
                shape=(planes.shape[1], planes.shape[2]),
                sky_fraction=sky_fraction,
                still_stars=still_stars,
            )
        planes -= filming.offset_adu(filming.level_adu(planes))
        shot = filming.shot(planes)
        yield filming.moving(shot) if still_stars is None else filming.still(shot, frame.info)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One frame in the picture's tone: its sky everywhere, and its ground below a row.

    Attributes:
        sky: uint8 (height, width, 4), the fourth channel unused.
        ground: uint8 (rows, width, 3) of the lowest rows, None without ground.
    """

    sky: UInt8Array
    ground: UInt8Array | None


class Filming:
    """Makes the frames of a film in one tone and at an even level of the sky.

    Only `offset_adu` depends on the frames before; all else may be done at the same time.

    Args:
        tone: Of the picture.
        shape: Height and width of the film.
        sky_fraction: How much of each pixel is sky, on any grid of the same outline.
        still_stars: Needed for `still`.
    """

    def __init__(
        self,
        *,
        tone: Tone,
        shape: tuple[int, int],
        sky_fraction: Float32Array | None = None,
        still_stars: StillStars | None = None,
    ) -> None:
        self._tone = tone
        self._still_stars = still_stars
        self._level_adu: float | None = None
        self._share = None if sky_fraction is None else resized(sky_fraction, shape)
        self._first_row = shape[0]
        if self._share is not None:
            rows = np.flatnonzero(self._share.min(axis=1) < 1.0)
            self._first_row = int(rows[0]) if len(rows) else shape[0]
            # light of a pixel beside the edge is half the ground's
            self._open: BoolArray = eroded(self._share > 0.97, 1)
        # the same for all frames: what flickers is more easily seen than what is steady
        self._dither = np.random.default_rng(1).random(shape, dtype=np.float32)
        self._flat = gradient_surface(tone.gradient, shape) + tone.black_planes

    def level_adu(self, planes: Float32Array) -> float:
        """Return the level of the sky in a frame."""
        return _sky_level(planes, self._share)

    def offset_adu(self, level_adu: float) -> np.float32:
        """Return what to take from the next frame for an even level, given its own."""
        before = level_adu if self._level_adu is None else self._level_adu
        self._level_adu = before + _FOLLOW * (level_adu - before)
        return np.float32(level_adu - self._level_adu)

    def shot(self, planes: Float32Array) -> Shot:
        """Return a frame's planes (3, h, w), level taken off, in the picture's tone."""
        tone = self._tone
        first = self._first_row
        ground = None
        balanced = tone.balance.applied(planes)
        if first < planes.shape[1]:
            shown = _encoded(balanced[:, first:], tone.ground_white_adu, tone.ground_k)
            shown *= np.float32(GROUND_CEILING)
            ground = self._eight(shown, first)[..., :3]
        balanced -= self._flat
        return Shot(sky=self._eight(_encoded(balanced, tone.white_adu, tone.sky_k)), ground=ground)

    def _eight(self, shown: Float32Array, first_row: int = 0) -> UInt8Array:
        """Return encoded planes as dithered 8-bit pixels of four channels."""
        dither = self._dither[first_row : first_row + shown.shape[1]]
        eight = np.zeros((*shown.shape[1:], 4), dtype=np.uint8)
        shown *= np.float32(255.0)
        shown += dither
        np.maximum(shown, np.float32(0.0), out=shown)
        np.minimum(shown, np.float32(255.0), out=shown)
        for colour in range(3):
            eight[..., colour] = shown[colour]
        return eight

    def moving(self, shot: Shot) -> UInt8Array:
        """Return the frame as it is, uint8 (height, width, 3)."""
        return self._over_ground(np.ascontiguousarray(shot.sky[..., :3]), shot)

    def still(self, shot: Shot, info: FrameInfo) -> UInt8Array:
        """Return the frame with its sky turned back, uint8 (height, width, 3)."""
        assert self._still_stars is not None
        sky = shot.sky
        if shot.ground is not None:
            sky = self._behind_ground(sky)
        height, width = sky.shape[:2]
        places = self._still_stars.places(info, (height, width))
        turned = np.take(sky.view(np.uint32).ravel(), places).view(np.uint8)
        return self._over_ground(
            np.ascontiguousarray(turned.reshape(height, width, 4)[..., :3]), shot
        )

    def _over_ground(self, picture: UInt8Array, shot: Shot) -> UInt8Array:
        if shot.ground is not None and self._share is not None:
            share = self._share[self._first_row :, :, np.newaxis]
            below = picture[self._first_row :]
            mixed = below * share + shot.ground * (np.float32(1.0) - share)
            below[...] = mixed + np.float32(0.5)
        return picture

    def _behind_ground(self, sky: UInt8Array) -> UInt8Array:
        """Return the sky continued behind the ground, so that no edge moves when it is turned."""
        result = sky.copy()
        # a block beyond the first row of ground, that its level is known there
        first = max(0, self._first_row // _BLOCK_PX - 1) * _BLOCK_PX
        keep = self._open[first:]
        few = (slice(None, None, 2), slice(None, None, 2))
        for colour in range(3):
            part = sky[first:, :, colour]
            plane = part[few].astype(np.float32)
            grid = filled(block_medians(plane, _BLOCK_PX // 2, keep[few]))
            level = spread(grid, _BLOCK_PX, part.shape)
            result[first:, :, colour] = np.where(keep, part, level)
        return result


def small_planes(frame: Frame, dark: MasterDark | None = None) -> Float32Array:
    """Return red, green, blue above black at the film's size, float32 (3, h, w)."""
    mosaic, pedestal = _calibrated(frame, dark)
    height, width = mosaic.shape
    factor = _factor(width // 2, height // 2)
    out_width, out_height = timelapse_size(width, height)
    pattern = frame.info.bayer_pattern
    planes = np.zeros((3, out_height, out_width), dtype=np.float32)
    for number in range(4):
        row, column = divmod(number, 2)
        cell = _shrunk(mosaic[row::2, column::2], factor, pedestal)[:out_height, :out_width]
        if pattern == "MONO":
            planes += cell * np.float32(0.25)
        else:
            letter = pattern[number]
            planes[_COLOURS[letter]] += cell * np.float32(0.5 if letter == "G" else 1.0)
    if pattern == "MONO":
        return planes
    return aligned(planes, _quad_shift(pattern, factor))


def _quad_shift(pattern: str, factor: int) -> ColourShift:
    """Return where red and blue look lower or further right than the middle of the quad."""
    row_red, column_red = divmod(pattern.index("R"), 2)
    quarter = 0.25 / factor
    x, y = quarter * (1 - 2 * column_red), quarter * (1 - 2 * row_red)
    return ColourShift(red_px=(x, y), blue_px=(-x, -y))


def resized(plane: Float32Array, shape: tuple[int, ...]) -> Float32Array:
    """Return a plane of the stacks' grid at the film's size, by means of whole blocks."""
    if plane.shape == shape:
        return plane
    factor = max(1, round(plane.shape[1] / shape[1]))
    small = _means(plane, factor)
    rows = np.minimum(np.arange(shape[0]), small.shape[0] - 1)
    columns = np.minimum(np.arange(shape[1]), small.shape[1] - 1)
    return np.ascontiguousarray(small[rows[:, np.newaxis], columns[np.newaxis, :]])


def _calibrated(frame: Frame, dark: MasterDark | None) -> tuple[UInt16Array, float]:
    """Return the mosaic without what the dark shows, and its pedestal."""
    height, width = (size // 2 * 2 for size in frame.mosaic.shape)
    raw = np.ascontiguousarray(frame.mosaic[:height, :width])
    black = frame.info.black_level_adu
    if dark is None or dark.excess_steps.shape != raw.shape:
        return raw, black
    calibrator = Calibrator(
        shape=raw.shape, black_level_adu=black, dark=dark, exposure_s=frame.info.exposure_s
    )
    calibrator.calibrate(raw, raw)
    return raw, calibrator.pedestal_adu


def _factor(width: int, height: int) -> int:
    return max(1, -(-width // WIDTH_LIMIT_PX), -(-height // HEIGHT_LIMIT_PX))


def _shrunk(cell: UInt16Array, factor: int, pedestal_adu: float) -> Float32Array:
    """Return one colour's pixels above black, single hot ones mended, by means of blocks."""
    height, width = cell.shape[0] // factor, cell.shape[1] // factor
    middle, sigma = median_and_sigma(cell[::8, ::8].astype(np.float32))
    total = np.empty((height, width), dtype=np.uint32)
    # a band of rows at a time keeps a frame of 12 MP small
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        first, last = max(0, top * factor - 1), min(len(cell), bottom * factor + 1)
        band = _without_hot(np.ascontiguousarray(cell[first:last]), middle, sigma)
        band = band[top * factor - first : bottom * factor - first]
        _sums(band, factor, total[top:bottom])
    result = total.astype(np.float32)
    result *= np.float32(1.0 / (factor * factor))
    result -= np.float32(pedestal_adu)
    return result


def _sums(band: UInt16Array, factor: int, out: UInt32Array) -> None:
    """Write sums of square blocks; whole numbers of 16 bits add up faster than fractions."""
    out[...] = 0
    width = out.shape[1] * factor
    for row in range(factor):
        for column in range(factor):
            np.add(out, band[row::factor, column:width:factor], out=out)


def _without_hot(cell: UInt16Array, middle: float, sigma: float) -> UInt16Array:
    """Return one colour's pixels with single hot ones replaced by the mean of their neighbours.

    The cell is changed in place.
    """
    limit = np.uint16(min(middle + _HOT_SIGMAS * max(sigma, 1.0), 65535.0))
    places = np.flatnonzero(cell > limit)
    rows, columns = np.divmod(places, cell.shape[1])
    inside = (rows > 0) & (columns > 0)
    inside &= (rows < cell.shape[0] - 1) & (columns < cell.shape[1] - 1)
    rows, columns = rows[inside], columns[inside]
    if not len(rows):
        return cell
    around = np.stack(
        [
            cell[rows + dy, columns + dx].astype(np.float32)
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
            if (dy, dx) != (0, 0)
        ]
    )
    height = cell[rows, columns] - np.float32(middle)
    lone: BoolArray = around.max(axis=0) - middle < _HOT_SHARE * height + 3.0 * sigma
    cell[rows[lone], columns[lone]] = np.rint(around.mean(axis=0)[lone])
    return cell


def _sky_level(planes: Float32Array, share: Float32Array | None) -> float:
    green = planes[1, ::8, ::8]
    if share is not None and (share[::8, ::8] > 0.99).any():
        green = green[share[::8, ::8] > 0.99]
    return float(np.median(green))


def _encoded(balanced: Float32Array, white_adu: float, k: float) -> Float32Array:
    """Return linear planes through the curve: what is no star smooth, and its colour smoother."""
    light = luminance(balanced)
    shape = light.shape
    few = light[::2, ::2]
    around = spread(filled(block_medians(few, _BLOCK_PX // 2)), _BLOCK_PX, shape)
    step = light[::3, 8::3] - light[::3, :-8:3]
    noise = np.float32(max(median_and_sigma(step)[1] / 1.414, 1e-3))
    calm = box_mean(light, 1)
    # a mean of nine pixels is three times quieter than one
    sure = calm - around
    sure *= np.float32(1.0) / noise
    sure -= np.float32(0.9)
    np.maximum(sure, np.float32(0.0), out=sure)
    np.minimum(sure, np.float32(1.0), out=sure)
    soft = box_mean(calm, 1)
    soft *= np.float32(0.8)
    calm *= np.float32(0.2)
    soft += calm
    shown = light - soft
    shown *= sure
    shown += soft
    curve = np.maximum(shown, np.float32(0.0))
    curve *= np.float32(k / white_adu)
    np.arcsinh(curve, out=curve)
    curve *= np.float32(1.0 / np.arcsinh(k))
    # part of a colour's excess over light for each step of it
    weight = np.float32(1.0) / np.maximum(shown, noise)
    plain = np.float32(1.0) - sure
    sure *= np.float32(0.7)
    small = np.maximum(_means(plain, _BLOCK_PX // 2), np.float32(0.02))
    result = np.empty_like(balanced)
    for colour, plane in enumerate(balanced):
        excess = plane - light
        # the sky's colour is that of what is no star
        blocks = np.asarray(_means(excess * plain, _BLOCK_PX // 2) / small, dtype=np.float32)
        shade = spread(blocks * np.float32(_SKY_COLOUR), _BLOCK_PX // 2, shape)
        shade *= plain
        excess *= sure
        shade += excess
        shade *= weight
        shade += np.float32(1.0)
        np.maximum(shade, np.float32(0.3), out=shade)
        np.minimum(shade, np.float32(2.5), out=shade)
        np.multiply(shade, curve, out=result[colour])
    return result


def _means(plane: Float32Array, block_px: int) -> Float32Array:
    """Return means of square blocks; an incomplete last row or column is left out."""
    if block_px == 1:
        return plane
    height, width = plane.shape[0] // block_px, plane.shape[1] // block_px
    part = plane[: height * block_px, : width * block_px]
    # whole rows first: adding rows is faster than adding neighbours
    rows = part.reshape(height, block_px, -1).sum(axis=1, dtype=np.float32)
    total = rows.reshape(height, width, block_px).sum(axis=2, dtype=np.float32)
    total *= np.float32(1.0 / (block_px * block_px))
    return np.asarray(total, dtype=np.float32)
