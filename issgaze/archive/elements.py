"""Element sets on disk: every set accepted in two years, one file each; nothing is overwritten.

    <root>/25544/20240509T084819Z-1a2b3c4d.json

The name is the epoch and a digest of the record, so that a set added twice is one file.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.civil import seconds_between
from issgaze.errors import ElementError
from issgaze.orbit.acceptance import OLDEST_NEWS_S, Standing, judge_standing
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import element_record, parse_elements
from issgaze.orbit.timing import PREDECESSORS

_STANDINGS: tuple[Standing, ...] = ("confirmed", "unconfirmed", "suspect")
# as many as can matter to the judgement of the next: four weeks of the usual three a day
_RECENT = 84
# over two years of the usual three a day, 2 MB; gaps of the ledger are filled from these
_MOST_KEPT = 2500


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSet:
    """A set with its standing.

    Attributes:
        elements: The set.
        standing: How far it is believed.
        rival: The last believed set beside a suspect one.
        before: The believed sets before it, newest first, a few.
    """

    elements: ElementSet
    standing: Standing
    rival: ElementSet | None = None
    before: tuple[ElementSet, ...] = ()


class ElementStore:
    """The element sets held in a folder.

    Args:
        root: The folder; it is made when the first set is added.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, elements: ElementSet) -> HeldSet:
        """Keep a set, judged against those held before; one that is held already stays as it is.

        Raises:
            ArchiveError: The disk refuses it.
        """
        record = json.dumps(element_record(elements), sort_keys=True)
        digest = hashlib.sha256(record.encode()).hexdigest()[:8]
        name = f"{elements.epoch:%Y%m%dT%H%M%SZ}-{digest}.json"
        path = self.root / str(elements.norad_id) / name
        if path.exists():
            return _read(path) or HeldSet(elements=elements, standing="unconfirmed")
        recent = self._held(self._paths(elements.norad_id)[-_RECENT:])
        standing = judge_standing(elements, [(one.elements, one.standing) for one in recent])
        document = element_record(elements) | {"SOURCE": elements.source, "STANDING": standing}
        write_atomic(path, json.dumps(document, indent=1).encode() + b"\n")
        self._prune(elements.norad_id)
        return HeldSet(elements=elements, standing=standing)

    def _prune(self, norad_id: int) -> None:
        """Let go of the sets with the oldest epochs beyond what is kept."""
        for path in self._paths(norad_id)[:-_MOST_KEPT]:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise disk_error(path, error) from error

    def latest(self, norad_id: int, *, at: datetime | None = None) -> ElementSet | None:
        """Return the set of newest epoch not after `at`, else the oldest; None where there is none.

        A file that was damaged is passed over, and so is a set that is over 30 days old by then.

        Raises:
            ArchiveError: The folder cannot be read.
        """
        held = self.in_force(norad_id, at=at)
        return held.elements if held else None

    def in_force(self, norad_id: int, *, at: datetime | None = None) -> HeldSet | None:
        """Return the same set with its standing, and its rival when it is suspect.

        Raises:
            ArchiveError: The folder cannot be read.
        """
        paths = self._paths(norad_id)
        limit = None if at is None else f"{at:%Y%m%dT%H%M%SZ}~"
        before = [path for path in paths if limit is None or path.name <= limit]
        after = [path for path in paths if path not in before]
        found: HeldSet | None = None
        believed: list[ElementSet] = []
        for path in [*reversed(before), *after]:
            held = _read(path)
            if held is None or _too_old(held.elements, at):
                continue
            if found is None:
                found = held
            elif held.standing != "suspect":
                believed.append(held.elements)
            if len(believed) == PREDECESSORS or path not in before:
                break
        if found is None:
            return None
        suspect = found.standing == "suspect" and bool(believed)
        return dataclasses.replace(
            found,
            rival=believed[0] if suspect else None,
            before=() if suspect else tuple(believed),
        )

    def _held(self, paths: list[Path]) -> list[HeldSet]:
        return [held for held in map(_read, paths) if held is not None]

    def history(self, norad_id: int) -> tuple[ElementSet, ...]:
        """Return all sets of a satellite, oldest epoch first.

        Raises:
            ArchiveError: The folder cannot be read.
        """
        return tuple(held.elements for held in self._held(self._paths(norad_id)))

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


def _too_old(elements: ElementSet, at: datetime | None) -> bool:
    if at is None:
        return False
    return seconds_between(elements.epoch, at) > OLDEST_NEWS_S


def _read(path: Path) -> HeldSet | None:
    try:
        data = path.read_bytes()
        document = json.loads(data)
        source, standing = str(document.get("SOURCE", path.name)), document.get("STANDING")
        sets = parse_elements(data, source=source).sets
    except OSError as error:
        raise disk_error(path, error) from error
    except (ElementError, ValueError, AttributeError):
        return None
    if not sets:
        return None
    return HeldSet(elements=sets[0], standing=standing if standing in _STANDINGS else "unconfirmed")
