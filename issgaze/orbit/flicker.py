"""What of a pass is told moment by moment: not each twig before the station.

Charts and tables both go by it, so that neither names a moment that the other leaves out.
"""

from collections.abc import Sequence
from dataclasses import replace

from issgaze.civil import seconds_between
from issgaze.orbit.passes import Event, LitInterval

# trees hide the station and show it again within a moment: no marks of their own
_FLICKER_S = 20.0


def without_flicker(lit: Sequence[LitInterval]) -> list[LitInterval]:
    """Return stretches in the light joined where trees part them for a moment only.

    What shows for a moment between trees is left out as well, unless it is all there is.
    """
    joined: list[LitInterval] = []
    for stretch in lit:
        before = joined[-1] if joined else None
        hidden = before is not None and before.end_cause == "mask_blocked"
        if before and hidden and _seconds(before.end, stretch.start) < _FLICKER_S:
            joined[-1] = replace(before, end=stretch.end, end_cause=stretch.end_cause)
        else:
            joined.append(stretch)
    long_ones = [
        stretch
        for stretch in joined
        if _seconds(stretch.start, stretch.end) >= _FLICKER_S
        or (stretch.start_cause, stretch.end_cause) != ("mask_clear", "mask_blocked")
    ]
    return long_ones or joined


def _seconds(first: Event, last: Event) -> float:
    return seconds_between(first.utc, last.utc)
