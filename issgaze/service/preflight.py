"""A quarter of an hour before a pass: whether everything is fit, and how bright the sky is.

One short frame tells of camera, focus, dew and sky at once. What can be mended is: a camera that
fails is closed and opened again, a cover that stands shut is opened for the look.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from issgaze.arrays import UInt16Array
from issgaze.civil import later
from issgaze.errors import CameraError, DeviceError
from issgaze.imaging.detect import Detections, detect_stars
from issgaze.imaging.frame import Frame
from issgaze.optics.sensor import SensorProfile
from issgaze.planning.choose import Conditions
from issgaze.planning.photometry import Optics
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import Camera, Clock, RoofController

State = Literal["ok", "warn", "fail", "skip"]
_EXPOSURE_S = 4.0
_GAIN = 4.0
_TRIES = 3
_FEWEST_STARS = 8
# half-flux diameter on the chip, and in pixels of the mosaic where those are large: a lens in focus
# stays well below
_WIDEST_UM, _WIDEST_PX = 16.0, 5.0
_STAMP_PX = 3
# of the sky about a star: a thin ring knows it so badly that its error outweighs a faint star
_RING_PX = 6
_DAMP_PERCENT = 95.0
_HOT_C = 80.0
# vcgencmd get_throttled, bits 0 and 2: undervoltage and throttling at this moment
_UNDERVOLTAGE, _THROTTLED = 1, 4
_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
_THROTTLE = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
# a fuller frame says nothing of the sky but that it is bright
_FULL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the preflight, as `issgaze doctor` has them."""

    name: str
    state: State
    value: str
    limit: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What was found.

    Attributes:
        checks: One of each kind.
        sky_mag_arcsec2: Sky background of the frame's middle, None when it could not be metered.
    """

    checks: tuple[Check, ...]
    sky_mag_arcsec2: float | None

    def complaints(self) -> tuple[Check, ...]:
        """Return the checks that are not in order."""
        return tuple(check for check in self.checks if check.state in {"warn", "fail"})

    def document(self) -> dict[str, Any]:
        """Return it for events.jsonl."""
        return {
            "checks": [asdict(check) for check in self.checks],
            "sky_mag_arcsec2": self.sky_mag_arcsec2,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is looked at.

    Attributes:
        element_age_days: Of the set that the pass was predicted from.
    """

    clock: Clock
    camera: Camera
    roof: RoofController | None
    mode: str
    optics: Optics
    conditions: Conditions
    element_age_days: float
    stop: Callable[[], bool]


def preflight(subject: Subject) -> Preflight:
    """Look at everything that a pass needs."""
    humidity = _humidity(subject.roof)
    cover = _cover(subject.roof, is_open=True)
    frame, camera = _test_frame(subject)
    stars = detect_stars(frame) if frame is not None else None
    checks = (
        camera,
        _focus(frame, stars, max(_WIDEST_PX, _WIDEST_UM / subject.optics.pixel_um)),
        _dew(humidity),
        *cover,
        _disk(subject.conditions),
        _clock(subject.clock),
        _elements(subject.element_age_days),
        _heat(_number(_THERMAL)),
        _voltage(_THROTTLE),
    )
    _cover(subject.roof, is_open=False)
    sky = sky_mag(frame, subject.optics) if frame is not None else None
    return Preflight(checks=checks, sky_mag_arcsec2=sky)


def metering_optics(sensor: SensorProfile, mode: str, focal_px: float, f_number: float) -> Optics:
    """Return the optics that a frame of a mode was taken with."""
    widest = max(each.width_px for each in sensor.modes)
    width = next((each.width_px for each in sensor.modes if each.name == mode), widest)
    return Optics(
        sensor=sensor,
        focal_px=focal_px,
        pixel_um=sensor.pixel_um * widest / width,
        f_number=f_number,
    )


