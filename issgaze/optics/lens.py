"""A calibrated lens: apparent directions to raw mosaic pixels and back (lens.json).

The mathematics stands in docs/formats.md. Pixels are those of the raw mosaic as stored, centres at
integers, origin top left.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.errors import LensError
from issgaze.optics.lensfields import REMEDY, lens_fields
from issgaze.optics.projections import PROJECTIONS, Projection

_FORMAT = "issgaze-lens"
_SCAN_STEPS = 4096
_ROTATION_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Where a camera looks and how it draws the sky.

    Attributes:
        width_px, height_px: Size of the raw mosaic that it holds for.
        projection: Family name, see `projections`.
        focal_px: Focal length in pixels.
        center_px: Pixel (x, y) of the lens axis.
        rotation: Proper rotation (3, 3) from (east, north, up) to camera axes (right, down, out).
        mirrored: True when the picture is seen as in a mirror.
        radial: Coefficients of theta^3, theta^5, theta^7.
        aspect, shear: Linear terms of x.
        tangential: Terms p1, p2 of decentring.
        valid_radius_px: Radius from the centre beyond which there is no sky.
        covariance: Of the solution, None when unknown.
        source: Where it comes from, for people.
        theta_max_rad: Angle from the axis that lands on valid_radius_px; derived.
    """

    width_px: int
    height_px: int
    projection: str
    focal_px: float
    center_px: tuple[float, float]
    rotation: tuple[tuple[float, float, float], ...]
    mirrored: bool = False
    radial: tuple[float, float, float] = (0.0, 0.0, 0.0)
    aspect: float = 0.0
    shear: float = 0.0
    tangential: tuple[float, float] = (0.0, 0.0)
    valid_radius_px: float
    covariance: tuple[tuple[float, ...], ...] | None = None
    source: str = ""
    theta_max_rad: float = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Check the numbers and find the widest angle.

        Raises:
            LensError: One of them makes no sense.
        """
        _check(self)
        object.__setattr__(self, "theta_max_rad", _widest_angle(self))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Lens":
        """Read a parsed lens.json.

        Raises:
            LensError: A key is missing or its value makes no sense.
        """
        if document.get("format") != _FORMAT or document.get("version") != 1:
            raise LensError(
                f"no lens file: format {document.get('format')!r}, version "
                f"{document.get('version')!r}; {_FORMAT!r} and 1 are known",
                remedy=REMEDY,
            )
        try:
            return cls(**lens_fields(document))
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, LensError):
                raise
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise LensError(f"broken lens file: {what}", remedy=REMEDY) from error

    def to_document(self) -> dict[str, Any]:
        """Return what lens.json holds."""
        values = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.init
        }
        values["center_px"] = list(self.center_px)
        values["rotation"] = [list(row) for row in self.rotation]
        values["radial"], values["tangential"] = list(self.radial), list(self.tangential)
        if self.covariance is not None:
            values["covariance"] = [list(row) for row in self.covariance]
        return {"format": _FORMAT, "version": 1, **values}

    def scaled_to(self, width_px: int, height_px: int) -> "Lens":
        """Return the lens for frames of its own, half or twice its size.

        A pixel of half the resolution is one 2x2 cell: x_half = (x - 0.5) / 2.

        Raises:
            LensError: The frames have another size.
        """
        for scale in (1.0, 0.5, 2.0):
            if (width_px, height_px) == (scale * self.width_px, scale * self.height_px):
                return self if scale == 1.0 else self._scaled(scale, width_px, height_px)
        raise LensError(
            f"the lens file is for frames of {self.width_px}x{self.height_px} px, these have "
            f"{width_px}x{height_px}",
            remedy="Give a lens file of this camera and mode; half and twice the size fit too.",
        )

    def _scaled(self, scale: float, width_px: int, height_px: int) -> "Lens":
        # both halving and doubling keep the outer edges of the mosaic, at -0.5
        x, y = ((value + 0.5) * scale - 0.5 for value in self.center_px)
        return dataclasses.replace(
            self,
            width_px=width_px,
            height_px=height_px,
            focal_px=self.focal_px * scale,
            center_px=(x, y),
            valid_radius_px=self.valid_radius_px * scale,
        )

    def to_pixels(self, directions: Float64Array) -> Float64Array:
        """Return pixels (x, y) of apparent directions, nan beyond the valid radius.

        Args:
            directions: Vectors (east, north, up) of any length, shape (..., 3), refraction
                included.

        Returns:
            Shape (..., 2); pixels outside the picture are returned as they are.
        """
        camera = np.asarray(directions, dtype=np.float64) @ np.array(self.rotation).T
        right, down, out = camera[..., 0], camera[..., 1], camera[..., 2]
        across = np.hypot(right, down)
        theta = np.arctan2(across, out)
        seen = theta <= self.theta_max_rad
        radius = self.focal_px * self.curve(np.where(seen, theta, 0.0))
        scale = np.divide(radius, across, out=np.zeros_like(radius), where=across > 0.0)
        u, v = scale * right, scale * down
        if self.mirrored:
            u = -u
        x, y = self._distorted(u, v)
        return np.where(seen[..., np.newaxis], np.stack((x, y), axis=-1), np.nan)

    def to_directions(self, pixels: Float64Array) -> Float64Array:
        """Return apparent unit vectors (east, north, up) of pixels, nan beyond the valid radius.

        The inverse of `to_pixels` to better than 1e-9 px.

        Args:
            pixels: Points x, y of shape (..., 2).
        """
        points = np.asarray(pixels, dtype=np.float64)
        u, v = self._undistorted(points[..., 0], points[..., 1])
        radius = np.hypot(u, v)
        seen = radius <= self.valid_radius_px
        theta = self._angle(np.where(seen, radius, 0.0))
        if self.mirrored:
            u = -u
        scale = np.divide(np.sin(theta), radius, out=np.zeros_like(radius), where=radius > 0.0)
        camera = np.stack((scale * u, scale * v, np.cos(theta)), axis=-1)
        directions = camera @ np.array(self.rotation)
        return np.where(seen[..., np.newaxis], directions, np.nan)

    def _family(self) -> Projection:
        return PROJECTIONS[self.projection]

    def curve(self, theta: Float64Array) -> Float64Array:
        """Return the radius in focal lengths of angles from the axis in radians."""
        k1, k2, k3 = self.radial
        square = theta * theta
        odd = theta * square * (k1 + square * (k2 + square * k3))
        return np.asarray(self._family().forward(theta) + odd, dtype=np.float64)

    def _slope(self, theta: Float64Array) -> Float64Array:
        k1, k2, k3 = self.radial
        square = theta * theta
        odd = square * (3.0 * k1 + square * (5.0 * k2 + square * 7.0 * k3))
        return np.asarray(self._family().slope(theta) + odd, dtype=np.float64)

    def _angle(self, radius: Float64Array) -> Float64Array:
        """Return the angle of a radius in pixels by Newton's method, kept inside the range."""
        wanted = radius / self.focal_px
        theta = np.clip(self._family().inverse(wanted), 0.0, self.theta_max_rad)
        for _ in range(30):
            slope = np.maximum(self._slope(theta), 1e-6)
            step = (self.curve(theta) - wanted) / slope
            theta = np.clip(theta - step, 0.0, self.theta_max_rad)
            if not theta.size or np.max(np.abs(step)) < 1e-14:
                break
        return np.asarray(theta, dtype=np.float64)

    def _distorted(self, u: Float64Array, v: Float64Array) -> tuple[Float64Array, Float64Array]:
        du, dv = self._decentred(u, v)
        u, v = u + du, v + dv
        x = self.center_px[0] + (1.0 + self.aspect) * u + self.shear * v
        return x, self.center_px[1] + v

    def _undistorted(self, x: Float64Array, y: Float64Array) -> tuple[Float64Array, Float64Array]:
        v_seen = y - self.center_px[1]
        u_seen = (x - self.center_px[0] - self.shear * v_seen) / (1.0 + self.aspect)
        if self.tangential == (0.0, 0.0):
            return u_seen, v_seen
        u, v = u_seen, v_seen
        # the terms are small and smooth: each round gains a factor of their size
        for _ in range(60):
            du, dv = self._decentred(u, v)
            step_u, step_v = u_seen - du - u, v_seen - dv - v
            u, v = u + step_u, v + step_v
            if not u.size or max(np.max(np.abs(step_u)), np.max(np.abs(step_v))) < 1e-11:
                break
        return u, v

    def _decentred(self, u: Float64Array, v: Float64Array) -> tuple[Float64Array, Float64Array]:
        p1, p2 = self.tangential
        q, s = u / self.focal_px, v / self.focal_px
        square = q * q + s * s
        du = self.focal_px * (2.0 * p1 * q * s + p2 * (square + 2.0 * q * q))
        dv = self.focal_px * (p1 * (square + 2.0 * s * s) + 2.0 * p2 * q * s)
        return du, dv


