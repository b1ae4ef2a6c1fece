"""Clocks that err, power that fails, receivers and disks that do not do what they should."""

import dataclasses
import errno
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.atomic import append_line, guard_writes, write_atomic
from issgaze.civil import later, seconds_between
from issgaze.errors import ArchiveError, DeviceError
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import GnssReceiver
from issgaze.simulated.camera import SimulatedCamera, stamped_start
from issgaze.simulated.chip import Chip
from issgaze.simulated.clock import PowerCut, SimulatedClock
from issgaze.simulated.devicetime import DeviceTime
from issgaze.simulated.disk import SimulatedDisk
from issgaze.simulated.gnss import SimulatedGnss
from issgaze.simulated.scenario import FailureScenario, Scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.sequence import frames, sequence


def _failing(plain: Scenario, what: str, start_s: float, lasts_s: float, amount: float = 0.0):  # type: ignore[no-untyped-def]
    cue = FailureScenario(what=what, start_s=start_s, lasts_s=lasts_s, amount=amount)  # type: ignore[arg-type]
    return dataclasses.replace(plain, failures=(*plain.failures, cue))


def _block(scenario: Scenario, start_s: float, count: int) -> ExposureBlock:
    return ExposureBlock(
        start_utc=later(scenario.start_utc, start_s),
        exposure_s=2.0,
        analogue_gain=8.0,
        count=count,
        interval_s=2.0001,
    )


def test_error_and_drift_add_up_and_are_undone(plain: Scenario) -> None:
    scenario = dataclasses.replace(plain, clock_error_s=47.0, clock_drift_ppm=100.0)
    device = DeviceTime(scenario)
    true = later(plain.start_utc, 10_000.0)
    assert device.ahead_s(true) == pytest.approx(48.0)
    assert seconds_between(true, device.true_when(device.reading(true))) == pytest.approx(
        0, abs=2e-6
    )
    assert DeviceTime(plain).is_true
    assert DeviceTime(plain).reading(true) == true


@pytest.mark.parametrize("step_s", [20.0, -20.0])
def test_a_stepped_clock_reaches_each_deadline_once(plain: Scenario, step_s: float) -> None:
    scenario = _failing(plain, "clock_step", 100.0, 1e6, step_s)
    clock = SimulatedClock(plain.start_utc, scenario=scenario)
    assert clock.sleep_until(later(plain.start_utc, 99.0))
    assert seconds_between(plain.start_utc, clock.true_utc()) == pytest.approx(99.0)
    assert clock.sleep_until(later(plain.start_utc, 150.0))
    assert clock.now_utc() >= later(plain.start_utc, 150.0)
    assert seconds_between(plain.start_utc, clock.true_utc()) == pytest.approx(150.0 - step_s)
    # a deadline that the step forward jumps over is due at the step
    if step_s > 0.0:
        clock = SimulatedClock(plain.start_utc, scenario=scenario)
        clock.sleep_until(later(plain.start_utc, 110.0))
        assert seconds_between(plain.start_utc, clock.true_utc()) == pytest.approx(100.0)


def test_frames_carry_the_devices_time_and_show_the_true_sky(plain: Scenario) -> None:
    late = dataclasses.replace(plain, clock_error_s=30.0)
    shown, wrong = [], []
    for scenario, into in ((plain, shown), (late, wrong)):
        clock = SimulatedClock(later(scenario.start_utc, scenario.clock_error_s), scenario=scenario)
        block = _block(scenario, 10.0 + scenario.clock_error_s, 1)
        with SimulatedCamera(scenario, clock) as camera:
            into.append(next(camera.expose(block, mode="binned")))
    assert seconds_between(shown[0].info.start_utc, wrong[0].info.start_utc) == pytest.approx(30.0)
    assert np.array_equal(shown[0].mosaic, wrong[0].mosaic)


def test_a_stamp_of_the_start_dates_frames_too_early(plain: Scenario) -> None:
    camera = dataclasses.replace(plain.camera, stamp="start")
    scenario = dataclasses.replace(plain, camera=camera)
    clock = SimulatedClock(plain.start_utc, scenario=scenario)
    with SimulatedCamera(scenario, clock) as device:
        frame = next(device.expose(_block(scenario, 10.0, 1), mode="binned"))
    assert seconds_between(plain.start_utc, frame.info.start_utc) == pytest.approx(8.0)


def test_stamps_jitter_by_their_deviation(plain: Scenario) -> None:
    camera = dataclasses.replace(plain.camera, stamp_jitter_s=0.02)
    scenario = dataclasses.replace(plain, camera=camera)
    clock = SimulatedClock(plain.start_utc, scenario=scenario)
    starts = [later(plain.start_utc, 2.0 * number) for number in range(400)]
    stamps = [stamped_start(scenario, clock, start, 2.0) for start in starts]
    misses = [seconds_between(*pair) for pair in zip(starts, stamps, strict=True)]
    assert np.std(misses) == pytest.approx(0.02, rel=0.1)
    assert np.mean(misses) == pytest.approx(0.0, abs=0.003)


def test_an_untrusted_clock_says_so_in_its_frames(plain: Scenario) -> None:
    scenario = _failing(plain, "clock_untrusted", 0.0, 1e6)
    clock = SimulatedClock(plain.start_utc, scenario=scenario)
    assert clock.quality().trust == "untrusted"
    with SimulatedCamera(scenario, clock) as camera:
        frame = next(camera.expose(_block(scenario, 10.0, 1), mode="binned"))
    assert frame.info.clock_error_s is None
    assert SimulatedClock(plain.start_utc).quality().bound_s == 0.001


