"""From a guess to a fitted lens: ever more stars, ever nearer pairs, ever more free numbers."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.optics.platefit import (
    CENTRE,
    FOCAL,
    K1,
    K2,
    K3,
    LINEAR,
    TANGENTIAL,
    TURNS,
    PlateModel,
    fit_step,
    in_picture,
    project,
    unique_pairs,
)

_TIGHT = 4.0
_LEAST_TIGHT_PX = 1.0

Free = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyStars:
    """The stars of an instant, the brightest first.

    Attributes:
        directions: Apparent unit vectors (n, 3): east, north, up with refraction, or ICRS.
        magnitude: Of each.
        local: True for east, north, up; False for ICRS, when the site is not known.
    """

    directions: Float64Array
    magnitude: Float64Array
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """All that the search looks at."""

    seen: Float64Array
    stars: SkyStars
    width_px: int
    height_px: int
    final_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A lens after the fit, the numbers that were free, its corner, pairs and their radius.

    Attributes:
        merit: Pairs, each worth less the farther apart it stands.
    """

    model: PlateModel
    free: Free
    corner_rad: float
    radius_px: float
    star: NDArray[np.intp]
    seen: NDArray[np.intp]
    distance: Float64Array
    merit: float


def _stages(corner_rad: float) -> list[tuple[int, float, Free]]:
    """Return detections used, radius as a share of the half diagonal, and what may move."""
    base = FOCAL + TURNS
    centre = base + (CENTRE if corner_rad > 0.15 else ())
    first = centre + (K1 if corner_rad > 0.25 else ())
    second = first + (K2 if corner_rad > 0.7 else ()) + LINEAR
    last = base + CENTRE + K1 + K2 + K3 + LINEAR + TANGENTIAL
    return [
        (40, 0.035, base),
        (60, 0.030, base),
        (90, 0.022, centre),
        (150, 0.016, first),
        (250, 0.011, first),
        (400, 0.008, second),
        (5000, 0.005, second),
        (5000, 0.0, second),
        (5000, 0.0, last),
        (5000, 0.0, last),
    ]


def fitted_lens(plate: Plate, model: PlateModel, first_stage: int = 0) -> Fitted | None:
    """Return the lens after all stages of the fit, None when the pairs run out on the way."""
    half = 0.5 * math.hypot(plate.width_px, plate.height_px)
    corner = float(
        np.max(model.theta(plate.stars.directions[in_view(plate, model, 5000)]), initial=0.1)
    )
    free: Free = ()
    for number, (count, share, free) in enumerate(_stages(corner)):
        if number < first_stage:
            continue
        view = in_view(plate, model, max(30, int(1.4 * min(count, len(plate.seen)))))
        radius = max(share * half, plate.final_px)
        star = np.zeros(0, dtype=np.intp)
        for _ in range(2):
            predicted = project(model, plate.stars.directions[view])
            near, seen, _ = unique_pairs(predicted, plate.seen[:count], radius)
            star = view[near]
            if len(star) < max(6, len(free)):
                return None
            model = fit_step(
                model,
                plate.stars.directions[star],
                plate.seen[seen],
                free,
                max(1.0, radius / 8.0),
            )
            if not 0.2 < model.values[2] / half < 30.0 or abs(model.values[9]) > 0.3:
                return None
        if number == 4 and len(star) < 0.12 * min(count, len(plate.seen)):
            return None
    loose = paired(plate, model, free, corner, plate.final_px)
    if len(loose.star) < max(6, len(free)):
        return loose
    # in a crowded field the last radius holds chance pairs: narrow it to what the stars scatter by
    tight = float(np.clip(_TIGHT * np.median(loose.distance), _LEAST_TIGHT_PX, plate.final_px))
    for _ in range(3):
        close = paired(plate, model, free, corner, tight)
        if len(close.star) < max(6, len(free)):
            return loose
        directions = plate.stars.directions[close.star]
        model = fit_step(model, directions, plate.seen[close.seen], free, 0.5 * tight)
    return paired(plate, model, free, corner, tight)


def paired(
    plate: Plate, model: PlateModel, free: Free, corner_rad: float, radius_px: float
) -> Fitted:
    """Return the model with all pairs of star and detection within a radius."""
    view = in_view(plate, model, max(30, int(1.4 * len(plate.seen))))
    predicted = project(model, plate.stars.directions[view])
    near, seen, distance = unique_pairs(predicted, plate.seen, radius_px)
    return Fitted(
        model=model,
        free=free,
        corner_rad=corner_rad,
        radius_px=radius_px,
        star=view[near],
        seen=seen,
        distance=distance,
        merit=float(np.sum(1.0 - (distance / plate.final_px) ** 2)),
    )


def in_view(plate: Plate, model: PlateModel, most: int) -> NDArray[np.intp]:
    """Return the brightest stars that the model puts into the picture."""
    pixels = project(model, plate.stars.directions)
    inside = np.flatnonzero(in_picture(pixels, plate.width_px, plate.height_px))
    return inside[:most]
