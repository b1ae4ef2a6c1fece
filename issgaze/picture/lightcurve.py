"""How bright the trail is along its path, held against the magnitude law and the shadow's edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.civil import later, seconds_between
from issgaze.optics.lens import Lens
from issgaze.orbit.passes import Fade
from issgaze.orbit.tracks import Track
from issgaze.stacking.corridor import find_corridor, track_pixels
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.trailpixels import TrailPixels
from issgaze.stacking.trailtimes import frame_times

_BIN_S = 1.0
_FINE_S = 0.25
_HALF_WIDTH_PX = 7.0
# at a change of frames each of the two holds a part of the light
_JOINT_S = 0.6
# above the sky; the sky itself takes a part as well
_SATURATED = 0.8
# of full sunlight, the light from which the law is checked
_FULL = 0.99
_LEAST_SAMPLES = 8
_BEFORE_FADE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LightSample:
    """The station in one second of its path.

    Attributes:
        utc: Middle of that second.
        altitude_deg: Apparent.
        x_px, y_px: In the raw mosaic.
        magnitude: Measured on the stars' own zero point.
        predicted_magnitude: Of the law, with phase, range, extinction and shadow.
        light: Predicted part of full sunlight, 0 to 1.
        saturated: True where a pixel of the trail was near saturation, so that light is lost.
    """

    utc: datetime
    altitude_deg: float
    x_px: float
    y_px: float
    magnitude: float
    predicted_magnitude: float
    light: float
    saturated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFade:
    """Where the trail loses or gains half of its light.

    Attributes:
        direction: "in" to the shadow or "out" of it.
        predicted_utc, measured_utc: Of half light; None when it could not be measured.
        late_s: Measured less predicted.
        x_px, y_px: Of the predicted half light in the raw mosaic.
        away_px: From there to the measured one along the path, in raw pixels.
    """

    direction: str
    predicted_utc: datetime
    measured_utc: datetime | None
    late_s: float | None
    x_px: float
    y_px: float
    away_px: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LightCurve:
    """The whole curve.

    Attributes:
        samples: In order of time.
        offset_mag: Median of measured less predicted magnitude in full sunlight; the stars' zero
            point already holds a mean extinction, which makes it negative by some tenths.
        scatter_mag: Of single samples about that.
        fades: Into and out of the shadow, inside the exposed time.
    """

    samples: tuple[LightSample, ...]
    offset_mag: float | None
    scatter_mag: float | None
    fades: tuple[MeasuredFade, ...]


def measure_light_curve(
    stacks: Stacks,
    trail: TrailPixels,
    lens: Lens,
    track: Track,
    *,
    ahead_s: float,
    zero_point_mag: float,
    fades: Sequence[Fade] = (),
    sky: BoolArray | None = None,
) -> LightCurve | None:
    """Return the light of a proved trail against time, None where too little of it shows.

    Args:
        stacks: The stacks of the pass.
        trail: Its measured light.
        lens: In raw mosaic pixels.
        track: The predicted path; its seconds count from the first frame.
        ahead_s: How far the station is ahead of it.
        zero_point_mag: Magnitude of a star that gives 1 ADU a frame, green.
        fades: Of the pass.
        sky: Which pixels show the sky, shape (h, w); seconds behind a tree are left out.
    """
    scale = 2.0 if stacks.resolution == "full" else 1.0
    shape = stacks.peak_frame.shape
    corridor = find_corridor(lens, track, shape, stacks.resolution, _HALF_WIDTH_PX * scale)
    begin, end = frame_times(stacks)
    when = corridor.seconds - ahead_s
    light = trail.green_at(corridor.rows, corridor.columns)
    edges = np.arange(begin[0], end[-1] + _BIN_S, _BIN_S)
    flux = _rates(when, light, edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    good = (flux > 0.0) & ~_near_joint(middle, begin, end)
    core = np.abs(corridor.across_px) < 3.0 * scale
    if sky is not None:
        hidden = ~sky[corridor.rows, corridor.columns]
        good &= ~_touched(when[core], hidden[core], edges)
    if good.sum() < _LEAST_SAMPLES:
        return None
    exposure_s = float(np.median(stacks.exposure_s))
    over = trail.brightest_at(corridor.rows, corridor.columns) > _SATURATED * stacks.saturation_adu
    burnt = _touched(when[core], over[core], edges)
    path, law = _Path(lens, track), _Law(track)
    places = middle + ahead_s
    lights, full_mags = law.light(places), law.full_mag(places)
    altitudes = np.interp(places, track.seconds, track.altitude_deg)
    samples: list[LightSample] = []
    for number in np.flatnonzero(good).tolist():
        x, y = path.at(float(places[number]))
        lit = float(lights[number])
        samples.append(
            LightSample(
                utc=later(stacks.frame_start_utc[0], float(middle[number])),
                altitude_deg=float(altitudes[number]),
                x_px=x,
                y_px=y,
                magnitude=zero_point_mag - 2.5 * float(np.log10(flux[number] * exposure_s)),
                predicted_magnitude=(
                    float(full_mags[number] - 2.5 * np.log10(lit)) if lit > 0.0 else float("inf")
                ),
                light=lit,
                saturated=bool(burnt[number]),
            )
        )
    offset, scatter = _against_law(samples)
    return LightCurve(
        samples=tuple(samples),
        offset_mag=offset,
        scatter_mag=scatter,
        fades=tuple(
            _fade(fade, stacks, path, law, (when, light), ahead_s)
            for fade in fades
            if begin[0] < _since_first(stacks, fade.half_utc) < end[-1]
        ),
    )


class _Path:
    """Where the path is in the raw mosaic at any second of the track."""

    def __init__(self, lens: Lens, track: Track) -> None:
        points = track_pixels(lens, track, "full")
        seen = np.isfinite(points).all(axis=1)
        self._seconds, self._points = track.seconds[seen], points[seen]

    def at(self, second: float) -> tuple[float, float]:
        x, y = (float(np.interp(second, self._seconds, self._points[:, axis])) for axis in (0, 1))
        return x, y


class _Law:
    """The predicted light at any second of the track, continued smoothly into the shadow."""

    def __init__(self, track: Track) -> None:
        known = track.light > 0.05
        self._seconds = track.seconds
        self._light = track.light
        magnitude = np.where(known, track.magnitude, np.nan)
        full = magnitude + 2.5 * np.log10(np.where(known, track.light, 1.0))
        known &= np.isfinite(full)
        self._full_mag = (
            np.interp(track.seconds, track.seconds[known], full[known])
            if known.any()
            else np.zeros(len(track.seconds))
        )

    def light(self, seconds: Float64Array) -> Float64Array:
        return np.asarray(np.interp(seconds, self._seconds, self._light))

    def full_mag(self, seconds: Float64Array) -> Float64Array:
        return np.asarray(np.interp(seconds, self._seconds, self._full_mag))


def _since_first(stacks: Stacks, utc: datetime) -> float:
    return seconds_between(stacks.frame_start_utc[0], utc)


def _rates(when: Float64Array, light: Float64Array, edges: Float64Array) -> Float64Array:
    """Return ADU per second of the path between the edges."""
    sums, _ = np.histogram(when, bins=edges, weights=light)
    return np.asarray(sums / np.diff(edges), dtype=np.float64)


def _near_joint(middle: Float64Array, begin: Float64Array, end: Float64Array) -> BoolArray:
    changes = np.sort(np.concatenate((begin, end)))
    after = np.clip(np.searchsorted(changes, middle), 1, len(changes) - 1)
    nearest = np.minimum(np.abs(middle - changes[after - 1]), np.abs(changes[after] - middle))
    # with exposures of a second or two every second is near a change
    short = float(np.median(end - begin)) < 3.0 * _JOINT_S
    return np.asarray((nearest < _JOINT_S) & (not short))


def _touched(when: Float64Array, such: BoolArray, edges: Float64Array) -> BoolArray:
    """Return which stretches of the path hold at least one such pixel."""
    counts, _ = np.histogram(when[such], bins=edges)
    return np.asarray(counts > 0)


def _against_law(samples: Sequence[LightSample]) -> tuple[float | None, float | None]:
    """Return median and scatter of measured less predicted magnitude in full sunlight."""
    steps = np.array(
        [
            one.magnitude - one.predicted_magnitude
            for one in samples
            if one.light >= _FULL and not one.saturated and np.isfinite(one.predicted_magnitude)
        ]
    )
    if len(steps) < _LEAST_SAMPLES:
        return None, None
    middle = float(np.median(steps))
    return middle, 1.4826 * float(np.median(np.abs(steps - middle)))


def _fade(
    fade: Fade,
    stacks: Stacks,
    path: _Path,
    law: _Law,
    trail: tuple[Float64Array, Float64Array],
    ahead_s: float,
) -> MeasuredFade:
    """Return where the light relative to full sunlight crosses one half."""
    half_s = _since_first(stacks, fade.half_utc)
    sign = 1.0 if fade.direction == "in" else -1.0
    # seconds towards the dark, zero where half light is foretold
    edges = np.arange(-_BEFORE_FADE_S, 12.0 + _FINE_S, _FINE_S)
    when, light = trail
    rates = _rates(sign * (when - half_s), light, edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    full = np.power(10.0, -0.4 * law.full_mag(half_s + sign * middle + ahead_s))
    share = np.convolve(rates / full, np.ones(5) / 5.0, mode="same")[2:-2]
    middle = middle[2:-2]
    x, y = path.at(half_s + ahead_s)
    bright = float(np.median(share[middle < -8.0]))
    below = np.flatnonzero((share < 0.5 * bright) & (middle > -6.0))
    measured = None
    if bright > 0.0 and len(below) and below[0] > 0:
        high, low = share[below[0] - 1], share[below[0]]
        measured = float(middle[below[0]] - _FINE_S * (0.5 * bright - low) / (high - low))
        measured *= sign
    moved = None
    if measured is not None:
        moved = float(np.hypot(*np.subtract(path.at(half_s + ahead_s + measured), (x, y))))
    return MeasuredFade(
        direction=fade.direction,
        predicted_utc=fade.half_utc,
        measured_utc=None if measured is None else later(fade.half_utc, measured),
        late_s=measured,
        x_px=x,
        y_px=y,
        away_px=moved,
    )
