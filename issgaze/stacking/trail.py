"""Cutting the station out of the stacks: its light alone, above the local sky."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.optics.lens import Lens
from issgaze.orbit.elements import ElementSet
from issgaze.sky.site import Site
from issgaze.stacking.corridor import Corridor, corridor_along, find_corridor
from issgaze.stacking.stacks import NO_FRAME, Stacks
from issgaze.stacking.streakfinder import Streak, find_streak
from issgaze.stacking.trailfit import TrailFit
from issgaze.stacking.trailpixels import TrailPixels
from issgaze.stacking.trailretouch import completed, smoothed
from issgaze.stacking.trailsides import belonging, sky_beside
from issgaze.stacking.trailtimes import frame_times, pass_track, row_delay_s

# of the corridor around the fitted path, in grid pixels of half resolution; full has twice that
_HALF_WIDTH_PX = 16.0
# how far beyond its own exposure a frame may still give light to a pixel: the width of the image
_BLUR_PX = 3.0
# of a strip beside the path from which on it is trail
_PROVED_SIGMAS, _UNPROVED_SIGMAS = 1.5, 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTrail:
    """A streak found without a prediction.

    Attributes:
        light: Above the local sky.
        points_px: Ends of its pieces on the grid, shape (n, 2) as x, y.
        length_px: Along the pieces.
        frames: Numbers of the frames that show it.
        reason: Why it is not proved to be the station's.
    """

    light: TrailPixels
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
) -> TrailPixels:
    """Return the station alone above the local sky.

    Only pixels count whose brightest frame is the one exposed while the station was there. With an
    accepted fit its shift is used, without one the whole timing window is allowed.

    Measured light alone, unless `retouched`: then pixels that a star outshone, the halves at a
    change of frames and the faint skirts are completed from the sum of all frames and from their
    neighbours. That is for the picture to look at; no time without exposure is filled either way.
    """
    shape = stacks.peak_frame.shape
    if fit is not None and not (fit.accepted or fit.drawable):
        # nothing runs there, or something else does: nothing of it enters the picture
        return TrailPixels.nothing(shape)
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
    parts: list[TrailPixels] = []
    for begin, end, frame in streak.pieces:
        points = np.array([begin, end])
        corridor = corridor_along(points, np.array([0.0, 1.0]), shape, _HALF_WIDTH_PX * scale)
        mine = stacks.peak_frame[corridor.rows, corridor.columns] == frame
        parts.append(_light(stacks, corridor, mine, scale))
    return FoundTrail(
        light=TrailPixels.brightest(shape, parts),
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
) -> TrailPixels:
    """Return what the pixels of the trail hold above the sky beside them."""
    rows, columns, shape = corridor.rows, corridor.columns, stacks.peak_frame.shape
    if not len(rows) or not mine.any():
        return TrailPixels.nothing(shape)
    # the mean holds a share of the trail itself: 1/N of it, given back here
    gain = stacks.frame_count / max(stacks.frame_count - 1, 1)
    excess = stacks.peak[:, rows, columns].astype(np.float64)
    if stacks.frame_count < 2:
        gain = 1.0
    else:
        excess -= stacks.ground[:, rows, columns]
    half_width_px = _HALF_WIDTH_PX * scale
    level, noise = sky_beside(corridor, excess, half_width_px)
    above = np.where(mine, (excess - level) * gain, 0.0)
    if retouched and joint_px is not None and stacks.frame_count > 1:
        mine = mine | completed(stacks, corridor, above, mine, joint_px, half_width_px)
    # without proof only what clearly stands out is shown
    least = _UNPROVED_SIGMAS if joint_px is None else _PROVED_SIGMAS
    weight = belonging(corridor, above[1] / noise, mine, least, half_width_px)
    light = (np.maximum(above, 0.0) * weight).astype(np.float32)
    if retouched:
        light = smoothed(light, corridor, shape, mine, noise)
    return TrailPixels.of_any(shape, rows, columns, light)
