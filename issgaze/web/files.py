"""Files of the archive, whole or in part, and nothing that only looks like one of them."""

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PIECE_BYTES = 1 << 16
_KEY = secrets.token_bytes(16)
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReply:
    """What to answer: status, headers and pieces of the body."""

    status: int
    headers: dict[str, str]
    body: Iterator[bytes]


def serve_file(
    path: Path, kind: str, *, asked_range: str | None, known_tag: str | None
) -> FileReply | None:
    """Return the answer to a request for a file; None where there is no regular file.

    One range is served. Several at once, which make a server work for nothing, are answered with
    the whole file, as RFC 9110 (14.2) allows.

    Args:
        path: The file; a link is not followed.
        kind: Its content type.
        asked_range: The Range header.
        known_tag: The If-None-Match header.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    held = os.fstat(handle)
    if not stat.S_ISREG(held.st_mode):
        os.close(handle)
        return None
    size = held.st_size
    headers = {"Content-Type": kind, "ETag": _tag(held), "Accept-Ranges": "bytes"}
    tag = headers["ETag"]
    if known_tag is not None and tag in known_tag:
        os.close(handle)
        return FileReply(status=304, headers=headers, body=iter(()))
    span = _span(asked_range, size)
    if span is None:
        os.close(handle)
        refused = headers | {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
        return FileReply(status=416, headers=refused, body=iter(()))
    first, end = span
    headers["Content-Length"] = str(end - first)
    partial = (first, end) != (0, size) or (asked_range is not None and _is_one(asked_range))
    if partial:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    return FileReply(
        status=206 if partial else 200, headers=headers, body=_Pieces(handle, first, end)
    )


def _tag(held: os.stat_result) -> str:
    """Return what tells one state of a file from another, and nobody when it was written.

    A picture is done so many seconds after the station has set: its time would tell the place.
    """
    state = f"{held.st_mtime_ns} {held.st_size} {held.st_ino}".encode()
    return f'"{hmac.new(_KEY, state, hashlib.sha256).hexdigest()[:24]}"'


def _is_one(asked: str) -> bool:
    found = _RANGE.fullmatch(asked.strip())
    return found is not None and any(found.groups())


def _span(asked: str | None, size: int) -> tuple[int, int] | None:
    """Return first byte and end of what is asked for; None when it lies outside the file."""
    if asked is None or not _is_one(asked):
        return 0, size
    found = _RANGE.fullmatch(asked.strip())
    assert found is not None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size) if length else None
    begin = int(first)
    end = min(int(last) + 1, size) if last else size
    return (begin, end) if begin < end else None


class _Pieces:
    """Pieces of an open file; closes it at the end or when the visitor leaves."""

    def __init__(self, handle: int, first: int, end: int) -> None:
        self._handle: int | None = handle
        self._at, self._end = first, end

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._handle is not None and self._at < self._end:
            piece = os.pread(self._handle, min(_PIECE_BYTES, self._end - self._at), self._at)
            if piece:
                self._at += len(piece)
                return piece
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Give the file back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __del__(self) -> None:
        self.close()
