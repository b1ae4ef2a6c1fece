"""Frames that another program writes; what it owes as a camera is in tests/contract."""

from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.fits import read_raw, write_raw
from issgaze.civil import later
from issgaze.devices.folder import FolderCamera
from issgaze.errors import CameraError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.profiles import sensor_profile
from issgaze.planning.plan import ExposureBlock
from tests.service.test_capture import START, JumpingClock


def whole(tmp_path: Path) -> bytes:
    info = FrameInfo(start_utc=later(START, 1.0), exposure_s=5.0)
    path = tmp_path / "other.fits"
    write_raw(path, Frame(mosaic=np.full((4, 4), 300, np.uint16), info=info), site=None)
    return path.read_bytes()


def block(count: int) -> ExposureBlock:
    return ExposureBlock(
        start_utc=START, exposure_s=5.0, analogue_gain=1.0, count=count, interval_s=5.1
    )


class Slow(JumpingClock):
    """Under it a file grows piece by piece."""

    def __init__(self, path: Path, content: bytes) -> None:
        super().__init__()
        self.now = later(START, 6.0)
        self.path, self.content, self.written = path, content, 0

    def sleep_until(self, instant, *, wake=None) -> bool:
        if self.written < len(self.content):
            self.written = min(len(self.content), self.written + 1000)
            self.path.write_bytes(self.content[: self.written])
        return super().sleep_until(instant, wake=wake)


def test_a_file_that_still_grows_is_not_taken(tmp_path: Path) -> None:
    content = whole(tmp_path)
    folder = tmp_path / "frames"
    folder.mkdir()
    clock = Slow(folder / "a.fits", content)
    with FolderCamera(folder, sensor_profile("imx462"), clock, read=read_raw) as camera:
        frame = next(camera.expose(block(1), mode="binned"))
    assert clock.written == len(content)
    assert np.all(frame.mosaic == 300)


def test_a_broken_file_and_what_lay_there_before_are_left_alone(tmp_path: Path) -> None:
    content = whole(tmp_path)
    folder = tmp_path / "frames"
    folder.mkdir()
    (folder / "old.fits").write_bytes(content)
    clock = JumpingClock()
    clock.now = later(START, 6.0)
    with FolderCamera(folder, sensor_profile("imx462"), clock, read=read_raw) as camera:
        (folder / "broken.fits").write_bytes(content[:2890])
        with pytest.raises(CameraError, match=r"no frame for 13\.0 s"):
            next(camera.expose(block(1), mode="binned"))


def test_a_folder_that_vanishes_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    camera = FolderCamera(folder, sensor_profile("imx462"), JumpingClock(), read=read_raw)
    with camera:
        folder.rmdir()
        with pytest.raises(CameraError, match=r"the folder .*frames vanished"):
            next(camera.expose(block(1), mode="binned"))
