"""`issgaze fetch` and sources that are none."""

from pathlib import Path

import pytest

from issgaze.cli.main import main


def test_sources_that_are_no_web_addresses_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "issgaze.toml"
    file.write_text('[elements]\nsources = ["celestrak.org/x", "file:///etc/passwd"]\n')
    assert main(["-c", str(file), "fetch", "--archive", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "elements.sources has 'celestrak.org/x', which must be a web address" in said
    assert "'file:///etc/passwd'" in said


def test_one_source_that_is_none_keeps_no_other_from_being_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "issgaze.toml"
    # nobody listens there
    file.write_text('[elements]\nsources = ["celestrak.org/x", "http://127.0.0.1:1/"]\n')
    assert main(["-c", str(file), "fetch", "--archive", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "elements.sources has 'celestrak.org/x'" in said
    assert "it is passed over" in said
    assert "127.0.0.1 cannot be reached" in said
