"""Cosmic rays: single bright pixels of single frames, found in the maximum over all frames."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array, UInt16Array
from issgaze.imaging.tiles import above_tiles, tile_medians
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.counters import CELL_PX
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.registered import Registered
from issgaze.stacking.strips import CellShifts, layer_of

# a ray rises this many standard deviations of one frame above its surroundings ...
_SIGMAS = 6.0
# ... and so many of the stack's, else it drowns in the stack's noise
_STACK_SIGMAS = 2.5
# at most two of the eight neighbours of a ray's pixel have more than this part of its rise: light
# that came through the lens spreads over more of them
_BRIGHT_NEIGHBOURS = 2
_NEIGHBOUR_PART = 0.2
_NEIGHBOUR_SIGMAS = 1.5
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
# the level of a colour is the median of so many of its sites each way
_TILE = 32
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
    surroundings = Surroundings(largest)
    limit = max(_SIGMAS, _STACK_SIGMAS * frames**0.5)
    y, x = surroundings.risen(lambda level: limit * np.sqrt(noise.variance(level - pedestal_adu)))
    rise = surroundings.rise(y, x)
    sigma = np.sqrt(noise.variance(largest[y, x] - rise - pedestal_adu))
    dim = _NEIGHBOUR_PART * rise + _NEIGHBOUR_SIGMAS * sigma
    bright = np.zeros(len(y), np.uint8)
    for down, right in NEIGHBOURS:
        bright += surroundings.rise(y + down, x + right) >= dim
        # nearly all are stars, which their first neighbours tell
        lonely = np.flatnonzero(bright <= _BRIGHT_NEIGHBOURS)
        y, x = y.take(lonely), x.take(lonely)
        dim, bright = dim.take(lonely), bright.take(lonely)
    if len(y) > _MOST_RAYS:
        # that many are no rays but a sensor that is not what it says
        y, x = y[:0], x[:0]
    return Rays(y=y, x=x, value=largest[y, x].astype(np.int64))


class Surroundings:
    """The level of each colour in tiles of a mosaic, and what rises above it."""

    def __init__(self, mosaic: UInt16Array) -> None:
        self._mosaic = mosaic
        self._levels = tile_medians(mosaic, _TILE)

    def risen(
        self, rise: Callable[[Float64Array], Float64Array]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return y and x of pixels that rise above their level by more than a function of it.

        The outermost pixels, which lack neighbours, are left out.
        """
        height, width = self._mosaic.shape
        y, x = np.divmod(above_tiles(self._mosaic, self._levels + rise(self._levels), _TILE), width)
        inner = (y > 0) & (y < height - 1) & (x > 0) & (x < width - 1)
        return y[inner].astype(np.int64), x[inner].astype(np.int64)

    def rise(self, y: NDArray[np.int64], x: NDArray[np.int64]) -> Float64Array:
        """Return by how much pixels rise above the level of their colour."""
        level = self._levels[y & 1, x & 1, y // (2 * _TILE), x // (2 * _TILE)]
        return np.asarray(self._mosaic[y, x] - level)


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
    left = np.arange(len(rays.y))
    for frame in shifts if len(left) else ():
        places = places_of(rays, left, frame)
        if not len(places.found):
            continue
        believed = _believed(rays.value[left[places.found]], places, stack, noise)
        for layer, y, x, total in believed.totals:
            stack.sums.replace(layer, y, x, total)
        left = np.delete(left, places.found[believed.chosen])
    return len(rays.y) - len(left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where suspects would be in the stack had one frame seen them.

    Attributes:
        found: Positions in the list of those that are anywhere, shape (m,).
        y, x: Of the stack, shape (m,).
        shift_y, shift_x: Of the frame there, shape (m,).
    """

    found: NDArray[np.int64]
    y: NDArray[np.int64]
    x: NDArray[np.int64]
    shift_y: NDArray[np.int64]
    shift_x: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Believed:
    """Positions in the list of places, and layer, y, x and sum without the ray of each."""

    chosen: NDArray[np.int64]
    totals: list[tuple[int, int, int, int]]


def places_of(rays: Rays, left: NDArray[np.int64], shifts: CellShifts) -> Places:
    """Return where the pixels of numbers `left` come to lie in the stack of one frame."""
    strips, cells = shifts.usable.shape
    raw_y, raw_x = rays.y[left], rays.x[left]
    y, x = raw_y, raw_x
    hit = np.zeros(len(left), dtype=np.bool_)
    shift_y = shift_x = np.zeros(len(left), dtype=np.int64)
    for _ in range(3):
        strip, cell = y // shifts.strip_px, x // CELL_PX
        inside = (y >= 0) & (y < shifts.rows_px) & (cell >= 0) & (cell < cells)
        strip, cell = np.clip(strip, 0, strips - 1), np.clip(cell, 0, cells - 1)
        shift_y = shifts.shift_y[strip, cell].astype(np.int64)
        shift_x = shifts.shift_x[strip, cell].astype(np.int64)
        hit = inside & shifts.usable[strip, cell] & (y + shift_y == raw_y) & (x + shift_x == raw_x)
        # the shift of a neighbouring cell may lead to another one
        y, x = np.where(hit, y, raw_y - shift_y), np.where(hit, x, raw_x - shift_x)
    found = np.flatnonzero(hit)
    return Places(
        found=found, y=y[found], x=x[found], shift_y=shift_y[found], shift_x=shift_x[found]
    )


def _believed(
    value: NDArray[np.int64], places: Places, stack: Registered, noise: NoiseModel
) -> _Believed:
    layer = layer_of(places.shift_y, places.shift_x, stack.layers)
    count = stack.counts[layer, places.y // BLOCK_PX, places.x // BLOCK_PX].astype(np.int64)
    # the pixels of the block that hold the same colour
    steps = np.arange(0, BLOCK_PX, 2)
    rows = (places.y // BLOCK_PX * BLOCK_PX + places.y % 2)[:, np.newaxis] + steps
    columns = (places.x // BLOCK_PX * BLOCK_PX + places.x % 2)[:, np.newaxis] + steps
    block = stack.sums.total(
        layer[:, np.newaxis, np.newaxis], rows[:, :, np.newaxis], columns[:, np.newaxis]
    )
    some = np.maximum(count, 1)
    expected = np.median(block, axis=(1, 2)) / some
    total = stack.sums.total(layer, places.y, places.x).astype(np.int64)
    sigma = np.sqrt(noise.variance(expected - stack.pedestal_adu))
    rest = total - value - (count - 1) * expected
    agrees = np.abs(rest) <= _SIGMAS * sigma * np.sqrt(np.maximum(count - 1, 1))
    chosen = np.flatnonzero((count > 0) & (value - expected >= _SIGMAS * sigma) & agrees)
    mended = total - value + np.rint(expected).astype(np.int64)
    parts = (layer[chosen], places.y[chosen], places.x[chosen], mended[chosen])
    return _Believed(chosen=chosen, totals=[tuple(row) for row in np.stack(parts, 1).tolist()])
