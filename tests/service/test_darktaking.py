"""Darks under a hand's cap, asked for from a shell while the observer runs."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.darklibrary import DarkLibrary
from issgaze.archive.requests import Requests
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, parse_utc
from issgaze.cli.main import main
from issgaze.devices.systemclock import SystemClock
from issgaze.errors import CameraError, DeviceError, UsageError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.service.darktaking import DarkTaker, dark_block
from tests.service.test_capture import JumpingClock, ScriptedCamera

NOW = parse_utc("2026-03-01T12:00:00Z")
ASKED = {"exposure_s": 10.0, "gain": 8.0, "frames": 5}


def taker(tmp_path: Path, camera=None) -> DarkTaker:
    clock = JumpingClock()
    clock.now = NOW
    return DarkTaker(
        library=DarkLibrary(tmp_path), clock=clock, camera=camera or ScriptedCamera(clock),
        roof=None, shape=lambda _mode: (4, 4), stop=lambda: False, log=print,
    )  # fmt: skip


class Lit(ScriptedCamera):
    """Light comes in with the third frame: somebody took the cap off."""

    def expose(self, block, *, mode):
        for number in range(block.count):
            level = 256 if number < 2 else 600
            info = FrameInfo(start_utc=NOW, exposure_s=block.exposure_s)
            yield Frame(mosaic=np.full((4, 4), level, np.uint16), info=info)


class Mute(ScriptedCamera):
    def expose(self, block, *, mode):
        return iter(())


def test_a_set_under_the_cap_goes_into_the_library(tmp_path: Path) -> None:
    said = taker(tmp_path).under_the_cap(dark_block(ASKED, NOW), "full", left_s=3600.0)
    (held,) = DarkLibrary(tmp_path).sets()
    assert (held.count, held.key.exposure_s, held.key.analogue_gain) == (5, 10.0, 8.0)
    assert said.startswith("5 darks of 10 s at gain 8")
    assert said.endswith("Take the cap off now.")


def test_light_through_the_lens_is_no_dark_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="344 ADU above black: the lens is not covered"):
        taker(tmp_path, Lit(JumpingClock())).under_the_cap(
            dark_block(ASKED, NOW), "full", left_s=3600.0
        )
    assert DarkLibrary(tmp_path).sets() == []
    assert list((tmp_path / "darks").iterdir()) == []


def test_a_pass_comes_first_and_a_mute_camera_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="5 darks take 110 s, the camera is free for 100 s"):
        taker(tmp_path).under_the_cap(dark_block(ASKED, NOW), "full", left_s=100.0)
    with pytest.raises(CameraError, match="gave no frame"):
        taker(tmp_path, Mute(JumpingClock())).under_the_cap(
            dark_block(ASKED, NOW), "full", left_s=3600.0
        )


@pytest.mark.parametrize(
    "change",
    [{"exposure_s": "x"}, {"exposure_s": 1e9}, {"gain": 0.0}, {"frames": 1}, {"frames": None}],
)
def test_senseless_requests_are_refused(change) -> None:
    with pytest.raises(UsageError, match="darks"):
        dark_block(ASKED | change, NOW)


def test_the_command_asks_waits_and_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive"
    words = ["darks", "take", "--frames", "4", "--archive", str(archive), "--json"]
    archive.mkdir()
    assert main(words) == 1, "told at once when nothing runs"
    assert "nothing that could take darks runs" in capsys.readouterr().out
    now = format_utc(SystemClock().now_utc())
    write_status(archive / "run", {"utc": now, "simulated": True, "state": "waiting"})
    requests = Requests(archive / "run")
    done = threading.Event()

    def observer() -> None:
        while not done.wait(0.02):
            for request in requests.pending({"darks"}):
                block = dark_block(request.facts, NOW)
                said = taker(archive / "calibration").under_the_cap(block, "full", left_s=9e9)
                requests.answer(request, done=True, message=said)

    thread = threading.Thread(target=observer)
    thread.start()
    try:
        assert main(words) == 0
    finally:
        done.set()
        thread.join()
    told = capsys.readouterr()
    (held,) = json.loads(told.out)["sets"]
    assert (held["frames"], held["exposure_s"], held["analogue_gain"]) == (4, 10.0, 8.0)
    assert "Take the cap off now" in told.err
    assert main(["darks", "show", "--archive", str(archive)]) == 0
    assert "4 darks of 10 s at gain 8, 4x4 px" in capsys.readouterr().out


def test_an_empty_library_says_what_happens_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["darks", "show", "--archive", str(tmp_path)]) == 0
    assert "hot pixels are found in the frames" in capsys.readouterr().out
