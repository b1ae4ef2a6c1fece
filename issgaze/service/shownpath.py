"""Which part of a pass the picture shows: what was exposed, in light and within its edges."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from issgaze.archive.passdocument import event_document
from issgaze.civil import later, parse_utc, seconds_between
from issgaze.errors import PropagationError
from issgaze.optics.lens import Lens
from issgaze.optics.platefit import in_picture
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Event, Pass
from issgaze.orbit.tracks import compute_track
from issgaze.service.developjob import DevelopJob
from issgaze.service.privacy import minute
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.sky.site import Site

# two sites of one cell of the grid see the same event less far apart in time
_SAME_EVENT_S = 20.0
# how finely the edge of the picture is looked for; less than a degree
_EDGE_STEP_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPath:
    """The trail in the picture.

    Attributes:
        begin: Where the station was when it was first exposed, lit, in free view and, where the
            lens is known, within the picture.
        end: Where it was last.
    """

    begin: Event
    end: Event

    def document(self) -> dict[str, Any]:
        """Return it for a report."""
        return {"from": event_document(self.begin), "to": event_document(self.end)}


def shown_path(job: DevelopJob, exposed: Iterable[tuple[datetime, datetime]]) -> ShownPath | None:
    """Return the part of the pass that exposures show; None when there is none, or nobody knows.

    Args:
        job: With pass, elements, site and the frames' times, as far as they are known.
        exposed: Start and end of every exposure that went in.
    """
    if job.iss_pass is None or job.elements is None or job.site is None or not job.timed:
        return None
    spans = tuple(exposed)
    both = [
        (max(start, stretch.start.utc), min(end, stretch.end.utc))
        for stretch in job.iss_pass.lit
        for start, end in spans
        if max(start, stretch.start.utc) < min(end, stretch.end.utc)
    ]
    if not both:
        return None
    try:
        begin, end = min(start for start, _end in both), max(end for _start, end in both)
        if job.lens is not None:
            within = _within_edges(job.lens, job.elements, job.site, both)
            if not within:
                return None
            # an end that the edge does not set stays as exact as it is
            begin = begin if seconds_between(begin, within[0]) < _EDGE_STEP_S else within[0]
            end = end if seconds_between(within[-1], end) < _EDGE_STEP_S else within[-1]
        return ShownPath(
            begin=event_at(job.elements, job.site, begin),
            end=event_at(job.elements, job.site, end),
        )
    except PropagationError:
        return None


def _within_edges(
    lens: Lens, elements: ElementSet, site: Site, spans: Iterable[tuple[datetime, datetime]]
) -> list[datetime]:
    """Return the instants of the spans, in steps, at which the picture holds the satellite."""
    instants: list[datetime] = []
    for start, end in sorted(spans):
        seconds = np.arange(0.0, seconds_between(start, end), _EDGE_STEP_S)
        track = compute_track(elements, site, start, seconds)
        pixels = lens.to_pixels(enu_from_altaz(track.altitude_deg, track.azimuth_deg))
        inside = in_picture(pixels, lens.width_px, lens.height_px)
        instants += [later(start, second) for second in seconds[inside].tolist()]
    return instants


def shown_elsewhere(
    shown: ShownPath | None, there: Pass | None, elements: ElementSet | None, site: Site
) -> ShownPath | None:
    """Return the same as another site has it, which tells nothing of this one.

    An end that the pass itself sets (rise, shadow, twilight) is the other site's own event; one
    that the camera sets, because it began late or was stopped, is the place of the station at that
    minute.

    Args:
        shown: As the camera's site has it.
        there: The pass of the other site.
        elements: Of the satellite.
        site: The other site.
    """
    if shown is None or there is None or elements is None:
        return None
    starts = [stretch.start for stretch in there.lit]
    ends = [stretch.end for stretch in there.lit]
    try:
        return ShownPath(
            begin=_near(shown.begin, starts) or event_at(elements, site, _minute(shown.begin)),
            end=_near(shown.end, ends) or event_at(elements, site, _minute(shown.end)),
        )
    except PropagationError:
        return None


def event_at(elements: ElementSet, site: Site, instant: datetime) -> Event:
    """Return where a satellite stands.

    Raises:
        PropagationError: SGP4 gives no position.
    """
    track = compute_track(elements, site, instant, np.zeros(1))
    return Event(
        utc=instant,
        altitude_deg=float(track.altitude_deg[0]),
        azimuth_deg=float(track.azimuth_deg[0]),
        range_km=float(track.range_km[0]),
    )


def _near(event: Event, others: list[Event]) -> Event | None:
    near = (o for o in others if abs(seconds_between(event.utc, o.utc)) <= _SAME_EVENT_S)
    return next(near, None)


def _minute(event: Event) -> datetime:
    return parse_utc(minute(event_document(event)["utc"]))
