"""Is it the station? The measured trail held against the prediction.

Each pixel of the corridor knows, by `peak_frame`, in which frame it was brightest. Where the label
changes from one frame to the next, the station stood when the shutter did: that is its along-track
error, measured once for each change of frames. The light across the path gives the cross-track
error.
"""

from dataclasses import dataclass, replace

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.optics.lens import Lens
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Pass
from issgaze.orbit.tracks import Track
from issgaze.sky.site import Site
from issgaze.stacking.corridor import Corridor, find_corridor
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.traillight import (
    CORE_PX,
    LEAST_PIXELS,
    above_flanks,
    core_offset,
    cross_track,
)
from issgaze.stacking.trailtimes import (
    agrees,
    boundaries,
    coarse_shift,
    frame_times,
    line_through,
    pass_track,
    row_delay_s,
)

CROSS_TRACK_LIMIT_ARCMIN = 6.0
# a craft that flies ahead of the station on its orbit is told from it only by time
TELLING_WINDOW_S = 55.0
_HALF_WIDTH_PX = 14.0
_DETECTION_SIGMAS = 5.0
_LEAST_AGREEMENT = 0.75
_LEAST_LIGHT = 0.5
_LARGEST_SIGMA_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFit:
    """What the fit found; numbers are None where they could not be measured.

    Attributes:
        accepted: True when the trail is proved to be the station's.
        reason: One sentence for people, whichever way it went.
        cross_track_arcmin: Distance of the trail from the predicted path, positive to the right of
            the direction of motion as the picture shows it.
        along_track_s: How far the station is ahead of prediction, in seconds.
        along_track_sigma_s: Standard error of that.
        speed_ratio: Measured over predicted speed along the path.
        boundaries: Changes of frame, and ends of the trail, that were measured.
        detected_fraction: Part of the lit path in the picture on which a trail was found.
        agreement: Part of the trail's pixels whose frame is the one that the fit foretells.
        cross_track_limit_arcmin, along_track_limit_s: What was allowed.
        residuals_s: Along-track residuals of the boundaries about the fit.
        residual_utc_s: Their instants in seconds after the first frame.
        drawable: True for a trail on the path that only an unbounded clock keeps from being proved.
    """

    accepted: bool
    reason: str
    cross_track_arcmin: float | None = None
    along_track_s: float | None = None
    along_track_sigma_s: float | None = None
    speed_ratio: float | None = None
    boundaries: int = 0
    detected_fraction: float | None = None
    agreement: float | None = None
    cross_track_limit_arcmin: float | None = None
    along_track_limit_s: float | None = None
    residuals_s: tuple[float, ...] = ()
    residual_utc_s: tuple[float, ...] = ()
    drawable: bool = False


def not_proved(reason: str) -> TrailFit:
    """Return the answer where nothing could be fitted."""
    return TrailFit(accepted=False, reason=reason)


def fit_trail(
    stacks: Stacks,
    lens: Lens | None,
    elements: ElementSet | None,
    site: Site | None,
    iss_pass: Pass | None = None,
    *,
    timing_window_s: float,
    clock_error_s: float | None,
    lens_residual_px: float | None = None,
    row_time_s: float = 0.0,
) -> TrailFit:
    """Return how well the trail in the stacks agrees with the prediction.

    Args:
        stacks: The stacks of the pass.
        lens: In raw mosaic pixels, None if unknown.
        elements: The station's elements, None if unknown.
        site: Where the camera stands, None if unknown.
        iss_pass: Not needed; its timing uncertainty widens the window where it is larger.
        timing_window_s: Along-track error to expect of the elements.
        clock_error_s: Bound on the camera's clock, None if nothing bounds it.
        lens_residual_px: Median residual of the plate solution in raw pixels.
        row_time_s: Seconds per row of the raw mosaic.
    """
    if lens is None:
        return not_proved("The lens is not known, so the path on the picture is not either.")
    if elements is None or site is None:
        missing = "element set" if elements is None else "site"
        return not_proved(f"No {missing} was given, so there is no prediction to hold it against.")
    if not stacks.frame_start_utc:
        return not_proved("The frames carry no times.")
    if iss_pass is not None:
        timing_window_s = max(timing_window_s, iss_pass.timing_uncertainty_s)
    track = pass_track(stacks, elements, site)
    shape = stacks.peak_frame.shape
    corridor = find_corridor(lens, track, shape, stacks.resolution, _HALF_WIDTH_PX)
    if not len(corridor.rows):
        return not_proved("The predicted path lies outside the picture.")
    limit_s = timing_window_s + (clock_error_s or 0.0)
    fit = _measured(stacks, corridor, track, row_time_s, limit_s)
    if fit is None:
        return not_proved(
            "No trail stands out along the predicted path: cloud, haze or a sky too bright."
        )
    fit = _in_arcmin(fit, lens, stacks, lens_residual_px)
    return _judged(fit, timing_window_s, clock_error_s)