def test_a_power_cut_ends_the_program_and_leaves_the_clock_behind_it(plain: Scenario) -> None:
    scenario = _failing(plain, "power_cut", 14.0, 90.0)
    clock = SimulatedClock(plain.start_utc, scenario=scenario)
    caught = []
    with (
        SimulatedCamera(scenario, clock) as camera,
        pytest.raises(PowerCut, match="the power failed at 2024-05-10T01:00:14Z"),
    ):
        caught.extend(camera.expose(_block(scenario, 10.0, 9), mode="binned"))
    assert seconds_between(plain.start_utc, clock.now_utc()) == pytest.approx(104.0)
    # whoever starts again after the cut is not cut off once more
    again = SimulatedClock(clock.now_utc(), scenario=scenario)
    assert again.sleep_until(later(plain.start_utc, 1000.0))


def test_a_running_clock_is_cut_off_too(plain: Scenario) -> None:
    scenario = _failing(plain, "power_cut", 14.0, 90.0)
    clock = SimulatedClock(plain.start_utc, speed=1e5, scenario=scenario)
    with pytest.raises(PowerCut, match="the power failed"):
        clock.sleep_until(later(plain.start_utc, 20.0))
    assert clock.now_utc() >= later(plain.start_utc, 104.0)


def test_the_receiver_knows_time_and_place_or_says_that_it_does_not(plain: Scenario) -> None:
    scenario = dataclasses.replace(plain, clock_error_s=47.0)
    scenario = _failing(scenario, "gnss_no_fix", 100.0, 50.0)
    scenario = _failing(scenario, "gnss_jumps", 200.0, 50.0, 0.5)
    scenario = _failing(scenario, "gnss_silent", 300.0, 50.0)
    clock = SimulatedClock(later(plain.start_utc, 47.0), scenario=scenario)
    receiver: GnssReceiver = SimulatedGnss(scenario, clock)
    fix = receiver.read()
    assert fix.utc == plain.start_utc
    assert (fix.latitude_deg, fix.satellites) == (plain.site.latitude_deg, 9)
    clock.wait_until(later(plain.start_utc, 120.0))
    assert receiver.read().utc is receiver.read().latitude_deg is None
    clock.wait_until(later(plain.start_utc, 220.0))
    assert receiver.read().latitude_deg == pytest.approx(plain.site.latitude_deg + 0.5)
    clock.wait_until(later(plain.start_utc, 320.0))
    with pytest.raises(DeviceError, match="the GNSS receiver is silent for 5 s, the limit is 2 s"):
        receiver.read()


def test_a_disk_is_full_read_only_or_slow_on_cue(plain: Scenario, tmp_path: Path) -> None:
    scenario = _failing(plain, "disk_full", 100.0, 50.0)
    scenario = _failing(scenario, "disk_read_only", 200.0, 50.0)
    scenario = _failing(scenario, "disk_slow", 300.0, 50.0, 4.0)
    clock = SimulatedClock(plain.start_utc, scenario=scenario)
    disk = SimulatedDisk(scenario, clock, below=tmp_path / "passes")
    path = tmp_path / "passes" / "frame"
    guard_writes(disk.before_write)
    try:
        write_atomic(path, b"one")
        clock.wait_until(later(plain.start_utc, 110.0))
        with pytest.raises(ArchiveError, match="no space left on device"):
            write_atomic(path, b"two")
        with pytest.raises(ArchiveError, match="no space left on device"):
            append_line(path, "two")
        write_atomic(tmp_path / "elsewhere", b"two")
        assert path.read_bytes() == b"one"
        clock.wait_until(later(plain.start_utc, 210.0))
        with pytest.raises(OSError, match=r"(?i)read-only") as caught:
            disk.before_write(path)
        assert caught.value.errno == errno.EROFS
        clock.wait_until(later(plain.start_utc, 310.0))
        write_atomic(path, b"two")
        assert seconds_between(plain.start_utc, clock.true_utc()) == pytest.approx(314.0)
    finally:
        guard_writes(None)


def test_rendered_frames_are_stamped_by_the_same_clock(plain: Scenario) -> None:
    scenario = dataclasses.replace(plain, clock_error_s=5.0)
    plan = sequence(scenario, mode="binned", count=1)
    scene = Scene(scenario, middle=plan.first_utc)
    frame = next(frames(scenario, scene, Chip(scenario, "binned"), plan))
    assert seconds_between(plan.first_utc, frame.info.start_utc) == pytest.approx(5.0)


def test_a_clock_that_goes_on_after_a_cut_does_not_meet_it_again(plain: Scenario) -> None:
    scenario = _failing(plain, "power_cut", 60.0, 30.0)
    # the second falls into the first
    scenario = _failing(scenario, "power_cut", 70.0, 5.0)
    scenario = _failing(scenario, "power_cut", 600.0, 0.0)
    clock = SimulatedClock(scenario.start_utc, scenario=scenario)
    end = later(scenario.start_utc, 3600.0)
    cuts = 0
    while clock.true_utc() < end and cuts < 10:
        try:
            clock.sleep_until(end)
        except PowerCut:
            cuts += 1
    assert cuts == 2
