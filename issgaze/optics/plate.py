"""The blind plate solution: from detections and the sky of an instant to a lens, or a refusal."""

import dataclasses
import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.optics.blindsearch import Candidate, PairTable, Trial, candidates, trials
from issgaze.optics.platefit import PlateModel, usual_lens
from issgaze.optics.plateproof import FEWEST, PlateSolution, judged
from issgaze.optics.platestages import Plate, SkyStars, fitted_lens
from issgaze.optics.projections import PROJECTIONS
from issgaze.optics.proximity import ProximityMap

FINAL_PX = 4.0
_LEAST_SCORE = 5.0
_LIKELY_SCORE = 9.0
_MOST_TRIED = 12
# another family of lens is tried from here on, and only in fields where families differ
_LATE = 5
_FAMILIES_DIFFER_RAD = 0.4
_BRIGHT_IN_FIELD = 16.0


def solve_plate(
    seen_px: Float64Array,
    stars: SkyStars,
    *,
    width_px: int,
    height_px: int,
    pixel_px: float = 1.0,
    field_deg: tuple[float, float] | None = None,
) -> PlateSolution:
    """Return the lens that puts the stars onto the detections, or the reason there is none.

    Args:
        seen_px: Detections (n, 2), the most useful first.
        stars: The sky at mid-exposure.
        width_px: Width of the picture.
        height_px: Height of the picture.
        pixel_px: Size of the pixel that was searched, 2 for cells of a mosaic.
        field_deg: Narrowest and widest field along the longer side to try.
    """
    count = len(seen_px)
    refused = PlateSolution(lens=None, local=stars.local, stars_seen=count)
    if count < FEWEST:
        return dataclasses.replace(
            refused, reason=f"too few stars: {count} found, {FEWEST} are needed"
        )
    plate = Plate(
        seen=seen_px,
        stars=stars,
        width_px=width_px,
        height_px=height_px,
        final_px=FINAL_PX * (1.0 if pixel_px == 1.0 else 1.25),
    )
    if field_deg is not None:
        fields = [field_deg]
    else:
        # pictures without a site are mostly of small fields: a whole sky is tried at the end
        fields = [(20.0, 200.0)] if stars.local else [(8.0, 40.0), (40.0, 200.0)]
    tried, best_matched = 0, 0
    waiting: list[Candidate] = []
    for trial in (trial for field in fields for trial in trials(width_px, height_px, *field)):
        pairs, near = _tables(plate, trial)
        for candidate in candidates(trial, seen_px, (width_px, height_px), pairs, near):
            tried += candidate.tried
            if candidate.score >= _LIKELY_SCORE:
                solution = _proved(plate, candidate, tried)
                if solution.solved:
                    return solution
                best_matched = max(best_matched, solution.stars_matched)
            elif candidate.score >= _LEAST_SCORE:
                waiting.append(candidate)
    for candidate in sorted(waiting, key=lambda one: -one.score)[:_MOST_TRIED]:
        solution = _proved(plate, candidate, tried)
        if solution.solved:
            return solution
        best_matched = max(best_matched, solution.stars_matched)
    return dataclasses.replace(
        refused,
        reason=f"no lens puts the sky onto the {count} points found: at best {best_matched} agree, "
        "no more than chance would give",
    )


def _tables(plate: Plate, trial: Trial) -> tuple[PairTable, ProximityMap]:
    """Return pairs and map of as many stars as such a field needs."""
    corner = min(trial.corner_rad, np.pi / 2)
    sky = 2.0 * np.pi if plate.stars.local else 4.0 * np.pi
    # the picture holds about 2/3 of the disc around it
    share = min(1.0, 0.67 * 2.0 * np.pi * (1.0 - math.cos(corner)) / sky)
    bright = int(np.clip(_BRIGHT_IN_FIELD / share, 130, 3200))
    stars = plate.stars.directions
    reach = float(np.clip(0.028 * trial.corner_rad, 0.0025, 0.02))
    near = ProximityMap(stars[: int(bright * 5.5)], reach)
    return PairTable(stars[:bright], min(2.0 * trial.corner_rad, 1.8)), near


def _proved(plate: Plate, candidate: Candidate, tried: int) -> PlateSolution:
    """Return the solution that a guess leads to, unsolved when it proves nothing."""
    usual, scatter = usual_lens(plate.width_px, plate.height_px)
    start = PlateModel(
        projection=candidate.projection,
        mirrored=candidate.mirrored,
        values=np.array(
            [
                0.5 * (plate.width_px - 1),
                0.5 * (plate.height_px - 1),
                candidate.focal_px,
                *([0.0] * 10),
            ]
        ),
        rotation=candidate.rotation,
        usual=usual,
        scatter=scatter,
    )
    nothing = PlateSolution(lens=None, local=plate.stars.local, stars_seen=len(plate.seen))
    fitted = fitted_lens(plate, start)
    if fitted is None:
        return nothing
    first = judged(plate, fitted, tried, nothing)
    if not first.solved:
        return first
    # the search stops at the first family that is near enough: another may fit better
    others = [
        fitted_lens(plate, dataclasses.replace(fitted.model, projection=name, values=plain), _LATE)
        for name in PROJECTIONS
        if name != candidate.projection and fitted.corner_rad > _FAMILIES_DIFFER_RAD
        for plain in [_without_distortion(fitted.model)]
    ]
    best = max([fitted, *(one for one in others if one is not None)], key=lambda one: one.merit)
    return first if best is fitted else judged(plate, best, tried, nothing)


def _without_distortion(model: PlateModel) -> Float64Array:
    return np.concatenate((model.values[:6], np.zeros(len(model.values) - 6)))
