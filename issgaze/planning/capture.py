"""The capture plan of one pass: when, how long, how often, and why."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.civil import JulianDates, later, seconds_between
from issgaze.errors import UsageError
from issgaze.optics.sensor import CaptureMode, SensorProfile
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Pass
from issgaze.orbit.tracks import Track, compute_track
from issgaze.planning.photometry import Optics, trail_snr
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.planning.skybrightness import sky_brightness_mag
from issgaze.planning.wording import duration
from issgaze.sky.coordinates import enu_from_altaz, separation_deg
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_altaz_deg

PRE_ROLL = 3
POST_ROLL = 1
DARKS = 8
_LONGEST_SUB_EXPOSURE_S = 10.0
# At least so many sub-exposures, or rejecting what does not belong to the sky gets blunt.
_FEWEST_FRAMES = 24
# The sky near the sunset is several times brighter than overhead; this fill leaves room for it.
_SKY_FILL = 0.09
_GAINS = (8.0, 4.0, 2.0, 1.0)
_WANTED_SNR = 10.0


def plan_capture(
    iss_pass: Pass,
    *,
    elements: ElementSet,
    site: Site,
    sensor: SensorProfile,
    mode: str,
    focal_px: float,
    f_number: float,
    minimum_interval_s: float,
    has_cover: bool,
    binned_interval_s: float | None = None,
    clock_bound_s: float | None = None,
    sky_mag_arcsec2: float | None = None,
    standard_magnitude: float = -1.8,
) -> CapturePlan:
    """Return how to photograph a visible pass.

    One block with one setting covers the whole window, so that nothing changes within the lit arc.
    It suits the brightest sky in the window: in twilight that is one of its ends.

    Args:
        iss_pass: The pass; it must have a lit stretch.
        elements: The set it was predicted from.
        site: The place.
        sensor: The camera's chip.
        mode: Capture size, "binned" or "full".
        focal_px: Focal length in raw pixels of that mode.
        f_number: Focal length over aperture.
        minimum_interval_s: Time the device needs to write and digest a frame.
        has_cover: Whether darks can be taken.
        binned_interval_s: The same for binned frames, which are taken instead of full ones where
            the sky asks for exposures shorter than a full frame can be digested in; None never.
        clock_bound_s: By how much the clock may be wrong; None where nothing is known of it.
        sky_mag_arcsec2: Sky background as last metered; from Sun and Moon when None.
        standard_magnitude: Of the satellite.

    Raises:
        UsageError: The pass is never lit, or the sensor has no such mode.
        PropagationError: SGP4 gives no position.
    """
    if not iss_pass.lit:
        raise UsageError(
            f"the pass {iss_pass.id} is never lit, there is nothing to photograph",
            remedy="Choose a visible pass from `issgaze passes`.",
        )
    slack_s = iss_pass.timing_uncertainty_s + (clock_bound_s or 0.0)
    window = _window(iss_pass, slack_s)
    track = compute_track(
        elements,
        site,
        _best_instant(iss_pass),
        np.array([-0.5, 0.0, 0.5]),
        standard_magnitude=standard_magnitude,
    )
    task = _Task(
        iss_pass=iss_pass,
        window=window,
        track=track,
        sky_mag=sky_mag_arcsec2 or _brightest_sky_mag(iss_pass, site, window),
        metered=sky_mag_arcsec2 is not None,
        slack_s=slack_s,
        clock_bound_s=clock_bound_s,
        has_cover=has_cover,
    )
    focal_um = focal_px * _pixel_um(sensor, _mode(sensor, mode))

    def optics(capture_mode: CaptureMode) -> Optics:
        pixel_um = _pixel_um(sensor, capture_mode)
        return Optics(
            sensor=sensor, focal_px=focal_um / pixel_um, pixel_um=pixel_um, f_number=f_number
        )

    chosen = _mode(sensor, mode)
    plan, burnt = _plan_in(task, optics(chosen), chosen, minimum_interval_s)
    if burnt and mode == "full" and binned_interval_s is not None:
        smaller = _mode(sensor, "binned")
        plan, _burnt = _plan_in(task, optics(smaller), smaller, binned_interval_s)
        why = (
            f"size: binned, for the sky asks for exposures shorter than the "
            f"{minimum_interval_s:.1f} s that a full frame takes to write and digest"
        )
        plan = dataclasses.replace(plan, reasons=(why, *plan.reasons))
    return plan


def shared(plan: CapturePlan, others: Sequence[Pass]) -> CapturePlan:
    """Return a plan whose frames show other passes as well, from their first light to their last.

    Exposure and gain stay as the plan's own pass wants them.

    Args:
        plan: Of the best of the passes.
        others: Passes that overlap it.
    """
    first, last = plan.lights[0], plan.lights[-1]
    begin = min(_window(each, each.timing_uncertainty_s)[0] for each in others)
    end = max(_window(each, each.timing_uncertainty_s)[1] for each in others)
    early_s = seconds_between(begin, first.start_utc)
    late_s = seconds_between(last.end_utc, end)
    before = max(0, math.ceil(early_s / first.interval_s) + PRE_ROLL)
    after = max(0, math.ceil(late_s / last.interval_s) + POST_ROLL)
    if early_s <= 0.0:
        before = 0
    if late_s <= 0.0:
        after = 0
    lights = list(plan.lights)
    lights[-1] = dataclasses.replace(last, count=last.count + after)
    lights[0] = dataclasses.replace(
        lights[0],
        start_utc=later(first.start_utc, -before * first.interval_s),
        count=lights[0].count + before,
    )
    why = f"shared: {len(others)} more in the same frames, {before} before and {after} after"
    return dataclasses.replace(plan, lights=tuple(lights), reasons=(*plan.reasons, why))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What a plan must do, whatever the size of the frames."""

    iss_pass: Pass
    window: tuple[datetime, datetime]
    track: Track
    sky_mag: float
    metered: bool
    slack_s: float
    clock_bound_s: float | None
    has_cover: bool


