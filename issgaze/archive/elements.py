"""Element sets on disk: every set ever accepted, one file each, so that nothing is overwritten.

    <root>/25544/20240509T084819Z-1a2b3c4d.json

The name is the epoch and a digest of the record, so that a set added twice is one file.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import element_record, parse_elements


class ElementStore:
    """The element sets held in a folder.

    Args:
        root: The folder; it is made when the first set is added.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, elements: ElementSet) -> Path:
        """Keep a set; return its file. A set that is held already stays as it is.

        Raises:
            ArchiveError: The disk refuses it.
        """
        record = json.dumps(element_record(elements), sort_keys=True)
        digest = hashlib.sha256(record.encode()).hexdigest()[:8]
        name = f"{elements.epoch:%Y%m%dT%H%M%SZ}-{digest}.json"
        path = self.root / str(elements.norad_id) / name
        if not path.exists():
            document = element_record(elements) | {"SOURCE": elements.source}
            write_atomic(path, json.dumps(document, indent=1).encode() + b"\n")
        return path

    def latest(self, norad_id: int, *, at: datetime | None = None) -> ElementSet | None:
        """Return the set of newest epoch not after `at`, else the oldest; None where there is none.

        A file that was damaged is passed over.

        Raises:
            ArchiveError: The folder cannot be read.
        """
        paths = self._paths(norad_id)
        limit = None if at is None else f"{at:%Y%m%dT%H%M%SZ}~"
        before = [path for path in paths if limit is None or path.name <= limit]
        after = [path for path in paths if path not in before]
        for path in [*reversed(before), *after]:
            elements = _read(path)
            if elements is not None:
                return elements
        return None

    def history(self, norad_id: int) -> tuple[ElementSet, ...]:
        """Return all sets of a satellite, oldest epoch first.

        Raises:
            ArchiveError: The folder cannot be read.
        """
        sets = (_read(path) for path in self._paths(norad_id))
        return tuple(elements for elements in sets if elements is not None)

    def satellites(self) -> tuple[int, ...]:
        """Return the catalogue numbers of which there are sets, ascending."""
        if not self.root.is_dir():
            return ()
        return tuple(sorted(int(p.name) for p in self.root.iterdir() if p.name.isdigit()))

    def _paths(self, norad_id: int) -> list[Path]:
        folder = self.root / str(norad_id)
        try:
            return sorted(folder.glob("[0-9]*.json"))
        except OSError as error:
            raise disk_error(folder, error) from error


def _read(path: Path) -> ElementSet | None:
    try:
        data = path.read_bytes()
        sets = parse_elements(data, source=str(json.loads(data).get("SOURCE", path.name))).sets
    except OSError as error:
        raise disk_error(path, error) from error
    except (ElementError, ValueError, AttributeError):
        return None
    return sets[0] if sets else None
