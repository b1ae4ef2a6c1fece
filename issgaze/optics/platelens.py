"""The lens file's numbers from a fitted model."""

import dataclasses
import math

import numpy as np

from issgaze.errors import LensError
from issgaze.optics.lens import Lens
from issgaze.optics.platefit import PlateModel, covariance, project
from issgaze.optics.platestages import Fitted, Plate


def plate_lens(plate: Plate, fitted: Fitted) -> Lens:
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
