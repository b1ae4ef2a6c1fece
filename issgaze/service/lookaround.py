"""What is plugged in, for set-up: cameras, a test frame, a GNSS receiver's place."""

import json
from collections.abc import Callable
from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.config import GnssSettings, Settings
from issgaze.devices.picamera import attached_sensors
from issgaze.errors import IssgazeError
from issgaze.ports import GnssReceiver
from issgaze.service.conditions import conditions_now, needed_gb
from issgaze.service.gnss import GNSS_FILE
from issgaze.service.gnssunit import real_receiver
from issgaze.service.preflight import Subject, metering_optics, preflight
from issgaze.service.realdevices import real_devices


def gnss_position(
    archive: Archive,
    settings: GnssSettings,
    *,
    receiver: Callable[[GnssSettings], GnssReceiver] = real_receiver,
) -> tuple[float, float, float] | None:
    """Return latitude and longitude in deg and height in m of a receiver's fix, None without one.

    It is what `issgaze gnss` published last; where that does not run yet the receiver is asked.

    Args:
        archive: In whose run folder that lies.
        settings: Where the receiver is.
        receiver: Opens it.
    """
    try:
        told = json.loads((archive.run / GNSS_FILE).read_text())
        return (
            float(told["latitude_deg"]),
            float(told["longitude_deg"]),
            float(told["height_m"] or 0),
        )
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        fix = receiver(settings).read()
    except IssgazeError:
        return None
    if fix.latitude_deg is None or fix.longitude_deg is None:
        return None
    return fix.latitude_deg, fix.longitude_deg, fix.height_m or 0.0


def cameras() -> tuple[tuple[str, ...], str]:
    """Return the chips of the cameras on the board, and a sentence about them."""
    try:
        found = attached_sensors()
    except IssgazeError as error:
        return (), f"{error.message}. {error.remedy}"
    if not found:
        return (), "No camera is found: check the ribbon cable, at both ends, and restart."
    return found, f"Found: {', '.join(found)}."


def try_camera(settings: Settings, archive_root: Path) -> list[str]:
    """Take a test frame and return what is seen in it, a line each.

    Raises:
        IssgazeError: There is no camera to work with.
    """
    devices = real_devices(settings)
    mode = settings.camera.mode
    found = preflight(
        Subject(
            clock=devices.clock,
            camera=devices.camera,
            roof=None,
            mode=mode,
            optics=metering_optics(
                devices.sensor, mode, devices.focal_px, settings.camera.f_number
            ),
            conditions=conditions_now(
                devices.clock, None, archive_root, needed_gb(devices.sensor, mode)
            ),
            element_age_days=0.0,
            stop=lambda: False,
        )
    )
    shown = [check for check in found.checks if check.name in {"camera", "focus"}]
    lines = [f"{check.name}: {check.value}. {check.remedy}".strip() for check in shown]
    if found.sky_mag_arcsec2 is not None:
        lines.append(f"sky: {found.sky_mag_arcsec2:.1f} mag/arcsec^2")
    return lines
