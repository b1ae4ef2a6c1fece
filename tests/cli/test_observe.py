"""issgaze observe: which folders it takes for its archive."""

from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.cli.main import main
from issgaze.errors import ArchiveError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ISSGAZE_CONFIG", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.setattr("issgaze.cli.signals.stop_on_signal", lambda: lambda: True)
    (tmp_path / "photos").mkdir()
    return tmp_path


@pytest.mark.parametrize("command", ["observe", "run"])
def test_a_folder_of_other_things_stays_as_it_is(
    folder: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--simulated", "--archive", str(folder)]) != 0
    assert "is no archive and holds other things: photos" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["photos"]


def test_a_unit_is_not_stopped_by_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed: list[bool] = []

    def claim(_archive: Archive, *, simulated: bool, beside_others: bool = False) -> None:
        claimed.append(beside_others)
        raise ArchiveError(f"enough {simulated}", remedy="None.")

    monkeypatch.setattr(Archive, "claim", claim)
    monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "nobody"))
    assert main(["observe", "--simulated", "--archive", str(folder)]) != 0
    assert claimed == [True]
