"""What the simulated lens does to light besides bending it: falloff, blur, halo, extinction."""

import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.clouds import Clouds
from issgaze.simulated.colour import zero_e_per_s
from issgaze.simulated.projection import Projection, capture_mode
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.stamps import colour_cell

_ARCSEC_PER_RAD = 206264.806


class Optics:
    """A scenario's lens before its sensor in one mode, and the air and clouds before both.

    Attributes:
        seen: The projection.
        cell: Colours of the mosaic's first 2x2 photosites.
        zero_e_per_s: Electrons a second of a star of magnitude 0 in green, without air.
        pixel_arcsec2: Sky that a pixel on the axis sees.
        blur_growth: Factor on the width of a star's image, by dew.
    """

    def __init__(self, scenario: Scenario, seen: Projection, mode: str) -> None:
        sensor = sensor_profile(scenario.camera.sensor)
        self.seen = seen
        self.cell = colour_cell(sensor.bayer_pattern)
        self.zero_e_per_s = zero_e_per_s(scenario.lens.focal_mm, scenario.camera.f_number)
        self.row_time_s = capture_mode(sensor, mode).row_time_s
        self.extinction_mag = scenario.sky.extinction_mag
        self.halo = scenario.lens.halo
        self.pixel_arcsec2 = (_ARCSEC_PER_RAD / seen.focal_px) ** 2
        self.reach_rad = min(seen.largest_angle_rad, _corner_angle(seen))
        self.clouds = Clouds(scenario)
        self.blur_growth = 1.0

    def falloff(self, points: Float64Array) -> Float64Array:
        """Return how much light reaches pixels x, y (shape (..., 2)) against the axis."""
        seen = self.seen
        corner = math.hypot(seen.width_px, seen.height_px) / 2
        x, y = points[..., 0] - seen.center_px[0], points[..., 1] - seen.center_px[1]
        share = np.minimum((x * x + y * y) / (corner * corner), 1.0)
        return np.asarray(1.0 - seen.lens.falloff * share)

    def blur_sigma_px(self, points: Float64Array) -> Float64Array:
        """Return the width of a star's image: lens blur growing to the corner, and the pixel's."""
        seen = self.seen
        corner = math.hypot(seen.width_px, seen.height_px) / 2
        x, y = points[:, 0] - seen.center_px[0], points[:, 1] - seen.center_px[1]
        grow = np.minimum(np.hypot(x, y) / corner, 1.2) ** 2
        fwhm_um = seen.lens.blur_um + (seen.lens.edge_blur_um - seen.lens.blur_um) * grow
        lens = fwhm_um * self.blur_growth / 2.3548 / seen.pixel_um
        return np.asarray(np.sqrt(lens * lens + 1.0 / 12.0))

    def row_delay_s(self, y: Float64Array) -> Float64Array:
        """Return how much later than the row read first the exposure at y begins."""
        first = (self.seen.height_px - 1) * -min(self.row_time_s, 0.0)
        return np.asarray(first + y * self.row_time_s)


def _corner_angle(seen: Projection) -> float:
    xs = np.array([0.0, seen.width_px, 0.0, seen.width_px])
    ys = np.array([0.0, 0.0, seen.height_px, seen.height_px])
    directions = seen.directions(xs, ys)
    axis = (directions * seen.axes[2]).sum(axis=-1)
    return math.pi if np.isnan(axis).any() else float(np.arccos(axis.min()))
