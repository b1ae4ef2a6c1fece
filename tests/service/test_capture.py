import dataclasses
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.fits import read_raw
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Row
from issgaze.archive.passfolder import PassFolder
from issgaze.archive.planfile import PlanFile
from issgaze.civil import later, seconds_between
from issgaze.errors import CameraError, DeviceError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.ports import ClockQuality, RoofState
from issgaze.service.capture import Progress, Stage, capture
from issgaze.sky.site import Site
from tests.archive.test_ledger import iss_pass

START = datetime(2026, 3, 1, 19, 27, tzinfo=UTC)


class JumpingClock:
    """A clock that jumps to the next deadline."""

    def __init__(self) -> None:
        self.now = later(START, -600)

    def now_utc(self) -> datetime:
        return self.now

    def monotonic_s(self) -> float:
        return seconds_between(START, self.now)

    def sleep_until(self, instant: datetime, *, wake: Callable[[], bool] | None = None) -> bool:
        if wake is not None and wake():
            return False
        self.now = max(self.now, instant)
        return True

    def quality(self) -> ClockQuality:
        return ClockQuality(trust="trusted", bound_s=0.01, source="test")


class ScriptedCamera:
    """Delivers frames on the clock; fails after the frame numbers it was given."""

    def __init__(self, clock: JumpingClock, fails_after: tuple[int, ...] = ()) -> None:
        self.clock = clock
        self.fails_after = set(fails_after)
        self.delivered = 0
        self.opened = 0

    def __enter__(self) -> "ScriptedCamera":
        self.opened += 1
        return self

    def __exit__(self, *exception: object) -> None:
        self.opened -= 1

    def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:
        assert self.opened == 1
        for _ in range(block.count):
            if self.delivered in self.fails_after:
                self.fails_after.discard(self.delivered)
                self.clock.now = later(self.clock.now, 12.0)
                raise CameraError("no frame for 12.0 s, limit 11 s", remedy="Check the cable.")
            start = self.clock.now
            self.clock.now = later(start, block.interval_s)
            self.delivered += 1
            mosaic = np.full((4, 4), self.delivered, dtype=np.uint16)
            info = FrameInfo(
                start_utc=start,
                exposure_s=block.exposure_s,
                analogue_gain=block.analogue_gain,
            )
            yield Frame(mosaic=mosaic, info=info)


class ScriptedRoof:
    """Remembers what it was asked; jams on request."""

    def __init__(self, *, jammed: bool = False) -> None:
        self.calls: list[str] = []
        self.jammed = jammed
        # None for a controller that is silent
        self.rain: bool | None = None

    def state(self) -> RoofState:
        if self.rain is None:
            raise DeviceError("silent", remedy="")
        return RoofState(
            cover="closed", rain=self.rain, heater_duty=None, air_temperature_c=None,
            humidity_percent=None, sky_temperature_c=None, faults=(),
        )  # fmt: skip

    def open_cover(self) -> None:
        self.calls.append("open")
        if self.jammed:
            raise DeviceError("the cover is stuck", remedy="Look at it.")

    def close_cover(self) -> None:
        self.calls.append("close")


def block(count: int, start: datetime = START) -> ExposureBlock:
    return ExposureBlock(
        start_utc=start, exposure_s=5.0, analogue_gain=4.0, count=count, interval_s=5.001
    )


def plan(darks: int = 0) -> CapturePlan:
    return CapturePlan(
        iss_pass=iss_pass(),
        mode="binned",
        lights=(block(20),),
        darks=block(darks, later(START, 300)) if darks else None,
        expected_snr=None,
        reasons=("test",),
    )


def plan_file() -> PlanFile:
    return PlanFile(
        pass_id="20260301T1930Z-25544", plan=plan(), site=Site(latitude_deg=48, longitude_deg=16),
        site_name="Roof", time_zone="Europe/Vienna", satellite="ISS", elements={}, lens=None,
    )  # fmt: skip


def row() -> Row:
    return Row(
        id="20260301T1930Z-25544",
        norad_id=25544,
        rise_utc=START,
        culmination_utc=later(START, 180),
        set_utc=later(START, 360),
        verdict="shoot",
        outcome=None,
        reason="bright",
        folder=None,
    )


@pytest.fixture
def folder(tmp_path: Path) -> PassFolder:
    return PassFolder.create(Archive(tmp_path), plan_file())


def stage(
    clock: JumpingClock,
    camera: ScriptedCamera,
    roof: ScriptedRoof | None = None,
    stop: Callable[[], bool] = lambda: False,
    seen: list[Progress] | None = None,
) -> Stage:
    return Stage(
        clock=clock,
        camera=camera,  # type: ignore[arg-type]
        roof=roof,
        stop=stop,
        on_progress=(seen if seen is not None else []).append,
    )


def events(folder: PassFolder) -> str:
    return (folder.path / "events.jsonl").read_text()


