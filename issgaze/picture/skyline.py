"""Where the sky ends: how much of each pixel is sky, from the lens, a horizon mask and the stacks.

Without a horizon mask the line is found in the unregistered stack. Blocks of it that resemble
their neighbours in brightness and colour are joined, from the top of the sky downwards, until
something unlike the sky stands in the way; they give the brightness of the sky everywhere. Then
each pixel is weighed between that and the ground around it, and what does not hang together with
the sky, or with the ground, goes to the other. Limits: a roof as bright as the sky behind it cannot
be told from it, thick cloud with a sharp edge can end the sky early, and things thinner than a
pixel, wires above all, stay half sky.
"""

from collections import deque

import numpy as np

from issgaze.arrays import BoolArray, Float32Array
from issgaze.optics.lens import Lens
from issgaze.picture.smooth import (
    block_means,
    block_medians,
    box_mean,
    eroded,
    filled,
    gaussian_like,
    spread,
)
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.horizon import HorizonMask
from issgaze.stacking.corridor import raw_pixels
from issgaze.stacking.stacks import Stacks

_BLOCK_PX = 6
# a step between neighbouring blocks, in natural logarithms, that sky does not make
_BRIGHTNESS_STEP = 0.16
_COLOUR_STEP = 0.12
_LOWEST_SKY_DEG = -0.3
_SEED_DEG = 35.0
_FEATHER_DEG = 0.25
_LENS_STEP_PX = 4
# darker than this share of the sky, or brighter, is not sky
_DARK_SHARE = 0.72
_BRIGHT_SHARE = 1.45
_MOST_SWEEPS = 60
_LARGE_PX = 1_200_000
_ROWS = 128


