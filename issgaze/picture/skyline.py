"""Where the sky ends: how much of each pixel is sky, from the lens, a horizon mask and the stacks.

Without a horizon mask the line is found in the unregistered stack. Blocks of it that resemble
their neighbours in brightness and colour are joined, from the top of the sky downwards, until
something unlike the sky stands in the way; beside that border each pixel is weighed between the
sky and the ground next to it. Limits: a roof as bright and as coloured as the sky behind it cannot
be told from it, thick cloud with a sharp edge can end the sky early, and a mirror-like window
that shows the sky counts as ground only if its frame closes around it.
"""

from collections import deque

import numpy as np

from issgaze.arrays import BoolArray, Float32Array
from issgaze.optics.lens import Lens
from issgaze.picture.smooth import block_medians, box_mean, filled, spread
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
    shape = stacks.peak_frame.shape
    fraction = np.ones(shape, dtype=np.float32)
    altitude, azimuth = altitude_azimuth(stacks, lens) if lens else (None, None)
    if altitude is not None and azimuth is not None:
        fraction = _above(altitude, np.full(shape, _LOWEST_SKY_DEG, dtype=np.float32))
        if horizon is not None:
            line = horizon.altitude_at(azimuth.astype(np.float64)).astype(np.float32)
            fraction = np.minimum(fraction, _above(altitude, line))
    if find_line:
        fraction = np.minimum(fraction, _line_in_stack(stacks.ground, altitude))
    return fraction


def altitude_azimuth(stacks: Stacks, lens: Lens) -> tuple[Float32Array, Float32Array]:
    """Return altitude and azimuth in degrees of each pixel, nan where the lens sees no sky.

    The lens is evaluated on a coarse grid of directions and interpolated, to 0.02 degrees.
    """
    height, width = stacks.peak_frame.shape
    rows = np.append(np.arange(0, height - 1, _LENS_STEP_PX), height - 1)
    columns = np.append(np.arange(0, width - 1, _LENS_STEP_PX), width - 1)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).astype(np.float64)
    directions = lens.to_directions(raw_pixels(grid, stacks.resolution))
    fine = np.stack([_bilinear(directions[..., axis], rows, columns) for axis in range(3)], axis=-1)
    altitude, azimuth = altaz_from_enu(fine)
    return altitude.astype(np.float32), azimuth.astype(np.float32)


