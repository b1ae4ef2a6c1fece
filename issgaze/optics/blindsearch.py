"""The blind search: which way a camera of unknown lens looks, from its brightest detections.

For each focal length, projection and handedness tried, pairs of detections are held against pairs
of bright catalogue stars of the same separation; each gives a rotation (TRIAD), and the rotations
are voted on by the other detections.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.optics.projections import PROJECTIONS
from issgaze.optics.proximity import ProximityMap

FOCAL_STEP = 1.055
_FIRST, _FEW, _MANY = 5, 10, 60
_FINALISTS = 250
_KEPT = 3
_CHUNK = 20000
_ROWS = 256
_LEAST_SEPARATION = 0.14
_MOST_SEPARATION = 1.75


_Vectors = NDArray[np.floating[Any]]
_Places = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A guess that the vote likes.

    Attributes:
        projection, mirrored: As in lens.json.
        focal_px: Focal length tried.
        rotation: (3, 3), from the sky's axes to the camera's.
        score: Votes above chance in units of their scatter.
        tried: Rotations tried with this lens.
    """

    projection: str
    mirrored: bool
    focal_px: float
    rotation: Float64Array
    score: float
    tried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One lens to try: family, focal length, and the angle at the corner of the picture."""

    projection: str
    focal_px: float
    corner_rad: float


def trials(width_px: int, height_px: int, narrowest_deg: float, widest_deg: float) -> list[Trial]:
    """Return the lenses to try, the usual all-sky ones first.

    The field is meant along the picture's longer side.
    """
    half, corner = 0.5 * max(width_px, height_px), 0.5 * float(np.hypot(width_px, height_px))
    found: list[tuple[int, float, Trial]] = []
    for turn, name in enumerate(("equidistant", "equisolid", "rectilinear", "stereographic")):
        family = PROJECTIONS[name]
        wide = min(np.radians(widest_deg) / 2.0, family.widest_rad * 0.8)
        if name == "rectilinear":
            wide = min(wide, np.radians(60.0))
        # a whole image circle may lie inside the picture
        inner = half if wide < 1.2 else 0.425 * min(width_px, height_px)
        shortest = inner / float(family.forward(np.array(wide)))
        longest = half / float(family.forward(np.array(np.radians(narrowest_deg) / 2.0)))
        # below 40 degrees the families are one
        if name != "rectilinear":
            longest = min(longest, half / float(family.forward(np.array(0.45))))
        steps = max(1, int(np.ceil(np.log(longest / shortest) / np.log(FOCAL_STEP))))
        for focal in np.geomspace(shortest, max(longest, shortest * 1.001), steps + 1):
            # an image circle of 180 degrees that touches the shorter side, give or take
            usual = abs(np.log(focal / (min(width_px, height_px) / np.pi)))
            reach = float(family.inverse(np.array(corner / focal)))
            trial = Trial(
                projection=name, focal_px=float(focal), corner_rad=min(reach, np.radians(105.0))
            )
            found.append((turn, float(usual), trial))
    found.sort(key=lambda item: item[1] + 0.35 * item[0])
    return [item[2] for item in found]


class PairTable:
    """Pairs of bright stars by their separation.

    Args:
        stars: Unit vectors, the brightest first, (n, 3).
        longest_rad: Longest separation kept.
    """

    def __init__(self, stars: Float64Array, longest_rad: float) -> None:
        self._stars = stars.astype(np.float32)
        least = np.float32(np.cos(min(longest_rad, np.pi)))
        firsts: list[_Places] = []
        seconds: list[_Places] = []
        cosines: list[NDArray[np.float32]] = []
        # a square of all stars at once would take more memory than all the rest
        for top in range(0, len(stars), _ROWS):
            cosine = self._stars[top : top + _ROWS] @ self._stars.T
            row, column = np.nonzero(cosine > least)
            once = column > row + top
            firsts.append((row[once] + top).astype(np.int32))
            seconds.append(column[once].astype(np.int32))
            cosines.append(cosine[row[once], column[once]])
        angle = np.arccos(np.clip(np.concatenate(cosines), -1.0, 1.0))
        order = np.argsort(angle)
        self._angle = angle[order]
        self._first = np.concatenate(firsts)[order]
        self._second = np.concatenate(seconds)[order]

    def frames(
        self, apart_rad: Float64Array, slack_rad: Float64Array
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the axes of every pair about so far apart, either way round.

        Args:
            apart_rad: Separations asked for, (k,).
            slack_rad: By how much each may be missed.

        Returns:
            Which separation each belongs to, (m,), and the axes (m, 3, 3): as columns the first
            star, the normal of the plane through both, and their product.
        """
        start = np.searchsorted(self._angle, apart_rad - slack_rad)
        count = np.searchsorted(self._angle, apart_rad + slack_rad) - start
        asked = np.repeat(np.arange(len(apart_rad)), count)
        place = np.arange(len(asked)) - np.repeat(np.cumsum(count) - count - start, count)
        first, second = self._stars[self._first[place]], self._stars[self._second[place]]
        normal = _cross(first, second)
        normal /= np.maximum(np.sqrt(np.sum(normal * normal, axis=1))[:, None], np.float32(1e-6))
        forth = np.stack((first, normal, _cross(first, normal)), axis=2)
        back = np.stack((second, -normal, _cross(second, -normal)), axis=2)
        return np.concatenate((asked, asked)), np.concatenate((forth, back))


