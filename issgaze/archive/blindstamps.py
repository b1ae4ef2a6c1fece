"""When the frames of a blind night were begun, on the clock that never steps.

<archive>/blind/stamps.jsonl    a line for each frame: its file, and seconds since the boot named

The clock is the same for every program until the board is started anew; frames of an earlier boot
can be dated no more.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from issgaze.archive.atomic import append_line

_FILE = "stamps.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindFrame:
    """A frame whose instant is known afterwards; began_s is on the clock that never steps."""

    path: Path
    began_s: float
    size_bytes: int


def keep_stamp(folder: Path, frame: BlindFrame, *, boot_id: str) -> None:
    """Write down when a frame that is on the disk was begun.

    Raises:
        ArchiveError: The disk refuses it.
    """
    words = {"file": frame.path.name, "began_s": frame.began_s, "boot": boot_id}
    append_line(folder / _FILE, json.dumps(words))


def kept_frames(folder: Path, *, boot_id: str) -> list[BlindFrame]:
    """Return the frames of this boot that are still there, oldest first.

    A line that a power cut left half written is none. Without a boot's name there are none.
    """
    try:
        lines = (folder / _FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = {}
    for line in lines if boot_id else ():
        try:
            words = json.loads(line)
            path = folder / "lights" / Path(str(words["file"])).name
            if words["boot"] != boot_id:
                continue
            began_s, size = float(words["began_s"]), path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            continue
        found[path] = BlindFrame(path=path, began_s=began_s, size_bytes=size)
    return sorted(found.values(), key=lambda frame: frame.began_s)
