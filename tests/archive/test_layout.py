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
