"""`issgaze elements` and `issgaze ledger`: files and folders that are not what they should be."""

import json
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.cli.main import main

_OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("junk", "sets.txt: holds no element set but 'junk'"),
        ("", "sets.txt: is empty"),
        ("<html>", "sets.txt: a web page instead of element sets"),
        ("[]", "sets.txt: holds no element set"),
    ],
)
def test_a_file_is_spoken_of_as_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "sets.txt").write_text(text)
    words = ["elements", "import", str(tmp_path / "sets.txt"), "--archive", str(tmp_path / "a")]
    assert main(words) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "OMM as JSON, XML, CSV or KVN, or TLE" in err
    assert "etch" not in err


def test_a_ledger_of_no_archive_is_no_empty_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "--archive", str(tmp_path / "nowhere")]) == 1
    assert f"{tmp_path / 'nowhere'}: no such folder" in capsys.readouterr().err
    assert main(["ledger", "--archive", str(tmp_path)]) == 1
    assert f"{tmp_path} is no archive" in capsys.readouterr().err
    Archive(tmp_path).claim(simulated=False)
    assert main(["ledger", "--archive", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "No passes yet.\n"


def test_what_is_not_the_stations_orbit_is_named_and_not_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (record,) = json.loads(_OMM.read_bytes())
    (tmp_path / "sets.json").write_text(json.dumps([record | {"MEAN_MOTION": 16.05}]))
    words = ["elements", "import", str(tmp_path / "sets.json"), "--archive", str(tmp_path / "a")]
    assert main(words) == 1
    err = capsys.readouterr().err
    assert "sets.json: not the orbit of the ISS: mean motion 16.05" in err
    assert "Nothing of it was imported" in err
    (tmp_path / "sets.json").write_text('[{"OBJECT_NAME": "X"}]')
    assert main(words) == 1
    assert "sets.json: holds no sound element set" in capsys.readouterr().err
