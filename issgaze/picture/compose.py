"""Three layers of one pass laid over each other, still linear: sky with stars, trail, ground.

What concerns the whole picture is measured once; the layers are then made a few rows at a time, so
that a picture of 12 MP needs no more memory than its stacks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, UInt8Array
from issgaze.civil import seconds_between
from issgaze.optics.lens import Lens
from issgaze.picture.alignment import aligned, measure_shift
from issgaze.picture.colour import STAR_SIGMAS, FoundStars, find_stars
from issgaze.picture.layers import BLOCK_PX, ComposedLinear
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
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.together import Workers
from issgaze.stacking.trailpixels import TrailPixels

Variant = Literal["picture", "star_trails", "ground_only", "stars_only", "all_lights"]
VARIANTS: tuple[Variant, ...] = (
    "picture",
    "star_trails",
    "ground_only",
    "stars_only",
    "all_lights",
)
_SKY_TURN_RAD_PER_S = 7.2921e-5
_LEVEL_BLOCK_PX = 8
# near the ground what fewer of the frames have seen is restless leaves: points from the second on,
# the sky's own grain from the third on; in the open it is the edge of the picture, with more grain
_OPEN_COVERAGE, _POINT_COVERAGE, _FULL_COVERAGE = 0.3, 0.5, 0.9
_OPEN_BLOCKS = 4
_HAS_POINTS, _HAS_GRAIN = 1, 2
# so near to the ground and in gaps so narrow a point is the ragged edge of leaves, carried along
_RAGGED_PX = 4
# so near to the sky leaves are looked through; of the sky's level, what a gap shows at least, what
# only lamps exceed, and what dark ground does not reach
_LEAVES_PX = 8
_LIT_SHARE, _LAMP_SHARE, _DARK_SHARE = 0.2, 1.45, 0.3
# of what surrounds a pixel the most that a step looks at, besides the border of the ground
_REACH_PX = 20
# rows worked on at a time; whole blocks of both sizes
BAND_ROWS = 160
# pictures up to this height are measured whole, larger ones in every third band
_SAMPLED_ROWS = 800
# of all three colours together, and of each: a star has all three, a smeared edge seldom has
_POINT_SIGMAS, _EACH_SIGMAS = 4.5, 1.5
# how far around a point its surroundings are looked at, and what the sum of three colours' noise
# is there on average, a normal one's: sqrt(3) sqrt(2 / pi)
_UNREST_PX = 6
_ORDINARY_UNREST = 1.38


class Composer:
    """Composes the picture of one pass, a few rows at a time.

    Args:
        stacks: The stacks of the pass; `peak` is needed for two of the variants only.
        trail: The station above the sky, None for none.
        lens: In raw mosaic pixels, None if unknown.
        horizon: The owner's horizon, used with the lens.
        sky_mask: How much of each pixel is sky (h, w), found in the stacks when None.
        variant: "picture"; "star_trails" lets the stars trail; "all_lights" keeps aircraft and
            satellites; "ground_only" and "stars_only" leave the other out.
        stars: Stars of the stack, found here when None.
        workers: For what is measured.
    """

    def __init__(
        self,
        stacks: Stacks,
        trail: TrailPixels | None,
        *,
        lens: Lens | None = None,
        horizon: HorizonMask | None = None,
        sky_mask: Float32Array | None = None,
        variant: Variant = "picture",
        stars: FoundStars | None = None,
        workers: Workers | None = None,
    ) -> None:
        self._stacks = stacks
        self._trail = trail
        self._lens = lens
        self._variant: Variant = variant
        self._workers = workers or Workers()
        self.shape: tuple[int, int] = stacks.peak_frame.shape
        if sky_mask is None:
            sky_mask = sky_fraction(stacks, lens=lens, horizon=horizon)
        # 255 steps of a soft edge are more than a picture shows
        self._share: UInt8Array = np.rint(sky_mask * np.float32(255.0)).astype(np.uint8)
        del sky_mask
        # as much as is asked of it
        self._shows: UInt8Array = (stacks.coverage >= _POINT_COVERAGE).astype(np.uint8)
        grain = stacks.coverage >= min(_FULL_COVERAGE, 1.0 - 2.5 / stacks.frame_count)
        grain |= (stacks.coverage >= _OPEN_COVERAGE) & self._open()
        self._shows[grain] |= _HAS_GRAIN
        del grain
        self._stacks = replace(stacks, coverage=np.zeros((0, 0), np.float32))
        self._border_px = _border_px(stacks, lens)
        self._reach_px = self._border_px + _REACH_PX
        surely = self.surely_sky()
        self.stars = stars or find_stars(stacks.stars, surely, sigmas=STAR_SIGMAS)
        self._shift = measure_shift(stacks.stars, self.stars, saturation_adu=stacks.saturation_adu)
        del surely
        self._far = np.empty((3, *(-(-size // BLOCK_PX) for size in self.shape)), np.float32)
        self.backdrop, self._levels = self._measure_levels()
        self._far = np.stack([filled(grid) for grid in self._far])
        self._behind = np.stack([filled(grid) for grid in self.backdrop])
        self._point_adu = self._measure_points()
        self.sky_noise_adu = self._measure_noise()

    def surely_sky(self) -> BoolArray:
        """Return which pixels show the sky alone, shape (h, w)."""
        return (self._share > 247) & self._circle(0, self.shape[0])

    def _open(self) -> BoolArray:
        """Return which pixels lie some 32 px away from the ground, shape (h, w)."""
        height, width = self.shape
        blocks = np.logical_and.reduceat(self._share > 247, np.arange(0, height, BLOCK_PX), axis=0)
        blocks = np.logical_and.reduceat(blocks, np.arange(0, width, BLOCK_PX), axis=1)
        rows = np.repeat(eroded(blocks, _OPEN_BLOCKS), BLOCK_PX, axis=0)[:height]
        return np.asarray(np.repeat(rows, BLOCK_PX, axis=1)[:, :width])

    def sky_fraction(self, top: int = 0, bottom: int | None = None) -> Float32Array:
        """Return how much of each pixel is sky, 0 to 1, of some rows or all."""
        if self._variant in {"ground_only", "stars_only"}:
            value = 0.0 if self._variant == "ground_only" else 1.0
            count = (self.shape[0] if bottom is None else bottom) - top
            return np.full((count, self.shape[1]), value, dtype=np.float32)
        return self._share[top:bottom] * np.float32(1.0 / 255.0)

    def rows(self, top: int, bottom: int) -> ComposedLinear:
        """Return the layers of rows top <= y < bottom."""
        first = max(0, top - self._reach_px)
        last = min(self.shape[0], bottom + self._reach_px)
        crop = (slice(None), slice(top - first, bottom - first))
        sky = aligned(self._sky(first, last), self._shift)[crop]
        ground = aligned(self._ground(first, last), self._shift)[crop]
        if self._trail is None:
            trail = np.zeros_like(sky)
        else:
            trail = aligned(self._trail.rows(first, last), self._shift)[crop]
        return ComposedLinear(
            sky=sky,
            trail=trail,
            ground=ground,
            sky_fraction=self.sky_fraction(top, bottom),
            seen=self._circle(top, bottom),
            sky_noise_adu=self.sky_noise_adu,
            saturation_adu=self._stacks.saturation_adu,
            backdrop=self.backdrop,
            top=top,
            height=self.shape[0],
        )

    def _circle(self, top: int, bottom: int) -> BoolArray:
        """Return which pixels of rows lie inside the image circle."""
        width = self.shape[1]
        lens = self._lens
        if lens is None:
            return np.ones((bottom - top, width), dtype=np.bool_)
        scale = 1.0 if self._stacks.resolution == "full" else 0.5
        x0, y0 = ((value + 0.5) * scale - 0.5 for value in lens.center_px)
        x = (np.arange(width) - x0).astype(np.float32)
        y = (np.arange(top, bottom) - y0).astype(np.float32)
        radius = lens.valid_radius_px * scale
        return np.asarray(x[np.newaxis, :] ** 2 + y[:, np.newaxis] ** 2 < radius**2)

    def _inside(self, first: int, last: int) -> BoolArray:
        return (self._share[first:last] > 247) & self._circle(first, last)

    def _source(self, first: int, last: int) -> Float32Array:
        stacks = self._stacks
        if self._variant == "star_trails":
            return stacks.peak[:, first:last]
        if self._variant == "all_lights":
            return np.maximum(stacks.stars[:, first:last], stacks.peak[:, first:last])
        return stacks.stars[:, first:last]

    def _sampled(self, first: int, last: int) -> BoolArray:
        return self._inside(first, last) & (self._shows[first:last] & _HAS_POINTS > 0)

    def _measure_levels(self) -> tuple[Float32Array, dict[tuple[int, int], Float32Array]]:
        """Return the level of the still sky, and those of the registered stack by parity."""
        height, width = self.shape
        step = 1 if self._stacks.resolution == "half" else 2
        backdrop = np.empty((3, -(-height // BLOCK_PX), -(-width // BLOCK_PX)), np.float32)
        parities = [(row, column) for row in range(step) for column in range(step)]
        block = _LEVEL_BLOCK_PX // step
        levels = {
            (row, column): np.empty(
                (3, -(-((height - row + step - 1) // step) // block),
                 -(-((width - column + step - 1) // step) // block)),
                np.float32,
            )
            for row, column in parities
        }  # fmt: skip

        def measure(top: int, bottom: int) -> None:
            safe = self._safe(top, bottom)
            sampled = self._sampled(top, bottom)
            source = self._source(top, bottom)
            pure = self._pure_ground(top, bottom)
            place = slice(top // BLOCK_PX, -(-bottom // BLOCK_PX))
            for colour in range(3):
                backdrop[colour, place] = block_medians(
                    self._stacks.ground[colour, top:bottom], BLOCK_PX, safe
                )
                self._far[colour, place] = block_medians(
                    self._stacks.ground[colour, top:bottom], BLOCK_PX, pure
                )
                for (row, column), grid in levels.items():
                    part = (slice(row, None, step), slice(column, None, step))
                    medians = block_medians(source[colour][part], block, sampled[part])
                    start = top // _LEVEL_BLOCK_PX
                    grid[colour, start : start + len(medians)] = medians

        self._together(measure)
        for grid in levels.values():
            for colour in range(3):
                grid[colour] = filled(grid[colour])
        return backdrop, levels

    def _safe(self, top: int, bottom: int) -> BoolArray:
        first, last = max(0, top - 2), min(self.shape[0], bottom + 2)
        safe = eroded(self._inside(first, last), 2)
        return safe[top - first : len(safe) - (last - bottom)]

    def _together(self, work: Callable[[int, int], None]) -> None:
        self._workers.together([partial(work, *band) for band in bands(self.shape[0])])

    def _above(self, first: int, last: int) -> list[Float32Array]:
        """Return the registered stack above its own smooth level.

        Registered pixels come from different frames: their level under a changing sky is not the
        mean's, which is even everywhere. At full resolution the pixels of even and odd rows and
        columns are made of different sets of frames.
        """
        source = self._source(first, last)
        step = 1 if self._stacks.resolution == "half" else 2
        result: list[Float32Array] = []
        for colour, plane in enumerate(source):
            above = np.empty_like(plane)
            for (row, column), grid in self._levels.items():
                skip = (row - first) % step
                part = (slice(skip, None, step), slice(column, None, step))
                shape = (
                    (self.shape[0] - row + step - 1) // step,
                    (self.shape[1] - column + step - 1) // step,
                )
                start = (first + skip - row) // step
                count = len(plane[part[0]])
                level = spread(grid[colour], _LEVEL_BLOCK_PX // step, shape, (start, start + count))
                np.subtract(plane[part], level, out=above[part])
            result.append(above)
        return result

    def _measure_points(self) -> list[tuple[float, float, float]]:
        """Return for each colour median and noise of smoothed points, and where noise ends."""
        sums: list[list[Float32Array]] = [[] for _ in range(6)]
        for first, last in self._sample_bands():
            for colour, above in enumerate(self._above(first, last)):
                sums[colour].append(_pointed(box_mean(above, 1))[::3, ::3].ravel())
                sums[3 + colour].append(_pointed(above)[::3, ::3].ravel())
        limits: list[tuple[float, float, float]] = []
        for colour in range(3):
            middle, sigma = median_and_sigma(np.concatenate(sums[colour]))
            least, noise = median_and_sigma(np.concatenate(sums[3 + colour]))
            limits.append((middle, max(sigma, 1e-6), least + noise))
        return limits

    def _measure_noise(self) -> float:
        """Return the noise of a pixel of the sky from differences over 8 px."""
        values: list[Float32Array] = []
        every: list[Float32Array] = []
        for first, last in self._sample_bands():
            green = self._sky(first, last, colours=(1,))[0]
            keep = self._share[first:last] > 252
            step = green[:, 8:] - green[:, :-8]
            values.append(step[keep[:, 8:] & keep[:, :-8]])
            every.append(step.ravel())
        chosen = np.concatenate(values)
        if chosen.size < 100:
            chosen = np.concatenate(every)
        return max(median_and_sigma(chosen)[1] / float(np.sqrt(2.0)), 1e-3)

    def _sample_bands(self) -> Iterator[tuple[int, int]]:
        return sample_bands(self.shape[0])

    def _sky(self, first: int, last: int, colours: tuple[int, ...] = (0, 1, 2)) -> Float32Array:
        inside = self._inside(first, last)
        # far enough from the ground that no frame has carried it here
        clean = eroded(inside, self._border_px)
        clean &= self._shows[first:last] & _HAS_GRAIN > 0
        weight = _feathered(clean)
        above = self._above(first, last)
        # near the ground only the points of the registered stack are the sky's own
        real = self._sampled(first, last) & eroded(inside, _RAGGED_PX)
        together = np.zeros(inside.shape, dtype=np.float32)
        for plane, (middle, sigma, _) in zip(above, self._point_adu, strict=True):
            height = (_pointed(box_mean(plane, 1)) - np.float32(middle)) / np.float32(sigma)
            real &= height > _EACH_SIGMAS
            together += height
        # where smeared edges make the stack uneven a point has to stand out from them as well
        unrest = box_mean(np.abs(together), _UNREST_PX) * np.float32(1.0 / _ORDINARY_UNREST)
        np.maximum(unrest, np.float32(1.0), out=unrest)
        real &= together > np.float32(_POINT_SIGMAS * np.sqrt(3.0)) * unrest
        real = extreme(real.astype(np.float32), 1, np.maximum) > 0.0
        layer = np.empty((len(colours), *inside.shape), dtype=np.float32)
        for place, colour in enumerate(colours):
            least = np.float32(self._point_adu[colour][2])
            points = np.maximum(_pointed(above[colour]) - least, np.float32(0.0))
            near = np.where(real, points, np.float32(0.0))
            layer[place] = spread(self._behind[colour], BLOCK_PX, self.shape, (first, last))
            layer[place] += weight * above[colour] + (np.float32(1.0) - weight) * near
        return layer

    def _pure_ground(self, first: int, last: int) -> BoolArray:
        fraction = self._share[first:last] * np.float32(1.0 / 255.0)
        return self._circle(first, last) & (box_mean(fraction, 1) < 0.03)

    def _ground(self, first: int, last: int) -> Float32Array:
        """Return the ground continued behind the sky by its own nearby values."""
        far = np.stack([spread(grid, BLOCK_PX, self.shape, (first, last)) for grid in self._far])
        pure = self._pure_ground(first, last)
        if pure.any():
            own = self._stacks.ground[:, first:last]
            pure &= ~self._half_sky(own, far, first, last)
            _nearby(own, pure, far)
        return far

    def _half_sky(self, own: Float32Array, far: Float32Array, first: int, last: int) -> BoolArray:
        """Return the pixels of dark ground that hold the light of the sky behind, between leaves.

        Shown in the ground's tone, which is lifted, they would outshine the sky. Lamps are far
        brighter, and a wall that is lit is no dark ground.
        """
        near = box_mean(self._share[first:last].astype(np.float32), _LEAVES_PX) > 2.0
        if not near.any():
            return near
        behind = [spread(grid, BLOCK_PX, self.shape, (first, last)) for grid in self._behind]
        level, dark, light = sum(behind) / 3.0, far.mean(axis=0), own.mean(axis=0)
        lit = light > dark + np.float32(_LIT_SHARE) * (level - dark)
        found = near & lit & (light < _LAMP_SHARE * level) & (dark < _DARK_SHARE * level)
        return np.asarray(found)


def compose(
    stacks: Stacks,
    trail: Float32Array | None,
    *,
    lens: Lens | None = None,
    horizon: HorizonMask | None = None,
    sky_mask: Float32Array | None = None,
    variant: Variant = "picture",
) -> ComposedLinear:
    """Return the layers of a whole picture at once; see `Composer`."""
    composer = Composer(
        stacks,
        None if trail is None else TrailPixels.of(trail),
        lens=lens,
        horizon=horizon,
        sky_mask=sky_mask,
        variant=variant,
    )
    return composer.rows(0, composer.shape[0])


def bands(height: int) -> list[tuple[int, int]]:
    """Return first rows and ends of bands that cover a picture."""
    return [(top, min(top + BAND_ROWS, height)) for top in range(0, height, BAND_ROWS)]


def sample_bands(height: int) -> Iterator[tuple[int, int]]:
    """Yield the bands that stand for a whole picture: all of a small one, else every third."""
    every = 1 if height <= _SAMPLED_ROWS else 3
    yield from bands(height)[every // 2 :: every]


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


def _pointed(plane: Float32Array) -> Float32Array:
    """Return what is smaller than a few pixels above its surroundings."""
    return plane - extreme(extreme(plane, 2, np.minimum), 2, np.maximum)


def _nearby(planes: Float32Array, keep: BoolArray, result: Float32Array) -> None:
    """Put means of the kept pixels around each pixel into the result, from the nearest window."""
    shares = [box_mean(keep.astype(np.float32), radius) for radius in (1, 2, 4)]
    for colour, plane in enumerate(planes):
        values = np.where(keep, plane, np.float32(0.0))
        known = np.zeros(plane.shape, dtype=np.bool_)
        for radius, share in zip((1, 2, 4), shares, strict=True):
            usable = ~known & (share > 0.05)
            mean = box_mean(values, radius)[usable] / np.maximum(share[usable], np.float32(1e-6))
            result[colour][usable] = mean
            known |= usable
        result[colour][keep] = plane[keep]


def _feathered(mask: BoolArray) -> Float32Array:
    """Return 0 outside the mask, rising to 1 over four pixels inside it."""
    steps = [eroded(mask, radius) for radius in (1, 2, 3)]
    total = mask.astype(np.float32)
    for step in steps:
        total += step
    return total * np.float32(0.25)
