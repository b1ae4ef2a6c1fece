"""The families of projection: how far from the axis an angle lands, in focal lengths."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array

_Curve = Callable[[Float64Array], Float64Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """One family.

    Attributes:
        name: As in lens.json.
        forward: Radius in focal lengths of an angle from the axis in radians.
        slope: Its derivative.
        inverse: Angle in radians of a radius in focal lengths, clipped to the family's range.
        widest_rad: Angle at which the radius ends or stops growing.
    """

    name: str
    forward: _Curve
    slope: _Curve
    inverse: _Curve
    widest_rad: float


def _one(theta: Float64Array) -> Float64Array:
    return np.ones_like(theta)


def _same(theta: Float64Array) -> Float64Array:
    return theta


PROJECTIONS = {
    family.name: family
    for family in (
        Projection(
            name="equidistant", forward=_same, slope=_one, inverse=_same, widest_rad=float(np.pi)
        ),
        Projection(
            name="equisolid",
            forward=lambda theta: 2.0 * np.sin(theta / 2.0),
            slope=lambda theta: np.cos(theta / 2.0),
            inverse=lambda radius: 2.0 * np.arcsin(np.minimum(radius / 2.0, 1.0)),
            widest_rad=float(np.pi),
        ),
        Projection(
            name="rectilinear",
            forward=np.tan,
            slope=lambda theta: 1.0 / np.cos(theta) ** 2,
            inverse=np.arctan,
            # half a degree short of the pole of the tangent
            widest_rad=float(np.radians(89.5)),
        ),
        Projection(
            name="stereographic",
            forward=lambda theta: 2.0 * np.tan(theta / 2.0),
            slope=lambda theta: 1.0 / np.cos(theta / 2.0) ** 2,
            inverse=lambda radius: 2.0 * np.arctan(radius / 2.0),
            widest_rad=float(np.radians(179.0)),
        ),
        Projection(
            name="orthographic",
            forward=np.sin,
            slope=np.cos,
            inverse=lambda radius: np.arcsin(np.minimum(radius, 1.0)),
            widest_rad=float(np.pi / 2.0),
        ),
    )
}
