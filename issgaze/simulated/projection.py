"""The simulator's own lens: from directions over the roof to pixels and back.

Written for the simulator alone, so that an error in `issgaze.optics` shows as a difference; the
mathematics is that of docs/formats.md.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.optics.profiles import sensor_profile
from issgaze.optics.sensor import CaptureMode, SensorProfile
from issgaze.simulated.earth import turned
from issgaze.simulated.scenario import LensScenario, Scenario

_Curve = Callable[[Any], Any]
# radius over focal length as a function of the angle from the axis, and where it stops growing
_CURVES: dict[str, tuple[_Curve, float]] = {
    "equidistant": (lambda t: t, math.pi),
    "equisolid": (lambda t: 2.0 * np.sin(0.5 * t), math.pi),
    "rectilinear": (np.tan, math.radians(85.0)),
    "stereographic": (lambda t: 2.0 * np.tan(0.5 * t), math.radians(160.0)),
    "orthographic": (np.sin, 0.5 * math.pi),
}
_TABLE_STEPS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A lens before a sensor in one capture mode.

    Attributes:
        lens: The scenario's lens.
        width_px, height_px: Of the mosaic.
        focal_px: Focal length in pixels of that mode.
        center_px: Where the axis meets the mosaic (x, y).
        axes: Rows are the camera's right, down and forward in (east, north, up).
        valid_radius_px: Beyond it there is no sky.
        pixel_um: Pitch of that mode's pixels.
    """

    lens: LensScenario
    width_px: int
    height_px: int
    focal_px: float
    center_px: tuple[float, float]
    axes: Float64Array
    valid_radius_px: float
    pixel_um: float

    def pixels(self, directions: Float64Array) -> Float64Array:
        """Return x, y of shape (n, 2) of unit vectors (east, north, up), nan where unseen."""
        camera = turned(directions, self.axes)
        across = np.hypot(camera[:, 0], camera[:, 1])
        theta = np.arctan2(across, camera[:, 2])
        radius = self.radius_px(theta)
        stretch = radius / np.maximum(across, 1e-12)
        u, v = camera[:, 0] * stretch, camera[:, 1] * stretch
        if self.lens.mirrored:
            u = -u
        p1, p2 = self.lens.tangential
        if p1 or p2:
            q, s = u / self.focal_px, v / self.focal_px
            w = q * q + s * s
            u = u + self.focal_px * (2.0 * p1 * q * s + p2 * (w + 2.0 * q * q))
            v = v + self.focal_px * (p1 * (w + 2.0 * s * s) + 2.0 * p2 * q * s)
        points = np.stack((self.center_px[0] + u, self.center_px[1] + v), axis=-1)
        unseen = (theta > self.largest_angle_rad) | (radius > self.valid_radius_px)
        points[unseen] = np.nan
        return points

    @property
    def largest_angle_rad(self) -> float:
        """Angle from the axis up to which the radius grows."""
        angles = np.linspace(0.0, _CURVES[self.lens.projection][1], _TABLE_STEPS)
        falling = np.flatnonzero(np.diff(self.radius_px(angles)) <= 0.0)
        return float(angles[falling[0]] if len(falling) else angles[-1])

    def radius_px(self, theta_rad: Float64Array) -> Float64Array:
        """Return the distance from the axis at angles from it."""
        curve = _CURVES[self.lens.projection][0]
        t2 = theta_rad * theta_rad
        k1, k2, k3 = self.lens.radial
        bent = theta_rad * t2 * (k1 + t2 * (k2 + t2 * k3))
        return np.asarray(self.focal_px * (curve(theta_rad) + bent))

    def directions(self, x: NDArray[Any], y: NDArray[Any]) -> Float64Array:
        """Return unit vectors (east, north, up) of pixels, shape (..., 3); nan where no sky is."""
        u = np.asarray(x, dtype=np.float64) - self.center_px[0]
        v = np.asarray(y, dtype=np.float64) - self.center_px[1]
        u, v = self._undo_tangential(u, v)
        radius = np.hypot(u, v)
        angles = np.linspace(0.0, self.largest_angle_rad, _TABLE_STEPS)
        table = self.radius_px(angles)
        theta = np.interp(radius, table, angles, right=np.nan)
        theta = np.where(radius > self.valid_radius_px, np.nan, theta)
        if self.lens.mirrored:
            u = -u
        sine = np.sin(theta) / np.maximum(radius, 1e-12)
        camera = np.stack((sine * u, sine * v, np.cos(theta)), axis=-1)
        return turned(camera, self.axes.T)

    def _undo_tangential(
        self, u: Float64Array, v: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        p1, p2 = self.lens.tangential
        if not (p1 or p2):
            return u, v
        free_u, free_v = u, v
        for _ in range(8):
            q, s = free_u / self.focal_px, free_v / self.focal_px
            w = q * q + s * s
            free_u = u - self.focal_px * (2.0 * p1 * q * s + p2 * (w + 2.0 * q * q))
            free_v = v - self.focal_px * (p1 * (w + 2.0 * s * s) + 2.0 * p2 * q * s)
        return free_u, free_v


def capture_mode(sensor: SensorProfile, name: str) -> CaptureMode:
    """Return the mode of that name."""
    return next(mode for mode in sensor.modes if mode.name == name)


def projection(scenario: Scenario, mode_name: str | None = None) -> Projection:
    """Return the lens of a scenario before its sensor, in its own mode or another."""
    sensor = sensor_profile(scenario.camera.sensor)
    mode = capture_mode(sensor, mode_name or scenario.camera.mode)
    full = capture_mode(sensor, "full")
    binning = full.width_px / mode.width_px
    pixel_um = sensor.pixel_um * binning
    lens = scenario.lens
    dx, dy = lens.center_offset_px
    # the middle of n pixels with centres at integers is (n - 1) / 2
    center = ((mode.width_px - 1) / 2 + dx / binning, (mode.height_px - 1) / 2 + dy / binning)
    corner = math.hypot(mode.width_px, mode.height_px) / 2 + math.hypot(dx, dy) / binning
    circle = lens.circle_mm * 1000.0 / pixel_um
    return Projection(
        lens=lens,
        width_px=mode.width_px,
        height_px=mode.height_px,
        focal_px=lens.focal_mm * 1000.0 / pixel_um,
        center_px=center,
        axes=_axes(lens),
        valid_radius_px=circle if circle > 0.0 else corner,
        pixel_um=pixel_um,
    )


def _axes(lens: LensScenario) -> Float64Array:
    altitude, azimuth = math.radians(lens.altitude_deg), math.radians(lens.azimuth_deg)
    forward = np.array(
        [
            math.cos(altitude) * math.sin(azimuth),
            math.cos(altitude) * math.cos(azimuth),
            math.sin(altitude),
        ]
    )
    # level and to the right of whoever looks along the azimuth, defined at the zenith too
    right = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
    down = np.cross(forward, right)
    roll = math.radians(lens.roll_deg)
    turned_right = math.cos(roll) * right - math.sin(roll) * down
    turned_down = math.sin(roll) * right + math.cos(roll) * down
    return np.stack((turned_right, turned_down, forward))
