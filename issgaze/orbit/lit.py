"""The stretches of an arc in which a satellite can be seen, and what begins and ends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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
    margins: Sequence[Function], samples_s: Float64Array, values: Float64Array
) -> list[list[list[tuple[float, bool]]]]:
    """Return for each margin and arc its zeros, ascending, with True where it turns positive.

    Args:
        margins: The functions that were sampled.
        samples_s: Ascending samples in each arc, shape (arcs, samples).
        values: The margins there, shape (margins, arcs, samples).
    """
    positive = values > 0.0
    kind, arc, sample = np.nonzero(positive[..., 1:] != positive[..., :-1])
    borders = np.searchsorted(kind, np.arange(len(margins) + 1)).tolist()
    parts = [slice(one, other) for one, other in pairwise(borders)]

    def each(seconds: Float64Array) -> Float64Array:
        return np.concatenate(
            [margin(seconds[part]) for margin, part in zip(margins, parts, strict=True)]
        )

    roots = find_roots(
        each,
        samples_s[arc, sample],
        samples_s[arc, sample + 1],
        ends=(values[kind, arc, sample], values[kind, arc, sample + 1]),
    )
    turns_on = positive[kind, arc, sample + 1]
    found: list[list[list[tuple[float, bool]]]] = [[[] for _ in samples_s] for _ in margins]
    for k, a, root, on in zip(
        kind.tolist(), arc.tolist(), roots.tolist(), turns_on.tolist(), strict=True
    ):
        found[k][a].append((root, on))
    return found


def lit_stretches(
    conditions: Sequence[Condition],
    turns: Sequence[list[list[tuple[float, bool]]]],
    samples_s: Float64Array,
    values: Float64Array,
) -> list[tuple[Stretch, ...]]:
    """Return for each arc the stretches in which all conditions hold.

    Args:
        conditions: What must hold together.
        turns: Their crossings, at least one entry for each.
        samples_s: Ascending samples from rise to set of each arc, shape (arcs, samples).
        values: The conditions' margins there, shape (conditions or more, arcs, samples).
    """
    stretches: list[tuple[Stretch, ...]] = []
    used = range(len(conditions))
    for arc, times in enumerate(samples_s):
        holds = [bool(values[number, arc, 0] > 0.0) for number in used]
        events = sorted(
            (when, number, turns_on) for number in used for when, turns_on in turns[number][arc]
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
