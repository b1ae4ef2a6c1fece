"""The dead time between sub-exposures, from the trail alone: light that is missing at the joints.

While no frame is exposed the station moves on unseen. The sum of all frames along its path lacks
there just what it gives in so many seconds, however wide the image of a point is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.optics.lens import Lens
from issgaze.orbit.tracks import Track
from issgaze.stacking.corridor import Corridor, find_corridor
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.trailtimes import frame_times

_HALF_WIDTH_PX = 12.0
_CORE_PX = 4.0
_FLANK_PX = 7.0
# about a joint: where light may be missing, and how far the light beside it is looked at
_NEAR_PX, _BESIDE_PX = 5.0, 14.0
_STEP_PX = 1.0
# a change of more than this share across the joint is a cloud or the shadow
_STEADY = 0.4
_SATURATED = 0.85
_LEAST_JOINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailDeadTime:
    """What the trail says of the dead time.

    Attributes:
        seconds: Median over the joints.
        sigma_s: Standard error of that, from their scatter.
        joints: How many could be measured.
    """

    seconds: float
    sigma_s: float
    joints: int


def dead_time_of_trail(
    stacks: Stacks, lens: Lens, track: Track, *, ahead_s: float
) -> TrailDeadTime | None:
    """Return the dead time between sub-exposures by the trail, None where it is too faint or short.

    Args:
        stacks: The stacks of the pass.
        lens: In raw mosaic pixels.
        track: The predicted path; its seconds count from the first frame.
        ahead_s: How far the station is ahead of it.
    """
    if stacks.frame_count < 2:
        return None
    scale = 2.0 if stacks.resolution == "full" else 1.0
    shape = stacks.peak_frame.shape
    corridor = find_corridor(lens, track, shape, stacks.resolution, _HALF_WIDTH_PX * scale)
    excess = (stacks.ground[1, corridor.rows, corridor.columns]).astype(np.float64)
    excess *= stacks.frame_count
    # where a frame is saturated two halves hold more than one whole
    top = stacks.peak[1, corridor.rows, corridor.columns]
    excess[top > _SATURATED * stacks.saturation_adu] = np.nan
    begin, end = frame_times(stacks)
    when = corridor.seconds - ahead_s
    found = [
        value
        for close, open_ in zip(end[:-1], begin[1:], strict=True)
        if (value := _missing_s(corridor, when, excess, (float(close), float(open_)), scale))
        is not None
    ]
    return _summary(found)


def _missing_s(
    corridor: Corridor,
    when: Float64Array,
    excess: Float64Array,
    joint: tuple[float, float],
    scale: float,
) -> float | None:
    """Return the seconds of light that are missing about one joint."""
    instant = 0.5 * (joint[0] + joint[1])
    near = np.abs(when - instant) < 0.5 * (joint[1] - joint[0]) + 60.0
    if not near.any():
        return None
    rate = corridor.rate_px_per_s
    place = (when - instant) * rate
    reach = 0.5 * (joint[1] - joint[0]) * float(np.median(rate[near])) + _NEAR_PX * scale
    far = reach + _BESIDE_PX * scale
    here = near & (np.abs(place) < far)
    across = np.abs(corridor.across_px)
    core, flank = here & (across <= _CORE_PX * scale), here & (across >= _FLANK_PX * scale)
    if core.sum() < 40 or flank.sum() < 40 or np.isnan(excess[core | flank]).any():
        return None
    edges = np.linspace(-far, far, round(2.0 * far / (_STEP_PX * scale)) + 1)
    profile, counts = (
        np.histogram(place[core], bins=edges, weights=weights)[0]
        for weights in (excess[core] - np.median(excess[flank]), np.ones(int(core.sum())))
    )
    if (counts == 0).any():
        return None
    # one value for the width of the core, whatever number of pixels falls into a step
    light = profile / counts
    middle = 0.5 * (edges[1:] + edges[:-1])
    beside = np.abs(middle) > reach
    before, after = (np.median(light[beside & (middle * side > 0)]) for side in (-1.0, 1.0))
    noise = 1.4826 * float(np.median(np.abs(np.diff(light[beside]))))
    level = 0.5 * (before + after)
    if level < 6.0 * noise or abs(before - after) > _STEADY * level:
        return None
    # the line through both sides, so that a slope of the light is no loss
    line = before + (after - before) * (middle / (2.0 * far) + 0.5)
    lost_px = float(np.sum(1.0 - light[~beside] / line[~beside])) * float(edges[1] - edges[0])
    return lost_px / float(np.median(rate[here]))


def _summary(found: Sequence[float]) -> TrailDeadTime | None:
    if len(found) < _LEAST_JOINTS:
        return None
    values = np.array(found)
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    # of a median, 1.25 times that of a mean
    sigma = 1.25 * spread / float(np.sqrt(len(values)))
    return TrailDeadTime(seconds=middle, sigma_s=sigma, joints=len(values))