def sky_mag(frame: Frame, optics: Optics) -> float | None:
    """Return the sky background of the middle of a frame, mag/arcsec^2; None when it is full."""
    height, width = frame.mosaic.shape
    middle = frame.mosaic[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3]
    info = frame.info
    level_adu = _middle_half_mean(middle) - info.black_level_adu
    span = info.white_level_adu - info.black_level_adu
    if not 0.0 < level_adu < _FULL * span:
        return None
    # numbers of the profile are those of its own bit depth
    sensor = optics.sensor
    own_adu = level_adu / span * ((1 << sensor.bit_depth) - 1 - sensor.black_level_adu)
    electrons = own_adu * sensor.electrons_per_adu * optics.photosites / info.analogue_gain
    per_s = electrons / info.exposure_s
    return round(-2.5 * float(np.log10(per_s / optics.sky_e_per_s(0.0))), 2)


def _middle_half_mean(values: UInt16Array) -> float:
    """Return the mean without the largest and the smallest quarter.

    As deaf to stars and hot pixels as the median, but not bound to whole ADU: a dark sky is less
    than one above black in a short frame.
    """
    ordered = np.sort(values, axis=None)
    quarter = ordered.size // 4
    return float(ordered[quarter : ordered.size - quarter].mean())


def half_flux_diameter_px(
    frame: Frame, stars: Detections, stamp_px: int, *, fewest: int = _FEWEST_STARS
) -> float | None:
    """Return the median diameter that holds half of a star's light, in pixels of the mosaic.

    Args:
        frame: A raw frame.
        stars: What was found in it.
        stamp_px: Light is summed so far from a star's middle; noise grows with its square.
        fewest: None is returned for fewer stars.
    """
    found: list[float] = []
    outer_px = stamp_px + _RING_PX
    reach = np.arange(-outer_px, outer_px + 1)
    radius = np.hypot(*np.meshgrid(reach, reach))
    inside = radius <= stamp_px
    ring = ~inside & (radius <= outer_px)
    height, width = frame.mosaic.shape
    for x, y in zip(stars.x_px[stars.sound][:60], stars.y_px[stars.sound][:60], strict=True):
        column, row = round(float(x)), round(float(y))
        if not (outer_px <= column < width - outer_px and outer_px <= row < height - outer_px):
            continue
        stamp = frame.mosaic[
            row - outer_px : row + outer_px + 1, column - outer_px : column + outer_px + 1
        ].astype(np.float64)
        # not cut off at zero: noise must cancel where there is no light
        light = np.where(inside, stamp - np.mean(stamp[ring]), 0.0)
        if light.sum() > 0.0:
            found.append(2.0 * float((light * radius).sum() / light.sum()))
    return float(np.median(found)) if len(found) >= fewest else None


def _test_frame(subject: Subject) -> tuple[Frame | None, Check]:
    clock = subject.clock
    error: CameraError | None = None
    for attempt in range(_TRIES):
        now = clock.now_utc()
        block = ExposureBlock(
            start_utc=now,
            exposure_s=_EXPOSURE_S,
            analogue_gain=_GAIN,
            count=1,
            interval_s=_EXPOSURE_S,
        )
        try:
            with subject.camera as camera:
                for frame in camera.expose(block, mode=subject.mode):
                    again = f", after {attempt} failures" if attempt else ""
                    # what is lent by the camera does not outlive it
                    kept = Frame(mosaic=frame.mosaic.copy(), info=frame.info)
                    return kept, _check("camera", "ok", f"gives frames{again}", "1 frame", "")
        except CameraError as failed:
            error = failed
            clock.sleep_until(later(clock.now_utc(), 2.0), wake=subject.stop)
    if error is None:
        return None, _check("camera", "fail", "no frame", "1 frame", "Check its cable.")
    return None, _check("camera", "fail", error.message, "1 frame", error.remedy)


