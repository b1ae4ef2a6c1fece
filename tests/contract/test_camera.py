"""What every camera owes: the same suite for the simulated one and for the real adapters."""

from itertools import pairwise

import numpy as np
import pytest

from issgaze.civil import seconds_between
from issgaze.errors import CameraError
from issgaze.imaging.frame import FrameInfo
from tests.contract.rigs import rig

KINDS = ["simulated", "pi4", "pi5", "folder"]
every_camera = pytest.mark.parametrize("kind", KINDS)


@every_camera
def test_every_frame_is_a_mosaic_of_the_size_asked_for(kind: str) -> None:
    with rig(kind) as one, one.camera as camera:
        mode = next(each for each in camera.sensor.modes if each.name == one.mode)
        infos = []
        for frame in camera.expose(one.block(3), mode=one.mode):
            assert frame.mosaic.dtype == np.uint16
            assert frame.mosaic.shape == (mode.height_px, mode.width_px)
            assert frame.mosaic.max() <= frame.info.white_level_adu
            typical = float(np.median(frame.mosaic))
            assert typical < frame.info.white_level_adu / 2
            assert typical > 0.9 * frame.info.black_level_adu
            infos.append(frame.info)
    assert len(infos) == 3
    assert {info.bayer_pattern for info in infos} == {camera.sensor.bayer_pattern}
    assert {info.exposure_s for info in infos} == {one.exposure_s}
    assert {info.analogue_gain for info in infos} == {4.0}


@every_camera
def test_exposures_follow_each_other_without_more_than_the_stated_gap(kind: str) -> None:
    with rig(kind) as one, one.camera as camera:
        infos = [frame.info for frame in camera.expose(one.block(4), mode=one.mode)]
    assert infos[0].dead_time_s is None
    for before, after in pairwise(infos):
        step_s = seconds_between(before.start_utc, after.start_utc)
        assert step_s == pytest.approx(one.exposure_s + one.gap_s, abs=2e-6)
        assert after.dead_time_s == pytest.approx(one.gap_s, abs=2e-6)
        assert after.sequence == before.sequence + 1


@every_camera
def test_the_first_exposure_begins_in_time(kind: str) -> None:
    with rig(kind) as one, one.camera as camera:
        block = one.block(1)
        info = next(camera.expose(block, mode=one.mode)).info
        # another program does not wait for us
        limit_s = one.exposure_s if kind == "folder" else 3.0
        assert 0.0 <= seconds_between(block.start_utc, info.start_utc) < limit_s
        assert info.clock_error_s is not None
        assert info.clock_error_s < 0.05


@every_camera
def test_times_are_those_of_the_shutter(kind: str) -> None:
    with rig(kind) as one, one.camera as camera:
        infos: list[FrameInfo] = [f.info for f in camera.expose(one.block(3), mode=one.mode)]
        if one.starts is not None:
            for info, true in zip(infos, one.starts(), strict=False):
                assert seconds_between(true, info.start_utc) == pytest.approx(0.0, abs=2e-6)


@every_camera
def test_a_lost_frame_is_counted_and_its_time_is_dead_time(kind: str) -> None:
    with rig(kind, "drops") as one, one.camera as camera:
        infos = [frame.info for frame in camera.expose(one.block(4), mode=one.mode)]
    steps = [after.sequence - before.sequence for before, after in pairwise(infos)]
    assert steps.count(2) == 1
    late = infos[steps.index(2) + 1]
    assert late.dead_time_s == pytest.approx(one.exposure_s + 2 * one.gap_s, abs=1e-5)


@every_camera
def test_a_camera_that_is_not_open_refuses(kind: str) -> None:
    with rig(kind) as one, pytest.raises(CameraError, match="the camera is not open"):
        next(one.camera.expose(one.block(1), mode=one.mode))


@every_camera
def test_it_can_be_left_in_the_middle_and_opened_again(kind: str) -> None:
    with rig(kind) as one:
        for _ in range(3):
            with one.camera as camera:
                stream = camera.expose(one.block(4), mode=one.mode)
                next(stream)
                stream.close()  # type: ignore[attr-defined]
                assert len(list(camera.expose(one.block(2), mode=one.mode))) == 2


@every_camera
def test_no_camera_is_an_error_with_a_remedy(kind: str) -> None:
    with rig(kind, "gone") as one, pytest.raises(CameraError, match="no camera") as caught:
        one.camera.__enter__()
    assert caught.value.remedy


@every_camera
def test_a_hang_is_noticed_after_two_exposures_and_three_seconds(kind: str) -> None:
    with rig(kind, "hangs") as one, one.camera as camera:
        infos: list[FrameInfo] = []
        stream = (frame.info for frame in camera.expose(one.block(5), mode=one.mode))
        with pytest.raises(CameraError, match=r"no frame for 19\.0 s, 8\.0 s were asked for"):
            infos.extend(stream)
        waited_s = seconds_between(infos[-1].start_utc, one.now()) - one.exposure_s
    assert waited_s <= 2 * one.exposure_s + 3.5
