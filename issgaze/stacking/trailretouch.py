"""Completing a trail for the picture to look at: what a star or a change of frames hides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.stacking.corridor import Corridor
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.trailsides import pieces_of, sky_beside

_FAINT_SIGMAS = 8.0
# how far into a gap between frames light may be filled, and what is near a change of frames
_FILL_PX = 1.0
_JOINT_PX = 4.0
_CORE_STRIPS = 10


def completed(
    stacks: Stacks,
    corridor: Corridor,
    above: Float64Array,
    mine: BoolArray,
    joint_px: Float64Array,
    half_width_px: float,
) -> BoolArray:
    """Fill `above` from the sum of all frames where the brightest frame alone tells too little.

    At a change of frames each of the two holds a part of the light, and on a changing sky the
    trail's skirts lie below another frame's sky. The sum over all frames has them whole. Its median
    over a short strip along the path is taken, never more than the trail's own profile allows, so
    that no star that trails through counts; nothing is filled where no frame was exposed. Return
    which pixels were filled.

    Args:
        stacks: Of the pass.
        corridor: Of n pixels along the path.
        above: Their light, shape (3, n); completed in place.
        mine: Which of them hold light of the station, shape (n,).
        joint_px: How far each is from the nearest change of frames along the path, negative where
            no frame was exposed.
        half_width_px: Of the corridor.
    """
    rows, columns = corridor.rows, corridor.columns
    sums = stacks.ground[:, rows, columns].astype(np.float64) * stacks.frame_count
    level, noise = sky_beside(corridor, sums, half_width_px)
    sums -= level
    filled = np.zeros(len(rows), dtype=np.bool_)
    near = joint_px < _JOINT_PX
    strips = [
        strip
        for piece in pieces_of(corridor)
        for strip in _strips(corridor, piece[joint_px[piece] > -_FILL_PX], sums, noise, above, mine)
    ]
    profile = _profile(strips)
    for strip in strips:
        most = 1.3 * strip.core_adu * profile.get(strip.number, 0.0)
        value = np.minimum(strip.light_adu, most * strip.light_adu / max(strip.light_adu[1], 1e-6))
        # where the pixel itself shows nothing something stands before the station
        members = strip.members
        shown = (sums[1, members] > 0.35 * value[1]) | (noise[members] > 0.4 * value[1])
        owned = mine[members]
        dipped = members[shown & owned & near[members]]
        lifted = np.minimum(value[:, np.newaxis], 2.0 * above[:, dipped])
        above[:, dipped] = np.maximum(above[:, dipped], lifted)
        hidden = members[shown & ~owned]
        above[:, hidden] = np.maximum(value, 0.0)[:, np.newaxis]
        filled[hidden] = True
    return filled


@dataclass(frozen=True, slots=True)
class _Strip:
    """Pixels at one distance from the path in one piece of it, and their median light."""

    number: int
    members: NDArray[np.int64]
    light_adu: Float64Array
    core_adu: float


def _strips(
    corridor: Corridor,
    inside: NDArray[np.int64],
    sums: Float64Array,
    noise: Float64Array,
    above: Float64Array,
    mine: BoolArray,
) -> list[_Strip]:
    """Return the strips of a piece from the path outwards, as far as the trail stands out."""
    numbers = np.rint(corridor.across_px[inside]).astype(int)
    core = inside[(np.abs(numbers) <= 1) & mine[inside]]
    if len(core) < 4:
        return []
    core_adu = float(np.median(above[1, core]))
    found: list[_Strip] = []
    open_sides = {-1, 0, 1}
    for number in sorted(range(-_CORE_STRIPS, _CORE_STRIPS + 1), key=abs):
        side = (number > 1) - (number < -1)
        members = inside[numbers == number]
        if side not in open_sides:
            continue
        light = np.median(sums[:, members], axis=1) if len(members) else np.zeros(3)
        if len(members) < 4 or light[1] < 4.0 * noise[members[0]] / np.sqrt(len(members)):
            # what lies beyond is not the trail any more
            open_sides.discard(side)
            continue
        found.append(_Strip(number, members, light, core_adu))
    return found


def _profile(strips: list[_Strip]) -> dict[int, float]:
    """Return the light across the path in parts of the core's: medians over all pieces.

    A piece that does not reach so far counts as dark there: a star beside a few pieces is no skirt.
    """
    pieces = sum(strip.number == 0 for strip in strips)
    parts: dict[int, list[float]] = {}
    for strip in strips:
        share = float(strip.light_adu[1]) / max(strip.core_adu, 1e-6)
        parts.setdefault(strip.number, []).append(share)
    middles = {
        number: float(np.median(shares + [0.0] * (pieces - len(shares))))
        for number, shares in parts.items()
    }
    return {number: min(middle, 1.2) for number, middle in middles.items()}


def smoothed(
    light: Float32Array,
    corridor: Corridor,
    shape: tuple[int, int],
    mine: BoolArray,
    noise: Float64Array,
) -> Float32Array:
    """Return the trail with hidden pixels filled and its faint skirts smoothed.

    Args:
        light: Red, green, blue of the corridor's pixels, shape (3, n).
        corridor: Whose pixels they are.
        shape: Height and width of the picture.
        mine: Which of them hold light of the station.
        noise: Of the sky at each of them, infinite where it is not known.
    """
    around = _Around(corridor, shape)
    known = noise[np.isfinite(noise)]
    typical = float(np.median(known)) if len(known) else 0.0
    return _calmed(_healed(light, around, mine), around, typical)


class _Around:
    """Which of a corridor's pixels lie beside which: those outside it hold nothing."""

    def __init__(self, corridor: Corridor, shape: tuple[int, int]) -> None:
        # a column more on each side, so that no row runs on into the next
        width = shape[1] + 2
        place = corridor.rows.astype(np.int64) * width + corridor.columns
        self._beside: list[NDArray[np.int64]] = []
        for step in (-1, 1, -width, width, -width - 1, -width + 1, width - 1, width + 1):
            at = np.minimum(np.searchsorted(place, place + step), len(place) - 1)
            self._beside.append(np.where(place[at] == place + step, at, len(place)))

    def total(self, values: Float32Array) -> Float32Array:
        """Return the sum of the eight neighbours of each pixel."""
        padded = np.append(values, np.float32(0.0))
        result = np.zeros_like(values)
        for beside in self._beside:
            result += padded[beside]
        return result

    def largest(self, values: Float32Array) -> Float32Array:
        """Return the largest of each pixel and its four neighbours."""
        padded = np.append(values, np.float32(0.0))
        result = values
        for beside in self._beside[:4]:
            result = np.maximum(result, padded[beside])
        return result


def _healed(light: Float32Array, around: _Around, mine: BoolArray) -> Float32Array:
    """Return the trail with single pixels that another frame outshone taken from beside them.

    A star that was brighter there at another time hides the station's share of such a pixel. Only
    what is enclosed by the trail is filled, with the mean of its neighbours; no gap in time is.
    """
    known = mine.astype(np.float32)
    for _ in range(2):
        count = around.total(known)
        fill = (known == 0.0) & (count >= 5.0)
        if not fill.any():
            break
        for plane in light:
            plane[fill] = (around.total(plane * known) / np.maximum(count, 1.0))[fill]
        known[fill] = 1.0
    return light


def _calmed(light: Float32Array, around: _Around, noise_adu: float) -> Float32Array:
    """Return the trail with its skirts smoothed over three pixels, its core as it is."""
    nearby = around.largest(around.largest(light[1]))
    faint = light[1] < np.maximum(np.float32(0.3) * nearby, np.float32(_FAINT_SIGMAS * noise_adu))
    faint &= around.total(light[1]) > 0.0
    for plane in light:
        mean = (around.total(plane) + plane) / np.float32(9.0)
        plane[faint] = mean[faint]
    return light
