"""The only place that chooses between real and simulated devices."""

import dataclasses
from datetime import datetime
from pathlib import Path

from issgaze.archive.atomic import guard_writes
from issgaze.archive.framefile import FrameHints, load_frame
from issgaze.archive.lensfile import read_lens
from issgaze.civil import format_utc, parse_utc
from issgaze.config import Settings
from issgaze.devices.folder import FolderCamera
from issgaze.devices.picamera import PiCamera
from issgaze.devices.systemclock import SystemClock
from issgaze.errors import ConfigurationError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.optics.profiles import sensor_profile
from issgaze.optics.sensor import SensorProfile
from issgaze.ports import Camera
from issgaze.service.devices import Devices
from issgaze.simulated.camera import SimulatedCamera
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.disk import SimulatedDisk
from issgaze.simulated.elementsource import SimulatedElementSource, element_record
from issgaze.simulated.gnss import SimulatedGnss
from issgaze.simulated.lens import lens_document
from issgaze.simulated.roof import SimulatedRoof
from issgaze.simulated.scenario import Scenario

# until `issgaze bench` has measured the board
_INTERVAL_S = 5.0


def simulated_settings(settings: Settings, scenario: Scenario) -> Settings:
    """Return the settings with the scenario's site and camera in place of the owner's."""
    site = scenario.site
    return dataclasses.replace(
        settings,
        site=dataclasses.replace(
            settings.site,
            name=site.name,
            latitude_deg=site.latitude_deg,
            longitude_deg=site.longitude_deg,
            height_m=site.height_m,
            time_zone=site.time_zone,
        ),
        passes=dataclasses.replace(
            settings.passes, norad_ids=(int(element_record(scenario)["NORAD_CAT_ID"]),)
        ),
        camera=dataclasses.replace(
            settings.camera,
            adapter="simulated",
            sensor=scenario.camera.sensor,
            mode=scenario.camera.mode,
            f_number=scenario.camera.f_number,
            has_cover=True,
        ),
    )


def simulated_devices(
    scenario: Scenario, *, start: datetime | None, speed: float | None, kept_clock: Path
) -> Devices:
    """Return a simulated world.

    Args:
        scenario: What the world is like.
        start: Where its clock starts; None goes on where `kept_clock` says, else at the scenario's.
        speed: Of its clock against real time; None jumps.
        kept_clock: File that holds the clock between runs.
    """
    begin = start or _kept(kept_clock) or scenario.start_utc
    clock = SimulatedClock(begin, speed=speed, scenario=scenario)
    if any(cue.what.startswith("disk_") for cue in scenario.failures):
        disk = SimulatedDisk(scenario, clock, below=kept_clock.parent / "passes")
        guard_writes(disk.before_write)
    roof = SimulatedRoof(scenario, clock)
    lens = lens_document(scenario)
    return Devices(
        clock=clock,
        camera=SimulatedCamera(scenario, clock, roof=roof),
        roof=roof,
        element_source=SimulatedElementSource(scenario),
        sensor=sensor_profile(scenario.camera.sensor),
        lens=lens,
        focal_px=float(lens["focal_px"]),
        minimum_interval_s=1.0,
        simulated=True,
        speed="max" if speed is None else speed,
        holds_for_develop=speed is None,
        gnss=SimulatedGnss(scenario, clock),
    )


def _kept(path: Path) -> datetime | None:
    try:
        return parse_utc(path.read_text())
    except (OSError, ValueError):
        return None


def kept_clock_text(now: datetime) -> bytes:
    """Return what to write into the file that keeps the simulated clock."""
    return format_utc(now).encode() + b"\n"


def real_devices(settings: Settings) -> Devices:
    """Return the devices of this machine.

    Raises:
        CameraError: There is no camera to work with.
        ConfigurationError: The folder of the other program's frames is not set.
        LensError: The lens file cannot be read.
    """
    clock = SystemClock()
    sensor = sensor_profile(settings.camera.sensor)
    lens = read_lens(Path(settings.camera.lens_file)) if settings.camera.lens_file else None
    return Devices(
        clock=clock,
        camera=_real_camera(settings, sensor, clock),
        roof=None,
        element_source=None,
        sensor=sensor,
        lens=lens.to_document() if lens else None,
        focal_px=lens.focal_px if lens else _focal_px(settings, sensor),
        minimum_interval_s=_INTERVAL_S,
        simulated=False,
        speed=None,
        holds_for_develop=False,
    )


def _real_camera(settings: Settings, sensor: SensorProfile, clock: SystemClock) -> Camera:
    if settings.camera.adapter == "picamera":
        return PiCamera(sensor, clock)
    if not settings.camera.folder:
        raise ConfigurationError(
            f"camera.adapter is {settings.camera.adapter}, but camera.folder is not set",
            remedy="Run `issgaze config set camera.folder PATH`, or take camera.adapter picamera.",
        )
    return FolderCamera(Path(settings.camera.folder), sensor, clock, read=_frame_of)


def _frame_of(path: Path) -> Frame:
    """Return a frame with a known start and length of exposure.

    Raises:
        FrameError: It has none, or cannot be read.
    """
    loaded = load_frame(path, number=0, hints=FrameHints())
    if not (loaded.timed and loaded.exposed):
        raise FrameError(
            f"{path.name}: no start or length of exposure {loaded.note}",
            remedy="Let the other program write DATE-OBS and EXPTIME.",
        )
    return loaded.frame


def _focal_px(settings: Settings, sensor: SensorProfile) -> float:
    """Return the focal length in pixels of the capture mode, from the lens's data sheet."""
    widest = max(mode.width_px for mode in sensor.modes)
    width = next(
        (mode.width_px for mode in sensor.modes if mode.name == settings.camera.mode), widest
    )
    return settings.camera.focal_mm * 1000.0 / (sensor.pixel_um * widest / width)
