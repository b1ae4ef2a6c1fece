"""Cutting the station out of the stacks: its light alone, above the local sky."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.optics.lens import Lens
from issgaze.orbit.elements import ElementSet
from issgaze.sky.site import Site
from issgaze.stacking.corridor import Corridor, corridor_along, find_corridor
from issgaze.stacking.stacks import NO_FRAME, Stacks
from issgaze.stacking.streakfinder import Streak, find_streak
from issgaze.stacking.trailfit import TrailFit
from issgaze.stacking.trailtimes import frame_times, pass_track, row_delay_s

# of the corridor around the fitted path, in grid pixels of half resolution; full has twice that
_HALF_WIDTH_PX = 16.0
_PIECE_PX = 10.0
_FLANK_PX = 10.0
# how far beyond its own exposure a frame may still give light to a pixel: the width of the image
_BLUR_PX = 3.0
_FAINT_SIGMAS = 8.0
# how far into a gap between frames light may be filled, and what is near a change of frames
_FILL_PX = 1.0
_JOINT_PX = 4.0
_CORE_STRIPS = 10
# of a strip beside the path from which on it is trail
_PROVED_SIGMAS, _UNPROVED_SIGMAS = 1.5, 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTrail:
    """A streak found without a prediction.

    Attributes:
        light: Above the local sky, float32 (3, h, w), zero elsewhere.
        points_px: Ends of its pieces on the grid, shape (n, 2) as x, y.
        length_px: Along the pieces.
        frames: Numbers of the frames that show it.
        reason: Why it is not proved to be the station's.
    """

    light: Float32Array
    points_px: Float64Array
    length_px: float
    frames: tuple[int, ...]
    reason: str


def cut_trail(
    stacks: Stacks,
    lens: Lens,
    elements: ElementSet,
    site: Site,
    fit: TrailFit | None = None,
    *,
    timing_window_s: float = 5.0,
    row_time_s: float = 0.0,
    retouched: bool = False,
) -> Float32Array:
    """Return the station alone above the local sky, float32 (3, h, w), zero elsewhere.

    Only pixels count whose brightest frame is the one exposed while the station was there. With an
    accepted fit its shift is used, without one the whole timing window is allowed.

    Measured light alone, unless `retouched`: then pixels that a star outshone, the halves at a
    change of frames and the faint skirts are completed from the sum of all frames and from their
    neighbours. That is for the picture to look at; no time without exposure is filled either way.
    """
    shape = stacks.peak_frame.shape
    if fit is not None and not (fit.accepted or fit.drawable):
        # nothing runs there, or something else does: nothing of it enters the picture
        return np.zeros_like(stacks.peak)
    scale = 2.0 if stacks.resolution == "full" else 1.0
    track = pass_track(stacks, elements, site)
    corridor = find_corridor(lens, track, shape, stacks.resolution, _HALF_WIDTH_PX * scale)
    proved = fit is not None
    shift = fit.along_track_s or 0.0 if fit is not None and proved else 0.0
    slack = 0.3 if proved else timing_window_s
    light = np.interp(corridor.seconds - shift, track.seconds, track.light)
    mine = _of_its_frame(stacks, corridor, shift, slack, row_time_s) & (light > 0.0)
    joint = None
    if proved:
        joint = np.where(light > 0.0, _at_joints(stacks, corridor, shift, row_time_s), -np.inf)
    return _light(stacks, corridor, mine, scale, joint, retouched=retouched)


def find_trail(stacks: Stacks) -> FoundTrail | None:
    """Return the longest streak of light in the stacks, None where there is none.

    It needs neither lens nor elements, and proves nothing: an aircraft leaves one as well.
    """
    streak = find_streak(stacks)
    if streak is None:
        return None
    scale = 2.0 if stacks.resolution == "full" else 1.0
    shape = stacks.peak_frame.shape
    total = np.zeros_like(stacks.peak)
    for begin, end, frame in streak.pieces:
        points = np.array([begin, end])
        corridor = corridor_along(points, np.array([0.0, 1.0]), shape, _HALF_WIDTH_PX * scale)
        mine = stacks.peak_frame[corridor.rows, corridor.columns] == frame
        np.maximum(total, _light(stacks, corridor, mine, scale), out=total)
    return FoundTrail(
        light=total,
        points_px=_points(streak),
        length_px=streak.length_px,
        frames=tuple(frame for *_, frame in streak.pieces),
        reason="Found by its shape alone: without a lens and elements nothing proves whose it is.",
    )


def _points(streak: Streak) -> Float64Array:
    return np.array([point for begin, end, _ in streak.pieces for point in (begin, end)])


def _of_its_frame(
    stacks: Stacks, corridor: Corridor, shift: float, slack_s: float, row_time_s: float
) -> BoolArray:
    begin, end = frame_times(stacks)
    label = stacks.peak_frame[corridor.rows, corridor.columns]
    number = np.minimum(label.astype(np.int64), len(begin) - 1)
    when = corridor.seconds - shift - row_delay_s(corridor.rows, stacks, row_time_s)
    margin = slack_s + _BLUR_PX / corridor.rate_px_per_s
    return np.asarray(
        (label != NO_FRAME) & (when >= begin[number] - margin) & (when <= end[number] + margin)
    )


def _at_joints(stacks: Stacks, corridor: Corridor, shift: float, row_time_s: float) -> Float64Array:
    """Return how far each pixel is from the nearest change of frames, in pixels along the path.

    Negative where no frame was exposed: in a gap, before the first frame and after the last.
    """
    begin, end = frame_times(stacks)
    when = corridor.seconds - shift - row_delay_s(corridor.rows, stacks, row_time_s)
    after = np.clip(np.searchsorted(begin, when, side="right") - 1, 0, len(begin) - 1)
    inside = np.minimum(when - begin[after], end[after] - when)
    return np.asarray(inside * corridor.rate_px_per_s, dtype=np.float64)


def _light(
    stacks: Stacks,
    corridor: Corridor,
    mine: BoolArray,
    scale: float,
    joint_px: Float64Array | None = None,
    *,
    retouched: bool = False,
) -> Float32Array:
    """Return what the pixels of the trail hold above the sky beside them."""
    rows, columns = corridor.rows, corridor.columns
    result = np.zeros_like(stacks.peak)
    if not len(rows) or not mine.any():
        return result
    # the mean holds a share of the trail itself: 1/N of it, given back here
    gain = stacks.frame_count / max(stacks.frame_count - 1, 1)
    excess = (stacks.peak[:, rows, columns] - stacks.ground[:, rows, columns]).astype(np.float64)
    if stacks.frame_count < 2:
        excess = stacks.peak[:, rows, columns].astype(np.float64)
        gain = 1.0
    level, noise = _flanks(corridor, excess, mine, scale)
    above = np.where(mine, (excess - level) * gain, 0.0)
    if retouched and joint_px is not None and stacks.frame_count > 1:
        mine = mine | _completed(stacks, corridor, above, mine, joint_px)
    # without proof only what clearly stands out is shown
    least = _UNPROVED_SIGMAS if joint_px is None else _PROVED_SIGMAS
    weight = _core_weight(corridor, above[1], noise, mine, scale, least)
    result[:, rows, columns] = np.maximum(above, 0.0) * weight
    return _calmed(_healed(result, corridor, mine), _typical(noise)) if retouched else result


def _completed(
    stacks: Stacks,
    corridor: Corridor,
    above: Float64Array,
    mine: BoolArray,
    joint_px: Float64Array,
) -> BoolArray:
    """Fill `above` from the sum of all frames where the brightest frame alone tells too little.

    At a change of frames each of the two holds a part of the light, and on a changing sky the
    trail's skirts lie below another frame's sky. The sum over all frames has them whole. Its median
    over a short strip along the path is taken, never more than the trail's own profile allows, so
    that no star that trails through counts; nothing is filled where no frame was exposed. Return
    which pixels were filled.
    """
    rows, columns = corridor.rows, corridor.columns
    sums = stacks.ground[:, rows, columns].astype(np.float64) * stacks.frame_count
    level, noise = _flanks(corridor, sums, mine, 2.0 if stacks.resolution == "full" else 1.0)
    sums -= level
    filled = np.zeros(len(rows), dtype=np.bool_)
    near = joint_px < _JOINT_PX
    strips = [
        strip
        for piece in _pieces(corridor)
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


def _healed(light: Float32Array, corridor: Corridor, mine: BoolArray) -> Float32Array:
    """Return the trail with single pixels that another frame outshone taken from beside them.

    A star that was brighter there at another time hides the station's share of such a pixel. Only
    what is enclosed by the trail is filled, with the mean of its neighbours; no gap in time is.
    """
    known = np.zeros(light.shape[1:], dtype=np.float32)
    known[corridor.rows[mine], corridor.columns[mine]] = 1.0
    hidden = np.zeros(known.shape, dtype=np.bool_)
    hidden[corridor.rows[~mine], corridor.columns[~mine]] = True
    for _ in range(2):
        count = _neighbours(known)
        fill = hidden & (known == 0.0) & (count >= 5.0)
        if not fill.any():
            break
        for plane in light:
            plane[fill] = (_neighbours(plane * known) / np.maximum(count, 1.0))[fill]
        known[fill] = 1.0
    return light


def _typical(noise: Float64Array) -> float:
    known = noise[np.isfinite(noise)]
    return float(np.median(known)) if len(known) else 0.0


def _calmed(light: Float32Array, noise_adu: float) -> Float32Array:
    """Return the trail with its skirts smoothed over three pixels, its core as it is."""
    nearby = light[1]
    for _ in range(2):
        nearby = _largest(nearby)
    faint = light[1] < np.maximum(np.float32(0.3) * nearby, np.float32(_FAINT_SIGMAS * noise_adu))
    faint &= _neighbours(light[1]) > 0.0
    for plane in light:
        mean = (_neighbours(plane) + plane) / np.float32(9.0)
        plane[faint] = mean[faint]
    return light


def _neighbours(plane: Float32Array) -> Float32Array:
    """Return the sum of the eight neighbours of each pixel."""
    padded = np.pad(plane, 1)
    height, width = plane.shape
    total = np.zeros_like(plane)
    for dy in range(3):
        for dx in range(3):
            if (dy, dx) != (1, 1):
                total += padded[dy : dy + height, dx : dx + width]
    return total


def _largest(plane: Float32Array) -> Float32Array:
    """Return the largest of each pixel and its four neighbours."""
    padded = np.pad(plane, 1)
    sides = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    result = plane
    for side in sides:
        result = np.maximum(result, side)
    return np.asarray(result, dtype=np.float32)


def _pieces(corridor: Corridor) -> list[NDArray[np.int64]]:
    """Return the corridor's pixels in pieces of equal length along the path."""
    order = np.argsort(corridor.seconds, kind="stable")
    length = np.cumsum(
        np.concatenate(([0.0], np.diff(corridor.seconds[order]))) * corridor.rate_px_per_s[order]
    )
    number = np.floor(length / _PIECE_PX).astype(int)
    cuts = np.flatnonzero(np.diff(number)) + 1
    return np.split(order, cuts)


