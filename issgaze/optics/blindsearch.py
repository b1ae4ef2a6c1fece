"""The blind search: which way a camera of unknown lens looks, from its brightest detections.

For each focal length, projection and handedness tried, pairs of detections are held against pairs
of bright catalogue stars of the same separation; each gives a rotation (TRIAD), and the rotations
are voted on by the other detections.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.optics.projections import PROJECTIONS
from issgaze.optics.proximity import ProximityMap

FOCAL_STEP = 1.055
_FEW, _MANY = 12, 60
_FINALISTS = 250
_KEPT = 3
_CHUNK = 20000
_LEAST_SEPARATION = 0.14
_MOST_SEPARATION = 1.75


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
        first, second = np.triu_indices(len(stars), 1)
        cosine = np.einsum("ij,ij->i", stars[first], stars[second])
        near = cosine > np.cos(min(longest_rad, np.pi))
        first, second = first[near], second[near]
        angle = np.arccos(np.clip(cosine[near], -1.0, 1.0))
        order = np.argsort(angle)
        self._angle, first, second = angle[order], first[order], second[order]
        normal = np.cross(stars[first], stars[second])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        self._forth = _frames(stars[first], normal)
        self._back = _frames(stars[second], -normal)

    def within(self, low: float, high: float) -> Float64Array:
        """Return the axes (m, 3, 3) of every pair so far apart, either way round.

        Columns: the first star, the normal of the plane through both, and their product.
        """
        start, stop = np.searchsorted(self._angle, [low, high])
        return np.concatenate((self._forth[start:stop], self._back[start:stop]))


def _frames(first: Float64Array, normal: Float64Array) -> Float64Array:
    return np.stack((first, normal, np.cross(first, normal)), axis=2)


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
        rotations = np.concatenate(list(_hypotheses(camera[:_FEW], pairs, trial)))
        if not len(rotations):
            continue
        first = np.concatenate(
            [
                near.turned(rotations[start : start + _CHUNK], camera[:_FEW]).sum(
                    axis=1, dtype=np.float32
                )
                for start in range(0, len(rotations), _CHUNK)
            ]
        )
        count = min(_FINALISTS, len(first))
        best = np.argpartition(-first, count - 1)[:count]
        votes = near.turned(rotations[best], camera).astype(np.float64) / 255.0
        score = votes.sum(axis=1)
        chance = near.mean * len(camera)
        order = np.argsort(-score)[:_KEPT]
        for place in order:
            yield Candidate(
                projection=trial.projection,
                mirrored=mirrored,
                focal_px=trial.focal_px,
                rotation=rotations[best[place]].T,
                score=float((score[place] - chance) / np.sqrt(max(chance, 0.5))),
                tried=len(rotations),
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


def _hypotheses(
    camera: Float64Array, pairs: PairTable, trial: Trial
) -> Iterator[NDArray[np.float64]]:
    """Yield rotations from camera to sky, (m, 3, 3)."""
    yield np.zeros((0, 3, 3))
    least = min(_LEAST_SEPARATION, 0.2 * trial.corner_rad)
    for one in range(len(camera)):
        for other in range(one + 1, len(camera)):
            across = np.cross(camera[one], camera[other])
            length = float(np.linalg.norm(across))
            apart = float(np.arctan2(length, camera[one] @ camera[other]))
            if not least <= apart <= _MOST_SEPARATION:
                continue
            slack = 0.006 * min(1.0, trial.corner_rad) + 0.016 * apart
            normal = across / length
            frame = np.stack((camera[one], normal, np.cross(camera[one], normal)), axis=0)
            yield np.asarray(pairs.within(apart - slack, apart + slack) @ frame, dtype=np.float64)