def _check(lens: Lens) -> None:
    if lens.projection not in PROJECTIONS:
        raise LensError(
            f"unknown projection {lens.projection!r}",
            remedy=f"Known are {', '.join(PROJECTIONS)}.",
        )
    for name in ("width_px", "height_px", "focal_px", "valid_radius_px"):
        value = getattr(lens, name)
        if not 0.0 < value < 1e6:
            raise LensError(f"{name} is {value:g}, limits 0 to 1e6", remedy=REMEDY)
    if abs(lens.aspect) > 0.5:
        raise LensError(f"aspect is {lens.aspect:g}, limits -0.5 to 0.5", remedy=REMEDY)
    rotation = np.array(lens.rotation)
    if rotation.shape != (3, 3):
        raise LensError(f"rotation has the shape {rotation.shape}, 3x3 is needed", remedy=REMEDY)
    error = float(np.max(np.abs(rotation @ rotation.T - np.eye(3))))
    if error > _ROTATION_TOLERANCE or np.linalg.det(rotation) < 0.0:
        raise LensError(
            f"rotation is no proper rotation: off by {error:.1e}, determinant "
            f"{np.linalg.det(rotation):+.3f}",
            remedy=REMEDY,
        )


def _widest_angle(lens: Lens) -> float:
    """Return the first angle whose radius reaches the valid radius.

    Raises:
        LensError: The radius turns back before it.
    """
    theta = np.linspace(0.0, PROJECTIONS[lens.projection].widest_rad, _SCAN_STEPS)
    radius = lens.focal_px * lens.curve(theta)
    beyond = radius >= lens.valid_radius_px
    last = int(np.argmax(beyond)) if beyond.any() else _SCAN_STEPS - 1
    if np.any(np.diff(radius[: last + 1]) <= 0.0):
        turn = float(np.max(radius[: last + 1]))
        raise LensError(
            f"the radial terms turn back at {turn:.0f} px, before the valid radius of "
            f"{lens.valid_radius_px:.0f} px",
            remedy=REMEDY,
        )
    if not beyond.any():
        # the whole family lies inside: a valid radius that nothing reaches
        return float(theta[-1])
    low, high = float(theta[last - 1]), float(theta[last])
    for _ in range(60):
        middle = 0.5 * (low + high)
        if lens.focal_px * float(lens.curve(np.array(middle))) < lens.valid_radius_px:
            low = middle
        else:
            high = middle
    return high