def test_every_frame_is_on_disk_in_order_and_the_folder_sealed(folder: PassFolder) -> None:
    clock, seen = JumpingClock(), []
    camera = ScriptedCamera(clock)
    assert capture(folder, plan(), stage(clock, camera, seen=seen)) == "complete"
    assert [read_raw(path).mosaic[0, 0] for path in folder.lights()] == list(range(1, 21))
    assert read_raw(folder.lights()[0]).info.start_utc == START
    assert folder.is_sealed
    written = sum(path.stat().st_size for path in folder.lights())
    assert f'"bytes_written": {written}' in events(folder)
    assert camera.opened == 0
    assert [progress.done for progress in seen] == list(range(1, 21))


def test_darks_come_before_the_lights_behind_a_shut_cover(folder: PassFolder) -> None:
    clock, roof = JumpingClock(), ScriptedRoof()
    capture(folder, plan(darks=4), stage(clock, ScriptedCamera(clock), roof))
    assert len(folder.darks()) == 4
    assert read_raw(folder.darks()[-1]).info.start_utc < START
    assert read_raw(folder.lights()[0]).info.start_utc == START
    assert roof.calls == ["close", "open", "close"]


def test_without_a_cover_there_are_no_darks(folder: PassFolder) -> None:
    clock = JumpingClock()
    capture(folder, plan(darks=4), stage(clock, ScriptedCamera(clock)))
    assert folder.darks() == []
    assert len(folder.lights()) == 20


def test_a_camera_that_fails_is_reopened_and_the_rest_photographed(folder: PassFolder) -> None:
    clock = JumpingClock()
    reason = capture(folder, plan(), stage(clock, ScriptedCamera(clock, fails_after=(0, 7))))
    assert reason == "complete"
    # each failure cost 12 s, that is two frames and a part of a third
    assert len(folder.lights()) == 15
    end = read_raw(folder.lights()[-1]).info.start_utc
    assert seconds_between(START, end) <= 20 * 5.001
    assert events(folder).count("camera_failed") == 2


def test_a_dead_camera_ends_the_capture_with_a_reason(folder: PassFolder) -> None:
    clock = JumpingClock()

    class Dead(ScriptedCamera):
        def __enter__(self) -> "ScriptedCamera":
            raise CameraError("no camera found", remedy="Check the cable.")

    reason = capture(folder, plan(), stage(clock, Dead(clock)))
    assert re.fullmatch(r"the camera failed \d+ times, at last: no camera found", reason)
    assert folder.is_sealed
    assert folder.lights() == []


def test_a_stuck_cover_does_not_stop_the_photographs(folder: PassFolder) -> None:
    clock = JumpingClock()
    roof = ScriptedRoof(jammed=True)
    capture(folder, plan(), stage(clock, ScriptedCamera(clock), roof))
    assert len(folder.lights()) == 20
    assert "the cover is stuck" in events(folder)


def test_the_owner_can_stop_and_what_there_is_stays(folder: PassFolder) -> None:
    clock, seen = JumpingClock(), []
    stopped = stage(clock, ScriptedCamera(clock), stop=lambda: len(folder.lights()) >= 3, seen=seen)
    assert capture(folder, plan(), stopped) == "stopped by the owner"
    assert len(folder.lights()) == 3
    assert folder.is_sealed


def test_after_a_late_restart_no_time_is_lost_on_darks(folder: PassFolder) -> None:
    clock = JumpingClock()
    clock.now = later(START, 42.0)
    capture(folder, plan(darks=4), stage(clock, ScriptedCamera(clock), ScriptedRoof()))
    assert folder.darks() == []
    assert read_raw(folder.lights()[0]).info.start_utc == later(START, 42.0)
    assert len(folder.lights()) == 11


def test_frames_after_a_restart_are_numbered_on(folder: PassFolder) -> None:
    clock = JumpingClock()
    capture(folder, plan(), stage(clock, ScriptedCamera(clock)))
    clock.now = START
    capture(folder, plan(), stage(clock, ScriptedCamera(clock)))
    assert [path.stem for path in folder.lights()] == [f"{number:04d}" for number in range(40)]


@pytest.mark.parametrize(
    ("mosaic", "message"),
    [
        (np.zeros((2, 4), dtype=np.uint16), "a frame of 4x2 uint16, 4x4 uint16 were asked for"),
        (np.zeros((4, 32), dtype=np.uint8), "a frame of 32x4 uint8, 4x4 uint16 were asked for"),
    ],
)
def test_a_frame_of_another_kind_is_refused_and_the_camera_opened_again(
    folder: PassFolder, mosaic: np.ndarray, message: str
) -> None:
    """Cut off, or packed as it came from the bus: neither may be taken for a mosaic."""
    clock = JumpingClock()

    class Wrong(ScriptedCamera):
        def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:
            for number, frame in enumerate(super().expose(block, mode=mode)):
                wrong = self.delivered < 5 and number == 2
                yield Frame(mosaic=mosaic, info=frame.info) if wrong else frame

    whole = stage(clock, Wrong(clock))
    whole = dataclasses.replace(whole, frame_shape=(4, 4))
    assert capture(folder, plan(), whole) == "complete"
    assert message in events(folder)
    assert all(read_raw(path).mosaic.shape == (4, 4) for path in folder.lights())
    assert len(folder.lights()) > 10
