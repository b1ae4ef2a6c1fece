"""The capture plan of one pass: when, how long, how often, and why."""

import math
from datetime import datetime

import numpy as np

from issgaze.civil import later, seconds_between
from issgaze.errors import UsageError
from issgaze.optics.sensor import CaptureMode, SensorProfile
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Pass
from issgaze.orbit.tracks import Track, compute_track
from issgaze.planning.photometry import Optics, trail_snr
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.planning.skybrightness import sky_brightness_mag
from issgaze.sky.coordinates import enu_from_altaz, separation_deg
from issgaze.sky.site import Site

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
    sky_mag_arcsec2: float | None = None,
    standard_magnitude: float = -1.8,
) -> CapturePlan:
    """Return how to photograph a visible pass.

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
    capture_mode = _mode(sensor, mode)
    optics = Optics(
        sensor=sensor,
        focal_px=focal_px,
        pixel_um=sensor.pixel_um * max(m.width_px for m in sensor.modes) / capture_mode.width_px,
        f_number=f_number,
    )
    best = _best_instant(iss_pass)
    track = compute_track(
        elements, site, best, np.array([-0.5, 0.0, 0.5]), standard_magnitude=standard_magnitude
    )
    rate = _rate_deg_per_s(track) * math.pi / 180.0 * focal_px
    moon = iss_pass.moon
    sky = sky_mag_arcsec2
    if sky is None:
        sky = sky_brightness_mag(
            sun_altitude_deg=iss_pass.sun_altitude_deg,
            moon_altitude_deg=moon.altitude_deg,
            moon_illuminated=moon.illuminated_fraction,
        )
    first, last = _window(iss_pass)
    dead_s = capture_mode.dead_time_s
    shortest_s = max(math.ceil((minimum_interval_s - dead_s) * 1000.0) / 1000.0, 0.001)
    exposure_s, gain = _exposure(optics, sky, seconds_between(first, last), shortest_s)
    interval_s = exposure_s + dead_s
    count = math.ceil(seconds_between(first, last) / interval_s) + PRE_ROLL + POST_ROLL
    snr = trail_snr(
        optics,
        magnitude=float(track.magnitude[1]),
        rate_px_per_s=rate,
        sky_mag_arcsec2=sky,
        exposure_s=exposure_s,
        gain=gain,
    )
    lights = ExposureBlock(
        start_utc=later(first, -PRE_ROLL * interval_s),
        exposure_s=exposure_s,
        analogue_gain=gain,
        count=count,
        interval_s=interval_s,
    )
    fill = optics.sky_e_per_s(sky) * exposure_s / optics.saturation_e(gain)
    reasons = [
        f"window: lit arc and fades, widened by {iss_pass.timing_uncertainty_s:.0f} s on both "
        f"sides, {PRE_ROLL} frames before and {POST_ROLL} after",
        f"sky: {sky:.1f} mag/arcsec^2, "
        + ("as metered" if sky_mag_arcsec2 is not None else "from the altitudes of Sun and Moon"),
        f"exposure: {exposure_s:.2f} s at gain {gain:g} fills {fill * 100:.0f} % of a pixel "
        "with sky",
        f"trail: {rate:.0f} px/s, so the station stays {1000.0 / rate:.0f} ms on a pixel however "
        f"long the exposure; gaps of {dead_s * 1000:.1f} ms are {dead_s * rate:.2f} px",
        f"expected: the station at {snr:.0f} sigma"
        + ("" if snr >= _WANTED_SNR else f", below the {_WANTED_SNR:.0f} that are wanted"),
    ]
    if fill > 2.0 * _SKY_FILL:
        reasons.append(
            f"the sky asks for shorter exposures, but a frame takes {minimum_interval_s:.1f} s to "
            "write and digest: parts of the sky will be burnt out"
        )
    return CapturePlan(
        iss_pass=iss_pass,
        mode=mode,
        lights=(lights,),
        darks=_darks(lights) if has_cover else None,
        expected_snr=snr,
        reasons=tuple(reasons),
    )


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


def _window(iss_pass: Pass) -> tuple[datetime, datetime]:
    """Return first and last instant that light of the station may come, uncertainty included."""
    first, last = iss_pass.lit[0].start.utc, iss_pass.lit[-1].end.utc
    for fade in iss_pass.fades:
        if fade.direction == "out" and iss_pass.lit[0].start_cause == "shadow_exit":
            first = min(first, fade.gone_utc)
        if fade.direction == "in" and iss_pass.lit[-1].end_cause == "shadow_entry":
            last = max(last, fade.gone_utc)
    first, last = max(first, iss_pass.rise.utc), min(last, iss_pass.set.utc)
    slack_s = iss_pass.timing_uncertainty_s
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
    end = later(lights.start_utc, lights.count * lights.interval_s + 20.0)
    return ExposureBlock(
        start_utc=end,
        exposure_s=lights.exposure_s,
        analogue_gain=lights.analogue_gain,
        count=DARKS,
        interval_s=lights.interval_s,
    )
