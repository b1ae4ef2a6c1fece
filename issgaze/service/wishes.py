"""What is asked of develop: a star for a pass, another mask of the horizon."""

import base64
import binascii
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.passfiles import STAR_FILE, folder_path
from issgaze.errors import ArchiveError

_LARGEST_PX = 4096 * 4096


def wishes(archive: Archive) -> dict[str, Callable[[Mapping[str, Any]], str]]:
    """Return what develop does on request, by kind."""
    return {
        "star": lambda facts: star(archive, facts),
        "mask": lambda facts: mask(archive, facts),
    }


def star(archive: Archive, facts: Mapping[str, Any]) -> str:
    """Give a pass a star or take it away; a starred pass is kept when room runs out.

    Raises:
        ArchiveError: There is no such pass, or the disk refuses.
    """
    pass_id = str(facts.get("pass_id", ""))
    folder = folder_path(archive, pass_id)
    if not pass_id.replace("-", "").isalnum() or not folder.is_dir():
        raise ArchiveError(
            f"{pass_id}: no such pass", remedy="`issgaze ledger` lists those that have a folder."
        )
    mark = folder / STAR_FILE
    if facts.get("starred"):
        write_atomic(mark, b"")
        return "starred"
    try:
        mark.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(mark, error) from error
    return "the star is gone"


def mask(archive: Archive, facts: Mapping[str, Any]) -> str:
    """Replace the owner's picture of the horizon, or forget it.

    Raises:
        ArchiveError: It is no picture of the right size, or the disk refuses.
    """
    store = HorizonStore(archive.calibration)
    packed = facts.get("png")
    if packed is None:
        try:
            store.owner_file.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(store.owner_file, error) from error
        _draw_anew(store, archive)
        return "what the passes have shown holds again"
    content = _checked(str(packed), store)
    write_atomic(store.owner_file, content)
    _draw_anew(store, archive)
    return "the mask is replaced"


def _checked(packed: str, store: HorizonStore) -> bytes:
    """Return a PNG written anew, so that nothing but its pixels is kept."""
    try:
        with Image.open(
            io.BytesIO(base64.b64decode(packed, validate=True)), formats=["PNG"]
        ) as one:
            grey = one.convert("L") if one.width * one.height <= _LARGEST_PX else None
    except (UnidentifiedImageError, OSError, ValueError, binascii.Error) as error:
        raise ArchiveError(
            "the mask: not a PNG that can be read", remedy="Paint on a copy of horizon.png."
        ) from error
    if grey is None:
        raise ArchiveError(
            f"the mask: more than {_LARGEST_PX} px", remedy="Paint on a copy of horizon.png."
        )
    try:
        with Image.open(store.picture_file) as known:
            size = known.size
    except OSError as error:
        raise ArchiveError(
            "the mask: no pass has shown the horizon yet",
            remedy="Wait for the first clear pass; then there is a picture to paint on.",
        ) from error
    if grey.size != size:
        raise ArchiveError(
            f"the mask: {grey.width}x{grey.height} px, {size[0]}x{size[1]} are needed",
            remedy="Paint on a copy of horizon.png: white is sky, black is not.",
        )
    stream = io.BytesIO()
    Image.fromarray(np.asarray(grey)).save(stream, "PNG")
    return stream.getvalue()


def _draw_anew(store: HorizonStore, archive: Archive) -> None:
    """Write the line of the horizon as the new mask has it, for the next prediction."""
    lens = LensHistory(archive.calibration).current()
    if lens is not None:
        store.save(store.load(lens.width_px, lens.height_px), lens)
