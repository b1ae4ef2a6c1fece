"""Which passes are worth the shutter, with a reason that an owner understands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from issgaze.civil import seconds_between
from issgaze.orbit.passes import Pass
from issgaze.planning.plan import Choice

_FEWEST_FREE_GB = 0.5
_FULL_MOON = 0.5


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
    """What is known of the hours ahead; None where nothing is known.

    Attributes:
        clock_trust: How far the clock can be believed, as in `ports.ClockQuality`.
        cloud_fraction: Cloud cover, 0 to 1.
        rain: True when it rains.
        free_gb: Room on the disk.
    """

    clock_trust: Literal["untrusted", "coarse", "trusted"] = "trusted"
    cloud_fraction: float | None = None
    rain: bool | None = None
    free_gb: float | None = None


def choose(passes: Iterable[Pass], *, limits: Limits, conditions: Conditions) -> tuple[Choice, ...]:
    """Return a choice for each pass, in order; of two that overlap the better is shot."""
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
    refusal = _invisible(iss_pass) or _unwanted(iss_pass, limits) or _impossible(conditions)
    if refusal is None and iss_pass.timing_uncertainty_s > limits.largest_uncertainty_s:
        refusal = (
            f"the time is uncertain by {iss_pass.timing_uncertainty_s:.0f} s, the limit is "
            f"{limits.largest_uncertainty_s:.0f} s: a newer element set is needed"
        )
    if refusal is not None:
        return Choice(iss_pass=iss_pass, verdict="skip", reason=refusal)
    return Choice(
        iss_pass=iss_pass, verdict="shoot", reason="; ".join(_merits(iss_pass, conditions))
    )


def _invisible(iss_pass: Pass) -> str | None:
    if iss_pass.visible:
        return None
    if iss_pass.sun_altitude_deg > -6.0:
        return (
            f"not visible: the Sun stands at {iss_pass.sun_altitude_deg:.0f} deg, -6 is the limit"
        )
    if not iss_pass.lit:
        return "not visible: no part of it is sunlit under a dark sky in free view"
    return f"not visible: lit for only {lit_seconds(iss_pass):.0f} s, 10 s is the limit"


def _unwanted(iss_pass: Pass, limits: Limits) -> str | None:
    height = iss_pass.culmination.altitude_deg
    if height < limits.min_culmination_deg:
        limit = limits.min_culmination_deg
        return f"too low: culminates at {height:.0f} deg, the limit is {limit:.0f}"
    if lit_seconds(iss_pass) < limits.shortest_lit_s:
        return (
            f"too short: lit for {lit_seconds(iss_pass):.0f} s, limit {limits.shortest_lit_s:.0f}"
        )
    magnitude = iss_pass.peak_magnitude
    if magnitude is not None and magnitude > limits.faintest_magnitude:
        return f"too faint: magnitude {magnitude:.1f}, the limit is {limits.faintest_magnitude:.1f}"
    return None


def _impossible(conditions: Conditions) -> str | None:
    if conditions.clock_trust == "untrusted":
        return "the device does not know the time, so it cannot know when the pass is"
    if conditions.rain:
        return "it rains"
    if conditions.free_gb is not None and conditions.free_gb < _FEWEST_FREE_GB:
        return f"{conditions.free_gb:.1f} GB free on the disk, {_FEWEST_FREE_GB} GB are needed"
    return None


def _merits(iss_pass: Pass, conditions: Conditions) -> list[str]:
    magnitude = iss_pass.peak_magnitude
    brightness = "" if magnitude is None else f", magnitude {magnitude:.1f}"
    reasons = [
        f"culminates at {iss_pass.culmination.altitude_deg:.0f} deg{brightness}, "
        f"lit for {lit_seconds(iss_pass):.0f} s"
    ]
    cloud = conditions.cloud_fraction
    if cloud is not None and cloud > 0.5:
        reasons.append(f"doubtful: {cloud * 100:.0f} % cloud, shot anyway")
    if conditions.clock_trust == "coarse":
        reasons.append("the clock is only roughly right, so the window is wider")
    moon = iss_pass.moon
    if moon.altitude_deg > 0.0 and moon.illuminated_fraction > _FULL_MOON:
        reasons.append(f"bright Moon, {moon.illuminated_fraction * 100:.0f} % lit")
    return reasons


def _without_conflicts(choices: list[Choice]) -> list[Choice]:
    """Skip the lesser of two overlapping passes; the better one's frames show both."""
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
            verdict="skip",
            reason=f"at the same time as the better pass {winner.id}",
        )
    return result


def _overlap(one: Pass, other: Pass) -> bool:
    return (
        one.lit[0].start.utc < other.lit[-1].end.utc
        and other.lit[0].start.utc < one.lit[-1].end.utc
    )
