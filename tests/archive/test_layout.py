"""An archive is real or simulated, never both; an empty one is neither."""

import json
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.lock import folder_lock
from issgaze.errors import ArchiveError


@pytest.mark.parametrize("simulated", [True, False])
def test_a_start_that_failed_claims_nothing(tmp_path: Path, *, simulated: bool) -> None:
    archive = Archive(tmp_path / "sky")
    archive.claim(simulated=not simulated)
    with folder_lock(archive.root, wait=False):
        pass
    archive.claim(simulated=simulated)
    kind = json.loads(archive.kind_file.read_text())["kind"]
    assert kind == ("simulated" if simulated else "real")


@pytest.mark.parametrize("name", ["ledger.jsonl", "passes", "run"])
def test_an_archive_that_holds_anything_keeps_its_kind(tmp_path: Path, name: str) -> None:
    archive = Archive(tmp_path)
    archive.claim(simulated=False)
    (tmp_path / name).mkdir()
    with pytest.raises(ArchiveError, match="is a real archive, this run is simulated"):
        archive.claim(simulated=True)
    assert json.loads(archive.kind_file.read_text())["kind"] == "real"


@pytest.mark.parametrize("names", [["README.md", ".git", "src"], ["Documents"], ["elements", "a"]])
def test_a_folder_of_other_things_is_not_made_an_archive(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    with pytest.raises(ArchiveError, match="is no archive and holds other things") as caught:
        Archive(tmp_path).claim(simulated=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    # the remedy works
    new = Path(caught.value.remedy.split("--archive ")[1])
    Archive(new).claim(simulated=True)
    assert new.parent == tmp_path


def test_a_service_is_not_stopped_by_what_lies_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    Archive(tmp_path).claim(simulated=False, beside_others=True)
    assert Archive(tmp_path).kind_file.exists()
    Archive(tmp_path).claim(simulated=False)


@pytest.mark.parametrize(
    "names",
    [
        ["lost+found", ".Trash-1000", "System Volume Information"],
        ["elements", "run", "web-token", "issgaze.last-good.toml"],
        ["passes", "notes"],
        ["ledger.jsonl", "notes"],
    ],
)
def test_a_fresh_disk_or_an_archive_of_before_is_taken(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    Archive(tmp_path).claim(simulated=False)
    assert Archive(tmp_path).kind_file.exists()
