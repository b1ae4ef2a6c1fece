"""What befalls the simulated camera in mid-pass, and how soon it exposes again."""

import dataclasses
import json
from itertools import pairwise
from pathlib import Path

import pytest

from issgaze.archive.fits import read_raw
from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import later, seconds_between
from issgaze.planning.plan import ExposureBlock
from issgaze.service.capture import Stage, capture
from issgaze.simulated.camera import SimulatedCamera
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.scenario import FailureScenario, parse_scenario
from tests.contract.rigs import _SMALL
from tests.service.test_capture import plan, plan_file

T = 8.0


def photograph(tmp_path: Path, *cues: FailureScenario, drop_every: int = 0) -> PassFolder:
    scenario = dataclasses.replace(parse_scenario(_SMALL, name="test"), failures=cues)
    camera = dataclasses.replace(scenario.camera, drop_every=drop_every)
    scenario = dataclasses.replace(scenario, camera=camera)
    clock = SimulatedClock(scenario.start_utc, scenario=scenario)
    block = ExposureBlock(
        start_utc=later(scenario.start_utc, 1.0), exposure_s=T, analogue_gain=8.0, count=14,
        interval_s=T + 1e-4,
    )  # fmt: skip
    folder = PassFolder.create(Archive(tmp_path), plan_file())
    whole = Stage(
        clock=clock, camera=SimulatedCamera(scenario, clock), roof=None, stop=lambda: False,
        on_progress=lambda _: None, frame_shape=(540, 960),
    )  # fmt: skip
    reason = capture(folder, dataclasses.replace(plan(), lights=(block,)), whole)
    assert reason == "complete"
    return folder


def events(folder: PassFolder, name: str) -> list[dict]:
    lines = (folder.path / "events.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("camera_hangs", "no frame for 19.0 s, 8.0 s were asked for"),
        ("camera_gone", "vanished while exposing"),
        ("camera_black", "a black frame"),
        ("camera_frozen", "a frozen frame"),
        ("camera_wrong_size", "a frame of 960x270 uint16, 960x540 uint16 were asked for"),
    ],
)
def test_the_next_exposure_begins_within_two_exposures_and_ten_seconds(
    tmp_path: Path, what: str, message: str
) -> None:
    # on at the end of the fifth exposure, over when the camera is opened again
    cue = FailureScenario(what=what, start_s=1.0 + 4.5 * T, lasts_s=6.0)  # type: ignore[arg-type]
    folder = photograph(tmp_path, cue)
    (failed,) = events(folder, "camera_failed")[:1]
    assert message in failed["message"]
    infos = [read_raw(path).info for path in folder.lights()]
    gaps = [
        seconds_between(later(one.start_utc, T), other.start_utc) for one, other in pairwise(infos)
    ]
    longest = max(gaps)
    assert longest > 1.0
    assert longest <= 2 * T + 10.0
    assert len([gap for gap in gaps if gap > 0.01]) == 1


@pytest.mark.parametrize("step_s", [-30.0, -3.0, 4.0, 30.0])
def test_a_step_of_the_clock_is_noticed_and_the_frames_keep_their_order(
    tmp_path: Path, step_s: float
) -> None:
    cue = FailureScenario(what="clock_step", start_s=1.0 + 4.5 * T, lasts_s=1e6, amount=step_s)
    folder = photograph(tmp_path, cue)
    (stepped,) = events(folder, "clock_stepped")
    assert stepped["seconds"] == pytest.approx(step_s, abs=0.01)
    infos = [read_raw(path).info for path in folder.lights()]
    assert len(infos) == 14
    for one, other in pairwise(infos):
        assert seconds_between(one.start_utc, other.start_utc) == pytest.approx(T + 1e-4, abs=1e-5)


def test_lost_trust_is_written_down(tmp_path: Path) -> None:
    cue = FailureScenario(what="clock_untrusted", start_s=1.0 + 4.5 * T, lasts_s=20.0)
    folder = photograph(tmp_path, cue)
    assert [event["trust"] for event in events(folder, "clock_trust")] == ["untrusted", "trusted"]
    bounds = [read_raw(path).info.clock_error_s for path in folder.lights()]
    assert bounds.count(None) in {2, 3}
