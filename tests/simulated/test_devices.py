import dataclasses

import numpy as np
import pytest

from issgaze.civil import later, seconds_between
from issgaze.errors import CameraError, DeviceError, FetchError
from issgaze.planning.plan import ExposureBlock
from issgaze.simulated.camera import SimulatedCamera
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.elementsource import SimulatedElementSource
from issgaze.simulated.roof import SimulatedRoof
from issgaze.simulated.scenario import FailureScenario, Scenario


def _block(scenario: Scenario, count: int) -> ExposureBlock:
    return ExposureBlock(
        start_utc=later(scenario.start_utc, 10.0),
        exposure_s=2.0,
        analogue_gain=8.0,
        count=count,
        interval_s=2.0001,
    )


def _failing(plain: Scenario, what: str, *, start_s: float, amount: float = 0.0) -> Scenario:
    cue = FailureScenario(what=what, start_s=start_s, lasts_s=30.0, amount=amount)  # type: ignore[arg-type]
    return dataclasses.replace(plain, failures=(cue,))


def test_the_clock_jumps_to_each_deadline_and_never_back(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc)
    assert clock.sleep_until(later(plain.start_utc, 3600.0))
    assert clock.monotonic_s() == 3600.0
    assert clock.sleep_until(plain.start_utc)
    assert clock.now_utc() == later(plain.start_utc, 3600.0)
    assert not clock.sleep_until(later(plain.start_utc, 7200.0), wake=lambda: True)
    assert clock.now_utc() == later(plain.start_utc, 3600.0)


def test_a_running_clock_keeps_its_pace(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc, speed=1e5)
    assert clock.sleep_until(later(plain.start_utc, 100.0))
    assert seconds_between(plain.start_utc, clock.now_utc()) >= 100.0


def test_frames_follow_each_other_without_a_gap_but_the_chips_own(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc)
    with SimulatedCamera(plain, clock) as camera:
        frames = list(camera.expose(_block(plain, 3), mode="binned"))
    starts = [frame.info.start_utc for frame in frames]
    assert starts[0] == later(plain.start_utc, 10.0)
    assert np.allclose(np.diff([s.timestamp() for s in starts]), 2.0001)
    assert [frame.info.sequence for frame in frames] == [1, 2, 3]
    assert frames[0].info.dead_time_s is None
    assert frames[2].info.dead_time_s == pytest.approx(0.0001)
    assert clock.now_utc() >= later(starts[2], 2.0)
    assert frames[0].mosaic.shape == (540, 960)
    assert frames[0].mosaic.dtype == np.uint16
    assert not np.array_equal(frames[0].mosaic, frames[1].mosaic)


def test_behind_the_shut_cover_it_is_dark(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc)
    roof = SimulatedRoof(plain, clock)
    camera = SimulatedCamera(plain, clock, roof=roof)
    assert roof.state().cover == "closed"
    with camera:
        dark = next(camera.expose(_block(plain, 1), mode="binned"))
    roof.open_cover()
    with camera:
        light = next(camera.expose(_block(plain, 1), mode="binned"))
    assert np.median(dark.mosaic) == dark.info.black_level_adu
    assert np.median(light.mosaic) > dark.info.black_level_adu


def test_the_cover_stays_shut_in_the_rain(plain: Scenario) -> None:
    scenario = _failing(plain, "rain", start_s=0.0)
    roof = SimulatedRoof(scenario, SimulatedClock(plain.start_utc))
    assert roof.state().rain is True
    with pytest.raises(DeviceError, match="the cover stays closed: it rains"):
        roof.open_cover()


def test_a_silent_controller_says_so(plain: Scenario) -> None:
    scenario = _failing(plain, "roof_silent", start_s=0.0)
    roof = SimulatedRoof(scenario, SimulatedClock(plain.start_utc))
    for ask in (roof.state, roof.open_cover, roof.close_cover):
        with pytest.raises(DeviceError, match="the roof controller is silent for 2 s"):
            ask()


def test_a_hanging_camera_is_given_up_after_its_patience(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc)
    camera = SimulatedCamera(_failing(plain, "camera_hangs", start_s=11.0), clock)
    frames = []
    with camera, pytest.raises(CameraError, match=r"no frame for 7\.0 s, 2\.0 s were asked for"):
        frames.extend(camera.expose(_block(plain, 5), mode="binned"))
    assert clock.monotonic_s() == pytest.approx(12.0001 + 7.0)


def test_a_camera_that_is_gone_says_so_and_comes_back(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc)
    camera = SimulatedCamera(_failing(plain, "camera_gone", start_s=11.0), clock)
    with camera, pytest.raises(CameraError, match="imx462 vanished while exposing"):
        list(camera.expose(_block(plain, 2), mode="binned"))
    with pytest.raises(CameraError, match="no camera: the imx462 does not answer"):
        camera.__enter__()
    clock.sleep_until(later(plain.start_utc, 60.0))
    with camera:
        assert len(list(camera.expose(_block(plain, 1), mode="binned"))) == 1


def test_black_and_wrong_frames_come_on_cue(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc)
    with SimulatedCamera(_failing(plain, "camera_black", start_s=0.0), clock) as camera:
        frame = next(camera.expose(_block(plain, 1), mode="binned"))
    assert np.median(frame.mosaic) == frame.info.black_level_adu
    clock = SimulatedClock(plain.start_utc)
    with SimulatedCamera(_failing(plain, "camera_wrong_size", start_s=0.0), clock) as camera:
        frame = next(camera.expose(_block(plain, 1), mode="binned"))
    assert frame.mosaic.shape == (270, 960)


def test_a_slow_camera_takes_its_time_to_open(plain: Scenario) -> None:
    clock = SimulatedClock(plain.start_utc)
    with SimulatedCamera(_failing(plain, "camera_slow", start_s=0.0, amount=9.0), clock):
        assert clock.monotonic_s() == 9.0


def test_dropped_frames_leave_a_gap_in_number_and_time(plain: Scenario) -> None:
    camera = dataclasses.replace(plain.camera, drop_every=3)
    scenario = dataclasses.replace(plain, camera=camera)
    with SimulatedCamera(scenario, SimulatedClock(plain.start_utc)) as device:
        frames = list(device.expose(_block(plain, 4), mode="binned"))
    assert [frame.info.sequence for frame in frames] == [1, 2, 4, 5]
    assert frames[2].info.dead_time_s == pytest.approx(2.0002)


def test_a_camera_must_be_open(plain: Scenario) -> None:
    camera = SimulatedCamera(plain, SimulatedClock(plain.start_utc))
    with pytest.raises(CameraError, match="the camera is not open"):
        next(camera.expose(_block(plain, 1), mode="binned"))


def test_the_element_source_has_its_own_satellite_only(plain: Scenario) -> None:
    source = SimulatedElementSource(plain)
    assert b"25544" in source.fetch(25544)
    with pytest.raises(FetchError, match="has no set of 20580, only of 25544"):
        source.fetch(20580)
