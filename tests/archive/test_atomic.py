import os
import stat
from pathlib import Path

import pytest

from issgaze.archive import atomic
from issgaze.archive.lock import folder_lock
from issgaze.errors import ArchiveError


def test_chunks_are_joined_and_counted(tmp_path: Path) -> None:
    assert atomic.write_atomic(tmp_path / "a" / "x", b"ab", memoryview(b"cde")) == 5
    assert (tmp_path / "a" / "x").read_bytes() == b"abcde"
    assert stat.S_IMODE((tmp_path / "a" / "x").stat().st_mode) == 0o660


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atomic.write_atomic(tmp_path / "x", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArchiveError, match="no space left on device") as caught:
        atomic.write_atomic(tmp_path / "x", b"new")
    assert "df -h" in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


def test_the_file_is_flushed_before_its_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("sync"), real_sync(fd))[1])
    monkeypatch.setattr(
        Path, "replace", lambda a, b: (calls.append("rename"), real_replace(a, b))[1]
    )
    atomic.write_atomic(tmp_path / "x", b"new")
    assert calls == ["sync", "rename", "sync"]


def test_lines_are_added_one_by_one(tmp_path: Path) -> None:
    atomic.append_line(tmp_path / "log", "one")
    atomic.append_line(tmp_path / "log", "two\n")
    assert (tmp_path / "log").read_text() == "one\ntwo\n"


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(ArchiveError, match="x"):
        atomic.write_atomic(tmp_path / "x" / "y", b"")
    with pytest.raises(ArchiveError, match="x"):
        atomic.append_line(tmp_path / "x" / "y", "")


def test_what_root_makes_is_for_the_group_as_well(tmp_path: Path) -> None:
    shared, own = tmp_path / "shared", tmp_path / "own"
    for folder in (shared, own):
        folder.mkdir()
    shared.chmod(0o2770)
    before = os.umask(0o022)
    try:
        for folder in (shared, own):
            atomic.make_folder(folder / "elements" / "25544")
            atomic.append_line(folder / "ledger.jsonl", "{}")
            with folder_lock(folder, wait=False):
                pass
    finally:
        os.umask(before)
    for name in ("elements", "elements/25544"):
        assert stat.S_IMODE((shared / name).stat().st_mode) == 0o2775
        assert stat.S_IMODE((own / name).stat().st_mode) == 0o755, "what is one's own stays so"
    for name in ("ledger.jsonl", ".lock"):
        assert stat.S_IMODE((shared / name).stat().st_mode) == 0o660