def _cross(a: _Vectors, b: _Vectors) -> _Vectors:
    """Return the products of rows; np.cross takes several times as long."""
    x = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    y = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    z = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return np.stack((x, y, z), axis=1)


def candidates(
    trial: Trial,
    seen: Float64Array,
    size_px: tuple[int, int],
    pairs: PairTable,
    near: ProximityMap,
) -> Iterator[Candidate]:
    """Yield the best guesses for one lens, straight and mirrored.

    Args:
        trial: The lens.
        seen: Detections (n, 2), the most useful first.
        size_px: Width and height.
        pairs: Of the brightest stars.
        near: Map of the bright stars.
    """
    for mirrored in (False, True):
        camera = _camera_vectors(trial, seen[:_MANY], size_px, mirrored=mirrored)
        if len(camera) < 6:
            continue
        rotations = _hypotheses(camera[:_FEW], pairs, trial)
        if not len(rotations):
            continue
        tried = len(rotations)
        # the two of the pair and the next few tell most hypotheses off
        rotations = _better(rotations, camera[:_FIRST], near, max(_FINALISTS, tried // 5))
        rotations = _better(rotations, camera[:_FEW], near, _FINALISTS)
        votes = near.turned(rotations, camera).astype(np.float64) / 255.0
        score = votes.sum(axis=1)
        chance = near.mean * len(camera)
        order = np.argsort(-score)[:_KEPT]
        for place in order:
            yield Candidate(
                projection=trial.projection,
                mirrored=mirrored,
                focal_px=trial.focal_px,
                rotation=rotations[place].T.astype(np.float64),
                score=float((score[place] - chance) / np.sqrt(max(chance, 0.5))),
                tried=tried,
            )


def _camera_vectors(
    trial: Trial, seen: Float64Array, size_px: tuple[int, int], *, mirrored: bool
) -> Float64Array:
    u = seen[:, 0] - 0.5 * (size_px[0] - 1)
    v = seen[:, 1] - 0.5 * (size_px[1] - 1)
    radius = np.hypot(u, v)
    theta = PROJECTIONS[trial.projection].inverse(radius / trial.focal_px)
    inside = theta < np.radians(105.0)
    if mirrored:
        u = -u
    scale = np.sin(theta) / np.maximum(radius, 1e-9)
    vectors = np.stack((scale * u, scale * v, np.cos(theta)), axis=-1)
    return np.asarray(vectors[inside], dtype=np.float64)


def _better(
    rotations: NDArray[np.float32], camera: Float64Array, near: ProximityMap, keep: int
) -> NDArray[np.float32]:
    """Return the rotations that bring the most detections near to stars."""
    if len(rotations) <= keep:
        return rotations
    votes = np.concatenate(
        [
            near.turned(rotations[start : start + _CHUNK], camera).sum(axis=1, dtype=np.int32)
            for start in range(0, len(rotations), _CHUNK)
        ]
    )
    return rotations[np.argpartition(-votes, keep - 1)[:keep]]


def _hypotheses(camera: Float64Array, pairs: PairTable, trial: Trial) -> NDArray[np.float32]:
    """Return rotations from camera to sky, (m, 3, 3)."""
    one, other = np.triu_indices(len(camera), 1)
    across = _cross(camera[one], camera[other])
    length = np.linalg.norm(across, axis=1)
    apart = np.arctan2(length, np.einsum("ij,ij->i", camera[one], camera[other]))
    least = min(_LEAST_SEPARATION, 0.2 * trial.corner_rad)
    usable = (apart >= least) & (apart <= _MOST_SEPARATION)
    one, apart = one[usable], apart[usable]
    normal = across[usable] / length[usable, None]
    axes = np.stack((camera[one], normal, _cross(camera[one], normal)), axis=1).astype(np.float32)
    asked, frames = pairs.frames(apart, 0.006 * min(1.0, trial.corner_rad) + 0.016 * apart)
    return np.asarray(frames @ axes[asked], dtype=np.float32)