def _flanks(
    corridor: Corridor, excess: Float64Array, mine: BoolArray, scale: float
) -> tuple[Float64Array, Float64Array]:
    """Return level (3, n) and noise (n,) of the sky beside the path, at each pixel."""
    del mine
    flank = np.abs(corridor.across_px) > _FLANK_PX * scale
    level = np.zeros_like(excess)
    noise = np.full(excess.shape[1], np.inf)
    for piece in _pieces(corridor):
        sides = piece[flank[piece]]
        if len(sides) < 12:
            continue
        middle = np.median(excess[:, sides], axis=1)
        level[:, piece] = middle[:, np.newaxis]
        deviation = np.abs(excess[1, sides] - middle[1])
        noise[piece] = max(1.4826 * float(np.median(deviation)), 1e-3)
    return level, noise


def _core_weight(
    corridor: Corridor,
    above: Float64Array,
    noise: Float64Array,
    mine: BoolArray,
    scale: float,
    least: float,
) -> Float64Array:
    """Return how much each pixel belongs to the trail, 0 to 1.

    Across the path the light falls off from a centre; where the mean of a strip beside it sinks
    into the noise the trail ends. Along the path the whole strip is weighed by what its core shows.
    """
    weight = np.zeros(len(above))
    strips = np.rint(corridor.across_px / scale).astype(int)
    for piece in _pieces(corridor):
        inside = piece[mine[piece]]
        if not len(inside):
            continue
        for strip in np.unique(strips[inside]).tolist():
            members = inside[strips[inside] == strip]
            strength = float(np.mean(above[members])) / float(noise[members[0]])
            strength *= np.sqrt(min(len(members), 12)) / 2.0
            weight[members] = np.clip((strength - least) / 2.5, 0.0, 1.0)
    edge = np.abs(corridor.across_px) / (_HALF_WIDTH_PX * scale)
    return np.asarray(weight * np.clip((1.0 - edge) * 4.0, 0.0, 1.0))
