"""Developing a pass whose raw frames are gone: what was made of them stays."""

import json
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder
from issgaze.config import DevelopSettings
from issgaze.errors import ArchiveError
from issgaze.service.developpass import develop_folder
from tests.service.test_capture import plan_file
from tests.service.test_observe import EVENING


@pytest.fixture
def folder(tmp_path: Path) -> PassFolder:
    made = PassFolder.create(Archive(tmp_path), plan_file())
    made.seal(EVENING, "complete")
    return made


def develop(folder: PassFolder) -> dict[str, object] | None:
    return develop_folder(folder, DevelopSettings(), stop=lambda: False, log=print)


def test_a_report_outlives_its_raw_frames(folder: PassFolder) -> None:
    report = json.dumps({"outcome": "caught", "frames": [{"file": "lights/0001.fits"}]})
    (folder.path / "report.json").write_text(report)
    with pytest.raises(ArchiveError, match="the raw frames are gone; what was made") as caught:
        develop(folder)
    assert "Star a pass" in caught.value.remedy
    assert (folder.path / "report.json").read_text() == report


def test_a_pass_that_never_had_a_frame_is_missed_however_often_one_asks(folder: PassFolder) -> None:
    for _ in range(2):
        report = develop(folder)
        assert report is not None
        assert (report["outcome"], report["frames"]) == ("missed", [])


@pytest.mark.parametrize(
    ("wanted", "spoken"), [(("de", "fr"), "fr"), (("de",), "en, fr"), ((), "en, fr")]
)
def test_a_language_that_there_is_not_costs_no_picture(
    folder: PassFolder, wanted: tuple[str, ...], spoken: str
) -> None:
    said: list[str] = []
    settings = DevelopSettings(languages=wanted)
    assert develop_folder(folder, settings, stop=lambda: False, log=said.append) is not None
    assert said == [
        f"develop.languages = {list(wanted)}: there are captions in en, fr; written in {spoken}."
    ]
