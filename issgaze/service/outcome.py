"""What became of a pass, judged from what was developed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from issgaze.civil import seconds_between
from issgaze.orbit.passes import Pass
from issgaze.service.startruth import TrackStars
from issgaze.stacking.trailfit import TrailFit

# of the lit arc; less is a part of a pass, and so it is called
_WHOLE = 0.99
# on a clear night even a short stack of a wide lens shows hundreds
_FEWEST_STARS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One of "caught", "partial", "clouded", with a reason for people."""

    name: str
    reason: str


def judge(
    fit: TrailFit,
    *,
    iss_pass: Pass | None,
    exposed: Iterable[tuple[datetime, datetime]],
    star_count: int | None,
    track_stars: TrackStars | None = None,
    sealed_reason: str | None,
) -> Outcome:
    """Return what became of the pass.

    Args:
        fit: The trail held against the prediction.
        iss_pass: The pass, None when it is not known which.
        exposed: Start and end of every exposure that went in.
        star_count: Stars found in the stack, None when not counted.
        track_stars: Bright stars along the way, None when not counted.
        sealed_reason: Why the capture ended, None or "complete" when as planned.
    """
    covered = None if iss_pass is None else lit_part_exposed(iss_pass, exposed)
    if not fit.accepted:
        if star_count is not None and star_count < _FEWEST_STARS:
            return Outcome(name="clouded", reason=f"{star_count} stars seen; {fit.reason}")
        if track_stars is not None and track_stars.clouded:
            seen = f"{track_stars.seen} of {track_stars.expected} bright stars along the way seen"
            return Outcome(name="clouded", reason=f"{seen}; {fit.reason}")
        return Outcome(name="partial", reason=f"not proved: {fit.reason}")
    if covered is not None and covered < _WHOLE:
        why = f", {sealed_reason}" if sealed_reason not in {None, "complete"} else ""
        return Outcome(
            name="partial", reason=f"{covered * 100:.0f} % of the lit arc was exposed{why}"
        )
    return Outcome(name="caught", reason=fit.reason)


def lit_part_exposed(iss_pass: Pass, exposed: Iterable[tuple[datetime, datetime]]) -> float:
    """Return the part of the lit arc during which the shutter was open, 0 to 1.

    The gaps between sub-exposures, milliseconds each, count as closed.
    """
    spans = tuple(exposed)
    lit = [(stretch.start.utc, stretch.end.utc) for stretch in iss_pass.lit]
    total_s = sum(seconds_between(start, end) for start, end in lit)
    if total_s <= 0.0:
        return 0.0
    open_s = sum(
        max(0.0, seconds_between(max(start, first), min(end, last)))
        for start, end in lit
        for first, last in spans
    )
    return min(1.0, open_s / total_s)
