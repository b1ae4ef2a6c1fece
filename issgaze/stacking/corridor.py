"""Where the station must be: the pixels along its predicted path, each with its instant."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float64Array, Int32Array
from issgaze.optics.lens import Lens
from issgaze.orbit.tracks import Track
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.stacking.stacks import Resolution

# Samples along the path lie this close, in grid pixels; between them it is taken as straight.
_STEP_PX = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """The pixels beside a path; every array has shape (n,).

    Attributes:
        rows, columns: Of each pixel on the stacks' grid.
        seconds: When the path comes nearest, on the track's own seconds.
        across_px: Signed distance from the path in grid pixels, positive to its right as it moves
            on the picture (y runs down).
        rate_px_per_s: Speed of the path there, in grid pixels.
    """

    rows: Int32Array
    columns: Int32Array
    seconds: Float64Array
    across_px: Float64Array
    rate_px_per_s: Float64Array


def grid_lens_pixels(raw_px: Float64Array, resolution: Resolution) -> Float64Array:
    """Return pixels of the stacks' grid from raw mosaic pixels, shape (..., 2)."""
    return raw_px if resolution == "full" else (raw_px - 0.5) / 2.0


def raw_pixels(grid_px: Float64Array, resolution: Resolution) -> Float64Array:
    """Return raw mosaic pixels from pixels of the stacks' grid, shape (..., 2)."""
    return grid_px if resolution == "full" else 2.0 * grid_px + 0.5


def track_pixels(lens: Lens, track: Track, resolution: Resolution) -> Float64Array:
    """Return the path on the stacks' grid, shape (n, 2) as x, y, nan where the lens sees none."""
    directions = enu_from_altaz(track.altitude_deg, track.azimuth_deg)
    return grid_lens_pixels(lens.to_pixels(directions), resolution)


def corridor_mask(
    lens: Lens,
    track: Track,
    stacks_shape: tuple[int, int],
    resolution: Resolution,
    half_width_px: float,
) -> BoolArray:
    """Return which pixels lie within `half_width_px` grid pixels of the path, shape (h, w)."""
    mask = np.zeros(stacks_shape, dtype=np.bool_)
    corridor = find_corridor(lens, track, stacks_shape, resolution, half_width_px)
    mask[corridor.rows, corridor.columns] = True
    return mask


def find_corridor(
    lens: Lens,
    track: Track,
    stacks_shape: tuple[int, int],
    resolution: Resolution,
    half_width_px: float,
) -> Corridor:
    """Return the pixels within `half_width_px` grid pixels of the path.

    The track must be sampled finely enough to be straight between its samples: a second apart does.
    """
    return corridor_along(
        track_pixels(lens, track, resolution), track.seconds, stacks_shape, half_width_px
    )


def corridor_along(
    points: Float64Array,
    seconds: Float64Array,
    shape: tuple[int, int],
    half_width_px: float,
) -> Corridor:
    """Return the pixels near a polyline of points (n, 2) reached at `seconds` (n,)."""
    fine, when = _resampled(points, seconds, shape, half_width_px)
    reach = int(np.ceil(half_width_px + _STEP_PX))
    best = np.full(shape, np.inf, dtype=np.float32)
    nearest = np.full(shape, -1, dtype=np.int32)
    for number, (x, y) in enumerate(fine.tolist()):
        top, left = max(round(y) - reach, 0), max(round(x) - reach, 0)
        window = (slice(top, round(y) + reach + 1), slice(left, round(x) + reach + 1))
        there = best[window]
        if round(y) + reach < 0 or round(x) + reach < 0 or not there.size:
            continue
        down = np.arange(top, top + there.shape[0], dtype=np.float32) - np.float32(y)
        across = np.arange(left, left + there.shape[1], dtype=np.float32) - np.float32(x)
        distance = (down * down)[:, np.newaxis] + (across * across)[np.newaxis, :]
        nearer = distance < there
        there[nearer] = distance[nearer]
        nearest[window][nearer] = number
    return _projected(fine, when, nearest, half_width_px)


def _resampled(
    points: Float64Array, seconds: Float64Array, shape: tuple[int, int], margin_px: float
) -> tuple[Float64Array, Float64Array]:
    """Return points at most a step apart, and their instants; only what comes near the picture."""
    pieces: list[Float64Array] = []
    times: list[Float64Array] = []
    limit = np.array([shape[1] + margin_px, shape[0] + margin_px])
    for begin, end, t0, t1 in zip(points, points[1:], seconds, seconds[1:], strict=False):
        ends = np.stack((begin, end))
        if not np.isfinite(ends).all() or (ends.max(axis=0) < -margin_px).any():
            continue
        if (ends.min(axis=0) > limit).any():
            continue
        count = int(np.ceil(float(np.hypot(*(end - begin))) / _STEP_PX)) + 1
        share = (np.arange(count) / count)[:, np.newaxis]
        pieces.append(begin + share * (end - begin))
        times.append(t0 + share[:, 0] * (t1 - t0))
    if not pieces:
        return np.zeros((0, 2)), np.zeros(0)
    return np.concatenate(pieces), np.concatenate(times)


def _projected(
    fine: Float64Array, when: Float64Array, nearest: Int32Array, half_width_px: float
) -> Corridor:
    rows, columns = np.nonzero(nearest >= 0)
    which = nearest[rows, columns]
    if len(fine) < 2:
        rows, columns, which = rows[:0], columns[:0], which[:0]
        velocity = np.zeros((0, 2))
    else:
        # a sample to each side: a step may join two pieces of the track
        low = np.maximum(which - 1, 0)
        high = np.minimum(which + 1, len(fine) - 1)
        span = np.maximum(when[high] - when[low], 1e-9)
        velocity = (fine[high] - fine[low]) / span[:, np.newaxis]
    rate = np.maximum(np.hypot(velocity[:, 0], velocity[:, 1]), 1e-9)
    unit = velocity / rate[:, np.newaxis]
    away = np.stack((columns, rows), axis=-1) - fine[which]
    along = np.sum(away * unit, axis=-1)
    across = unit[:, 0] * away[:, 1] - unit[:, 1] * away[:, 0]
    keep = (np.abs(across) <= half_width_px) & (np.abs(along) <= 1.2 * _STEP_PX)
    return Corridor(
        rows=rows[keep].astype(np.int32),
        columns=columns[keep].astype(np.int32),
        seconds=(when[which] + along / rate)[keep],
        across_px=across[keep],
        rate_px_per_s=rate[keep],
    )
