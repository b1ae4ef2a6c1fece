"""What `issgaze stack` refuses before it reads a frame."""

from pathlib import Path

import pytest

from issgaze.cli.main import main


@pytest.mark.parametrize("languages", ["['de']", "[]"])
def test_stack_refuses_a_language_before_the_work(
    tmp_path: Path, languages: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, frame = tmp_path / "issgaze.toml", tmp_path / "frame.fits"
    frame.write_text("not looked at")
    file.write_text(f"[develop]\nlanguages = {languages}\n")
    assert main(["-c", str(file), "stack", str(frame), "--out", str(tmp_path / "out")]) == 1
    what, remedy = capsys.readouterr().err.splitlines()
    assert "develop.languages" in what
    assert remedy
    assert not (tmp_path / "out").exists()


def test_stack_refuses_element_sets_that_are_not_there_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = tmp_path / "frame.fits"
    frame.write_text("not looked at")
    monkeypatch.delenv("ISSGAZE_CONFIG", raising=False)
    asked: list[str] = []

    def lens(*_arguments: object) -> tuple[None, str]:
        asked.append("lens")
        return None, ""

    monkeypatch.setattr("issgaze.service.blindlens.blind_lens", lens)
    words = ["stack", str(frame), "--out", str(tmp_path / "out")]
    assert main([*words, "--elements", str(tmp_path / "nothere.json")]) == 1
    assert "nothere.json: no such file or directory" in capsys.readouterr().err
    (tmp_path / "empty.json").write_text("[]")
    assert main([*words, "--elements", str(tmp_path / "empty.json")]) == 1
    assert "empty.json" in capsys.readouterr().err
    assert asked == []
    assert not (tmp_path / "out").exists()