def _bilinear(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    columns: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    across = np.stack([np.interp(np.arange(columns[-1] + 1), columns, row) for row in values])
    place = np.interp(np.arange(rows[-1] + 1), rows, np.arange(len(rows)))
    low = np.minimum(place.astype(int), max(len(rows) - 2, 0))
    share = (place - low)[:, np.newaxis]
    high = np.minimum(low + 1, len(rows) - 1)
    return np.asarray(across[low] * (1.0 - share) + across[high] * share, dtype=np.float64)


def _above(altitude_deg: Float32Array, line_deg: Float32Array) -> Float32Array:
    known = ~np.isnan(altitude_deg)
    above = np.where(known, altitude_deg, np.float32(-90.0)) - line_deg
    return np.asarray(np.clip(0.5 + above / (2.0 * _FEATHER_DEG), 0.0, 1.0), dtype=np.float32)


def _line_in_stack(ground: Float32Array, altitude: Float32Array | None) -> Float32Array:
    light = np.maximum(ground, np.float32(0.0))
    luminance = _despeckled(light.mean(axis=0))
    grids = [filled(block_medians(luminance, _BLOCK_PX))]
    grids += [filled(block_medians(light[colour], _BLOCK_PX)) for colour in (0, 2)]
    floor = np.float32(max(1e-3, 0.02 * float(np.median(grids[0]))))
    logs = [np.log(np.maximum(grid, floor)) for grid in grids]
    colours = [logs[1] - logs[0], logs[2] - logs[0]]
    allowed = np.ones(logs[0].shape, dtype=np.bool_)
    seed = _seed(logs[0], altitude)
    if altitude is not None:
        high = block_medians(np.nan_to_num(altitude, nan=-90.0), _BLOCK_PX)
        allowed = np.nan_to_num(high, nan=-90.0) > _LOWEST_SKY_DEG
        seed = np.nan_to_num(high, nan=-90.0) > _SEED_DEG
        if not seed.any():
            seed = allowed & (high >= np.nanpercentile(high, 80))
    sky = _grown(logs[0], colours, seed & _like_the_rest(logs[0], seed), allowed)
    return _matte(luminance, grids[0], _tidied(sky))


def _seed(log_light: Float32Array, altitude: Float32Array | None) -> BoolArray:
    """Return the blocks taken for sky when no lens says where up is: the middle of the picture."""
    del altitude
    rows, columns = log_light.shape
    seed = np.zeros(log_light.shape, dtype=np.bool_)
    seed[rows // 8 : rows // 2, columns // 4 : -columns // 4] = True
    return seed


def _like_the_rest(log_light: Float32Array, seed: BoolArray) -> BoolArray:
    middle = float(np.median(log_light[seed]))
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


def _tidied(sky: BoolArray) -> BoolArray:
    """Fill small holes in the sky: bright stars, planets, the station, a lamp on a mast."""
    closed = _dilated(_dilated(sky))
    closed = ~_dilated(_dilated(~closed))
    share = box_mean(closed.astype(np.float32), 1)
    return np.asarray(share > 0.5)


def _dilated(mask: BoolArray) -> BoolArray:
    padded = np.pad(mask, 1)
    return np.asarray(
        padded[1:-1, 1:-1]
        | padded[:-2, 1:-1]
        | padded[2:, 1:-1]
        | padded[1:-1, :-2]
        | padded[1:-1, 2:]
    )


def _matte(luminance: Float32Array, grid: Float32Array, sky: BoolArray) -> Float32Array:
    """Return the sky's share of each pixel, weighed between sky and ground near the border."""
    shape = luminance.shape
    rough = spread(sky.astype(np.float32), _BLOCK_PX, shape)
    if sky.all() or not sky.any():
        return rough
    # one block away from the border a block holds one thing only
    pure_sky = ~_dilated(_dilated(~sky)) | (sky & ~_dilated(~sky))
    pure_ground = ~_dilated(sky)
    nan = np.float32(np.nan)
    above = spread(filled(np.where(pure_sky, grid, nan)), _BLOCK_PX, shape)
    below = spread(filled(np.where(pure_ground, grid, nan)), _BLOCK_PX, shape)
    contrast = above - below
    weighed = np.clip((luminance - below) / np.where(contrast == 0, 1.0, contrast), 0.0, 1.0)
    # values near an end belong to that end: noise is no border
    weighed = np.clip((weighed - 0.2) / 0.6, 0.0, 1.0)
    near = spread((_dilated(sky) & _dilated(~sky)).astype(np.float32), _BLOCK_PX, shape)
    trust = np.clip(4.0 * np.abs(contrast) / np.maximum(above, below) - 0.2, 0.0, 1.0)
    trust = trust * np.clip(2.0 * near, 0.0, 1.0)
    return np.asarray(trust * weighed + (1.0 - trust) * rough, dtype=np.float32)


def _despeckled(plane: Float32Array) -> Float32Array:
    """Return the plane without what is smaller than five pixels and brighter than its surrounds."""
    low = _extreme(_extreme(plane, 1, np.minimum), 1, np.minimum)
    return _extreme(_extreme(low, 1, np.maximum), 1, np.maximum)


def _extreme(plane: Float32Array, radius: int, choose: np.ufunc) -> Float32Array:
    for axis in (0, 1):
        result = plane.copy()
        for shift in range(1, radius + 1):
            ahead = [slice(None), slice(None)]
            behind = [slice(None), slice(None)]
            ahead[axis], behind[axis] = slice(shift, None), slice(None, -shift)
            a, b = tuple(ahead), tuple(behind)
            choose(result[a], plane[b], out=result[a])
            choose(result[b], plane[a], out=result[b])
        plane = result
    return plane
