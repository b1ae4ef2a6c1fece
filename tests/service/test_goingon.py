"""A capture that was stopped and goes on: its picture is made of all frames."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder
from issgaze.config import DevelopSettings
from issgaze.service import developpass
from issgaze.service.capture import Progress, capture
from issgaze.service.developpass import develop_folder
from tests.service.test_capture import JumpingClock, ScriptedCamera, plan, plan_file, stage


def photograph(root: Path, clock: JumpingClock, *, frames: int | None = None) -> PassFolder:
    """Go on with the pass, until the owner stops it after so many frames."""
    folder = PassFolder.create(Archive(root), plan_file())
    seen: list[Progress] = []
    whole = stage(
        clock, ScriptedCamera(clock), stop=lambda: len(seen) == frames, seen=seen
    )  # fmt: skip
    capture(folder, plan(), whole)
    return folder


def develops(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Stand in for the stack: a report of the frames at the start, while something happens."""

    def develop(job: Any, *, on_frame: object) -> dict[str, object]:
        names = [light.file for light in job.lights(0)]
        meanwhile()
        report: dict[str, object] = {"outcome": "caught", "frames": names}
        (job.out / "report.json").write_text(json.dumps(report))
        return report

    monkeypatch.setattr(developpass, "develop", develop)


def developed(folder: PassFolder) -> dict[str, Any] | None:
    return develop_folder(folder, DevelopSettings(), stop=lambda: False, log=print)


def test_what_goes_on_is_neither_over_nor_developed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = JumpingClock()
    folder = photograph(tmp_path, clock, frames=5)
    assert folder.sealed_reason() == "stopped by the owner"
    develops(monkeypatch, lambda: None)
    assert developed(folder) is not None
    assert folder.is_developed
    PassFolder.create(Archive(tmp_path), plan_file())
    assert not folder.is_sealed
    photograph(tmp_path, clock)
    assert folder.sealed_reason() == "complete"
    assert not folder.is_developed
    report = developed(folder)
    assert report is not None
    assert len(report["frames"]) == len(folder.lights()) > 5


@pytest.mark.parametrize("over", [False, True])
def test_a_report_of_the_first_frames_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over: bool
) -> None:
    clock = JumpingClock()
    folder = photograph(tmp_path, clock, frames=5)

    def goes_on() -> None:
        if over:
            photograph(tmp_path, clock)
        else:
            PassFolder.create(Archive(tmp_path), plan_file())

    develops(monkeypatch, goes_on)
    assert developed(folder) is None
    assert folder.report() is None
    assert not folder.is_developed
