"""Hot pixels without darks: the sky moves over the mosaic, its defects stay where they are.

What is lonely and bright in the mean of all frames is no star, which would have gone on, and no
light through the lens, which would have spread. Each frame holds it, so that the mean also says by
how much every sample of the registered stack is too large.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.stacking.blocks import BLOCK_PX
from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.rays import NEIGHBOURS, Rays, Surroundings, places_of
from issgaze.stacking.registered import Registered
from issgaze.stacking.strips import CellShifts, layer_of
from issgaze.stacking.unregistered import Unregistered

# of the mean: a defect rises so many of its standard deviations above its neighbours of its colour
_SIGMAS = 6.0
# and the maximum rises no more than this many times as far: it is there in every frame
_STEADY = 2.5
# at most two of eight neighbours have more than this part of its rise
_NEIGHBOUR_PART = 0.2
_NEIGHBOUR_SIGMAS = 1.5
# with fewer frames a star is still where it was: only what rises so far that the light beside it
# would show is judged
_MANY_FRAMES, _FEW_SIGMAS = 6, 20.0
# a smaller mosaic has no surroundings to compare with
_LEAST_PX = 128
# the nearest sites of the same colour
_LIKE = ((0, -2), (0, 2), (-2, 0), (2, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Defects of the mosaic, each of shape (n,).

    Attributes:
        y, x: Where they are.
        excess: By how much each frame is too large there, in units of the sums, whole numbers.
    """

    y: NDArray[np.int64]
    x: NDArray[np.int64]
    excess: NDArray[np.int64]


def find_standing(still: Unregistered, noise: NoiseModel, *, pedestal_adu: float) -> Standing:
    """Return the pixels that are too bright in every frame."""
    frames, largest = still.sums.frames, still.largest
    nothing = np.zeros(0, np.int64)
    if min(largest.shape) < _LEAST_PX:
        return Standing(y=nothing, x=nothing, excess=nothing)
    sigmas = _SIGMAS if frames >= _MANY_FRAMES else _FEW_SIGMAS
    surroundings = Surroundings(largest)
    # the maximum of noise over some frames rises by three deviations
    y, x = surroundings.risen(
        lambda level: 3.0 + sigmas * np.sqrt(noise.variance(level - pedestal_adu) / frames)
    )
    height, width = largest.shape
    inside = (y >= 2) & (x >= 2) & (y < height - 2) & (x < width - 2)
    y, x = y[inside], x[inside]
    around, own = _mean(still, y, x, _LIKE), _mean(still, y, x, ((0, 0),))[0]
    level = np.median(around, axis=0)
    rise = own - level
    sigma = np.sqrt(noise.variance(level - pedestal_adu) / frames)
    limit = sigmas * sigma + 1.0
    steady = (rise > limit) & (largest[y, x] - level <= _STEADY * rise + 5.0 * limit)
    y, x, rise, sigma = y[steady], x[steady], rise[steady], sigma[steady]
    beside = [_rise_beside(still, y + down, x + right) for down, right in NEIGHBOURS]
    third = np.sort(beside, axis=0)[-3]
    lonely = third < _NEIGHBOUR_PART * rise + _NEIGHBOUR_SIGMAS * sigma
    return Standing(y=y[lonely], x=x[lonely], excess=np.rint(rise[lonely]).astype(np.int64))


def _mean(
    still: Unregistered,
    y: NDArray[np.int64],
    x: NDArray[np.int64],
    steps: tuple[tuple[int, int], ...],
) -> Float64Array:
    """Return the means of pixels some steps away, shape (steps, n)."""
    total = [still.sums.total(0, y + down, x + right) for down, right in steps]
    return np.asarray(np.stack(total) / float(still.sums.frames))


def _rise_beside(still: Unregistered, y: NDArray[np.int64], x: NDArray[np.int64]) -> Float64Array:
    """Return by how much pixels rise above those of their colour around them."""
    height, width = still.largest.shape
    y, x = np.clip(y, 2, height - 3), np.clip(x, 2, width - 3)
    own = _mean(still, y, x, ((0, 0),))[0]
    return np.asarray(own - np.median(_mean(still, y, x, _LIKE), axis=0))


def mend_ground(found: Standing, still: Unregistered) -> None:
    """Give the defects the level of their neighbours in the sum and in the maximum."""
    frames = still.sums.frames
    total = still.sums.total(0, found.y, found.x).astype(np.int64)
    mended = np.maximum(total - frames * found.excess, 0)
    for y, x, value in zip(found.y.tolist(), found.x.tolist(), mended.tolist(), strict=True):
        still.sums.replace(0, y, x, value)
    peak = still.largest[found.y, found.x].astype(np.int64) - found.excess
    still.largest[found.y, found.x] = np.maximum(peak, 0)


def mend_stars(found: Standing, stack: Registered, shifts: Iterable[CellShifts]) -> None:
    """Take the defects' excess out of every sample of the stack that they gave.

    Args:
        found: The defects.
        stack: The stack of all frames.
        shifts: Of every frame.

    Which samples were rejected is not known any more: an excess is taken out where the pixel then
    agrees better with its block.
    """
    everything = np.arange(len(found.y))
    for frame in shifts:
        places = places_of(Rays(y=found.y, x=found.x, value=found.excess), everything, frame)
        if not len(places.found):
            continue
        layer = layer_of(places.shift_y, places.shift_x, stack.layers)
        excess = found.excess[places.found]
        total = stack.sums.total(layer, places.y, places.x).astype(np.int64)
        expected = _block_medians(stack, layer, places.y, places.x)
        better = np.abs(total - excess - expected) < np.abs(total - expected)
        rows = (layer[better], places.y[better], places.x[better], (total - excess)[better])
        for number, y, x, value in zip(*(row.tolist() for row in rows), strict=True):
            stack.sums.replace(number, y, x, max(0, value))


def _block_medians(
    stack: Registered,
    layer: NDArray[np.int64],
    y: NDArray[np.int64],
    x: NDArray[np.int64],
) -> Float64Array:
    """Return the median sum of the pixels of a block that hold the same colour."""
    steps = np.arange(0, BLOCK_PX, 2)
    rows = (y // BLOCK_PX * BLOCK_PX + y % 2)[:, np.newaxis] + steps
    columns = (x // BLOCK_PX * BLOCK_PX + x % 2)[:, np.newaxis] + steps
    block = stack.sums.total(
        layer[:, np.newaxis, np.newaxis], rows[:, :, np.newaxis], columns[:, np.newaxis]
    )
    return np.asarray(np.median(block, axis=(1, 2)))
