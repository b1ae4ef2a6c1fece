"""What stands in a pass folder, for who only reads: it loads no array library."""

import json
import re
from pathlib import Path
from typing import Any

from issgaze.archive.layout import Archive

PASS_ID = re.compile(r"\d{8}T\d{4}Z-\d{1,9}")
REPORT_FILE = "report.json"
# the report as everybody may have it
GUEST_FILE = "guest.json"
PICTURE_FILE = "picture.jpg"
DIGESTED_FILE = "digested.json"
# an empty file: the owner wants to keep this pass
STAR_FILE = "starred"


def folder_path(archive: Archive, pass_id: str) -> Path:
    """Return the folder of an id: below the UTC date that the id begins with."""
    return archive.passes / f"{pass_id[:4]}-{pass_id[4:6]}-{pass_id[6:8]}" / pass_id


def read_object(path: Path) -> dict[str, Any] | None:
    """Return a JSON object; None where there is none or it is broken."""
    try:
        document: Any = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def digested_count(folder: Path) -> int:
    """Return how many lights of a pass are digested."""
    count: Any = (read_object(folder / DIGESTED_FILE) or {}).get("lights")
    return count if isinstance(count, int) else 0
