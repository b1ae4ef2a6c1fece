"""When the station was where: its path, the times of the frames, and their changes along it."""

from dataclasses import replace

import numpy as np

from issgaze.arrays import BoolArray, Float64Array, Int32Array
from issgaze.civil import seconds_between
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.tracks import Track, compute_track
from issgaze.sky.site import Site
from issgaze.stacking.stacks import Stacks

_SEARCH_S = 90.0
_TRACK_STEP_S = 1.0


def pass_track(
    stacks: Stacks, elements: ElementSet, site: Site, *, margin_s: float = _SEARCH_S
) -> Track:
    """Return the path from before the first frame to after the last, once a second.

    Seconds count from the start of the first frame.
    """
    start = stacks.frame_start_utc[0]
    length = seconds_between(start, stacks.frame_start_utc[-1]) + stacks.exposure_s[-1]
    seconds = np.arange(-margin_s, length + margin_s + _TRACK_STEP_S, _TRACK_STEP_S)
    track = compute_track(elements, site, start, seconds)
    above = track.altitude_deg > 0.0
    return replace(
        track,
        **{
            name: getattr(track, name)[above]
            for name in ("seconds", "altitude_deg", "azimuth_deg", "range_km", "light", "magnitude")
        },
    )


def frame_times(stacks: Stacks) -> tuple[Float64Array, Float64Array]:
    """Return begin and end of each frame's first row, in seconds after the first frame's start."""
    first = stacks.frame_start_utc[0]
    begin = np.array([seconds_between(first, start) for start in stacks.frame_start_utc])
    return begin, begin + np.array(stacks.exposure_s)


def row_delay_s(rows: Int32Array | Float64Array, stacks: Stacks, row_time_s: float) -> Float64Array:
    """Return how much later a grid row is exposed than the row read first, in seconds."""
    step = row_time_s * (2.0 if stacks.resolution == "half" else 1.0)
    height = stacks.peak_frame.shape[0]
    place = np.asarray(rows, dtype=np.float64)
    return place * step if step >= 0.0 else (height - 1.0 - place) * -step


def coarse_shift(
    seconds: Float64Array,
    label: Int32Array,
    begin: Float64Array,
    end: Float64Array,
    limit_s: float,
) -> tuple[float, float]:
    """Return the shift under which most pixels carry the label of their instant, and its play.

    Both in seconds; the play is half the range of shifts that do as well.
    """
    reach = max(_SEARCH_S, limit_s + 10.0)
    step = 0.1
    count = int(2 * reach / step) + 1
    votes = np.zeros(count + 1)
    low = (seconds - end[label] + reach) / step
    high = (seconds - begin[label] + reach) / step
    first = np.clip(np.ceil(low), 0, count).astype(int)
    last = np.clip(np.floor(high) + 1, 0, count).astype(int)
    valid = last > first
    np.add.at(votes, first[valid], 1.0)
    np.add.at(votes, last[valid], -1.0)
    total = np.cumsum(votes)[:count]
    best = np.flatnonzero(total >= total.max() - 0.5)
    return float(np.median(best)) * step - reach, 0.5 * step * len(best)


def agrees(
    seconds: Float64Array,
    label: Int32Array,
    begin: Float64Array,
    end: Float64Array,
    shift: float,
    *,
    tolerance_s: float,
) -> BoolArray:
    """Return which pixels carry the frame in which a shifted station passed them, give or take."""
    number = np.minimum(label, len(begin) - 1)
    when = seconds - shift
    return np.asarray(
        (label < len(begin))
        & (when >= begin[number] - tolerance_s)
        & (when <= end[number] + tolerance_s)
    )


def boundaries(
    seconds: Float64Array,
    label: Int32Array,
    near: BoolArray,
    begin: Float64Array,
    end: Float64Array,
    shift: float,
    rate: Float64Array,
) -> list[tuple[float, float, float]]:
    """Return (instant, place in predicted seconds, standard error) of each change of frame."""
    edges: list[tuple[float, float, float]] = []
    for frame in range(len(begin) - 1):
        instant = 0.5 * (end[frame] + begin[frame + 1])
        window = near & (np.abs(seconds - shift - instant) < 4.0)
        first = np.sort(seconds[window & (label == frame)])
        second = np.sort(seconds[window & (label == frame + 1)])
        if len(first) < 6 or len(second) < 6:
            continue
        gap = begin[frame + 1] - end[frame]
        if gap > 1.0:
            continue
        place = _split(first, second)
        pixel_s = 1.0 / float(np.median(rate[window]))
        edges.append((float(instant), place, 0.3 * pixel_s + 0.02))
    return edges


def _split(first: Float64Array, second: Float64Array) -> float:
    """Return the value that parts two samples with the fewest on the wrong side."""
    values = np.concatenate((first, second))
    kind = np.concatenate((np.ones(len(first)), -np.ones(len(second))))
    order = np.argsort(values, kind="stable")
    values, kind = values[order], kind[order]
    # a run of the sum at its top marks the gap between the two
    score = np.cumsum(kind)
    top = np.flatnonzero(score == score.max())
    places = 0.5 * (values[top] + values[np.minimum(top + 1, len(values) - 1)])
    return float(np.mean(places))


def line_through(
    edges: list[tuple[float, float, float]], shift: float, play_s: float
) -> tuple[float, float | None, float | None, list[float]]:
    """Return shift, its error, the speed ratio and residuals from the boundaries."""
    if not edges:
        return shift, play_s, None, []
    instants = np.array([edge[0] for edge in edges])
    places = np.array([edge[1] for edge in edges])
    errors = np.array([edge[2] for edge in edges])
    late = places - instants
    keep = np.abs(late - np.median(late)) <= max(0.5, 4.0 * float(np.median(errors)))
    if not keep.any():
        # two changes of frames that contradict each other
        return shift, float(np.ptp(late)), None, [float(v) for v in late - shift]
    if keep.sum() < 3 or np.ptp(instants[keep]) < 10.0:
        mean = float(np.mean(late[keep]))
        error = float(np.mean(errors[keep]) / np.sqrt(keep.sum()))
        return mean, error, None, [float(v) for v in late - mean]
    centre = float(np.mean(instants[keep]))
    slope, base = np.polyfit(instants[keep] - centre, late[keep], 1)
    residuals = late - (base + slope * (instants - centre))
    scatter = float(np.std(residuals[keep])) if keep.sum() > 2 else 0.0
    error = max(scatter, 0.5 * float(np.mean(errors))) / float(np.sqrt(keep.sum()))
    return float(base), error, float(1.0 + slope), [float(v) for v in residuals]
