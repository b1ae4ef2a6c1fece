"""Moving lights laid into a frame as many short stretches of time, exact row by row."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.civil import later
from issgaze.simulated.optics import Optics
from issgaze.simulated.stamps import MARGIN_PX, RowShare, add_lights, thinned_to
from issgaze.simulated.starlayer import lay_halo

# directions and light (red, green, blue; magnitude 0 is 1) at instants after a start
Sight: TypeAlias = Callable[[datetime, Float64Array], tuple[Float64Array, Float64Array]]

_STEP_PX = 0.3


def lay_moving(
    picture: Float32Array,
    optics: Optics,
    start: datetime,
    exposure_s: float,
    see: Sight,
    *,
    scattered: float = 0.0,
    longest_step_s: float = math.inf,
) -> tuple[Float64Array, Float64Array] | None:
    """Lay a moving light into a canvas.

    Each stretch of time goes into those rows that were exposed in it, with the brightness it had.

    Returns:
        Its points (n, 2) and electrons (n, 3), `scattered` of them not laid; None when it is not
        in the picture.
    """
    seen = optics.seen
    span = exposure_s + abs(optics.row_time_s) * seen.height_px
    coarse = np.asarray(np.linspace(0.0, span, 33), dtype=np.float64)
    track = seen.pixels(see(start, coarse)[0])
    steps = np.hypot(*np.diff(track, axis=0).T)
    if np.isnan(steps).all():
        return None
    count = max(8, math.ceil(float(np.nanmax(steps)) * 32 / _STEP_PX))
    count = max(count, math.ceil(span / longest_step_s))
    length = span / count
    seconds = np.asarray((np.arange(count) + 0.5) * length, dtype=np.float64)
    directions, light = see(start, seconds)
    points = seen.pixels(directions)
    keep = np.isfinite(points[:, 0]) & (light[:, 1] > 0.0) & (directions[:, 2] > 0.0)
    if not keep.any():
        return None
    share = RowShare(
        seconds[keep],
        length,
        exposure_s=exposure_s,
        row_time_s=optics.row_time_s,
        height_px=seen.height_px,
    )
    points = points[keep]
    passed = optics.clouds.transmission(directions[keep], later(start, exposure_s / 2))
    passed = passed * optics.falloff(points)
    electrons = light[keep] * (optics.zero_e_per_s * length) * passed[:, np.newaxis]
    sigma = optics.blur_sigma_px(points)
    add_lights(
        picture,
        points,
        electrons * ((1.0 - optics.halo) * (1.0 - scattered)),
        sigma,
        half_px=min(math.ceil(5.0 * float(np.median(sigma))), 29),
        cell=optics.cell,
        row_share=share,
    )
    # the halo is wide against what a light moves from row to row: its own row's share will do
    rows = np.arange(len(points))
    exposed = electrons * share.of(rows, points[:, 1] + MARGIN_PX, 0)
    points, exposed = thinned_to(points, exposed, 2.0)
    lay_halo(picture, optics, points, exposed * (1.0 - scattered))
    return points, exposed
