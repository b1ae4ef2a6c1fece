"""Brings new element sets into the archive."""

from datetime import datetime

from issgaze.archive.elements import ElementStore
from issgaze.civil import SECONDS_PER_DAY, format_utc, seconds_between
from issgaze.errors import FetchError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import parse_elements
from issgaze.ports import ElementSource

_LATEST_EPOCH_AHEAD_DAYS = 1.5
_OLDEST_NEWS_DAYS = 30.0


def fetch_now(
    store: ElementStore, source: ElementSource, norad_id: int, now: datetime
) -> ElementSet:
    """Get one satellite's set from a source, judge it and keep it.

    Raises:
        ElementError: The reply is not to be believed.
        FetchError: There is no reply, or it does not hold the satellite that was asked for.
        ArchiveError: The disk refuses it.
    """
    parsed = parse_elements(source.fetch(norad_id), source=source.name)
    if parsed.refused:
        broken = parsed.refused[0]
        raise FetchError(
            f"{source.name} sent a broken record of {broken.name}: {broken.reason}",
            remedy="The held set stays in force; the next fetch tries again.",
        )
    sets = [elements for elements in parsed.sets if elements.norad_id == norad_id]
    if not sets:
        raise FetchError(
            f"{source.name} sent {parsed.sets[0].name or parsed.sets[0].norad_id}, "
            f"{norad_id} was asked for",
            remedy="Check the address in [elements] sources; the held set stays in force.",
        )
    newest = max(sets, key=lambda elements: elements.epoch)
    age_days = seconds_between(newest.epoch, now) / SECONDS_PER_DAY
    if not -_LATEST_EPOCH_AHEAD_DAYS <= age_days <= _OLDEST_NEWS_DAYS:
        raise FetchError(
            f"{source.name} sent a set of {format_utc(newest.epoch, decimals=0)}, {age_days:.1f} "
            f"days old; the limits are {-_LATEST_EPOCH_AHEAD_DAYS} and {_OLDEST_NEWS_DAYS:.0f}",
            remedy="Check the clock with `issgaze doctor`; the held set stays in force.",
        )
    store.add(newest)
    return newest
