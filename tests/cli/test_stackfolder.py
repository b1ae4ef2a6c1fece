"""What stack --out accepts, refuses, replaces and removes; the files stand in for products."""

import os
from pathlib import Path

import pytest

from issgaze.cli.output import Output
from issgaze.cli.stackfolder import StackFolder
from issgaze.errors import UsageError

_REPORT = b'{"format": "issgaze-report"}'


def _filled(folder: Path, **contents: bytes) -> Path:
    """Put files into a folder beside the report of an earlier stack."""
    for name, content in ({"report.json": _REPORT} | contents).items():
        (folder / name).write_bytes(content)
    return folder


def test_a_folder_that_cannot_be_made_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(UsageError, match="that is a file, a folder is needed"):
        StackFolder(file)
    with pytest.raises(UsageError, match=f"{file} is a file, a folder is needed"):
        StackFolder(file / "deep" / "down")
    StackFolder(tmp_path / "not" / "yet" / "there")
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize("path", ["closed", "closed/new"])
def test_a_folder_that_one_may_not_write_is_refused_at_once(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    monkeypatch.setattr("os.access", lambda place, _mode: place != tmp_path / "closed")
    with pytest.raises(UsageError, match=f"you may not write in {tmp_path}/closed"):
        StackFolder(tmp_path / path)


@pytest.mark.parametrize(
    "name", ["picture.tif", "stars.fits", "timelapse.mp4", "preview.webp", "live.jpg", "lens.json"]
)
def test_one_marked_file_does_not_make_others_ours(tmp_path: Path, name: str) -> None:
    _filled(tmp_path, **{name: b"my own"})
    with pytest.raises(UsageError, match=f"{name} in it is of no earlier stack") as refused:
        StackFolder(tmp_path)
    assert "move it away" in refused.value.remedy
    (tmp_path / name).rename(tmp_path / f"my-{name}")
    StackFolder(tmp_path)


def test_a_mark_at_either_end_is_found_in_a_large_file(tmp_path: Path) -> None:
    filler = b"\0" * (1 << 20)
    _filled(tmp_path, **{"picture.tif": b"issgaze" + filler, "preview.webp": filler + b"issgaze"})
    StackFolder(tmp_path)


def test_texts_alone_are_refused_together(tmp_path: Path) -> None:
    for name in ("caption.txt", "alt.fr.txt"):
        (tmp_path / name).write_text("my own")
    with pytest.raises(UsageError, match=r"caption.txt, alt.fr.txt in it are of no") as refused:
        StackFolder(tmp_path)
    assert "move them away" in refused.value.remedy


def test_texts_go_in_known_languages_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ("caption.txt", "alt.fr.txt", "alt.de.txt", "caption.xx.txt")
    folder = StackFolder(_filled(tmp_path, **dict.fromkeys(texts, b"text")))
    folder.settle(Output(json=False))
    assert {path.name for path in tmp_path.iterdir()} == {"alt.de.txt", "caption.xx.txt"}
    assert "report.json, caption.txt, alt.fr.txt in" in capsys.readouterr().err


def test_what_was_replaced_and_what_was_removed_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    products = {"picture.jpg": b"issgaze", "timelapse.mp4": b"issgaze", "lens.json": b"issgaze"}
    folder = StackFolder(_filled(tmp_path, **products))
    # as a stack does: written beside and renamed over; a film it cannot make it removes itself
    (tmp_path / "new").write_bytes(b"issgaze anew")
    (tmp_path / "new").rename(tmp_path / "picture.jpg")
    (tmp_path / "timelapse.mp4").unlink()
    folder.settle(Output(json=False))
    assert capsys.readouterr().err.splitlines() == [
        f"--out {tmp_path}: picture.jpg in {tmp_path} replaced",
        f"--out {tmp_path}: timelapse.mp4, report.json in {tmp_path} removed",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"picture.jpg", "lens.json"}


@pytest.mark.parametrize("name", ["picture.jpg", "lens.json", "caption.fr.txt"])
def test_what_is_no_file_is_found_before_any_work(tmp_path: Path, name: str) -> None:
    (_filled(tmp_path) / name).mkdir()
    with pytest.raises(UsageError, match=f"{name} in it is no file and in the way") as refused:
        StackFolder(tmp_path)
    assert "move it away" in refused.value.remedy


def test_a_link_to_nowhere_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").symlink_to(tmp_path / "not-mounted" / "picture.jpg")
    with pytest.raises(UsageError, match=r"picture.jpg in it is no file"):
        StackFolder(tmp_path)


def test_a_given_lens_is_known_by_any_of_its_names(tmp_path: Path) -> None:
    lens = tmp_path / "lens.json"
    lens.write_text("{}")
    (tmp_path / "roof.json").symlink_to(lens)
    os.link(lens, tmp_path / "hard.json")
    for name in ("lens.json", "roof.json", "hard.json"):
        assert StackFolder(tmp_path, lens=tmp_path / name).holds_given_lens
    (tmp_path / "other.json").write_text("{}")
    for other in (tmp_path / "other.json", tmp_path / "none.json", None):
        with pytest.raises(UsageError, match=r"lens.json in it"):
            StackFolder(tmp_path, lens=other)