def sky_fraction(
    stacks: Stacks,
    *,
    lens: Lens | None = None,
    horizon: HorizonMask | None = None,
    find_line: bool = True,
) -> Float32Array:
    """Return how much of each pixel is sky, 0 to 1, float32 of shape (h, w).

    Args:
        stacks: The stacks of the pass.
        lens: Tells what lies below the horizon and outside the image circle, None if unknown.
        horizon: The personal horizon; needs the lens.
        find_line: Look for roofs and trees in the stack itself as well.
    """
    height, width = stacks.peak_frame.shape
    # a border is never sharper than two photosites: large pictures are judged by fours of pixels
    step = 2 if height * width > _LARGE_PX else 1
    shape = (-(-height // step), -(-width // step))
    fraction = np.ones(shape, dtype=np.float32)
    altitude, azimuth = altitude_azimuth(stacks, lens, step=step) if lens else (None, None)
    if altitude is not None and azimuth is not None:
        fraction = _above(altitude, np.full(shape, _LOWEST_SKY_DEG, dtype=np.float32))
        if horizon is not None:
            line = horizon.altitude_at(azimuth.astype(np.float64)).astype(np.float32)
            fraction = np.minimum(fraction, _above(altitude, line))
    del azimuth
    if find_line:
        ground = stacks.ground
        if step > 1:
            ground = np.stack([block_means(plane, step) for plane in ground])
        fraction = np.minimum(fraction, _line_in_stack(ground, altitude))
    return fraction if step == 1 else spread(fraction, step, (height, width))


def altitude_azimuth(
    stacks: Stacks, lens: Lens, *, step: int = 1
) -> tuple[Float32Array, Float32Array]:
    """Return altitude and azimuth in degrees of each pixel, nan where the lens sees no sky.

    The lens is evaluated on a coarse grid of directions and interpolated, to 0.02 degrees. With a
    `step` of two it is that of the middles of squares of two by two pixels.
    """
    height, width = stacks.peak_frame.shape
    rows, columns = (
        np.arange(-(-size // step)) * float(step) + (step - 1) / 2.0 for size in (height, width)
    )
    coarse_rows, coarse_columns = (
        np.append(np.arange(0.0, size - 1, _LENS_STEP_PX), size - 1.0) for size in (height, width)
    )
    grid = np.stack(np.meshgrid(coarse_columns, coarse_rows), axis=-1)
    directions = lens.to_directions(raw_pixels(grid, stacks.resolution))
    across = np.stack(
        [
            [np.interp(columns, coarse_columns, row) for row in directions[..., axis]]
            for axis in range(3)
        ],
        axis=-1,
    )
    altitude = np.empty((len(rows), len(columns)), dtype=np.float32)
    azimuth = np.empty_like(altitude)
    place = np.minimum(np.interp(rows, coarse_rows, np.arange(len(coarse_rows))), len(across) - 1)
    low = np.minimum(place.astype(np.int64), max(len(coarse_rows) - 2, 0))
    share = (place - low)[:, np.newaxis, np.newaxis]
    high = np.minimum(low + 1, len(coarse_rows) - 1)
    for top in range(0, len(rows), _ROWS):
        part = slice(top, top + _ROWS)
        fine = across[low[part]] * (1.0 - share[part]) + across[high[part]] * share[part]
        altitude[part], azimuth[part] = altaz_from_enu(fine)
    return altitude, azimuth


def _above(altitude_deg: Float32Array, line_deg: Float32Array) -> Float32Array:
    known = ~np.isnan(altitude_deg)
    above = np.where(known, altitude_deg, np.float32(-90.0)) - line_deg
    return np.asarray(np.clip(0.5 + above / (2.0 * _FEATHER_DEG), 0.0, 1.0), dtype=np.float32)


def _line_in_stack(ground: Float32Array, altitude: Float32Array | None) -> Float32Array:
    luminance = np.maximum(ground.mean(axis=0), np.float32(0.0))
    grids = [filled(block_medians(luminance, _BLOCK_PX))]
    grids += [filled(block_medians(ground[colour], _BLOCK_PX)) for colour in (0, 2)]
    floor = np.float32(max(1e-3, 0.02 * float(np.median(grids[0]))))
    logs = [np.log(np.maximum(grid, floor)) for grid in grids]
    colours = [logs[1] - logs[0], logs[2] - logs[0]]
    seed, allowed = _seed(logs[0].shape, altitude)
    sky = _grown(logs[0], colours, seed & _like_the_rest(logs[0], seed), allowed)
    if not sky.any():
        return np.ones(luminance.shape, dtype=np.float32)
    pure = ~_dilated(~sky)
    known = np.where(pure if pure.any() else sky, grids[0], np.float32(np.nan))
    level = gaussian_like(spread(filled(known), _BLOCK_PX, luminance.shape), 2.0 * _BLOCK_PX)
    below = None if altitude is None else np.nan_to_num(altitude, nan=-90.0) < _LOWEST_SKY_DEG
    hue = _hue_match(ground, colours, pure if pure.any() else sky)
    return _weighed(luminance, level, _seeded(sky, luminance.shape), below, hue)


def _hue_match(ground: Float32Array, colours: list[Float32Array], sky: BoolArray) -> BoolArray:
    """Return which pixels have the sky's ratio of blue to red."""
    known = np.where(sky, colours[1] - colours[0], np.float32(np.nan))
    wanted = spread(filled(np.asarray(known, dtype=np.float32)), _BLOCK_PX, ground.shape[1:])
    red, blue = (np.maximum(box_mean(ground[colour], 2), np.float32(1e-3)) for colour in (0, 2))
    # a dome of light between two trunks is redder than the sky above it
    return np.asarray(np.abs(np.log(blue / red) - wanted) < 2.0 * _COLOUR_STEP)


def _seed(shape: tuple[int, ...], altitude: Float32Array | None) -> tuple[BoolArray, BoolArray]:
    """Return the blocks surely taken for sky, and those that may be."""
    rows, columns = shape
    seed = np.zeros(shape, dtype=np.bool_)
    allowed = np.ones(shape, dtype=np.bool_)
    if altitude is None:
        # no lens says where up is: the upper middle of the picture
        seed[rows // 8 : rows // 2, columns // 4 : -columns // 4] = True
        return seed, allowed
    high = block_medians(np.nan_to_num(altitude, nan=-90.0), _BLOCK_PX)
    high = np.nan_to_num(high, nan=-90.0)
    allowed = high > _LOWEST_SKY_DEG
    seed = high > min(_SEED_DEG, float(np.percentile(high, 80)))
    return seed & allowed, allowed


def _like_the_rest(log_light: Float32Array, seed: BoolArray) -> BoolArray:
    middle = float(np.median(log_light[seed])) if seed.any() else 0.0
    return np.asarray(np.abs(log_light - middle) < 0.7)


def _grown(
    log_light: Float32Array, colours: list[Float32Array], seed: BoolArray, allowed: BoolArray
) -> BoolArray:
    """Return the blocks reached from the seed by steps that sky can make."""
    rows, columns = log_light.shape
    sky = seed & allowed
    queue = deque(zip(*(places.tolist() for places in np.nonzero(sky)), strict=True))
    light, red, blue = log_light.tolist(), colours[0].tolist(), colours[1].tolist()
    while queue:
        y, x = queue.popleft()
        for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if not (0 <= v < rows and 0 <= u < columns) or sky[v, u] or not allowed[v, u]:
                continue
            if abs(light[v][u] - light[y][x]) > _BRIGHTNESS_STEP:
                continue
            if max(abs(red[v][u] - red[y][x]), abs(blue[v][u] - blue[y][x])) > _COLOUR_STEP:
                continue
            sky[v, u] = True
            queue.append((v, u))
    return sky


def _seeded(sky: BoolArray, shape: tuple[int, int]) -> BoolArray:
    """Return the pixels of blocks that are sky."""
    fine = np.repeat(np.repeat(sky, _BLOCK_PX, axis=0), _BLOCK_PX, axis=1)
    return fine[: shape[0], : shape[1]]


def _weighed(
    luminance: Float32Array,
    level: Float32Array,
    seed: BoolArray,
    below: BoolArray | None,
    hue: BoolArray,
) -> Float32Array:
    """Return the sky's share of each pixel from its brightness between ground and sky."""
    calm = gaussian_like(luminance, 0.6)
    ratio = calm / np.maximum(level, np.float32(1e-3))
    # something bright that is larger than a star, a planet or the station's trail
    bright = _opened(ratio > _BRIGHT_SHARE, 4)
    sky_like = (ratio > _DARK_SHARE) & ~bright
    if below is not None:
        sky_like &= ~below
    sky = _reached(sky_like, sky_like & seed)
    ground = ~sky
    # what the sky encloses is sky: a planet, the Moon, a passing light, a defect
    ground = _reached(ground, ground & _frame_or(below, ground, seed))
    if not ground.any():
        return np.ones(luminance.shape, dtype=np.float32)
    dark = ground & (ratio < 0.6)
    floor = _mean_around(calm, dark)
    # sky between branches: as coloured as the sky and half as bright, among what is much darker
    # (in a gap a few pixels wide much of what is around is half sky itself; the tip of a tree has
    # sky around it instead)
    among = box_mean(ground.astype(np.float32), 8) > 0.65
    deep = np.where(among, _mean_around(calm, ground & (ratio < 0.3)), floor)
    gaps = ground & ~bright & hue & (ratio > 0.45) & (deep < 0.25 * level)
    # not a single pixel, which may be a lamp
    gaps &= box_mean(gaps.astype(np.float32), 1) > 0.25
    around = ground & (ratio > 0.3) & ~bright & (deep < 0.25 * level)
    if below is not None:
        gaps &= ~below
        around &= ~below
    ground &= ~_reached(around, gaps & around)
    sky = ~ground
    span = np.maximum(level - floor, np.float32(1e-3))
    share = np.clip((calm - floor) / span, 0.0, 1.0)
    # values near an end belong to that end: noise is no border
    share = np.clip((share - 0.15) / 0.7, 0.0, 1.0)
    near = _dilated(_dilated(sky)) & _dilated(_dilated(ground))
    contrast = np.abs(level - floor) / np.maximum(level, floor)
    weighable = near & ~_dilated(bright) & (contrast > 0.3)
    fraction = np.where(weighable, share, sky.astype(np.float32))
    soft = box_mean(sky.astype(np.float32), 1)
    fraction = np.where(near & ~weighable, soft, fraction)
    return np.asarray(fraction, dtype=np.float32)


def _frame_or(below: BoolArray | None, ground: BoolArray, seed: BoolArray) -> BoolArray:
    """Return where ground begins: at the picture's sides and foot, and below the horizon."""
    start = np.zeros(ground.shape, dtype=np.bool_)
    start[:, 0] = start[:, -1] = True
    start[-1] = start[0] = True
    if below is not None:
        start |= below
    return start & ~(seed & ~ground)


def _reached(mask: BoolArray, seed: BoolArray) -> BoolArray:
    """Return the parts of the mask that hang together with the seed, sweep by sweep."""
    reached = mask & seed
    count = -1
    for _ in range(_MOST_SWEEPS):
        for axis in (1, 0):
            reached = _swept(mask, reached, axis)
        now = int(np.count_nonzero(reached))
        if now == count:
            break
        count = now
    return reached


def _swept(mask: BoolArray, reached: BoolArray, axis: int) -> BoolArray:
    """Return the mask's runs along an axis that hold a reached pixel, whole."""
    if axis == 0:
        return np.ascontiguousarray(_swept(mask.T, reached.T, 1).T)
    # a run's number counts the gaps before it; rows are kept apart by one gap more
    gaps = np.ones((mask.shape[0], mask.shape[1] + 1), dtype=np.int32)
    gaps[:, :-1] = ~mask
    number = np.cumsum(gaps.ravel()).reshape(gaps.shape)[:, :-1]
    hit = np.zeros(int(number[-1, -1]) + 2, dtype=np.bool_)
    hit[number[reached]] = True
    return np.asarray(hit[number] & mask)


def _mean_around(plane: Float32Array, keep: BoolArray) -> Float32Array:
    """Return means of the kept pixels nearby, from wider windows where there are few."""
    result = spread(filled(block_medians(plane, _BLOCK_PX, keep)), _BLOCK_PX, plane.shape)
    weight = box_mean(keep.astype(np.float32), 3)
    usable = weight > 0.05
    mean = box_mean(np.where(keep, plane, np.float32(0.0)), 3)
    result[usable] = mean[usable] / weight[usable]
    return result


def _opened(mask: BoolArray, radius: int) -> BoolArray:
    """Return the mask without what a square of 2 radius + 1 does not fit into."""
    return ~eroded(~eroded(mask, radius), radius)


def _dilated(mask: BoolArray) -> BoolArray:
    padded = np.pad(mask, 1)
    return np.asarray(
        padded[1:-1, 1:-1]
        | padded[:-2, 1:-1]
        | padded[2:, 1:-1]
        | padded[1:-1, :-2]
        | padded[1:-1, 2:]
    )
