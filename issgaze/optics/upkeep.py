"""The lens night after night: a small turn followed, a bump noticed, the rest left as it was.

A solution from before is a better start than none: with it, the stars of one frame tell within
milliseconds how the camera has turned since. The higher terms are held to what they were, as far
as the earlier solution settled them, and move only where tonight's stars know better.
"""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array
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
    fit_step,
)
from issgaze.optics.plateproof import PlateSolution, judged
from issgaze.optics.platestages import Free, Plate, SkyStars, in_view, paired

# radii of pairing, as shares of the half diagonal: the first finds a turn of half a degree under a
# fisheye, the last is where stars scatter
_RADII = (0.012, 0.008, 0.005)
_FINAL_PX = 4.0
_ENOUGH_FOR_SHAPE = 150
_LEAST_SHARE = 0.15
# what the higher terms may move in one night, besides the uncertainty they had
_NIGHTLY = np.array(
    [0.3, 0.3, np.inf, np.inf, np.inf, np.inf, 2e-4, 2e-4, 2e-4, 1e-5, 1e-5, 1e-5, 1e-5]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How a camera has moved between two solutions.

    Attributes:
        turned_deg: Angle of the rotation between them.
        focal_ratio: New focal length over old.
        shift_px: Median distance that stars have moved in the picture.
    """

    turned_deg: float
    focal_ratio: float
    shift_px: float


def refine_lens(
    lens: Lens, seen_px: Float64Array, stars: SkyStars, *, pixel_px: float = 1.0
) -> PlateSolution:
    """Return the lens as tonight's stars have it, unsolved when they do not fit it any more.

    Args:
        lens: Of an earlier night, of the same frames.
        seen_px: Sound detections (n, 2), the most useful first.
        stars: The sky at mid-exposure, the brightest first.
        pixel_px: Size of the pixel that was searched, 2 for cells of a mosaic.
    """
    plate = Plate(
        seen=seen_px,
        stars=stars,
        width_px=lens.width_px,
        height_px=lens.height_px,
        final_px=_FINAL_PX * (1.0 if pixel_px == 1.0 else 1.25),
    )
    nothing = PlateSolution(
        lens=None,
        local=stars.local,
        stars_seen=len(seen_px),
        reason=f"the {len(seen_px)} points found do not fit the lens of before",
    )
    model = _model(lens)
    half = 0.5 * math.hypot(lens.width_px, lens.height_px)
    corner = float(np.max(model.theta(stars.directions[in_view(plate, model, 5000)]), initial=0.1))
    free: Free = TURNS
    for share in _RADII:
        radius = max(share * half, plate.final_px)
        for _ in range(2):
            pairs = paired(plate, model, free, corner, radius)
            if len(pairs.star) < 6:
                return nothing
            model = fit_step(
                model,
                stars.directions[pairs.star],
                seen_px[pairs.seen],
                free,
                max(1.0, radius / 8.0),
            )
        free = TURNS + FOCAL
    if len(paired(plate, model, free, corner, plate.final_px).star) >= _ENOUGH_FOR_SHAPE:
        free = TURNS + FOCAL + CENTRE + K1 + K2 + K3 + LINEAR + TANGENTIAL
    for _ in range(2):
        pairs = paired(plate, model, free, corner, plate.final_px)
        if len(pairs.star) < max(6, _LEAST_SHARE * len(seen_px)):
            return nothing
        model = fit_step(model, stars.directions[pairs.star], seen_px[pairs.seen], free, 1.0)
    solution = judged(plate, paired(plate, model, free, corner, plate.final_px), 1, nothing)
    if solution.lens is None:
        return nothing
    # how far out there is sky was settled when the lens was new
    kept = dataclasses.replace(solution.lens, valid_radius_px=lens.valid_radius_px)
    return dataclasses.replace(solution, lens=kept)


def turn_between(before: Lens, now: Lens) -> Turn:
    """Return how the camera has moved from one lens to another of the same frames."""
    step = np.array(now.rotation) @ np.array(before.rotation).T
    # the sine is exact for small angles, where the trace is not
    sine = 0.5 * float(
        np.linalg.norm([step[2, 1] - step[1, 2], step[0, 2] - step[2, 0], step[1, 0] - step[0, 1]])
    )
    angle = math.atan2(sine, 0.5 * (float(np.trace(step)) - 1.0))
    x, y = np.meshgrid(
        np.linspace(0.0, before.width_px - 1.0, 16), np.linspace(0.0, before.height_px - 1.0, 12)
    )
    pixels = np.stack((x.ravel(), y.ravel()), axis=-1)
    moved = np.linalg.norm(now.to_pixels(before.to_directions(pixels)) - pixels, axis=-1)
    return Turn(
        turned_deg=math.degrees(angle),
        focal_ratio=now.focal_px / before.focal_px,
        shift_px=float(np.nanmedian(moved)),
    )


def _model(lens: Lens) -> PlateModel:
    values = np.array(
        [
            *lens.center_px,
            lens.focal_px,
            *(0.0, 0.0, 0.0),
            *lens.radial,
            lens.aspect,
            lens.shear,
            *lens.tangential,
        ]
    )
    known = np.zeros(len(values))
    if lens.covariance is not None and len(lens.covariance) == len(values):
        known = np.sqrt(np.diag(np.array(lens.covariance)))
    scatter = np.hypot(_NIGHTLY, known)
    return PlateModel(
        projection=lens.projection,
        mirrored=lens.mirrored,
        values=values,
        rotation=np.array(lens.rotation),
        usual=values,
        scatter=np.asarray(scatter),
    )
