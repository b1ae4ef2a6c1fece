"""The share pack on the way out: zipped piece by piece, never whole in memory."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from issgaze.web.readings import GUEST_FILES, Readings

_WHOLE = ("picture.jpg", "screen.jpg", "timelapse.mp4", "timelapse-stars.mp4", "preview.webp")
_PIECE_BYTES = 1 << 16
_EPOCH = (2024, 1, 1, 0, 0, 0)


class _Outlet(io.RawIOBase):
    """Takes what the packer writes, until it is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload] # pyright: ignore[reportArgumentType] - any buffer
        self._held += data
        return len(data)

    def fetch(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data


def share_zip(readings: Readings, pass_id: str) -> Iterator[bytes] | None:
    """Return the pack of what guests may have, in pieces; None where there is nothing to share."""
    folder = readings.folder(pass_id)
    report = readings.report(pass_id, guest=True)
    if folder is None or not report.get("captions"):
        return None
    texts: dict[str, str] = {}
    for language, words in report["captions"].items():
        texts[f"caption.{language}.txt"] = str(words.get("caption", "")) + "\n"
        texts[f"alt.{language}.txt"] = str(words.get("alt_text", "")) + "\n"
    files = [
        folder / name
        for name in _WHOLE
        if name in GUEST_FILES and (folder / name).is_file() and not (folder / name).is_symlink()
    ]
    return _pieces(files, texts)


def _pieces(files: list[Path], texts: dict[str, str]) -> Iterator[bytes]:
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as pack:
        for path in files:
            # pictures and films are as small as they get
            entry = zipfile.ZipInfo(path.name, date_time=_EPOCH)
            entry.file_size = path.stat().st_size
            with pack.open(entry, "w") as inside, path.open("rb") as content:
                while piece := content.read(_PIECE_BYTES):
                    inside.write(piece)
                    yield outlet.fetch()
        for name, text in texts.items():
            pack.writestr(zipfile.ZipInfo(name, date_time=_EPOCH), text)
    yield outlet.fetch()
