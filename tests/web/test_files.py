"""Files are served whole or in part, and nothing that only looks like one of them."""

import os
from pathlib import Path

import pytest

from issgaze.web.files import FileReply, serve_file

CONTENT = bytes(range(200)) * 1000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


def ask(path: Path, asked: str | None = None, tag: str | None = None) -> FileReply:
    reply = serve_file(path, "video/mp4", asked_range=asked, known_tag=tag)
    assert reply is not None
    return reply


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1), ("bytes=5-9", 5, 10), ("bytes=199990-", 199990, 200000),
        ("bytes=-10", 199990, 200000), ("bytes=0-999999999", 0, 200000),
        ("bytes=-999999999", 0, 200000), ("bytes=0-", 0, 200000),
    ],
)  # fmt: skip
def test_a_part_is_the_part_asked_for(path: Path, asked: str, first: int, end: int) -> None:
    reply = ask(path, asked)
    assert reply.status == 206
    assert reply.headers["Content-Range"] == f"bytes {first}-{end - 1}/200000"
    assert reply.headers["Content-Length"] == str(end - first)
    assert b"".join(reply.body) == CONTENT[first:end]


@pytest.mark.parametrize(
    "asked",
    [None, "", "bytes=", "bytes=-", "bytes=0-1,3-4", "bytes=0-" + ",0-" * 900, "lines=0-1", "0-1",
     "bytes=a-b", "bytes=1-2-3", "bytes=99999999999999999999-"],
)  # fmt: skip
def test_what_is_no_single_range_gets_the_whole(path: Path, asked: str | None) -> None:
    reply = ask(path, asked)
    assert reply.status == 200
    assert b"".join(reply.body) == CONTENT


@pytest.mark.parametrize("asked", ["bytes=200000-", "bytes=7-5", "bytes=-0"])
def test_a_part_outside_is_refused(path: Path, asked: str) -> None:
    reply = ask(path, asked)
    assert (reply.status, reply.headers["Content-Range"]) == (416, "bytes */200000")
    assert b"".join(reply.body) == b""


def test_who_has_it_already_is_told_so(path: Path) -> None:
    tag = ask(path).headers["ETag"]
    assert ask(path, tag=tag).status == 304
    path.write_bytes(b"new")
    assert ask(path, tag=tag).status == 200


def test_links_folders_and_pipes_are_no_files(tmp_path: Path, path: Path) -> None:
    link, pipe = tmp_path / "link.jpg", tmp_path / "pipe.jpg"
    link.symlink_to(path)
    os.mkfifo(pipe)
    for other in (link, pipe, tmp_path, tmp_path / "none.jpg", Path("/dev/zero")):
        assert serve_file(other, "image/jpeg", asked_range=None, known_tag=None) is None, other


def test_no_handle_stays_open_however_the_visitor_leaves(path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for asked in (None, "bytes=0-3", "bytes=999999-"):
        reply = ask(path, asked)
        next(iter(reply.body), None)
        getattr(reply.body, "close", lambda: None)()
        ask(path, asked)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_empty_file_is_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.write_bytes(b"")
    assert ask(path).status == 200
    assert ask(path, "bytes=0-").status == 416
