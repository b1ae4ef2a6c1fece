"""Brings new element sets into the archive: several sources in order, each asked politely."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from issgaze.archive.elements import ElementStore, HeldSet
from issgaze.archive.fetchstate import FetchState
from issgaze.civil import later, seconds_between
from issgaze.errors import ElementError, FetchError
from issgaze.orbit.acceptance import require_current
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import parse_elements
from issgaze.ports import ElementSource

# CelesTrak's policy: at most one download of a thing per update, which come every 2 h
SHORTEST_INTERVAL_S = 2.0 * 3600.0
_JITTER_H = 1.0
_REMEDY = "What is held already stays as it is; the next fetch tries again."
_NOTHING_HELD = (
    "No set is held yet, so nothing can be predicted: check the network, or bring a file with "
    "`issgaze elements import FILE`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of a fetch: the set now held, and what every source said on the way."""

    held: HeldSet
    remarks: tuple[str, ...]


def fetch_elements(
    store: ElementStore,
    sources: Sequence[ElementSource],
    norad_id: int,
    *,
    now: datetime,
    clock_trusted: bool,
) -> Fetched:
    """Get one satellite's set from the first source that gives a sound one, and keep it.

    A source that was asked within 2 hours, or answered badly within 2 hours, is passed over, over
    restarts too; one that said 403 stays passed over until `FetchState.release`.

    Raises:
        FetchError: No source gave a set to believe; the message has what each of them said.
        ArchiveError: The disk refuses it.
    """
    state = FetchState(store.root)
    remarks: list[str] = []
    for source in sources:
        refusal = _rest(state, source.name, norad_id, now)
        if refusal is not None:
            remarks.append(refusal)
            continue
        # on disk before the request goes out: a crash in between must not make us ask twice
        state.ask(source.name, norad_id, now)
        try:
            elements = _newest_sound(source, norad_id, now=now, clock_trusted=clock_trusted)
        except (FetchError, ElementError) as error:
            remarks.append(error.message)
            _remember(state, source.name, error, now)
            continue
        state.answered(source.name)
        return Fetched(held=store.add(elements), remarks=tuple(remarks))
    said = "; ".join(remarks) or "none is configured"
    held = store.latest(norad_id, at=now)
    raise FetchError(
        f"no source gave an element set of {norad_id}: {said}",
        remedy=_REMEDY if held else _NOTHING_HELD,
    )


def refill(
    store: ElementStore,
    source: ElementSource,
    norad_ids: Iterable[int],
    *,
    now: datetime,
    clock_trusted: bool,
) -> tuple[str, ...]:
    """Get sets for a program that begins, and return what went wrong with those it can do without.

    A source that rests after it was asked is no news to somebody who holds what it gave: a program
    that begins again, in the middle of a pass perhaps, has lost nothing.

    Raises:
        FetchError: No set of a satellite can be had, and none is held.
        ArchiveError: The disk refuses it.
    """
    complaints: list[str] = []
    for norad_id in norad_ids:
        held = store.latest(norad_id, at=now) is not None
        if held and _rest(FetchState(store.root), source.name, norad_id, now) is not None:
            continue
        try:
            fetch_elements(store, [source], norad_id, now=now, clock_trusted=clock_trusted)
        except FetchError as error:
            # as on a roof: the set of the last run is still there
            if not held:
                raise
            complaints.append(error.message)
    return tuple(complaints)


def next_fetch_utc(
    store: ElementStore, norad_id: int, *, interval_h: float, device: str
) -> datetime | None:
    """Return when a satellite's set should be asked for again, None at once.

    The interval is shifted by up to an hour, so that devices which were switched on by the same
    clock do not ask in the same minute for ever; the shift follows from the device and the last
    question, and asking again does not change it.
    """
    asked = FetchState(store.root).last_asked(norad_id)
    if asked is None:
        return None
    shift_h = random.Random(f"{device} {norad_id} {asked}").uniform(-_JITTER_H, _JITTER_H)
    return later(asked, max(SHORTEST_INTERVAL_S, (interval_h + shift_h) * 3600.0))


def _rest(state: FetchState, source: str, norad_id: int, now: datetime) -> str | None:
    """Return why a source is not asked now, None when it may be."""
    known = state.of(source)
    if known.latched:
        return f"{source} is left alone: {known.latched}; `issgaze fetch --release` tries it again"
    asked = known.asked_utc.get(norad_id)
    for since, what in ((asked, "was asked"), (known.rests_since_utc, "answered badly")):
        # a clock that was set back must not silence a source for ever
        if since is not None and 0.0 <= seconds_between(since, now) < SHORTEST_INTERVAL_S:
            minutes = seconds_between(since, now) / 60.0
            return f"{source} {what} {minutes:.0f} min ago, it rests for 120"
    return None


def _remember(
    state: FetchState, source: str, error: FetchError | ElementError, now: datetime
) -> None:
    state.failed(source, now, error.message)
    if isinstance(error, FetchError) and error.status == 403:
        state.latch(source, "it answered with status 403, which is how it shuts out whoever asks "
                            "too often")  # fmt: skip


def _newest_sound(
    source: ElementSource, norad_id: int, *, now: datetime, clock_trusted: bool
) -> ElementSet:
    """Return the newest set in a reply of which every record is sound.

    Raises:
        FetchError: There is no reply, a record in it is broken, or it is of another satellite.
        ElementError: The reply is no element set, or not today's.
    """
    parsed = parse_elements(source.fetch(norad_id), source=source.name)
    if parsed.refused:
        broken = parsed.refused[0]
        raise FetchError(
            f"{source.name} sent a broken record of {broken.name}: {broken.reason}",
            remedy=_REMEDY,
        )
    sets = [elements for elements in parsed.sets if elements.norad_id == norad_id]
    if not sets:
        raise FetchError(
            f"{source.name} sent {parsed.sets[0].name or parsed.sets[0].norad_id}, "
            f"{norad_id} was asked for",
            remedy="Check the address in [elements] sources; what is held stays.",
        )
    newest = max(sets, key=lambda elements: elements.epoch)
    try:
        require_current(newest, now=now, clock_trusted=clock_trusted)
    except ElementError as error:
        raise ElementError(f"{source.name}: {error.message}", remedy=error.remedy) from error
    return newest
