"""The simplest bodies that the housing is made of, each standing on the bed at z = 0."""

from math import cos, radians, sin

from build123d import Align, Box, Cylinder, Part, Pos

LOW = (Align.CENTER, Align.CENTER, Align.MIN)


def disc(diameter: float, high: float, z: float = 0.0) -> Part:
    """Return a cylinder about the axis z."""
    return Pos(0, 0, z) * Cylinder(diameter / 2.0, high, align=LOW)


def hole(x: float, y: float, diameter: float, deep: float, z: float = 0.0) -> Part:
    """Return an upright cylinder: a hole when it is taken away, a post when it is added."""
    return Pos(x, y, z) * Cylinder(diameter / 2.0, deep, align=LOW)


def block(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Part:
    """Return a box from one value to another along each axis."""
    low = (Align.MIN, Align.MIN, Align.MIN)
    return Pos(x[0], y[0], z[0]) * Box(x[1] - x[0], y[1] - y[0], z[1] - z[0], align=low)


def around(count: int, diameter: float, offset_deg: float = 0.0) -> list[tuple[float, float]]:
    """Return points spread evenly over a circle."""
    angles = [radians(offset_deg + 360.0 * index / count) for index in range(count)]
    return [(diameter / 2.0 * cos(angle), diameter / 2.0 * sin(angle)) for angle in angles]
