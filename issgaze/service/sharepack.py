"""The share pack: what of a finished pass may leave the device, in one ZIP file."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.archive.passfiles import GUEST_FILE
from issgaze.errors import ArchiveError
from issgaze.picture.crops import Crop
from issgaze.picture.encode import PictureMetadata, jpeg_from_8bit
from issgaze.service.finishing import credit_line, metadata_of

# what networks show at most; smaller crops are not blown up
_LARGEST_PX = {"4x5": (1080, 1350), "9x16": (1080, 1920), "1x1": (1080, 1080)}
_WHOLE = ("picture.jpg", "timelapse.mp4", "timelapse-stars.mp4", "preview.webp")
# the same pack has the same bytes, whenever it is made
_EPOCH = (2024, 1, 1, 0, 0, 0)


def write_share_pack(folder: Path, out: Path) -> list[str]:
    """Write the pack of a developed folder; return the names of what is in it.

    Raises:
        ArchiveError: The folder holds no finished picture, or the disk refuses the file.
    """
    guest = _guest(folder)
    names: list[str] = []
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as pack:

        def add(name: str, data: bytes) -> None:
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = 0o644 << 16
            # films and pictures are as small as they get
            entry.compress_type = (
                zipfile.ZIP_DEFLATED if name.endswith(".txt") else zipfile.ZIP_STORED
            )
            pack.writestr(entry, data)
            names.append(name)

        for name in _WHOLE:
            if (folder / name).is_file():
                add(name, _read(folder / name))
        for name, data in _crops(folder, guest).items():
            add(name, data)
        for language, words in guest["captions"].items():
            add(f"caption.{language}.txt", (words["caption"] + "\n").encode())
            add(f"alt.{language}.txt", (words["alt_text"] + "\n").encode())
        add("credit.txt", (credit_line(guest) + "\n").encode())
    write_atomic(out, content.getvalue())
    return names


def _guest(folder: Path) -> dict[str, Any]:
    try:
        guest: dict[str, Any] = json.loads(_read(folder / GUEST_FILE))
        # both are asked for below
        _ = guest["crops"].items(), guest["captions"].items()
        _read(folder / "picture.jpg")
    except (ArchiveError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(
            f"{folder}: no finished picture to share, {GUEST_FILE} or picture.jpg is missing "
            "or broken",
            remedy="Give a folder that `issgaze develop` or `issgaze stack` has finished.",
        ) from error
    return guest


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise disk_error(path, error) from error


def _crops(folder: Path, guest: dict[str, Any]) -> dict[str, bytes]:
    about: PictureMetadata = metadata_of(guest)
    with Image.open(folder / "picture.jpg") as opened:
        picture = np.asarray(opened.convert("RGB"))
    files: dict[str, bytes] = {}
    for name, place in guest["crops"].items():
        part = Image.fromarray(Crop(**place).of(picture))
        largest = _LARGEST_PX[name]
        if part.width > largest[0]:
            part = part.resize(largest, Image.Resampling.LANCZOS)
        files[f"picture-{name}.jpg"] = jpeg_from_8bit(np.asarray(part), metadata=about)
    return files
