"""What is known of the device and the sky over it when passes are chosen."""

import shutil
from pathlib import Path

from issgaze.config import DevelopSettings
from issgaze.devices.memory import memory_budget_mb
from issgaze.errors import ConfigurationError, DeviceError
from issgaze.optics.sensor import SensorProfile
from issgaze.planning.choose import Conditions
from issgaze.planning.cloud import cloud_fraction
from issgaze.ports import Clock, RoofController, RoofState
from issgaze.stacking.resolution import FEWEST_FRAMES_FOR_FULL, resolution_for

# lights and darks of a long pass, and as much again for half of them in products
_FRAMES_OF_A_PASS = 100
# a disk is never filled to the brim, however small the frames
_LEAST_GB = 0.5
# raw frames stop here, so that what they show can still be written
_RESERVE_GB = 0.25


def conditions_now(
    clock: Clock, roof: RoofController | None, archive: Path, needed_gb: float
) -> Conditions:
    """Return clock, disk, and what the roof controller says of the weather.

    A controller that is silent leaves the weather unknown: a doubtful sky is shot.
    """
    weather = _weather(roof)
    return Conditions(
        clock_trust=clock.quality().trust,
        cloud_fraction=(
            cloud_fraction(weather.sky_temperature_c, weather.air_temperature_c)
            if weather
            else None
        ),
        rain=weather.rain if weather else None,
        weather_utc=clock.now_utc(),
        free_gb=free_gb(archive),
        needed_gb=needed_gb,
    )


def needed_gb(sensor: SensorProfile, mode: str) -> float:
    """Return the room that a pass takes, in GB, 16 bits a pixel."""
    sizes = [each.width_px * each.height_px for each in sensor.modes if each.name == mode]
    return max(_LEAST_GB, 2.0 * max(sizes, default=0) * _FRAMES_OF_A_PASS / 1e9)


def memory_complaint(sensor: SensorProfile, mode: str, settings: DevelopSettings) -> str | None:
    """Return why this board cannot stack what the camera will give, None when it can.

    It is said before the first pass, not by the kernel that ends the program in the middle of it.
    """
    sizes = [(each.width_px, each.height_px) for each in sensor.modes if each.name == mode]
    if not sizes:
        return None
    try:
        resolution_for(
            width_px=sizes[0][0],
            height_px=sizes[0][1],
            expected_frames=FEWEST_FRAMES_FOR_FULL,
            memory_budget_mb=memory_budget_mb(settings.memory_budget_mb),
            wanted=None if settings.resolution == "auto" else settings.resolution,
        )
    except ConfigurationError as error:
        return f"{error.message}. {error.remedy}"
    return None


def _weather(roof: RoofController | None) -> RoofState | None:
    if roof is None:
        return None
    try:
        return roof.state()
    except DeviceError:
        return None


def free_gb(archive: Path) -> float | None:
    """Return the room on the disk of an archive in GB, None when it cannot be asked."""
    try:
        return shutil.disk_usage(archive).free / 1e9
    except OSError:
        return None


def room_complaint(archive: Path) -> str | None:
    """Return why no more raw frames are written, None while there is room for the picture."""
    left_gb = free_gb(archive)
    if left_gb is None or left_gb >= _RESERVE_GB:
        return None
    return f"the disk has {left_gb:.2f} GB left, {_RESERVE_GB:.2f} are kept for the picture"
