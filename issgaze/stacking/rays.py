"""Cosmic rays: single bright pixels of single frames, found in the maximum over all frames."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array, UInt16Array
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.registered import Registered
from issgaze.stacking.strips import CELL_PX, STRIP_PX, CellShifts

# a ray rises this many standard deviations of one frame above its surroundings ...
_SIGMAS = 6.0
# ... and so many of the stack's, else it drowns in the stack's noise
_STACK_SIGMAS = 2.5
# at most two of the eight neighbours of a ray's pixel have more than this part of its rise: light
# that came through the lens spreads over more of them
_NEIGHBOUR_PART = 0.2
_NEIGHBOUR_SIGMAS = 1.5
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
_TILE_PX = 64
_MOST_RAYS = 20000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rays:
    """Suspected cosmic rays.

    Attributes:
        y, x: Of the mosaic, shape (n,).
        value: Calibrated value, shape (n,).
    """

    y: NDArray[np.int64]
    x: NDArray[np.int64]
    value: NDArray[np.int64]


def suspects(largest: UInt16Array, noise: NoiseModel, *, pedestal_adu: float, frames: int) -> Rays:
    """Return the pixels of a maximum over frames that no light through the lens can have made."""
    height, width = largest.shape
    found: list[NDArray[np.int64]] = []
    limit = max(_SIGMAS, _STACK_SIGMAS * frames**0.5)
    for top in range(0, height, _TILE_PX):
        # one row and column more on each side, so that every pixel of the tile has neighbours
        first, last = max(0, top - 2), min(height, top + _TILE_PX + 2)
        for left in range(0, width, _TILE_PX):
            start, end = max(0, left - 2), min(width, left + _TILE_PX + 2)
            level, rise = _above_surroundings(largest[first:last, start:end])
            sigma = np.sqrt(noise.variance(level - pedestal_adu))
            y, x = np.nonzero(rise > limit * sigma)
            inside = (y + first >= max(1, top)) & (y + first < min(height - 1, top + _TILE_PX))
            inside &= (x + start >= max(1, left)) & (x + start < min(width - 1, left + _TILE_PX))
            y, x = y[inside], x[inside]
            near = np.stack([rise[y + down, x + right] for down, right in _NEIGHBOURS])
            third = np.sort(near, axis=0)[-3]
            lonely = third < _NEIGHBOUR_PART * rise[y, x] + _NEIGHBOUR_SIGMAS * sigma[y, x]
            found.append(np.stack((y[lonely] + first, x[lonely] + start)))
    places = np.concatenate(found, axis=1)
    if places.shape[1] > _MOST_RAYS:
        # that many are no rays but a sensor that is not what it says
        places = places[:, :0]
    y, x = places
    return Rays(y=y, x=x, value=largest[y, x].astype(np.int64))


def _above_surroundings(tile: UInt16Array) -> tuple[Float64Array, Float64Array]:
    """Return the level of each pixel's colour in a tile, and how far each pixel is above it."""
    level = np.empty(tile.shape, np.float64)
    for y in (0, 1):
        for x in (0, 1):
            part = tile[y::2, x::2]
            level[y::2, x::2] = np.median(part) if part.size else 0.0
    return level, tile - level


def take_out_rays(
    rays: Rays, stack: Registered, shifts: Iterable[CellShifts], noise: NoiseModel
) -> int:
    """Replace the rays' samples in the stack by what the block holds besides; return how many.

    Args:
        rays: Suspects.
        stack: The stack of all frames.
        shifts: Of every frame, in any order: which frame a ray struck shows in the stack.
        noise: Of a single calibrated pixel.

    A suspect is believed where the stack without it agrees with its block.
    """
    done = np.zeros(len(rays.y), bool)
    for frame in shifts:
        for index in np.flatnonzero(~done).tolist():
            ray = (int(rays.y[index]), int(rays.x[index]), int(rays.value[index]))
            done[index] = _take_out(ray, stack, frame, noise)
    return int(np.count_nonzero(done))


def _take_out(
    ray: tuple[int, int, int], stack: Registered, shifts: CellShifts, noise: NoiseModel
) -> bool:
    y, x, value = ray
    place = _place(y, x, shifts)
    if place is None:
        return False
    stack_y, stack_x, shift_y, shift_x = place
    layer = stack.layer_of(shift_y, shift_x)
    count = int(stack.counts[layer, stack_y // BLOCK_PX, stack_x // BLOCK_PX])
    if not count:
        return False
    # the pixels of the block that hold the same colour
    top, left = stack_y // BLOCK_PX * BLOCK_PX, stack_x // BLOCK_PX * BLOCK_PX
    rows = slice(top + stack_y % 2, top + BLOCK_PX, 2)
    columns = slice(left + stack_x % 2, left + BLOCK_PX, 2)
    block = stack.sums.total((layer, rows, columns))
    expected = float(np.median(block)) / count
    total = int(block[(stack_y - top) // 2, (stack_x - left) // 2])
    level = np.array(expected - stack.pedestal_adu)
    sigma = float(np.sqrt(noise.variance(level)))
    rest = total - value - (count - 1) * expected
    if value - expected < _SIGMAS * sigma:
        return False
    if abs(rest) > _SIGMAS * sigma * max(1.0, (count - 1) ** 0.5):
        return False
    stack.sums.replace((layer, stack_y, stack_x), total - value + round(expected))
    return True


def _place(y: int, x: int, shifts: CellShifts) -> tuple[int, int, int, int] | None:
    """Return where a frame's pixel went in the stack, and its shift; None when nowhere."""
    strips, cells = shifts.usable.shape
    stack_y, stack_x = y, x
    for _ in range(3):
        strip, cell = stack_y // STRIP_PX, stack_x // CELL_PX
        if not (0 <= strip < strips and 0 <= cell < cells) or not shifts.usable[strip, cell]:
            return None
        shift_y, shift_x = int(shifts.shift_y[strip, cell]), int(shifts.shift_x[strip, cell])
        if (stack_y + shift_y, stack_x + shift_x) == (y, x):
            return stack_y, stack_x, shift_y, shift_x
        stack_y, stack_x = y - shift_y, x - shift_x
    return None
