"""Finding a streak of light without knowing where to look."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.stacking.stacks import Stacks

_SIGMAS = 7.0
_MOST_POINTS = 6000
_TRIALS = 160
_LEAST_PIECE_PX = 14.0
_NEAR_PX = 1.6
_LEAST_FILL = 0.75
_LONGEST_GAP_PX = 6.0
_TURN_COSINE = 0.94
# of the diagonal, in a single frame, which has nothing to be told from: real meteors and a re-entry
# measured 0.22 and 0.55, the edges of clouds, lamps and burnt-in text up to 0.06
_LEAST_ALONE = 0.08

Piece = tuple[tuple[float, float], tuple[float, float], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """Straight pieces in order: begin, end (x, y on the grid) and frame number of each."""

    pieces: tuple[Piece, ...]
    length_px: float


def find_streak(stacks: Stacks) -> Streak | None:
    """Return the longest streak in `peak` less `ground`, None where there is none."""
    excess = stacks.peak[1] - stacks.ground[1]
    if stacks.frame_count < 2:
        excess = stacks.peak[1].copy()
    middle = float(np.median(excess))
    sigma = 1.4826 * float(np.median(np.abs(excess - middle)))
    bright = excess > middle + _SIGMAS * max(sigma, 1e-3)
    best: list[Piece] = []
    pieces: list[Piece] = []
    for frame in range(stacks.frame_count):
        rows, columns = np.nonzero(bright & (stacks.peak_frame == frame))
        if len(rows) < _LEAST_PIECE_PX:
            continue
        if len(rows) > _MOST_POINTS:
            order = np.argsort(-excess[rows, columns], kind="stable")[:_MOST_POINTS]
            rows, columns = rows[order], columns[order]
        found = _longest_line(np.stack((columns, rows), axis=-1).astype(np.float64), frame)
        if found is not None:
            pieces.append(found)
    for place in range(len(pieces)):
        chain = _chain(pieces[place:])
        if _length(chain) > _length(best):
            best = chain
    if not best or (
        stacks.frame_count < 2 and _length(best) < _LEAST_ALONE * np.hypot(*excess.shape)
    ):
        return None
    return Streak(pieces=tuple(best), length_px=_length(best))


def _longest_line(points: Float64Array, frame: int) -> Piece | None:
    """Return the longest unbroken straight piece among points (n, 2)."""
    generator = np.random.default_rng(frame + 1)
    best: tuple[float, Piece] | None = None
    for _ in range(_TRIALS):
        origin = points[int(generator.integers(len(points)))]
        near = points[np.hypot(*(points - origin).T) < 40.0]
        other = near[int(generator.integers(len(near)))]
        step = other - origin
        length = float(np.hypot(*step))
        if length < 5.0:
            continue
        unit = step / length
        away = points - origin
        across = np.abs(away[:, 0] * unit[1] - away[:, 1] * unit[0])
        along = np.sort((away @ unit)[across < _NEAR_PX])
        run = _longest_run(along)
        if run is None or run[1] - run[0] < _LEAST_PIECE_PX:
            continue
        if best is None or run[1] - run[0] > best[0]:
            begin, end = origin + run[0] * unit, origin + run[1] * unit
            piece: Piece = (
                (float(begin[0]), float(begin[1])),
                (float(end[0]), float(end[1])),
                frame,
            )
            best = (run[1] - run[0], piece)
    return None if best is None else best[1]


def _longest_run(along: Float64Array) -> tuple[float, float] | None:
    """Return begin and end of the longest run without a gap that is filled well enough."""
    if len(along) < _LEAST_PIECE_PX:
        return None
    cuts = np.flatnonzero(np.diff(along) > _LONGEST_GAP_PX) + 1
    best: tuple[float, float] | None = None
    for run in np.split(along, cuts):
        length = float(run[-1] - run[0])
        filled = len(np.unique(np.floor(run))) / max(length, 1.0)
        if filled >= _LEAST_FILL and (best is None or length > best[1] - best[0]):
            best = (float(run[0]), float(run[-1]))
    return best


def _chain(pieces: list[Piece]) -> list[Piece]:
    """Return the first piece and what follows on from it frame by frame."""
    chain = [pieces[0]]
    for piece in pieces[1:]:
        joined = _joined(chain[-1], piece, first=len(chain) == 1)
        if joined is not None:
            chain[-1:] = joined
    return chain


def _joined(before: Piece, after: Piece, *, first: bool) -> tuple[Piece, Piece] | None:
    """Return two pieces turned so that one follows the other, None where they do not."""
    for left in (before, _turned(before)) if first else (before,):
        for right in (after, _turned(after)):
            a, b = _vector(left), _vector(right)
            lengths = np.hypot(*a), np.hypot(*b)
            gap = np.array(right[0]) - np.array(left[1])
            skipped = max(right[2] - left[2] - 1, 0)
            allowed = 0.25 * max(lengths) + 8.0 + skipped * float(max(lengths))
            cosine = float(a @ b / (lengths[0] * lengths[1]))
            if float(np.hypot(*gap)) <= allowed and cosine >= _TURN_COSINE:
                return left, right
    return None


def _turned(piece: Piece) -> Piece:
    return piece[1], piece[0], piece[2]


def _vector(piece: Piece) -> Float64Array:
    return np.asarray(np.array(piece[1]) - np.array(piece[0]), dtype=np.float64)


def _length(pieces: list[Piece]) -> float:
    return float(sum(np.hypot(*_vector(piece)) for piece in pieces))
