"""`issgaze elements` and `issgaze ledger`: files and folders that are not what they should be."""

from pathlib import Path

import pytest

from issgaze.cli.main import main


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
    assert main(["ledger", "--archive", str(tmp_path)]) == 0
    assert "0 passes predicted" in capsys.readouterr().out
