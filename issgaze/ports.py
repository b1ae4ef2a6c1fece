"""What the programs ask of the outside world; real adapters and simulated ones both answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from issgaze.arrays import UInt8Array
from issgaze.imaging.frame import Frame
from issgaze.optics.sensor import SensorProfile
from issgaze.planning.plan import ExposureBlock

ClockTrust = Literal["untrusted", "coarse", "trusted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockQuality:
    """How far the clock can be believed: bound_s is None when nothing bounds its error."""

    trust: ClockTrust
    bound_s: float | None
    source: str


class Clock(Protocol):
    """Time as the device knows it."""

    def now_utc(self) -> datetime:
        """Return the present instant (UTC)."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never steps."""
        ...

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        """Wait until the instant; return False when `wake` became true before."""
        ...

    def quality(self) -> ClockQuality:
        """Return how far the clock can be believed now."""
        ...


class Camera(Protocol):
    """A camera that streams back-to-back exposures. It is a context manager: open, then close."""

    @property
    def sensor(self) -> SensorProfile:
        """The chip's profile."""
        ...

    def __enter__(self) -> "Camera":
        """Open the device; CameraError when it is missing."""
        ...

    def __exit__(self, *exception: object) -> None:
        """Give the device back."""
        ...

    def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:
        """Stream the block's frames; each arrives when it has been read out.

        Raises:
            CameraError: The camera hangs, vanishes or delivers something else than was asked.
        """
        ...


CoverState = Literal["open", "closed", "moving", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoofState:
    """What the roof controller reports; None where it has no such sensor.

    Attributes:
        faults: What went wrong since somebody last cleared it.
        wet_s: Seconds until it counts as dry again and the cover may open.
        heater_by: What decides on the heater: dew, hand, blind (dead sensor), rest, hot, supply.
        dew_margin_c: By how much an unheated dome is warmer than the dew point.
        cloud_percent: 0 clear to 100 overcast, as the controller judges it.
        sky_lux: Brightness of the sky.
        supply_v: Of the 12 V supply.
        pi: What the controller makes of this Pi: alive, boot, silent, stopping, off, hold,
            given_up.
        firmware: Its version.
        reset_cause: Why it last started: power, watchdog, brown_out, soft.
    """

    cover: CoverState
    rain: bool | None
    heater_duty: float | None
    air_temperature_c: float | None
    humidity_percent: float | None
    sky_temperature_c: float | None
    faults: tuple[str, ...]
    wet_s: float | None = None
    heater_by: str | None = None
    dew_margin_c: float | None = None
    cloud_percent: float | None = None
    sky_lux: float | None = None
    supply_v: float | None = None
    pi: str | None = None
    firmware: str | None = None
    reset_cause: str | None = None


RoofTask = Literal["hold", "power", "clear", "update"]


class RoofController(Protocol):
    """Cover, heater and weather sensors on the roof.

    Whoever hears nothing of it must take the cover for closed: it shuts when nobody speaks to it.
    """

    def state(self) -> RoofState:
        """Return the latest report; DeviceError when the controller is silent."""
        ...

    def open_cover(self) -> None:
        """Open the lens cover and return when it is open; DeviceError when something forbids it.

        It stays open until it is shut, until it rains, or until the program ends. After rain it
        takes another call.
        """
        ...

    def close_cover(self) -> None:
        """Shut the lens cover and return when it is shut; DeviceError when it does not."""
        ...

    def heat(self, duty: float | None, *, seconds: float = 600.0) -> None:
        """Heat by hand for so long, duty 0 to 1; None lets the dew point decide again."""
        ...

    def maintain(self, task: RoofTask, *, seconds: float = 0.0) -> None:
        """Do what its keeper asks for; DeviceError when it cannot be done.

        Args:
            task: "hold" leaves the Pi alone for `seconds` while it is updated, "power" turns the
                Pi off and on, "clear" forgets faults whose causes are gone, "update" makes room
                for new firmware.
            seconds: Of a hold; 0 ends it.
        """
        ...

    def close(self) -> None:
        """Let go of it; the cover shuts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssFix:
    """A position and time from satellites; None without a fix."""

    utc: datetime | None
    latitude_deg: float | None
    longitude_deg: float | None
    height_m: float | None
    satellites: int


class GnssReceiver(Protocol):
    """A satellite-navigation receiver."""

    def read(self) -> GnssFix:
        """Return the latest fix; DeviceError when the receiver is silent."""
        ...


class ElementSource(Protocol):
    """A place that serves element sets."""

    @property
    def name(self) -> str:
        """The source's name for people."""
        ...

    def fetch(self, norad_id: int) -> bytes:
        """Return the reply's body; FetchError for anything but a complete 200."""
        ...


class VideoEncoder(Protocol):
    """Turns pictures into a video file's bytes."""

    def encode(self, frames: Iterator[UInt8Array], *, width: int, height: int, fps: int) -> bytes:
        """Return an MP4 of RGB frames, uint8 of shape (height, width, 3)."""
        ...
