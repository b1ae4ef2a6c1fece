"""What the observer knows of its settings, devices and folders."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from issgaze.archive.fits import frame_info
from issgaze.archive.fitsimage import read_header
from issgaze.archive.passfolder import PassFolder
from issgaze.config import Settings
from issgaze.errors import ArchiveError, FrameError
from issgaze.service.devices import Devices


def configuration_facts(complaint: str) -> dict[str, Any]:
    """Return what the status says of the configuration file."""
    return {"right": not complaint, "complaint": complaint}


def standing_facts(settings: Settings, devices: Devices) -> dict[str, Any]:
    """Return what the status says that does not change while the program runs."""
    site = settings.require_site()
    facts: dict[str, Any] = {
        "simulated": devices.simulated,
        "speed": devices.speed,
        "site": {
            "name": settings.site.name,
            "latitude_deg": site.latitude_deg,
            "longitude_deg": site.longitude_deg,
            "height_m": site.height_m,
            "time_zone": settings.site.time_zone,
        },
        "camera": {
            "sensor": devices.sensor.name,
            "mode": settings.camera.mode,
            "lens_known": devices.lens is not None,
        },
    }
    if devices.simulated:
        facts["settings"] = _simulated(settings)
    return facts


def _simulated(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the settings that the scenario brings, which stand in no file that the page reads."""
    site, camera = settings.site, settings.camera
    return {
        "site": {
            "name": site.name,
            "latitude_deg": site.latitude_deg,
            "longitude_deg": site.longitude_deg,
            "height_m": site.height_m,
            "time_zone": site.time_zone,
        },
        "passes": {"norad_ids": list(settings.passes.norad_ids)},
        "camera": {
            "adapter": camera.adapter,
            "sensor": camera.sensor,
            "mode": camera.mode,
            "focal_mm": camera.focal_mm,
            "f_number": camera.f_number,
            "has_cover": camera.has_cover,
        },
    }


def frame_shape(devices: Devices, mode: str) -> tuple[int, int] | None:
    """Return height and width of the frames that a mode gives; None for a mode of another name."""
    modes = {each.name: each for each in devices.sensor.modes}
    found = modes.get(mode)
    return (found.height_px, found.width_px) if found is not None else None


def last_temperature_c(folder: PassFolder) -> float | None:
    """Return the sensor's temperature in the last light, None when it is not known."""
    try:
        path = folder.lights()[-1]
        return frame_info(read_header(path), path.name).temperature_c
    except (IndexError, FrameError, ArchiveError):
        return None


def is_over(folder: PassFolder, now: datetime) -> bool:
    """Return whether a pass has set; a plan that cannot be read holds nobody up."""
    try:
        return folder.plan_file().plan.iss_pass.set.utc < now
    except ArchiveError:
        return True


def wait_until(ready: Callable[[], bool], *, limit_s: float) -> None:
    """Wait in real time until something is so, or so many seconds are over."""
    pause = threading.Event()
    for _ in range(int(limit_s / 0.02)):
        if ready():
            return
        pause.wait(0.02)
