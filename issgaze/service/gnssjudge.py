"""Whether a receiver's word holds together from one second to the next, and with the clock."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from issgaze.civil import format_utc, seconds_between
from issgaze.config import SiteSettings
from issgaze.ports import ClockQuality, GnssFix, GnssReceiver
from issgaze.service.gnss import gnss_document, kilometres_between

# what a receiver on a roof does from one report to the next, with room for bad reception
_FARTHEST_HOP_KM = 0.2
_HIGHEST_HOP_M = 300.0
# a report is late by up to a second, on a slow line
_TIME_HOP_S = 1.5
# after a leap it must hold together for so long before it is believed again
_PROBATION_S = 60.0
# the clock's error by the receiver may exceed the clock's own bound by a slow line's delay
_LATE_S = 1.5
# so many fixes in a row must say that the clock is wrong
_WITNESSES = 5
# the week number of GPS has ten bits: old receivers fall back by so much
_ROLLOVER_S = 1024 * 7 * 86400.0


class GnssJudge:
    """Keeps what the receiver said last, and tells what cannot be true.

    Args:
        site: Where the roof is.
    """

    def __init__(self, site: SiteSettings) -> None:
        self._site = site
        self._last: tuple[GnssFix, float] | None = None
        self._leapt_s: float | None = None
        self._leap = ""
        self._against = 0

    def document(
        self, receiver: GnssReceiver, now: datetime, monotonic_s: float, clock: ClockQuality
    ) -> dict[str, Any]:
        """Return gnss.json.

        Args:
            receiver: Asked once.
            now: What the device's clock shows.
            monotonic_s: A clock that never steps.
            clock: How far the clock is believed by itself.
        """
        kept = _Kept(receiver)
        document = gnss_document(kept, self._site, now)
        if document["state"] == "fix" and kept.fix is not None:
            document |= self._judged(kept.fix, now, monotonic_s)
        elif document["state"] != "silent":
            self._last = None
        believed = self._clock(document, clock)
        document["clock"] = {
            "trust": believed.trust,
            "bound_s": believed.bound_s,
            "source": believed.source,
        }
        return document

    def _judged(self, fix: GnssFix, now: datetime, monotonic_s: float) -> dict[str, Any]:
        leap = _rolled_over(fix, now) or self._leapt(fix, monotonic_s)
        self._last = (fix, monotonic_s)
        if leap:
            self._leapt_s, self._leap = monotonic_s, leap
        if self._leapt_s is None:
            return {}
        if monotonic_s - self._leapt_s >= _PROBATION_S:
            self._leapt_s = None
            return {}
        return {"state": "leapt", "reason": self._leap, "clock_error_s": None}

    def _leapt(self, fix: GnssFix, monotonic_s: float) -> str:
        if self._last is None:
            return ""
        before, before_s = self._last
        assert fix.utc is not None
        assert before.utc is not None
        ahead_s = seconds_between(before.utc, fix.utc) - (monotonic_s - before_s)
        if abs(ahead_s) > _TIME_HOP_S:
            return f"its time leapt by {ahead_s:+.1f} s, the limit is {_TIME_HOP_S} s"
        hop_km = kilometres_between(before, fix)
        if hop_km > _FARTHEST_HOP_KM:
            return f"its place leapt by {hop_km:.1f} km, the limit is {_FARTHEST_HOP_KM} km"
        if before.height_m is not None and fix.height_m is not None:
            rise_m = fix.height_m - before.height_m
            if abs(rise_m) > _HIGHEST_HOP_M:
                return f"its height leapt by {rise_m:+.0f} m, the limit is {_HIGHEST_HOP_M:.0f} m"
        return ""

    def _clock(self, document: dict[str, Any], clock: ClockQuality) -> ClockQuality:
        error_s = document.get("clock_error_s")
        if clock.bound_s is None or error_s is None:
            self._against = 0
            return clock
        wrong = abs(error_s) > clock.bound_s + _LATE_S
        self._against = self._against + 1 if wrong else 0
        if self._against < _WITNESSES:
            return clock
        document["reason"] = (
            f"the clock is {error_s:+.1f} s wrong by the receiver, {clock.bound_s:.3f} s by itself"
        )
        return replace(clock, trust="untrusted", bound_s=None, source="GNSS says otherwise")


class _Kept:
    """Asks a receiver and keeps what it said."""

    def __init__(self, receiver: GnssReceiver) -> None:
        self._receiver = receiver
        self.fix: GnssFix | None = None

    def read(self) -> GnssFix:
        self.fix = self._receiver.read()
        return self.fix


def _rolled_over(fix: GnssFix, now: datetime) -> str:
    assert fix.utc is not None
    behind_s = seconds_between(fix.utc, now)
    turns = round(behind_s / _ROLLOVER_S)
    if turns == 0 or abs(behind_s - turns * _ROLLOVER_S) > 2 * 86400.0:
        return ""
    return f"it says {format_utc(fix.utc, decimals=0)}: its week number has rolled over"