def _focus(frame: Frame | None, stars: Detections | None, widest_px: float) -> Check:
    if frame is None or stars is None:
        return _check("focus", "skip", "no frame", "", "")
    size_px = half_flux_diameter_px(frame, stars, math.ceil(widest_px) + _STAMP_PX)
    limit = f"{widest_px:.1f} px"
    if size_px is None:
        return _check("focus", "skip", "too few stars: clouds, twilight or dew", limit, "")
    state: State = "ok" if size_px <= widest_px else "warn"
    remedy = "Wipe the dome; if stars stay large, focus anew." if state == "warn" else ""
    return _check("focus", state, f"stars of {size_px:.1f} px", limit, remedy)


def _humidity(roof: RoofController | None) -> float | None:
    if roof is None:
        return None
    try:
        return roof.state().humidity_percent
    except DeviceError:
        return None


def _dew(humidity_percent: float | None) -> Check:
    limit = f"{_DAMP_PERCENT:.0f} %"
    if humidity_percent is None:
        return _check("dew", "skip", "no humidity sensor", limit, "")
    damp = humidity_percent > _DAMP_PERCENT
    remedy = "The heater works at its most; see whether the dome stays clear." if damp else ""
    return _check("dew", "warn" if damp else "ok", f"{humidity_percent:.0f} %", limit, remedy)


def _cover(roof: RoofController | None, *, is_open: bool) -> tuple[Check, ...]:
    if roof is None:
        return ()
    try:
        if is_open:
            roof.open_cover()
        else:
            roof.close_cover()
    except DeviceError as error:
        return (_check("cover", "warn", error.message, "opens", error.remedy),)
    return (_check("cover", "ok", "opens", "opens", ""),)


def _disk(conditions: Conditions) -> Check:
    limit = f"{conditions.needed_gb:.1f} GB"
    if conditions.free_gb is None:
        return _check("disk", "warn", "unknown", limit, "Check the disk: `df -h`.")
    fits = conditions.free_gb >= conditions.needed_gb
    remedy = "" if fits else "Delete old passes, or lower the quota."
    return _check("disk", "ok" if fits else "fail", f"{conditions.free_gb:.1f} GB", limit, remedy)


def _clock(clock: Clock) -> Check:
    quality = clock.quality()
    states: dict[str, State] = {"trusted": "ok", "coarse": "warn", "untrusted": "fail"}
    remedy = "" if quality.trust == "trusted" else "Connect the network or a GNSS receiver."
    bound = "unbounded" if quality.bound_s is None else f"within {quality.bound_s:.3f} s"
    return _check("clock", states[quality.trust], f"{quality.trust}, {bound}", "0.1 s", remedy)


def _elements(age_days: float) -> Check:
    old = age_days > 7.0
    remedy = "Check the network: `issgaze elements fetch`." if old else ""
    return _check("elements", "warn" if old else "ok", f"{age_days:.1f} days old", "7 days", remedy)


def _heat(millidegrees: int | None) -> Check:
    limit = f"{_HOT_C:.0f} °C"
    if millidegrees is None:
        return _check("heat", "skip", "no sensor", limit, "")
    hot = millidegrees / 1000.0 > _HOT_C
    remedy = "Give the board air or shade." if hot else ""
    return _check("heat", "warn" if hot else "ok", f"{millidegrees / 1000.0:.0f} °C", limit, remedy)


def _voltage(path: Path) -> Check:
    try:
        flags = int(path.read_text().strip(), 16)
    except (OSError, ValueError):
        return _check("voltage", "skip", "not measured", "4.63 V", "")
    low = flags & (_UNDERVOLTAGE | _THROTTLED)
    remedy = "Use the official supply and a short, thick cable." if low else ""
    return _check("voltage", "warn" if low else "ok", f"flags {flags:#x}", "4.63 V", remedy)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _check(name: str, state: State, value: str, limit: str, remedy: str) -> Check:
    return Check(name=name, state=state, value=value, limit=limit, remedy=remedy)
