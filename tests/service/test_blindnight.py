"""A night on which the device does not know the time, and what becomes of its frames."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.fits import read_raw
from issgaze.archive.passfolder import pass_folders
from issgaze.civil import later, parse_utc, seconds_between
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.profiles import sensor_profile
from issgaze.ports import ClockQuality
from issgaze.service.blindnight import BlindNight
from issgaze.service.preflight import metering_optics
from tests.service.test_capture import JumpingClock, ScriptedRoof
from tests.service.test_observe import World

TRUE_EVENING = parse_utc("2024-05-09T22:30:00Z")
OPTICS = metering_optics(sensor_profile("imx477"), "full", 1742.0, 2.0)


class BlindClock(JumpingClock):
    """Eleven years behind until the network tells the time."""

    def __init__(self, known_at: str) -> None:
        self.true = TRUE_EVENING
        self.known_at = parse_utc(known_at)

    @property
    def _error_s(self) -> float:
        return 0.0 if self.true >= self.known_at else -11.0 * 365.25 * 86400.0

    @property
    def now(self):
        return later(self.true, self._error_s)

    @now.setter
    def now(self, value) -> None:
        self.true = later(self.true, seconds_between(self.now, value))

    def monotonic_s(self) -> float:
        return seconds_between(TRUE_EVENING, self.true) + 42.0

    def quality(self) -> ClockQuality:
        if self.true < self.known_at:
            return ClockQuality(trust="untrusted", bound_s=None, source="nothing")
        return ClockQuality(trust="trusted", bound_s=0.02, source="NTP")


class NightCamera:
    """Frames whose level tells how bright the sky is, stamped by the wrong clock."""

    def __init__(self, clock: BlindClock, *, day: bool = False, dawn: str = "") -> None:
        self.clock = clock
        self.day = day
        self.dawn = parse_utc(dawn) if dawn else None
        self.true_starts = []

    def __enter__(self):
        return self

    def __exit__(self, *_exception: object) -> None:
        return None

    def expose(self, block, *, mode):
        assert mode == "full"
        for _ in range(block.count):
            start, true = self.clock.now, self.clock.true
            self.clock.now = later(start, block.interval_s)
            self.true_starts.append(true)
            bright = self.day or (self.dawn is not None and true > self.dawn)
            # two electrons a second, a dark sky
            dark = 256 + round(block.exposure_s * block.analogue_gain)
            info = FrameInfo(
                start_utc=start, exposure_s=block.exposure_s, analogue_gain=block.analogue_gain
            )
            mosaic = np.full((4, 4), 4095 if bright else dark, dtype=np.uint16)
            yield Frame(mosaic=mosaic, info=info)


def blind_world(tmp_path: Path, known_at: str, **camera) -> World:
    world = World(tmp_path)
    world.clock = BlindClock(known_at)
    world.camera = NightCamera(world.clock, **camera)
    return world


def test_a_pass_that_went_over_blindly_is_developed_when_the_time_is_known(tmp_path: Path) -> None:
    """The pass of 00:08 UTC; the network comes at 00:40."""
    world = blind_world(tmp_path, "2024-05-10T00:40:00Z")
    world.clock.true = parse_utc("2024-05-09T23:55:00Z")
    world.observe(until="2024-05-10T01:20:00Z")
    (folder,) = pass_folders(world.archive)
    assert folder.id == "20240510T0008Z-25544"
    assert folder.sealed_reason() == "taken before the time was known"
    starts = [read_raw(path).info.start_utc for path in folder.lights()]
    true = world.camera.true_starts
    assert all(min(abs(seconds_between(a, b)) for b in true) < 1e-3 for a in starts)
    assert all(read_raw(path).info.clock_error_s == 0.02 for path in folder.lights())
    iss_pass = folder.plan_file().plan.iss_pass
    assert starts[0] < iss_pass.lit[0].start.utc
    assert starts[-1] > later(iss_pass.lit[-1].end.utc, -10.0)
    world.observe(until="2024-05-10T03:30:00Z")
    assert world.rows()["20240510T0008Z-25544"][0] == "caught"
    assert not (tmp_path / "blind").exists(), "frames are kept once"
    assert any("before the time was known" in line for line in world.log)


def test_a_pass_that_went_over_blindly_is_counted(tmp_path: Path) -> None:
    world = blind_world(tmp_path, "2024-05-10T00:40:00Z")
    world.clock.true = parse_utc("2024-05-09T23:55:00Z")
    world.observe(passes=1, until="2024-05-10T09:00:00Z")
    assert [folder.id for folder in pass_folders(world.archive)] == ["20240510T0008Z-25544"]
    assert world.clock.true < parse_utc("2024-05-10T01:30:00Z")


def test_a_program_that_ends_in_a_blind_night_goes_on_with_its_frames(tmp_path: Path) -> None:
    """Ended while the pass of 00:08 is up, and before the network comes at 00:40."""
    world = blind_world(tmp_path, "2024-05-10T00:40:00Z")
    world.boot_id, world.clock.true = "4b2e", parse_utc("2024-05-10T00:00:00Z")
    middle = parse_utc("2024-05-10T00:10:00Z")
    world.observe(stop=lambda: world.clock.true > middle)
    kept = len(list((tmp_path / "blind").glob("lights/*.fits")))
    assert kept > 50
    # a power cut during the last line of the stamps
    with (tmp_path / "blind" / "stamps.jsonl").open("a") as stamps:
        stamps.write('{"file": "00')
    world.observe(until="2024-05-10T01:20:00Z")
    (folder,) = pass_folders(world.archive)
    assert folder.sealed_reason() == "taken before the time was known"
    starts = [read_raw(path).info.start_utc for path in folder.lights()]
    assert starts == sorted(set(starts))
    assert starts[0] < middle < starts[-1]
    true = world.camera.true_starts
    assert all(min(abs(seconds_between(a, b)) for b in true) < 1e-3 for a in starts)
    assert f"{kept} frames taken before the time was known are still held" in world.log
    assert not (tmp_path / "blind").exists()


@pytest.mark.parametrize("after", ["5c3f", ""])
def test_frames_of_an_earlier_boot_can_be_dated_no_more(tmp_path: Path, after: str) -> None:
    world = blind_world(tmp_path, "2024-05-10T00:40:00Z")
    world.boot_id, world.clock.true = "4b2e", parse_utc("2024-05-10T00:00:00Z")
    middle = parse_utc("2024-05-10T00:20:00Z")
    world.observe(stop=lambda: world.clock.true > middle)
    assert list((tmp_path / "blind").glob("lights/*.fits"))
    world.boot_id = after
    world.observe(until="2024-05-10T01:20:00Z")
    assert list(pass_folders(world.archive)) == []
    assert not any("still held" in line for line in world.log)


def test_a_program_that_ended_while_it_gave_frames_away_gives_none_twice(tmp_path: Path) -> None:
    world = blind_world(tmp_path, "2024-05-10T00:40:00Z")
    world.boot_id, world.clock.true = "4b2e", parse_utc("2024-05-10T00:00:00Z")
    world.observe(stop=lambda: world.clock.true > parse_utc("2024-05-10T00:39:00Z"))
    shutil.copytree(tmp_path / "blind", tmp_path / "held")
    world.observe(until="2024-05-10T00:45:00Z")
    (folder,) = pass_folders(world.archive)
    lights = len(folder.lights())
    (tmp_path / "held").rename(tmp_path / "blind")
    world.observe(until="2024-05-10T01:20:00Z")
    assert len(folder.lights()) == lights
    assert not (tmp_path / "blind").exists()


def test_frames_that_cannot_be_read_cost_themselves_alone(tmp_path: Path) -> None:
    """A card that loses the first half of the frames, the very first among them."""
    world = blind_world(tmp_path, "2024-05-10T00:40:00Z")
    world.clock.true = parse_utc("2024-05-09T23:55:00Z")

    def losing() -> bool:
        for path in list((tmp_path / "blind").glob("lights/*.fits")):
            if int(path.stem) % 2 and path.stat().st_size > 10:
                path.write_bytes(b"lost")
        return False

    world.observe(until="2024-05-10T01:20:00Z", stop=losing)
    (folder,) = pass_folders(world.archive)
    assert 10 < len(folder.lights()) < 40
    assert world.log[-1].startswith("20240510T0008Z-25544:")


def test_by_day_only_the_light_is_metered(tmp_path: Path) -> None:
    world = blind_world(tmp_path, "2024-05-11T00:00:00Z", day=True)
    world.observe(stop=lambda: world.clock.true > later(TRUE_EVENING, 3600.0))
    # one short look every ten minutes
    assert len(world.camera.true_starts) == pytest.approx(6, abs=1)
    assert not (tmp_path / "blind").exists()
    assert world.roof.calls[-1] == "close"


class LosingClock(BlindClock):
    """Right all along, but for an hour and a half nothing says so."""

    _error_s = 0.0

    def quality(self) -> ClockQuality:
        lost = parse_utc("2024-05-09T23:10:00Z") <= self.true < self.known_at
        trust = "untrusted" if lost else "trusted"
        return ClockQuality(trust=trust, bound_s=None if lost else 0.02, source="test")


def test_a_pass_without_frames_is_missed_for_want_of_the_time(tmp_path: Path) -> None:
    """The sky is bright, so that nothing is photographed blindly."""
    world = World(tmp_path)
    world.clock = LosingClock("2024-05-10T00:40:00Z")
    world.camera = NightCamera(world.clock, day=True)
    world.observe(until="2024-05-10T01:20:00Z")
    missed = ("missed", "the device did not know the time")
    assert world.rows()["20240510T0008Z-25544"] == missed


def test_dawn_ends_the_series(tmp_path: Path) -> None:
    world = blind_world(tmp_path, "2024-05-12T00:00:00Z", dawn="2024-05-09T23:00:00Z")
    world.observe(stop=lambda: world.clock.true > later(TRUE_EVENING, 3600.0))
    frames = len(list((tmp_path / "blind").glob("lights/*.fits")))
    assert 170 <= frames <= 215


def test_the_oldest_frames_go_when_room_is_scarce(tmp_path: Path) -> None:
    clock = BlindClock("2024-05-12T00:00:00Z")
    old = tmp_path / "lights" / "99999.fits"
    old.parent.mkdir()
    old.write_bytes(b"of an earlier run")
    size = 5760  # a header of one block, pixels of another
    night = BlindNight(
        tmp_path, clock=clock, camera=NightCamera(clock), roof=ScriptedRoof(), mode="full",
        optics=OPTICS, free_gb=lambda: 20 * size / 0.2 / 1e9,
        stop=lambda: clock.true > later(TRUE_EVENING, 600.0), log=print,
    )  # fmt: skip
    night.watch(later(clock.now, 3600.0))
    held = sorted((tmp_path / "lights").iterdir())
    assert len(held) == 20
    assert held[-1].name > "00050.fits"
    assert not old.exists()
    assert [frame.path for frame in night.frames()] == held
    night.forget()
    assert night.frames() == ()