def _measured(
    stacks: Stacks, corridor: Corridor, track: Track, row_time_s: float, limit_s: float
) -> TrailFit | None:
    excess, sigma = above_flanks(stacks, corridor)
    label = stacks.peak_frame[corridor.rows, corridor.columns].astype(np.int32)
    core = (np.abs(corridor.across_px) <= 4.0 * CORE_PX) & (label < stacks.frame_count)
    bright = core & (excess > _DETECTION_SIGMAS * sigma)
    if bright.sum() < LEAST_PIXELS:
        return None
    begin, end = frame_times(stacks)
    delay = row_delay_s(corridor.rows, stacks, row_time_s)
    seconds = corridor.seconds - delay
    shift, play_s = coarse_shift(seconds[bright], label[bright], begin, end, limit_s)
    timely = agrees(seconds, label, begin, end, shift, tolerance_s=1.5)
    used = bright & timely
    # a trail may run a few pixels beside its path: look for its core, then measure along that
    offset = core_offset(corridor, excess, used)
    if offset is None:
        return None
    near = used & (np.abs(corridor.across_px - offset) <= CORE_PX)
    if near.sum() < LEAST_PIXELS:
        return None
    cross_px = cross_track(corridor, excess, timely & core, offset)
    edges = boundaries(seconds, label, near, begin, end, shift, corridor.rate_px_per_s)
    along, along_sigma, ratio, residuals = line_through(edges, shift, play_s)
    return TrailFit(
        accepted=False,
        reason="",
        cross_track_arcmin=cross_px,
        along_track_s=along,
        along_track_sigma_s=along_sigma,
        speed_ratio=ratio,
        boundaries=len(edges),
        detected_fraction=_detected_fraction(corridor, near, track, seconds, begin, end),
        agreement=float(timely[bright & (np.abs(corridor.across_px - offset) <= CORE_PX)].mean()),
        along_track_limit_s=limit_s,
        residuals_s=tuple(round(value, 4) for value in residuals),
        residual_utc_s=tuple(round(float(when), 3) for when, _, _ in edges),
    )


def _detected_fraction(
    corridor: Corridor,
    near: BoolArray,
    track: Track,
    seconds: Float64Array,
    begin: Float64Array,
    end: Float64Array,
) -> float:
    """Return the part of the lit path, seen while a frame was exposed, that shows the trail."""
    core = np.abs(corridor.across_px) <= CORE_PX
    exposed = (seconds >= begin[0]) & (seconds <= end[-1])
    light = np.interp(corridor.seconds, track.seconds, track.light)
    wanted = core & exposed & (light >= _LEAST_LIGHT)
    if not wanted.any():
        return 0.0
    bins = np.unique(np.floor(seconds[wanted]))
    found = np.unique(np.floor(seconds[near]))
    return float(len(np.intersect1d(bins, found)) / len(bins))


def _in_arcmin(
    fit: TrailFit, lens: Lens, stacks: Stacks, lens_residual_px: float | None
) -> TrailFit:
    arcmin = float(np.degrees(1.0 / lens.focal_px)) * 60.0
    pixel = arcmin * (2.0 if stacks.resolution == "half" else 1.0)
    limit = max(CROSS_TRACK_LIMIT_ARCMIN, 3.0 * (lens_residual_px or 0.0) * arcmin)
    assert fit.cross_track_arcmin is not None
    return replace(
        fit,
        cross_track_arcmin=fit.cross_track_arcmin * pixel,
        cross_track_limit_arcmin=limit,
    )


def _judged(fit: TrailFit, timing_window_s: float, clock_error_s: float | None) -> TrailFit:
    along, cross = fit.along_track_s, fit.cross_track_arcmin
    limit_s, limit_arcmin = fit.along_track_limit_s, fit.cross_track_limit_arcmin
    assert along is not None
    assert cross is not None
    assert limit_s is not None
    assert limit_arcmin is not None
    if (fit.agreement or 0.0) < _LEAST_AGREEMENT:
        return replace(
            fit,
            reason="The light along the path does not move as the station does: only "
            f"{100.0 * (fit.agreement or 0.0):.0f} % of it fits one set of times.",
        )
    if clock_error_s is None:
        return replace(
            fit,
            drawable=abs(cross) <= limit_arcmin,
            reason="Nothing bounds the error of the clock, so the times prove nothing.",
        )
    side = "ahead of" if along > 0 else "behind"
    sigma = fit.along_track_sigma_s or 0.0
    if sigma > max(_LARGEST_SIGMA_S, limit_s / 3.0):
        return replace(
            fit,
            reason=f"Where the trail begins and ends cannot be seen, so its time is only known to "
            f"{sigma:.1f} s.",
        )
    if abs(along) > limit_s + 3.0 * sigma:
        return replace(
            fit,
            reason=f"A trail runs {abs(along):.1f} s {side} the prediction, "
            f"{limit_s:.1f} s are allowed: another craft, or a wrong clock.",
        )
    if abs(cross) > limit_arcmin:
        return replace(
            fit,
            reason=f"The trail runs {abs(cross):.1f}′ beside the predicted path, "
            f"{limit_arcmin:.1f}′ are allowed.",
        )
    reason = (
        f"The trail lies {abs(cross):.1f}′ beside the predicted path and {abs(along):.2f} s "
        f"{side} the prediction, {limit_s:.1f} s were allowed."
    )
    if timing_window_s + clock_error_s >= TELLING_WINDOW_S:
        reason += (
            " With so wide a window a craft that flies just ahead of the station cannot be told"
            " from it."
        )
    return replace(fit, accepted=True, reason=reason)
