"""The sub-exposures of one pass, digested in order, with a record of what became of each."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from issgaze.civil import format_utc, later, seconds_between
from issgaze.errors import FrameError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.stacking.checkpoint import info_document, info_of
from issgaze.stacking.digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A sub-exposure on its way into the stack.

    Attributes:
        file: Its name, for the report.
        frame: None when it could not be read.
        error: Why, None when it could.
    """

    file: str
    frame: Frame | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRecord:
    """What became of one sub-exposure; `info` is None when it could not be read."""

    file: str
    info: FrameInfo | None
    reason: str | None
    dead_time_s: float | None

    @property
    def used(self) -> bool:
        """True when it went into the stacks."""
        return self.reason is None

    def document(self, *, timed: bool, exposed: bool) -> dict[str, Any]:
        """Return the record as report.json holds it; null for times that nobody knows."""
        info = self.info
        return {
            "file": self.file,
            "used": self.used,
            "reason": self.reason,
            "start_utc": format_utc(info.start_utc, decimals=6) if info and timed else None,
            "exposure_s": info.exposure_s if info and exposed else None,
            "dead_time_s": self.dead_time_s if timed else None,
        }

    def kept(self) -> dict[str, Any]:
        """Return the record as a checkpoint holds it."""
        return {
            "file": self.file,
            "info": info_document(self.info) if self.info else None,
            "reason": self.reason,
            "dead_time_s": self.dead_time_s,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "FrameRecord":
        """Return what `kept` was called of."""
        return cls(
            file=document["file"],
            info=info_of(document["info"]) if document["info"] else None,
            reason=document["reason"],
            dead_time_s=document["dead_time_s"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SoFar:
    """What is digested: the digest, None before the first readable frame, and the records."""

    digest: Digest | None = None
    records: Sequence[FrameRecord] = field(default_factory=list)


class Witness(Protocol):
    """Told of each frame that was digested, as `Keeper` is."""

    def after(
        self, digest: Digest, records: Sequence[FrameRecord], *, seconds: float, nbytes: int
    ) -> None:
        """Take note of a frame that took some time to digest and some bytes to read."""
        ...


def digest_series(
    lights: Iterable[Light],
    begin: Callable[[Frame], Digest],
    on_frame: Callable[[int], None],
    *,
    so_far: SoFar,
    witness: Witness,
) -> SoFar:
    """Digest the lights in order; those that do not fit are named and left out.

    Args:
        lights: The sub-exposures that are not among those digested so far.
        begin: Makes the digest from the first readable one.
        on_frame: Told how many are done, good or bad, after each.
        so_far: What a checkpoint holds.
        witness: Told of each frame.

    Returns:
        The digest, None when no frame could be read, and a record of each frame.
    """
    digest, records = so_far.digest, list(so_far.records)
    before = next((record.info for record in reversed(records) if record.info), None)
    for light in lights:
        reason = light.error
        began = time.monotonic()
        if light.frame is not None:
            digest = digest or begin(light.frame)
            try:
                digest.add(light.frame)
            except FrameError as error:
                reason = error.message
        if reason is not None:
            # the message of a reader names the file, which the record does already
            reason = reason.removeprefix(f"{light.file.rpartition('/')[2]}: ")
        info = light.frame.info if light.frame is not None else None
        records.append(
            FrameRecord(
                file=light.file, info=info, reason=reason, dead_time_s=_dead_time_s(before, info)
            )
        )
        before = info or before
        if digest is not None and light.frame is not None:
            spent = time.monotonic() - began
            witness.after(digest, records, seconds=spent, nbytes=light.frame.mosaic.nbytes)
        on_frame(len(records))
        # not held while the next one is read
        del light
    return SoFar(digest=digest, records=records)


def _dead_time_s(before: FrameInfo | None, info: FrameInfo | None) -> float | None:
    """Return the gap between two frames: the camera's own measure, else from their stamps."""
    if before is None or info is None:
        return None
    if info.dead_time_s is not None:
        return info.dead_time_s
    end = later(before.start_utc, before.exposure_s)
    return round(seconds_between(end, info.start_utc), 6)


def exposed_spans(records: Iterable[FrameRecord]) -> list[tuple[datetime, datetime]]:
    """Return start and end of every exposure that went into the stacks."""
    infos = [record.info for record in records if record.used and record.info is not None]
    return [(info.start_utc, later(info.start_utc, info.exposure_s)) for info in infos]
