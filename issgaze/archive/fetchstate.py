"""What element sources were asked and how they answered, kept over restarts.

A source that was asked too often, or answers with anything but 200, gets its rest; one that says
403 has shut us out and is left alone until the owner says otherwise.
"""

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from issgaze.archive.jsonfile import write_json
from issgaze.civil import format_utc, parse_utc

_FILE = "fetch.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of one source.

    Attributes:
        asked_utc: When it was last asked, by catalogue number.
        rests_since_utc: When it last answered badly, None when its last answer was good.
        latched: Why it is left alone, empty when it is not.
        last_reason: What its last bad answer was.
    """

    asked_utc: dict[int, datetime] = dataclasses.field(default_factory=dict)
    rests_since_utc: datetime | None = None
    latched: str = ""
    last_reason: str = ""


class FetchState:
    """The memory of fetching, on disk before each request goes out.

    Args:
        folder: Of the element sets.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._sources = _read(self._path)

    def of(self, source: str) -> SourceState:
        """Return what is known of a source."""
        return self._sources.get(source, SourceState())

    def latches(self) -> dict[str, str]:
        """Return the sources that are left alone, with the reason."""
        return {name: state.latched for name, state in self._sources.items() if state.latched}

    def last_asked(self, norad_id: int) -> datetime | None:
        """Return when any source was last asked for a satellite."""
        asked = (state.asked_utc.get(norad_id) for state in self._sources.values())
        return max((when for when in asked if when is not None), default=None)

    def ask(self, source: str, norad_id: int, now: datetime) -> None:
        """Remember that a source is about to be asked.

        Raises:
            ArchiveError: The disk refuses it; then nothing must be asked.
        """
        held = self.of(source)
        self._put(source, dataclasses.replace(held, asked_utc={**held.asked_utc, norad_id: now}))

    def answered(self, source: str) -> None:
        """Remember a good answer."""
        self._put(source, dataclasses.replace(self.of(source), rests_since_utc=None))

    def failed(self, source: str, now: datetime, reason: str) -> None:
        """Remember a bad answer: the source rests."""
        state = dataclasses.replace(self.of(source), rests_since_utc=now, last_reason=reason)
        self._put(source, state)

    def latch(self, source: str, reason: str) -> None:
        """Leave a source alone until `release`."""
        self._put(source, dataclasses.replace(self.of(source), latched=reason))

    def release(self) -> tuple[str, ...]:
        """Try every latched source again; return their names."""
        names = tuple(self.latches())
        for name in names:
            self._put(name, dataclasses.replace(self.of(name), latched="", rests_since_utc=None))
        return names

    def _put(self, source: str, state: SourceState) -> None:
        self._sources = {**self._sources, source: state}
        write_json(
            self._path, {name: _document(item) for name, item in sorted(self._sources.items())}
        )


def _document(state: SourceState) -> dict[str, object]:
    rests = state.rests_since_utc
    return {
        "asked_utc": {str(number): format_utc(when) for number, when in state.asked_utc.items()},
        "rests_since_utc": format_utc(rests) if rests else None,
        "latched": state.latched,
        "last_reason": state.last_reason,
    }


def _read(path: Path) -> dict[str, SourceState]:
    """Return what is on disk; a damaged file counts as none, and costs one early request."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(name): SourceState(
                asked_utc={int(n): parse_utc(when) for n, when in item["asked_utc"].items()},
                rests_since_utc=(
                    parse_utc(item["rests_since_utc"]) if item["rests_since_utc"] else None
                ),
                latched=str(item["latched"]),
                last_reason=str(item["last_reason"]),
            )
            for name, item in document.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
