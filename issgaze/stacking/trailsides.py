"""The sky beside a path, and how far from it the trail reaches."""

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float64Array
from issgaze.stacking.corridor import Corridor

_PIECE_PX = 10.0
# from where on what lies beside a path is sky, in parts of the corridor's half width
_FLANK = 0.625
# as many strips as half resolution has pixels
_STRIPS = 16.0


def pieces_of(corridor: Corridor) -> list[NDArray[np.int64]]:
    """Return the corridor's pixels in pieces of equal length along the path."""
    order = np.argsort(corridor.seconds, kind="stable")
    length = np.cumsum(
        np.concatenate(([0.0], np.diff(corridor.seconds[order]))) * corridor.rate_px_per_s[order]
    )
    number = np.floor(length / _PIECE_PX).astype(int)
    cuts = np.flatnonzero(np.diff(number)) + 1
    return np.split(order, cuts)


def sky_beside(
    corridor: Corridor, excess: Float64Array, half_width_px: float
) -> tuple[Float64Array, Float64Array]:
    """Return level (3, n) and noise (n,) of the sky beside the path, at each of its pixels.

    Args:
        corridor: Of n pixels.
        excess: Its pixels' red, green, blue, shape (3, n).
        half_width_px: Of the corridor. The noise is infinite where too little of the sky is seen.
    """
    flank = np.abs(corridor.across_px) > _FLANK * half_width_px
    level = np.zeros_like(excess)
    noise = np.full(excess.shape[1], np.inf)
    for piece in pieces_of(corridor):
        sides = piece[flank[piece]]
        if len(sides) < 12:
            continue
        middle = np.median(excess[:, sides], axis=1)
        level[:, piece] = middle[:, np.newaxis]
        deviation = np.abs(excess[1, sides] - middle[1])
        noise[piece] = max(1.4826 * float(np.median(deviation)), 1e-3)
    return level, noise


def belonging(
    corridor: Corridor,
    sigmas: Float64Array,
    mine: BoolArray,
    least_sigmas: float,
    half_width_px: float,
) -> Float64Array:
    """Return how much each pixel belongs to the trail, 0 to 1.

    Across the path the light falls off from a centre; where the mean of a strip beside it sinks
    into the noise the trail ends. Along the path the whole strip is weighed by what its core shows.

    Args:
        corridor: Of n pixels.
        sigmas: Their light above the sky in its noise, shape (n,).
        mine: Which of them may belong, shape (n,).
        least_sigmas: Of a strip, from which on it is trail.
        half_width_px: Of the corridor.
    """
    weight = np.zeros(len(sigmas))
    strips = np.rint(corridor.across_px * (_STRIPS / half_width_px)).astype(int)
    for piece in pieces_of(corridor):
        inside = piece[mine[piece]]
        if not len(inside):
            continue
        for strip in np.unique(strips[inside]).tolist():
            members = inside[strips[inside] == strip]
            strength = float(np.mean(sigmas[members]))
            strength *= np.sqrt(min(len(members), 12)) / 2.0
            weight[members] = np.clip((strength - least_sigmas) / 2.5, 0.0, 1.0)
    edge = np.abs(corridor.across_px) / half_width_px
    return np.asarray(weight * np.clip((1.0 - edge) * 4.0, 0.0, 1.0))
