"""The fit of a lens to stars: parameters, unique pairs of star and detection, robust refinement."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float64Array
from issgaze.optics.projections import PROJECTIONS
from issgaze.sky.rotation import turn_by

# centre x, centre y, focal length, three turns, k1, k2, k3, aspect, shear, p1, p2
CENTRE, FOCAL, TURNS, K1, K2, K3, LINEAR = (0, 1), (2,), (3, 4, 5), (6,), (7,), (8,), (9, 10)
TANGENTIAL = (11, 12)
_COUNT = 13
_STEPS = np.array([0.1] * 3 + [1e-5] * (_COUNT - 3))
_ROUNDS = 4
# what lenses and their mounting scatter by, of the radial terms outwards and of the rest: weighs as
# much as one star, and holds what the stars of a narrow field cannot tell apart
_SCATTER = np.array(
    [np.inf, np.inf, np.inf, np.inf, np.inf, np.inf, 0.1, 0.05, 0.03, 5e-3, 5e-3, 5e-3, 5e-3]
)
# of the centre, as a share of the half diagonal
_CENTRE_SCATTER = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateModel:
    """A lens as it is being fitted.

    Attributes:
        projection: Family name.
        mirrored: As in lens.json.
        values: In the order of the names above; the turns are zero between two steps.
        rotation: (3, 3), from the sky's axes to the camera's.
        usual: What the numbers are held to.
        scatter: How far they may depart from it, one standard deviation; infinite where anything
            goes.
    """

    projection: str
    mirrored: bool
    values: Float64Array
    rotation: Float64Array
    usual: Float64Array
    scatter: Float64Array

    def theta(self, directions: Float64Array) -> Float64Array:
        """Return angles from the axis in radians of unit vectors (n, 3)."""
        camera = directions @ self.rotation.T
        return np.asarray(np.arctan2(np.hypot(camera[:, 0], camera[:, 1]), camera[:, 2]))

    def moved(self, step: Float64Array) -> "PlateModel":
        """Return the model after a step of all numbers."""
        values = self.values + step
        turn = turn_by(values[3:6])
        values[3:6] = 0.0
        return dataclasses.replace(self, values=values, rotation=turn @ self.rotation)


def usual_lens(width_px: int, height_px: int) -> tuple[Float64Array, Float64Array]:
    """Return the numbers of a lens without faults, and how far lenses depart from them."""
    usual, scatter = np.zeros(_COUNT), _SCATTER.copy()
    usual[:2] = 0.5 * (width_px - 1), 0.5 * (height_px - 1)
    scatter[:2] = _CENTRE_SCATTER * 0.5 * float(np.hypot(width_px, height_px))
    return usual, scatter


def project(model: PlateModel, directions: Float64Array) -> Float64Array:
    """Return pixels (n, 2) of unit vectors (n, 3); nan where the family ends."""
    cx, cy, focal = model.values[:3]
    k1, k2, k3, aspect, shear, p1, p2 = model.values[6:]
    turn = model.rotation
    if np.any(model.values[3:6]):
        turn = turn_by(model.values[3:6]) @ turn
    camera = directions @ turn.T
    across = np.hypot(camera[:, 0], camera[:, 1])
    theta = np.arctan2(across, camera[:, 2])
    family = PROJECTIONS[model.projection]
    seen = theta < min(family.widest_rad, 1.95)
    held = np.where(seen, theta, 0.0)
    square = held * held
    radius = focal * (family.forward(held) + held * square * (k1 + square * (k2 + square * k3)))
    scale = np.divide(radius, across, out=np.zeros_like(radius), where=across > 0.0)
    u, v = scale * camera[:, 0], scale * camera[:, 1]
    if model.mirrored:
        u = -u
    q, s = u / focal, v / focal
    w = q * q + s * s
    u = u + focal * (2.0 * p1 * q * s + p2 * (w + 2.0 * q * q))
    v = v + focal * (p1 * (w + 2.0 * s * s) + 2.0 * p2 * q * s)
    pixels = np.stack((cx + (1.0 + aspect) * u + shear * v, cy + v), axis=-1)
    return np.where(seen[:, np.newaxis], pixels, np.nan)


_Pairs = tuple[NDArray[np.intp], NDArray[np.intp], Float64Array]


def unique_pairs(predicted: Float64Array, seen: Float64Array, radius_px: float) -> _Pairs:
    """Return star index, detection index and distance of mutual nearest neighbours.

    Args:
        predicted: Where the stars should stand, (n, 2), nan allowed.
        seen: Detections, (m, 2).
        radius_px: Longest distance.
    """
    known = np.flatnonzero(np.isfinite(predicted[:, 0]))
    stars = predicted[known]
    order = np.argsort(seen[:, 0], kind="stable")
    across = seen[order, 0]
    # only what lies in the same strip is compared
    start = np.searchsorted(across, stars[:, 0] - radius_px)
    count = np.searchsorted(across, stars[:, 0] + radius_px, side="right") - start
    star = np.repeat(np.arange(len(stars)), count)
    place = np.arange(len(star)) - np.repeat(np.cumsum(count) - count - start, count)
    detection = order[place]
    distance = np.hypot(*(stars[star] - seen[detection]).T)
    near = distance <= radius_px
    star, detection, distance = star[near], detection[near], distance[near]
    rank = np.argsort(distance, kind="stable")
    first_of_star, first_of_seen = (np.zeros(len(rank), dtype=np.bool_) for _ in range(2))
    first_of_star[rank[np.unique(star[rank], return_index=True)[1]]] = True
    first_of_seen[rank[np.unique(detection[rank], return_index=True)[1]]] = True
    good = np.flatnonzero(first_of_star & first_of_seen)
    good = good[np.argsort(detection[good], kind="stable")]
    return known[star[good]], detection[good], distance[good]


def fit_step(
    model: PlateModel,
    directions: Float64Array,
    pixels: Float64Array,
    free: tuple[int, ...],
    scale_px: float,
) -> PlateModel:
    """Return the model after some Gauss-Newton steps under the soft-L1 loss.

    Numbers that the stars do not settle stay near where lenses usually have them.

    Args:
        model: Where to start.
        directions: Unit vectors of the matched stars, (n, 3).
        pixels: Their detections, (n, 2).
        free: Indices of the numbers that may move.
        scale_px: Residuals beyond it count as outliers.
    """
    columns = np.array(free)
    held = 1.0 / model.scatter[columns]
    for _ in range(_ROUNDS):
        here = project(model, directions)
        rest = pixels - here
        usable = np.isfinite(rest[:, 0])
        distance = np.hypot(rest[:, 0], rest[:, 1])
        weight = np.where(usable, (1.0 + (distance / scale_px) ** 2) ** -0.25, 0.0)
        jacobian = np.empty((len(pixels), 2, len(columns)))
        for place, column in enumerate(columns):
            step = np.zeros(_COUNT)
            step[column] = _STEPS[column]
            nudged = dataclasses.replace(model, values=model.values + step)
            jacobian[:, :, place] = (project(nudged, directions) - here) / _STEPS[column]
        rows = np.nan_to_num(jacobian * weight[:, None, None]).reshape(-1, len(columns))
        wanted = np.nan_to_num(rest * weight[:, None]).reshape(-1)
        # normal equations: thirteen numbers need no factoring of thousands of rows
        normal = rows.T @ rows + np.diag(held**2)
        wished = rows.T @ wanted + held**2 * (model.usual - model.values)[columns]
        size = np.maximum(np.sqrt(np.diag(normal)), 1e-12)
        scaled = normal / np.outer(size, size) + 1e-12 * np.eye(len(size))
        solved = np.linalg.solve(scaled, wished / size) / size
        step = np.zeros(_COUNT)
        step[columns] = solved
        model = model.moved(step)
        if float(np.max(np.abs(solved * size))) < 1e-6:
            break
    return model


def covariance(
    model: PlateModel, directions: Float64Array, pixels: Float64Array, free: tuple[int, ...]
) -> Float64Array:
    """Return the covariance (13, 13) from the scatter of the matched stars, zero where held."""
    here = project(model, directions)
    jacobian = np.empty((len(pixels), 2, len(free)))
    for place, column in enumerate(free):
        step = np.zeros(_COUNT)
        step[column] = _STEPS[column]
        nudged = dataclasses.replace(model, values=model.values + step)
        jacobian[:, :, place] = (project(nudged, directions) - here) / _STEPS[column]
    rows = jacobian.reshape(-1, len(free))
    variance = float(np.sum((pixels - here) ** 2)) / max(rows.shape[0] - len(free), 1)
    held = np.diag(1.0 / model.scatter[np.array(free)] ** 2)
    whole = np.zeros((_COUNT, _COUNT))
    whole[np.ix_(free, free)] = np.linalg.pinv(rows.T @ rows / max(variance, 1e-6) + held)
    return whole


def in_picture(pixels: Float64Array, width_px: int, height_px: int) -> BoolArray:
    """Return which pixels (n, 2) lie inside the picture."""
    x, y = pixels[:, 0], pixels[:, 1]
    return np.asarray((x > -0.5) & (x < width_px - 0.5) & (y > -0.5) & (y < height_px - 0.5))
