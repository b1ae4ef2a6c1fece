"""Whether a fitted lens is proved: pairs against chance, and stars that the fit had not seen."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.errors import LensError
from issgaze.optics.lens import Lens
from issgaze.optics.platefit import fit_step, project
from issgaze.optics.platelens import plate_lens
from issgaze.optics.platestages import Fitted, Plate, in_view

FEWEST = 12
_FOLDS = 5
# an accident must be rarer than this, after all the guesses that were made
_WORST_ACCIDENT = 1e-6
_RARE = -300.0
_PARAMETERS = 13
# of the most useful points so many must be stars: a true part of the sky among other things, such
# as one quarter of a picture that was cut up, is no camera's solution (real frames: 0.77 and up)
_HEAD, _HEAD_SHARE = 60, 0.6
_FEWEST_IN_ZONE = 5
_LOW_SINE = math.sin(math.radians(25.0))


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
        residuals_px: Place of each matched star in the picture and how far from there the lens
            puts it, as x, y, dx, dy; shape (stars_matched, 4), None when unsolved.
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
    residuals_px: Float64Array | None = dataclasses.field(default=None, compare=False, repr=False)

    @property
    def solved(self) -> bool:
        """True when the lens is proved."""
        return self.lens is not None


def judged(plate: Plate, fitted: Fitted, tried: int, nothing: PlateSolution) -> PlateSolution:
    """Return the solution of a fitted lens, or `nothing` with its pairs when it proves nothing.

    Args:
        plate: Detections and stars.
        fitted: The lens after the fit.
        tried: Guesses made so far: the chance of an accident grows with them.
        nothing: What to return else.
    """
    model, distance, matched = fitted.model, fitted.distance, len(fitted.star)
    failed = dataclasses.replace(nothing, stars_matched=matched)
    if matched < FEWEST:
        return failed
    view = in_view(plate, model, max(30, int(1.4 * len(plate.seen))))
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
        or float(np.mean(fitted.seen < _HEAD)) * matched < _HEAD_SHARE * min(_HEAD, len(plate.seen))
        or median > 0.5 * fitted.radius_px
        or held_out > 0.6 * fitted.radius_px
    ):
        return failed
    try:
        lens = plate_lens(plate, fitted)
    except LensError:
        return failed
    seen = plate.seen[fitted.seen]
    off = project(model, plate.stars.directions[fitted.star]) - seen
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
        residuals_px=np.hstack((seen, off)),
    )


def _zones(plate: Plate, fitted: Fitted, apart: Float64Array) -> tuple[ZoneResidual, ...]:
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


def _log_chance(plate: Plate, predicted: Float64Array, radius_px: float, matched: int) -> float:
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


def _held_out(plate: Plate, fitted: Fitted) -> Float64Array:
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
