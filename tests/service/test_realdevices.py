"""Which camera the configuration gives."""

import sys
from pathlib import Path

import pytest

from issgaze.config import parse_settings
from issgaze.devices.folder import FolderCamera
from issgaze.devices.systemclock import boot_id
from issgaze.errors import CameraError, ConfigurationError, FrameError
from issgaze.service.realdevices import _frame_of, real_devices


def settings(text: str):
    return parse_settings(f"[camera]\n{text}\n", name="test")


def test_a_folder_of_another_program(tmp_path: Path) -> None:
    devices = real_devices(settings(f'adapter = "folder"\nfolder = "{tmp_path}"'))
    assert isinstance(devices.camera, FolderCamera)
    assert not devices.simulated
    assert devices.focal_px == pytest.approx(2.7e3 / 1.55)


def test_binned_pixels_are_larger(tmp_path: Path) -> None:
    text = f'adapter = "folder"\nfolder = "{tmp_path}"\nmode = "binned"\nfocal_mm = 3.1'
    assert real_devices(settings(text)).focal_px == pytest.approx(1000.0)


def test_a_folder_must_be_named() -> None:
    with pytest.raises(ConfigurationError, match=r"camera\.folder is not set"):
        real_devices(settings('adapter = "folder"'))


def test_without_the_libraries_of_a_raspberry_pi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libcamera", None)
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="no camera: picamera2 is not installed") as caught:
        real_devices(settings('adapter = "picamera"'))
    assert "apt install python3-picamera2" in caught.value.remedy


def test_a_frame_without_a_time_is_refused(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "a.png"
    Image.new("RGB", (4, 4)).save(path)
    with pytest.raises(FrameError, match=r"a\.png: no start or length of exposure"):
        _frame_of(path)


def test_a_boot_has_a_name_that_every_program_sees(tmp_path: Path) -> None:
    camera = f'adapter = "folder"\nfolder = "{tmp_path}"'
    named = real_devices(settings(camera)).boot_id
    assert len(named) == 36
    assert boot_id() == named
    assert boot_id(tmp_path / "no proc") == ""
