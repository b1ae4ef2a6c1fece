"""The stretches of an arc in which a satellite can be seen, and what begins and ends them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.orbit.passes import LitCause
from issgaze.orbit.roots import Function, find_roots


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition that holds where its margin is positive, and the names of its turning points."""

    margin: Function
    begins: LitCause
    ends: LitCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Seconds from the scene's start between which all conditions hold."""

    start_s: float
    end_s: float
    start_cause: LitCause
    end_cause: LitCause


def crossings(
    margin: Function, samples_s: Float64Array, values: Float64Array
) -> list[list[tuple[float, bool]]]:
    """Return for each arc the zeros of a margin, ascending, with True where it turns positive.

    Args:
        margin: The function that was sampled.
        samples_s: Ascending samples in each arc, shape (arcs, samples).
        values: The margin there, same shape.
    """
    positive = values > 0.0
    arc, sample = np.nonzero(positive[:, 1:] != positive[:, :-1])
    roots = find_roots(margin, samples_s[arc, sample], samples_s[arc, sample + 1])
    found: list[list[tuple[float, bool]]] = [[] for _ in range(len(samples_s))]
    for a, s, root in zip(arc.tolist(), sample.tolist(), roots.tolist(), strict=True):
        found[a].append((root, bool(positive[a, s + 1])))
    return found


def lit_stretches(
    conditions: Sequence[Condition], samples_s: Float64Array
) -> list[tuple[Stretch, ...]]:
    """Return for each arc the stretches in which all conditions hold.

    Args:
        conditions: What must hold together.
        samples_s: Ascending samples from rise to set of each arc, shape (arcs, samples).
    """
    values = [condition.margin(samples_s) for condition in conditions]
    turns = [
        crossings(condition.margin, samples_s, value)
        for condition, value in zip(conditions, values, strict=True)
    ]
    stretches: list[tuple[Stretch, ...]] = []
    for arc, times in enumerate(samples_s):
        holds = [bool(value[arc, 0] > 0.0) for value in values]
        events = sorted(
            (when, number, turns_on)
            for number, turn in enumerate(turns)
            for when, turns_on in turn[arc]
        )
        stretches.append(_walk(conditions, holds, events, float(times[0]), float(times[-1])))
    return stretches


def _walk(
    conditions: Sequence[Condition],
    holds: list[bool],
    events: list[tuple[float, int, bool]],
    rise_s: float,
    set_s: float,
) -> tuple[Stretch, ...]:
    stretches: list[Stretch] = []
    since: tuple[float, LitCause] | None = (rise_s, "rise") if all(holds) else None
    for when, number, turns_on in events:
        holds[number] = turns_on
        if since is None and all(holds):
            since = (when, conditions[number].begins)
        elif since is not None and not turns_on:
            stretches.append(
                Stretch(
                    start_s=since[0],
                    end_s=when,
                    start_cause=since[1],
                    end_cause=conditions[number].ends,
                )
            )
            since = None
    if since is not None:
        stretches.append(
            Stretch(start_s=since[0], end_s=set_s, start_cause=since[1], end_cause="set")
        )
    return tuple(stretches)
