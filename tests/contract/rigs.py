"""Cameras behind the same port, each with the same things befalling it."""

import dataclasses
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from issgaze.archive.fits import read_raw, write_raw
from issgaze.civil import from_unix, later, seconds_between
from issgaze.devices.folder import FolderCamera
from issgaze.devices.picamera import PiCamera
from issgaze.devices.stampclock import ClockPair, StampClock
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.profiles import sensor_profile
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import Camera, ClockQuality
from issgaze.simulated.camera import SimulatedCamera
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.scenario import FailureScenario, Scenario, parse_scenario
from tests.service.test_capture import JumpingClock

_STANDINS = Path(__file__).parents[1] / "standins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A camera, and what its frames must be like.

    Attributes:
        exposure_s, gap_s: Of its frames.
        starts: When the shutter truly opened for each frame that was delivered, or None.
    """

    camera: Camera
    mode: str
    exposure_s: float
    gap_s: float
    now: Callable[[], datetime]
    starts: Callable[[], list[datetime]] | None = None

    def block(self, count: int) -> ExposureBlock:
        return ExposureBlock(
            start_utc=later(self.now(), 1.0),
            exposure_s=self.exposure_s,
            analogue_gain=4.0,
            count=count,
            interval_s=self.exposure_s + self.gap_s,
        )


def standin_world() -> Any:
    """Return the world of the libcamera that stands in for the real one, as on its first day."""
    if str(_STANDINS) not in sys.path:
        sys.path.insert(0, str(_STANDINS))
    import libcamera  # type: ignore[import-not-found]
    from picamera2.allocators import dmaallocator

    dmaallocator.DmaHeap = _MemoryHeap
    dmaallocator.fcntl = types.SimpleNamespace(ioctl=lambda *_: 0)
    libcamera.world.reset()
    return libcamera.world


class _MemoryHeap:
    """Gives ordinary memory in place of the kernel's DMA heap."""

    def alloc(self, name: str, size: int) -> Any:
        import os

        from picamera2.dma_heap import UniqueFD

        descriptor = os.memfd_create(name)
        os.ftruncate(descriptor, size)
        return UniqueFD(descriptor)

    def close(self) -> None:
        pass


class WorldClock:
    """The system's clock in the stand-in's world."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.bound_s: float | None = 0.002

    def now_utc(self) -> datetime:
        return from_unix((self.world.boot_ns + self.world.utc_minus_boot_ns) * 1e-9)

    def monotonic_s(self) -> float:
        return float(self.world.boot_ns * 1e-9)

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        ahead_s = seconds_between(self.now_utc(), instant)
        self.world.boot_ns += max(0, round(ahead_s * 1e9))
        return True

    def quality(self) -> ClockQuality:
        trust = "untrusted" if self.bound_s is None else "trusted"
        return ClockQuality(trust=trust, bound_s=self.bound_s, source="test")  # type: ignore[arg-type]

    def pair(self) -> ClockPair:
        now = self.world.boot_ns
        return ClockPair(
            boot_ns=now, asleep_ns=0, utc_ns=now + self.world.utc_minus_boot_ns, within_ns=500
        )


def picamera(world: Any, clock: WorldClock, sensor: str) -> PiCamera:
    """Return the real adapter over genuine picamera2 and the stand-in."""
    import select

    def readable(descriptor: int, timeout_s: float) -> bool:
        hung = world.unplugged or (
            world.hangs_after is not None and world.delivered >= world.hangs_after
        )
        if select.select([descriptor], [], [], 0.5 if hung else 20.0)[0]:
            return True
        world.boot_ns += round(timeout_s * 1e9)
        return False

    return PiCamera(
        sensor_profile(sensor),
        clock,
        stamps=StampClock(clock.quality, read=clock.pair),
        readable=readable,
    )


def pi_rig(failure: str | None, *, pisp: bool) -> Rig:
    world = standin_world()
    world.sensor, world.pisp = "imx477", pisp
    clock = WorldClock(world)
    if failure == "hangs":
        world.hangs_after = 2
    if failure == "drops":
        world.drop = {2}
    if failure == "gone":
        world.unplugged = True
    camera = picamera(world, clock, "imx477")

    def starts() -> list[datetime]:
        return [from_unix((ns + world.utc_minus_boot_ns) * 1e-9) for ns in world.exposed_from_ns]

    return Rig(
        camera=camera, mode="binned", exposure_s=8.0, gap_s=630e-6, now=clock.now_utc, starts=starts
    )


_SMALL = """
start_utc = "2024-05-10T01:30:00Z"
[site]
latitude_deg = 49.02
longitude_deg = 13.23
[camera]
sensor = "imx462"
mode = "binned"
[lens]
focal_mm = 2.2
[foreground]
kind = "none"
[sky]
milky_way = 0.0
moon = false
faintest_mag = 8.0
"""


def simulated_rig(failure: str | None) -> Rig:
    scenario: Scenario = parse_scenario(_SMALL, name="contract")
    cues = {"hangs": ("camera_hangs", 18.0), "gone": ("camera_gone", 0.0)}
    if failure in cues:
        what, start_s = cues[failure]
        cue = FailureScenario(what=what, start_s=start_s, lasts_s=1e6)  # type: ignore[arg-type]
        scenario = dataclasses.replace(scenario, failures=(cue,))
    if failure == "drops":
        seen = dataclasses.replace(scenario.camera, drop_every=3)
        scenario = dataclasses.replace(scenario, camera=seen)
    clock = SimulatedClock(scenario.start_utc, scenario=scenario)
    return Rig(
        camera=SimulatedCamera(scenario, clock),
        mode="binned",
        exposure_s=8.0,
        gap_s=1e-4,
        now=clock.now_utc,
    )


class DroppingClock(JumpingClock):
    """A clock under which another program goes on exposing and writing frames."""

    def __init__(self, folder: Path, failure: str | None) -> None:
        super().__init__()
        self.folder, self.failure = folder, failure
        self.begin = self.now
        self.number = 0

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        super().sleep_until(instant, wake=wake)
        step_s = 8.0 + 1e-3
        while later(self.begin, self.number * step_s + 8.3) <= self.now:
            lost = self.failure == "drops" and self.number == 2
            hangs = self.failure == "hangs" and self.number >= 3
            if not lost and not hangs:
                self._write(later(self.begin, self.number * step_s))
            self.number += 1
        return True

    def _write(self, start: datetime) -> None:
        mosaic = np.full((540, 960), 250, dtype=np.uint16)
        info = FrameInfo(start_utc=start, exposure_s=8.0, analogue_gain=4.0, black_level_adu=240.0)
        (self.folder / f"note-{self.number}.txt").write_text("no frame")
        path = self.folder / f"frame-{self.number:04d}.fits"
        write_raw(path, Frame(mosaic=mosaic, info=info), site=None, durable=False)


@contextmanager
def folder_rig(failure: str | None) -> Iterator[Rig]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        clock = DroppingClock(folder, failure)
        if failure == "gone":
            folder = folder / "nowhere"
        camera = FolderCamera(folder, sensor_profile("imx462"), clock, read=read_raw)
        yield Rig(camera=camera, mode="binned", exposure_s=8.0, gap_s=1e-3, now=clock.now_utc)


@contextmanager
def rig(kind: str, failure: str | None = None) -> Iterator[Rig]:
    """Give a camera of a kind with a failure: hangs, drops or gone."""
    if kind == "simulated":
        yield simulated_rig(failure)
    elif kind == "folder":
        with folder_rig(failure) as one:
            yield one
    else:
        yield pi_rig(failure, pisp=kind == "pi5")