def _plan_in(
    task: _Task, optics: Optics, capture_mode: CaptureMode, minimum_interval_s: float
) -> tuple[CapturePlan, bool]:
    """Return the plan for one size of frames, and whether it must burn out parts of the sky."""
    first, last = task.window
    dead_s = capture_mode.dead_time_s
    shortest_s = max(math.ceil((minimum_interval_s - dead_s) * 1000.0) / 1000.0, 0.001)
    exposure_s, gain = _exposure(optics, task.sky_mag, seconds_between(first, last), shortest_s)
    interval_s = exposure_s + dead_s
    lights = ExposureBlock(
        start_utc=later(first, -PRE_ROLL * interval_s),
        exposure_s=exposure_s,
        analogue_gain=gain,
        count=math.ceil(seconds_between(first, last) / interval_s) + PRE_ROLL + POST_ROLL,
        interval_s=interval_s,
    )
    rate = math.radians(_rate_deg_per_s(task.track)) * optics.focal_px
    snr = trail_snr(
        optics,
        magnitude=float(task.track.magnitude[1]),
        rate_px_per_s=rate,
        sky_mag_arcsec2=task.sky_mag,
        exposure_s=exposure_s,
        gain=gain,
    )
    fill = optics.sky_e_per_s(task.sky_mag) * exposure_s / optics.saturation_e(gain)
    burnt = fill > 2.0 * _SKY_FILL
    reasons = [
        _why_window(task),
        f"sky: {task.sky_mag:.1f} mag/arcsec², "
        + (
            "as metered" if task.metered else "from the altitudes of Sun and Moon, at its brightest"
        ),
        f"exposure: {exposure_s:.2f} s at gain {gain:g} fills {fill * 100:.0f} % of a pixel "
        f"with sky{_why_exposure(exposure_s, shortest_s)}",
        f"trail: {rate:.0f} px/s, so the station stays {1000.0 / rate:.0f} ms on a pixel however "
        f"long the exposure; gaps of {dead_s * 1000:.1f} ms are {dead_s * rate:.2f} px",
        f"expected: the station at {snr:.0f} sigma"
        + ("" if snr >= _WANTED_SNR else f", below the {_WANTED_SNR:.0f} that are wanted"),
    ]
    if burnt:
        reasons.append(
            f"given up: the sky asks for shorter exposures, but a frame takes "
            f"{minimum_interval_s:.1f} s to write and digest: parts of the sky will be burnt out"
        )
    plan = CapturePlan(
        iss_pass=task.iss_pass,
        mode=capture_mode.name,
        lights=(lights,),
        darks=_darks(lights) if task.has_cover else None,
        expected_snr=snr,
        reasons=tuple(reasons),
    )
    return plan, burnt


