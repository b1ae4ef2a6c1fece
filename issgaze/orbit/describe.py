"""Turns arcs into passes: what is lit of them, their shadow, brightness, Sun and Moon."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.civil import later, pass_id
from issgaze.orbit.arcs import Arcs
from issgaze.orbit.fades import FadeTimes, fade_times
from issgaze.orbit.lit import Condition, Stretch, crossings, lit_stretches
from issgaze.orbit.passes import Event, Fade, LitInterval, MoonConditions, Pass
from issgaze.orbit.scene import Scene
from issgaze.orbit.timing import TimingUncertainty
from issgaze.orbit.transits import Approach, approach_moon, transits
from issgaze.sky.horizon import HorizonMask

SHORTEST_VISIBLE_S = 10.0
_SAMPLES = 41
_MASK_STEP_S = 2.0
_MOST_SAMPLES = 1024
# On a short arc the Sun's margin over the limb changes by less than this between rise,
# culmination and set.
_FAR_FROM_SHADOW_RAD = 0.2
_SHORT_ARC_S = 1500.0
_PEAK_SAMPLES = 33


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLimits:
    """What makes a pass visible, and what is believed of its brightness and times."""

    min_altitude_deg: float
    horizon: HorizonMask | None
    standard_magnitude: float
    sun_limit_deg: float
    uncertainty_s: TimingUncertainty


@dataclass(slots=True)
class _Shadow:
    """What the Earth's shadow does to one arc, in seconds from the scene's start."""

    lit: tuple[Stretch, ...] = ()
    entry_s: float | None = None
    exit_s: float | None = None
    fades: tuple[FadeTimes, ...] = ()


def describe_arcs(scene: Scene, arcs: Arcs, limits: SeenLimits) -> Iterator[Pass]:
    """Yield one pass for each arc, in order."""
    if arcs.culmination_s.size == 0:
        return
    shadows = _shadows(scene, arcs, limits)
    peaks = _peak_magnitudes(scene, shadows, limits)
    moon = approach_moon(scene, arcs)
    moons = _moons(scene, arcs, moon)
    uncertainty_s = [
        limits.uncertainty_s(later(scene.start, when)) for when in arcs.culmination_s.tolist()
    ]
    crossed = transits(scene, arcs, moon, uncertainty_s)
    sun_altitude = scene.sun_altitude_deg(arcs.culmination_s).tolist()
    events = iter(_events(scene, arcs, shadows))
    for number, shadow in enumerate(shadows):
        rise, culmination, setting = next(events), next(events), next(events)
        lit = tuple(
            LitInterval(
                start=next(events),
                end=next(events),
                start_cause=stretch.start_cause,
                end_cause=stretch.end_cause,
            )
            for stretch in shadow.lit
        )
        entry = next(events) if shadow.entry_s is not None else None
        leaving = next(events) if shadow.exit_s is not None else None
        norad_id = scene.norad_id
        yield Pass(
            id=pass_id(culmination.utc, norad_id),
            norad_id=norad_id,
            rise=rise,
            culmination=culmination,
            set=setting,
            visible=sum(s.end_s - s.start_s for s in shadow.lit) >= SHORTEST_VISIBLE_S,
            lit=lit,
            shadow_entry=entry,
            shadow_exit=leaving,
            fades=tuple(_fade(scene, times) for times in shadow.fades),
            peak_magnitude=peaks[number],
            sun_altitude_deg=sun_altitude[number],
            moon=moons[number],
            timing_uncertainty_s=uncertainty_s[number],
            transits=crossed[number],
        )


def _shadows(scene: Scene, arcs: Arcs, limits: SeenLimits) -> list[_Shadow]:
    shadows = [_Shadow() for _ in range(arcs.culmination_s.size)]
    chosen = np.flatnonzero(_worth_sampling(scene, arcs, limits))
    if chosen.size == 0:
        return shadows
    rise, setting = arcs.rise_s[chosen], arcs.set_s[chosen]
    samples = _sample_count(float(np.max(setting - rise)), limits)
    times = rise[:, np.newaxis] + (setting - rise)[:, np.newaxis] * np.linspace(0.0, 1.0, samples)
    conditions = _conditions(scene, limits)
    margin, radius = scene.margin_rad(times)
    half_rad = scene.limb.half_rad
    values = np.stack(
        [margin - half_rad, *(each.margin(times) for each in conditions[1:]), margin + radius]
    )
    turns = crossings(
        [*(each.margin for each in conditions), scene.umbra_margin_rad],
        times,
        values,
    )
    stretches = lit_stretches(conditions, turns, times, values)
    half, umbra = turns[0], turns[-1]
    fades = iter(
        fade_times(
            np.array([when for turns in half for when, _ in turns]),
            [leaving for turns in half for _, leaving in turns],
            scene.sun_above_limb_rad,
            full_rad=scene.limb.full_rad,
            none_rad=scene.limb.none_rad,
        )
    )
    for row, number in enumerate(chosen.tolist()):
        entries = [when for when, leaving in umbra[row] if not leaving]
        exits = [when for when, leaving in umbra[row] if leaving]
        shadows[number] = _Shadow(
            lit=stretches[row],
            entry_s=entries[0] if entries else None,
            exit_s=exits[0] if exits else None,
            fades=tuple(next(fades) for _ in half[row]),
        )
    return shadows


def _worth_sampling(scene: Scene, arcs: Arcs, limits: SeenLimits) -> BoolArray:
    """Return which arcs can have a lit stretch or touch the edge of the shadow."""
    times = np.stack((arcs.rise_s, arcs.culmination_s, arcs.set_s))
    margin = scene.sun_above_limb_rad(times)
    long = arcs.set_s - arcs.rise_s > _SHORT_ARC_S
    some_light = margin.max(axis=0) > -_FAR_FROM_SHADOW_RAD
    some_shadow = margin.min(axis=0) < _FAR_FROM_SHADOW_RAD
    dark = scene.sun_altitude_deg(times).min(axis=0) < limits.sun_limit_deg + 0.5
    return np.asarray(long | (some_light & (some_shadow | dark)))


def _sample_count(longest_s: float, limits: SeenLimits) -> int:
    step_s = _MASK_STEP_S if limits.horizon is not None else longest_s / (_SAMPLES - 1)
    return min(_MOST_SAMPLES, max(_SAMPLES, int(longest_s / max(step_s, 0.1)) + 1))


def _conditions(scene: Scene, limits: SeenLimits) -> tuple[Condition, ...]:
    half_rad = scene.limb.half_rad

    def sunlit(seconds: Float64Array) -> Float64Array:
        return scene.sun_above_limb_rad(seconds) - half_rad

    def dark(seconds: Float64Array) -> Float64Array:
        return limits.sun_limit_deg - scene.sun_altitude_deg(seconds)

    conditions = [
        Condition(margin=sunlit, begins="shadow_exit", ends="shadow_entry"),
        Condition(margin=dark, begins="dark_enough", ends="too_bright"),
    ]
    horizon = limits.horizon
    if horizon is not None:

        def clear(seconds: Float64Array) -> Float64Array:
            altitude, azimuth, _range = scene.apparent(seconds)
            return altitude - horizon.altitude_at(azimuth)

        conditions.append(Condition(margin=clear, begins="mask_clear", ends="mask_blocked"))
    return tuple(conditions)


def _peak_magnitudes(
    scene: Scene, shadows: list[_Shadow], limits: SeenLimits
) -> list[float | None]:
    stretches = [(n, s) for n, shadow in enumerate(shadows) for s in shadow.lit]
    peaks: list[float | None] = [None] * len(shadows)
    if not stretches:
        return peaks
    start = np.array([s.start_s for _, s in stretches])[:, np.newaxis]
    length = np.array([s.end_s - s.start_s for _, s in stretches])[:, np.newaxis]
    times = start + length * np.linspace(0.0, 1.0, _PEAK_SAMPLES)
    brightest = scene.magnitude(times, limits.standard_magnitude).min(axis=1)
    for (number, _), magnitude in zip(stretches, brightest.tolist(), strict=True):
        before = peaks[number]
        peaks[number] = magnitude if before is None else min(before, magnitude)
    return peaks


def _moons(scene: Scene, arcs: Arcs, moon: Approach) -> list[MoonConditions]:
    altitude = scene.moon_altitude_deg(arcs.culmination_s)
    lit = scene.moon_illuminated(arcs.culmination_s)
    return [
        MoonConditions(altitude_deg=a, illuminated_fraction=f, min_separation_deg=s)
        for a, f, s in zip(
            altitude.tolist(), lit.tolist(), moon.separation_deg.tolist(), strict=True
        )
    ]


def _events(scene: Scene, arcs: Arcs, shadows: list[_Shadow]) -> list[Event]:
    """Return the events of all arcs in the order in which `describe_arcs` takes them."""
    times: list[float] = []
    for number, shadow in enumerate(shadows):
        times += [
            float(arcs.rise_s[number]),
            float(arcs.culmination_s[number]),
            float(arcs.set_s[number]),
        ]
        for stretch in shadow.lit:
            times += [stretch.start_s, stretch.end_s]
        times += [when for when in (shadow.entry_s, shadow.exit_s) if when is not None]
    altitude, azimuth, range_km = scene.apparent(np.array(times))
    return [
        Event(utc=later(scene.start, when), altitude_deg=alt, azimuth_deg=az, range_km=far)
        for when, alt, az, far in zip(
            times, altitude.tolist(), azimuth.tolist(), range_km.tolist(), strict=True
        )
    ]


def _fade(scene: Scene, times: FadeTimes) -> Fade:
    return Fade(
        direction=times.direction,
        start_utc=later(scene.start, times.start_s),
        half_utc=later(scene.start, times.half_s),
        gone_utc=later(scene.start, times.gone_s),
    )
