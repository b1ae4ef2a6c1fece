"""The blind plate solution: from detections and the sky of an instant to a lens, or a refusal."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.errors import LensError
from issgaze.optics.blindsearch import Candidate, PairTable, Trial, candidates, trials
from issgaze.optics.lens import Lens
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
    covariance,
    fit_step,
    in_picture,
    project,
    unique_pairs,
)
from issgaze.optics.projections import PROJECTIONS
from issgaze.optics.proximity import ProximityMap

_FEWEST = 12
_FINAL_PX = 4.0
_FOLDS = 5
# an accident must be rarer than this, after all the guesses that were made
_WORST_ACCIDENT = 1e-6
_RARE = -300.0
_LEAST_SCORE = 5.0
_LIKELY_SCORE = 9.0
_MOST_TRIED = 12
_PARAMETERS = 13
# another family of lens is tried from here on, and only in fields where families differ
_LATE = 5
_FAMILIES_DIFFER_RAD = 0.4
_FEWEST_IN_ZONE = 5
_BRIGHT_IN_FIELD = 16.0
_TIGHT = 4.0
_LEAST_TIGHT_PX = 1.0
_LOW_SINE = math.sin(math.radians(25.0))


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
class ZoneResidual:
    """How well one part of the picture fits, by stars that the fit had not seen.

    Attributes:
        zone: "centre", "middle", "edge" by thirds of the largest radius, or "low" for stars below
            25 degrees of altitude.
        stars: How many.
        held_out_median_px: None for fewer than five.
    """

    zone: str
    stars: int
    held_out_median_px: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateSolution:
    """What came of it.

    Attributes:
        lens: The lens, None when unsolved; its rotation starts from the axes of the stars.
        local: As in the stars.
        stars_matched: Unique pairs of star and detection.
        median_residual_px, p95_residual_px: Their distances after the fit.
        held_out_median_px: The same for stars that the fit had not seen.
        chance_of_accident: Bound on the probability that as many pairs arise from chance.
        reason: Why it is unsolved; empty when solved.
        stars_seen: Sound detections it had.
        zones: The held-out distances, part by part.
    """

    lens: Lens | None
    local: bool
    stars_matched: int = 0
    median_residual_px: float | None = None
    p95_residual_px: float | None = None
    held_out_median_px: float | None = None
    chance_of_accident: float | None = None
    reason: str = ""
    stars_seen: int = 0
    zones: tuple[ZoneResidual, ...] = ()

    @property
    def solved(self) -> bool:
        """True when the lens is proved."""
        return self.lens is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plate:
    """All that the search looks at."""

    seen: Float64Array
    stars: SkyStars
    width_px: int
    height_px: int
    final_px: float


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
    if count < _FEWEST:
        return dataclasses.replace(
            refused, reason=f"too few stars: {count} found, {_FEWEST} are needed"
        )
    plate = _Plate(
        seen=seen_px,
        stars=stars,
        width_px=width_px,
        height_px=height_px,
        final_px=_FINAL_PX * (1.0 if pixel_px == 1.0 else 1.25),
    )
    narrowest, widest = field_deg or ((20.0, 200.0) if stars.local else (8.0, 40.0))
    tried, best_matched = 0, 0
    waiting: list[Candidate] = []
    for trial in trials(width_px, height_px, narrowest, widest):
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


def _tables(plate: _Plate, trial: Trial) -> tuple[PairTable, ProximityMap]:
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


def _proved(plate: _Plate, candidate: Candidate, tried: int) -> PlateSolution:
    """Return the solution that a guess leads to, unsolved when it proves nothing."""
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
        size_px=(plate.width_px, plate.height_px),
    )
    nothing = PlateSolution(lens=None, local=plate.stars.local, stars_seen=len(plate.seen))
    fitted = _refined(plate, start)
    if fitted is None:
        return nothing
    first = _judged(plate, fitted, tried, nothing)
    if not first.solved:
        return first
    # the search stops at the first family that is near enough: another may fit better
    others = [
        _refined(plate, dataclasses.replace(fitted.model, projection=name, values=plain), _LATE)
        for name in PROJECTIONS
        if name != candidate.projection and fitted.corner_rad > _FAMILIES_DIFFER_RAD
        for plain in [_without_distortion(fitted.model)]
    ]
    best = max([fitted, *(one for one in others if one is not None)], key=lambda one: one.merit)
    return first if best is fitted else _judged(plate, best, tried, nothing)


def _without_distortion(model: PlateModel) -> Float64Array:
    return np.concatenate((model.values[:6], np.zeros(len(model.values) - 6)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    """A lens after the fit, the numbers that were free, its corner, pairs and their radius.

    Attributes:
        merit: Pairs, each worth less the farther apart it stands.
    """

    model: PlateModel
    free: "_Free"
    corner_rad: float
    radius_px: float
    star: NDArray[np.intp]
    seen: NDArray[np.intp]
    distance: Float64Array
    merit: float


_Free = tuple[int, ...]


def _stages(corner_rad: float) -> list[tuple[int, float, _Free]]:
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


def _refined(plate: _Plate, model: PlateModel, first_stage: int = 0) -> _Fitted | None:
    """Return the lens after all stages of the fit, None when the pairs run out on the way."""
    half = 0.5 * math.hypot(plate.width_px, plate.height_px)
    corner = float(
        np.max(model.theta(plate.stars.directions[_in_view(plate, model, 5000)]), initial=0.1)
    )
    free: _Free = ()
    for number, (count, share, free) in enumerate(_stages(corner)):
        if number < first_stage:
            continue
        view = _in_view(plate, model, max(30, int(1.4 * min(count, len(plate.seen)))))
        radius = max(share * half, plate.final_px)
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
    loose = _paired(plate, model, free, corner, plate.final_px)
    if len(loose.star) < max(6, len(free)):
        return loose
    # in a crowded field the last radius holds chance pairs: narrow it to what the stars scatter by
    tight = float(np.clip(_TIGHT * np.median(loose.distance), _LEAST_TIGHT_PX, plate.final_px))
    for _ in range(3):
        close = _paired(plate, model, free, corner, tight)
        if len(close.star) < max(6, len(free)):
            return loose
        directions = plate.stars.directions[close.star]
        model = fit_step(model, directions, plate.seen[close.seen], free, 0.5 * tight)
    return _paired(plate, model, free, corner, tight)


def _paired(
    plate: _Plate, model: PlateModel, free: _Free, corner_rad: float, radius_px: float
) -> _Fitted:
    view = _in_view(plate, model, max(30, int(1.4 * len(plate.seen))))
    predicted = project(model, plate.stars.directions[view])
    near, seen, distance = unique_pairs(predicted, plate.seen, radius_px)
    return _Fitted(
        model=model,
        free=free,
        corner_rad=corner_rad,
        radius_px=radius_px,
        star=view[near],
        seen=seen,
        distance=distance,
        merit=float(np.sum(1.0 - (distance / plate.final_px) ** 2)),
    )


def _in_view(plate: _Plate, model: PlateModel, most: int) -> NDArray[np.intp]:
    """Return the brightest stars that the model puts into the picture."""
    pixels = project(model, plate.stars.directions)
    inside = np.flatnonzero(in_picture(pixels, plate.width_px, plate.height_px))
    return inside[:most]


def _judged(plate: _Plate, fitted: _Fitted, tried: int, nothing: PlateSolution) -> PlateSolution:
    model, distance, matched = fitted.model, fitted.distance, len(fitted.star)
    failed = dataclasses.replace(nothing, stars_matched=matched)
    if matched < _FEWEST:
        return failed
    view = _in_view(plate, model, max(30, int(1.4 * len(plate.seen))))
    predicted = project(model, plate.stars.directions[view])
    log_chance = _log_chance(plate, predicted, fitted.radius_px, matched) + math.log10(
        max(tried, 1)
    )
    median = float(np.median(distance))
    apart = _held_out(plate, fitted)
    held_out = float(np.median(apart))
    # pairs by chance fill the disc evenly: their median distance is 0.71 of its radius
    if (
        log_chance > math.log10(_WORST_ACCIDENT)
        or median > 0.5 * fitted.radius_px
        or held_out > 0.6 * fitted.radius_px
    ):
        return failed
    try:
        lens = _lens(plate, fitted)
    except LensError:
        return failed
    return PlateSolution(
        lens=lens,
        local=plate.stars.local,
        stars_matched=matched,
        median_residual_px=median,
        p95_residual_px=float(np.percentile(distance, 95.0)),
        held_out_median_px=held_out,
        chance_of_accident=10.0 ** max(log_chance, _RARE),
        stars_seen=len(plate.seen),
        zones=_zones(plate, fitted, apart),
    )


def _zones(plate: _Plate, fitted: _Fitted, apart: Float64Array) -> tuple[ZoneResidual, ...]:
    away = np.linalg.norm(plate.seen[fitted.seen] - fitted.model.values[:2], axis=1)
    third = np.minimum((3.0 * away / max(float(away.max()), 1.0)).astype(np.intp), 2)
    parts = {"centre": third == 0, "middle": third == 1, "edge": third == 2}
    if plate.stars.local:
        parts["low"] = plate.stars.directions[fitted.star, 2] < _LOW_SINE
    return tuple(
        ZoneResidual(
            zone=name,
            stars=int(part.sum()),
            held_out_median_px=(
                float(np.median(apart[part])) if part.sum() >= _FEWEST_IN_ZONE else None
            ),
        )
        for name, part in parts.items()
    )


def _log_chance(plate: _Plate, predicted: Float64Array, radius_px: float, matched: int) -> float:
    """Return log10 of a bound on the chance of so many pairs (Chernoff's bound of a Poisson law).

    The density of stars is taken where the detections are, in coarse cells, so that a picture whose
    sky fills one half is judged by that half. As many pairs as the fit has freedoms are given away.
    """
    cell = max(plate.width_px, plate.height_px) / 8.0
    stars = np.floor(predicted / cell).astype(np.intp)
    points = np.floor(plate.seen / cell).astype(np.intp)
    counts = np.zeros((10, 10))
    np.add.at(counts, (np.clip(stars[:, 1], 0, 9), np.clip(stars[:, 0], 0, 9)), 1.0)
    here = counts[np.clip(points[:, 1], 0, 9), np.clip(points[:, 0], 0, 9)]
    share = np.minimum(here * np.pi * radius_px**2 / cell**2, 1.0)
    expected = max(float(share.sum()), 0.1)
    proved = matched - _PARAMETERS
    if proved <= expected:
        return 0.0
    return (proved - expected - proved * math.log(proved / expected)) / math.log(10.0)


def _held_out(plate: _Plate, fitted: _Fitted) -> Float64Array:
    """Return the distance of each star from a fit to the others, by five-fold exchange."""
    model, free, star = fitted.model, fitted.free, fitted.star
    directions, pixels = plate.stars.directions[star], plate.seen[fitted.seen]
    fold = np.arange(len(star)) % _FOLDS
    rest = np.full(len(star), math.inf)
    for out in range(_FOLDS):
        kept, left = fold != out, fold == out
        if kept.sum() < len(free):
            return rest
        again = fit_step(model, directions[kept], pixels[kept], free, 1.0)
        rest[left] = np.linalg.norm(project(again, directions[left]) - pixels[left], axis=1)
    return rest


def _lens(plate: _Plate, fitted: _Fitted) -> Lens:
    """Return the lens; it is valid as far out as its curve rises and the sky may be.

    Raises:
        LensError: The curve turns back before the outermost star.
    """
    model, star = fitted.model, fitted.star
    directions = plate.stars.directions[star]
    values = model.values
    uncertainty = covariance(model, directions, plate.seen[fitted.seen], fitted.free)
    orthogonal, _, other = np.linalg.svd(model.rotation)
    rotation = orthogonal @ other
    outermost = float(np.max(model.theta(directions)))
    lens = Lens(
        width_px=plate.width_px,
        height_px=plate.height_px,
        projection=model.projection,
        focal_px=float(values[2]),
        center_px=(float(values[0]), float(values[1])),
        rotation=tuple((float(x), float(y), float(z)) for x, y, z in rotation),
        mirrored=model.mirrored,
        radial=(float(values[6]), float(values[7]), float(values[8])),
        aspect=float(values[9]),
        shear=float(values[10]),
        tangential=(float(values[11]), float(values[12])),
        valid_radius_px=_radius(model, outermost),
        covariance=tuple(tuple(float(value) for value in row) for row in uncertainty),
        source=f"plate solution over {len(star)} stars",
    )
    corners = [
        math.hypot(x - values[0], y - values[1])
        for x in (0.0, plate.width_px - 1.0)
        for y in (0.0, plate.height_px - 1.0)
    ]
    farthest = min(outermost + math.radians(4.0), math.radians(100.0))
    for theta in np.linspace(farthest, outermost, 9):
        try:
            radius = min(_radius(model, float(theta)), max(corners) + 1.0)
            return dataclasses.replace(lens, valid_radius_px=radius)
        except LensError:
            continue
    return lens


def _radius(model: PlateModel, theta: float) -> float:
    straight = dataclasses.replace(
        model,
        rotation=np.eye(3),
        mirrored=False,
        values=np.concatenate(([0.0, 0.0], model.values[2:9], [0.0] * 4)),
    )
    edge = np.array([[math.sin(theta), 0.0, math.cos(theta)]])
    return float(project(straight, edge)[0, 0]) * (1.0 + 1e-6)