def _why_window(task: _Task) -> str:
    clock = (
        f", {duration(task.clock_bound_s)} of it for the clock"
        if task.clock_bound_s and task.clock_bound_s >= 1.0
        else ""
    )
    return (
        f"window: lit arc and fades, widened by {duration(task.slack_s)} on both sides{clock}, "
        f"{PRE_ROLL} frames before and {POST_ROLL} after"
    )


def _why_exposure(exposure_s: float, shortest_s: float) -> str:
    if exposure_s <= shortest_s:
        return ", the shortest that can be written and digested in time"
    if exposure_s >= _LONGEST_SUB_EXPOSURE_S:
        return ", the longest that is taken"
    return f", {_FEWEST_FRAMES} frames at least and room for the brighter parts"


def _brightest_sky_mag(iss_pass: Pass, site: Site, window: tuple[datetime, datetime]) -> float:
    """Return the sky at the brighter end of the window."""
    top = iss_pass.culmination.utc
    offsets = np.array([0.0, *(seconds_between(top, instant) for instant in window)])
    altitude_deg, _azimuth = sun_altaz_deg(site, JulianDates.after(top, offsets))
    return sky_brightness_mag(
        sun_altitude_deg=iss_pass.sun_altitude_deg + float((altitude_deg - altitude_deg[0]).max()),
        moon_altitude_deg=iss_pass.moon.altitude_deg,
        moon_illuminated=iss_pass.moon.illuminated_fraction,
    )


def _pixel_um(sensor: SensorProfile, mode: CaptureMode) -> float:
    return sensor.pixel_um * max(each.width_px for each in sensor.modes) / mode.width_px


def _mode(sensor: SensorProfile, name: str) -> CaptureMode:
    for mode in sensor.modes:
        if mode.name == name:
            return mode
    known = ", ".join(mode.name for mode in sensor.modes)
    raise UsageError(
        f"the {sensor.name} has no capture mode {name!r}", remedy=f"Choose one of: {known}."
    )


def _best_instant(iss_pass: Pass) -> datetime:
    """Return culmination, or the lit instant nearest to it."""
    top = iss_pass.culmination.utc
    nearest = [min(max(top, s.start.utc), s.end.utc) for s in iss_pass.lit]
    return min(nearest, key=lambda instant: abs(seconds_between(top, instant)))


def _rate_deg_per_s(track: Track) -> float:
    directions = enu_from_altaz(track.altitude_deg, track.azimuth_deg)
    return float(
        separation_deg(directions[0], directions[-1]) / (track.seconds[-1] - track.seconds[0])
    )


def _window(iss_pass: Pass, slack_s: float) -> tuple[datetime, datetime]:
    """Return first and last instant that light of the station may come, uncertainty included."""
    first, last = iss_pass.lit[0].start.utc, iss_pass.lit[-1].end.utc
    for fade in iss_pass.fades:
        if fade.direction == "out" and iss_pass.lit[0].start_cause == "shadow_exit":
            first = min(first, fade.gone_utc)
        if fade.direction == "in" and iss_pass.lit[-1].end_cause == "shadow_entry":
            last = max(last, fade.gone_utc)
    first, last = max(first, iss_pass.rise.utc), min(last, iss_pass.set.utc)
    return later(first, -slack_s), later(last, slack_s)


def _exposure(
    optics: Optics, sky_mag_arcsec2: float, window_s: float, shortest_s: float
) -> tuple[float, float]:
    """Return exposure in s and gain: as long as sky, count and digestion let it be."""
    sky_e_per_s = optics.sky_e_per_s(sky_mag_arcsec2)
    wanted_s = min(
        _LONGEST_SUB_EXPOSURE_S, window_s / _FEWEST_FRAMES, optics.sensor.longest_exposure_s
    )
    wanted_s = max(wanted_s, shortest_s)
    for gain in _GAINS:
        if gain > optics.sensor.max_analogue_gain:
            continue
        fits_s = _SKY_FILL * optics.saturation_e(gain) / sky_e_per_s
        if fits_s >= wanted_s or gain == _GAINS[-1]:
            return round(max(min(wanted_s, fits_s), shortest_s), 3), gain
    return round(shortest_s, 3), 1.0


def _darks(lights: ExposureBlock) -> ExposureBlock:
    """Return darks like the lights, taken when the cover has shut after them."""
    return ExposureBlock(
        start_utc=later(lights.end_utc, 20.0),
        exposure_s=lights.exposure_s,
        analogue_gain=lights.analogue_gain,
        count=DARKS,
        interval_s=lights.interval_s,
    )
