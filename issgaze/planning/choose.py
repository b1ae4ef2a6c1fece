"""Which passes are worth the shutter, with a reason that an owner understands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from issgaze.civil import seconds_between
from issgaze.orbit.passes import Pass
from issgaze.planning.plan import Choice
from issgaze.planning.wording import degrees, degrees_against, duration, signed

_BRIGHT_MOON = 0.5
_DOUBTFUL_CLOUD = 0.5
_WEATHER_HOLDS_S = 3600.0
# of the largest uncertainty: from here on the window is longer than most passes
_UNCERTAIN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the owner asks of a pass.

    Attributes:
        min_culmination_deg: Passes that stay lower are skipped.
        faintest_magnitude: Passes that stay fainter are skipped.
        shortest_lit_s: Passes that are lit for less are skipped.
        largest_uncertainty_s: Passes whose time is less certain are skipped: the window would
            have to be longer than the pass by far.
    """

    min_culmination_deg: float = 20.0
    faintest_magnitude: float = 3.0
    shortest_lit_s: float = 10.0
    largest_uncertainty_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What is known of the device and of the sky over it; None where nothing is known.

    Attributes:
        clock_trust: How far the clock can be believed, as in `ports.ClockQuality`.
        cloud_fraction: Cloud cover, 0 to 1, see `planning.cloud`.
        rain: True when it rains.
        weather_utc: When cloud and rain were seen. They say something of passes that rise within
            the next hour; None applies them to all.
        free_gb: Room on the disk.
        needed_gb: Room that the frames and products of one pass take.
    """

    clock_trust: Literal["untrusted", "coarse", "trusted"] = "trusted"
    cloud_fraction: float | None = None
    rain: bool | None = None
    weather_utc: datetime | None = None
    free_gb: float | None = None
    needed_gb: float = 0.5

    def weather_concerns(self, iss_pass: Pass) -> bool:
        """Return whether the weather that was seen says anything of a pass."""
        if self.weather_utc is None:
            return True
        return seconds_between(self.weather_utc, iss_pass.rise.utc) < _WEATHER_HOLDS_S


def choose(passes: Iterable[Pass], *, limits: Limits, conditions: Conditions) -> tuple[Choice, ...]:
    """Return a choice for each pass, in order; two that overlap share their frames."""
    choices = [_judge(iss_pass, limits, conditions) for iss_pass in passes]
    return tuple(_without_conflicts(choices))


def rank(iss_pass: Pass) -> float:
    """Return what a pass is worth: brightness first, then height, then length.

    One magnitude weighs as much as 15 degrees of culmination or two minutes of light.
    """
    if iss_pass.peak_magnitude is None:
        return float("-inf")
    return (
        -iss_pass.peak_magnitude
        + iss_pass.culmination.altitude_deg / 15.0
        + lit_seconds(iss_pass) / 120.0
    )


def lit_seconds(iss_pass: Pass) -> float:
    """Return for how long a pass is lit, in s."""
    return sum(seconds_between(s.start.utc, s.end.utc) for s in iss_pass.lit)


def _judge(iss_pass: Pass, limits: Limits, conditions: Conditions) -> Choice:
    refusal = (
        _invisible(iss_pass) or _unwanted(iss_pass, limits) or _impossible(iss_pass, conditions)
    )
    if refusal is None and iss_pass.timing_uncertainty_s > limits.largest_uncertainty_s:
        refusal = (
            f"The time is uncertain by {duration(iss_pass.timing_uncertainty_s)}, the limit is "
            f"{duration(limits.largest_uncertainty_s)}: a newer element set is needed"
        )
    if refusal is not None:
        return Choice(iss_pass=iss_pass, verdict="skip", reason=refusal)
    return Choice(
        iss_pass=iss_pass,
        verdict="shoot",
        reason="; ".join(_merits(iss_pass, limits, conditions)),
    )


def _invisible(iss_pass: Pass) -> str | None:
    if iss_pass.visible:
        return None
    if iss_pass.sun_altitude_deg > -6.0:
        return (
            f"Not visible: the Sun stands at {degrees_against(iss_pass.sun_altitude_deg, -6.0)}, "
            f"{degrees(-6.0)} is the limit"
        )
    if not iss_pass.lit:
        return "Not visible: no part of it is sunlit under a dark sky in free view"
    return f"Not visible: lit for only {lit_seconds(iss_pass):.0f} s, 10 s is the limit"


def _unwanted(iss_pass: Pass, limits: Limits) -> str | None:
    height = iss_pass.culmination.altitude_deg
    if height < limits.min_culmination_deg:
        limit = limits.min_culmination_deg
        return (
            f"Too low: culminates at {degrees_against(height, limit)}, "
            f"the limit is {degrees(limit)}"
        )
    if lit_seconds(iss_pass) < limits.shortest_lit_s:
        return (
            f"Too short: lit for {lit_seconds(iss_pass):.0f} s, the limit is "
            f"{limits.shortest_lit_s:.0f} s"
        )
    magnitude = iss_pass.peak_magnitude
    if magnitude is not None and magnitude > limits.faintest_magnitude:
        return (
            f"Too faint: magnitude {signed(magnitude, 1)}, the limit is "
            f"{signed(limits.faintest_magnitude, 1)}"
        )
    return None


def _impossible(iss_pass: Pass, conditions: Conditions) -> str | None:
    if conditions.clock_trust == "untrusted":
        return "The device does not know the time, so it cannot know when the pass is"
    if conditions.rain and conditions.weather_concerns(iss_pass):
        return "It rains, so the cover stays shut"
    free_gb, needed_gb = conditions.free_gb, conditions.needed_gb
    if free_gb is not None and free_gb < needed_gb:
        return f"The disk has {free_gb:.1f} GB free, a pass needs {needed_gb:.1f} GB"
    return None


def _merits(iss_pass: Pass, limits: Limits, conditions: Conditions) -> list[str]:
    magnitude = iss_pass.peak_magnitude
    brightness = "" if magnitude is None else f", magnitude {signed(magnitude, 1)}"
    reasons = [f"{_height_seen(iss_pass)}{brightness}, lit for {lit_seconds(iss_pass):.0f} s"]
    cloud = conditions.cloud_fraction
    if cloud is not None and cloud > _DOUBTFUL_CLOUD and conditions.weather_concerns(iss_pass):
        reasons.append(f"doubtful: {cloud * 100:.0f} % cloud, shot anyway")
    if iss_pass.timing_uncertainty_s > _UNCERTAIN * limits.largest_uncertainty_s:
        reasons.append(
            f"doubtful: the time is uncertain by {duration(iss_pass.timing_uncertainty_s)}, "
            "shot anyway"
        )
    if conditions.clock_trust == "coarse":
        reasons.append("the clock is only roughly right, so the window is wider")
    moon = iss_pass.moon
    if moon.altitude_deg > 0.0 and moon.illuminated_fraction > _BRIGHT_MOON:
        reasons.append(f"bright Moon, {moon.illuminated_fraction * 100:.0f} % lit")
    return reasons


def _height_seen(iss_pass: Pass) -> str:
    """Return how high it stands where it can be seen: shadow or roofs may hide the culmination."""
    top = iss_pass.culmination
    if any(stretch.start.utc <= top.utc <= stretch.end.utc for stretch in iss_pass.lit):
        return f"Culminates at {degrees(top.altitude_deg)}"
    ends = [end.altitude_deg for s in iss_pass.lit for end in (s.start, s.end)]
    return f"Seen up to {degrees(max(ends))} of {degrees(top.altitude_deg)}"


def _without_conflicts(choices: list[Choice]) -> list[Choice]:
    """Let the lesser of two overlapping passes share the better one's frames, which show both."""
    order = sorted(range(len(choices)), key=lambda n: -rank(choices[n].iss_pass))
    kept: list[int] = []
    result = list(choices)
    for number in order:
        if choices[number].verdict != "shoot":
            continue
        rival = next(
            (k for k in kept if _overlap(choices[k].iss_pass, choices[number].iss_pass)), None
        )
        if rival is None:
            kept.append(number)
            continue
        winner = choices[rival].iss_pass
        result[number] = Choice(
            iss_pass=choices[number].iss_pass,
            verdict="shoot",
            reason=f"{choices[number].reason}; shares the frames of the better pass {winner.id}",
            shares=winner.id,
        )
    return result


def _overlap(one: Pass, other: Pass) -> bool:
    return (
        one.lit[0].start.utc < other.lit[-1].end.utc
        and other.lit[0].start.utc < one.lit[-1].end.utc
    )
