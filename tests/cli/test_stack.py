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
