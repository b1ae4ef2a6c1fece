"""The devices of this machine; the simulator is not even loaded."""

from pathlib import Path

from issgaze.archive.framefile import FrameHints, load_frame
from issgaze.archive.lensfile import read_lens
from issgaze.config import RoofSettings, Settings
from issgaze.devices.folder import FolderCamera
from issgaze.devices.gpio import GpioRoof
from issgaze.devices.gpiopins import GpioPins
from issgaze.devices.picamera import PiCamera
from issgaze.devices.roof import PicoRoof
from issgaze.devices.systemclock import SystemClock, boot_id
from issgaze.errors import ConfigurationError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.optics.profiles import sensor_profile
from issgaze.optics.sensor import SensorProfile
from issgaze.ports import Camera, Clock, RoofController
from issgaze.service.devices import Devices
from issgaze.service.judgedclock import JudgedClock

# until `issgaze bench` has measured the board
_INTERVAL_S = 5.0


def real_devices(settings: Settings, *, run: Path | None = None) -> Devices:
    """Return the devices of this machine.

    Args:
        settings: What the owner set.
        run: The run folder, where `issgaze gnss` tells what it makes of the clock.

    Raises:
        CameraError: There is no camera to work with.
        ConfigurationError: The folder of the other program's frames is not set.
        DeviceError: A pin of the roof belongs to something else.
        LensError: The lens file cannot be read.
    """
    clock: Clock = SystemClock() if run is None else JudgedClock(SystemClock(), run)
    sensor = sensor_profile(settings.camera.sensor)
    lens = read_lens(Path(settings.camera.lens_file)) if settings.camera.lens_file else None
    roof = real_roof(settings.roof)
    hears = settings.gnss.source == "roof" and isinstance(roof, PicoRoof)
    return Devices(
        clock=clock,
        camera=_real_camera(settings, sensor, clock),
        roof=roof,
        element_source=None,
        sensor=sensor,
        lens=lens.to_document() if lens else None,
        focal_px=lens.focal_px if lens else _focal_px(settings, sensor),
        minimum_interval_s=_INTERVAL_S,
        simulated=False,
        speed=None,
        holds_for_develop=False,
        gnss=roof.gnss if hears and isinstance(roof, PicoRoof) else None,
        boot_id=boot_id(),
    )


def real_roof(settings: RoofSettings) -> RoofController | None:
    """Return the roof, None where there is none.

    Raises:
        DeviceError: A pin of it belongs to something else, or RPi.GPIO is missing.
    """
    if settings.controller == "pico":
        return PicoRoof(settings.port)
    if settings.controller == "gpio":
        return GpioRoof(gpio_pins(settings), blind_duty=settings.heater_duty)
    return None


def gpio_pins(settings: RoofSettings) -> GpioPins:
    """Return the pins of a roof without a controller; -1 is none."""
    return GpioPins(
        heater=_pin(settings.heater_pin),
        servo=_pin(settings.servo_pin),
        led=_pin(settings.led_pin),
        button=_pin(settings.button_pin),
        rain=_pin(settings.rain_pin),
        pps=_pin(settings.pps_pin),
    )


def _pin(number: int) -> int | None:
    return None if number < 0 else number


def _real_camera(settings: Settings, sensor: SensorProfile, clock: Clock) -> Camera:
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
    if not (loaded.facts.timed and loaded.facts.exposed):
        raise FrameError(
            f"{path.name}: no start or length of exposure {loaded.facts.note}",
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
