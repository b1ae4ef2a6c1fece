"""The renderer: what the sensor of a scenario receives in one exposure, in electrons."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.civil import later
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.colour import SUNLIGHT_RGB, zero_e_per_s
from issgaze.simulated.earth import airmass
from issgaze.simulated.foreground import rooftop
from issgaze.simulated.movers import LONGEST_STEP_S, Mover
from issgaze.simulated.passes import first_pass
from issgaze.simulated.projection import Projection, capture_mode, projection
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.skylight import Skylight
from issgaze.simulated.stamps import RowShare, add_lights, canvas, colour_cell, inside
from issgaze.simulated.starfield import Heavens, load_stars
from issgaze.simulated.station import Station

# directions and light (red, green, blue; magnitude 0 is 1) at instants after a start
_Sight: TypeAlias = Callable[[datetime, Float64Array], tuple[Float64Array, Float64Array]]

_ARCSEC_PER_RAD = 206264.806
_NODES_DOWN, _NODES_ACROSS = 160, 212
_STATION_STEP_PX = 0.3
# brighter stars need a larger stamp for the skirts of their image: (V limit, half size in sigmas)
_STAR_CLASSES = ((-9.0, 3.5, 6.0), (3.5, 7.0, 4.5), (7.0, 99.0, 3.0))
_FAINT_MAG = 6.9
_HALO_LIMIT_MAG = 4.0
_DARK_ZENITH_MAG = 21.8


class Scene:
    """A scenario's sky and roof before its camera, ready to be exposed.

    Args:
        scenario: The night.
        mode: Capture mode, the scenario's own when None.
        middle: An instant near the frames wanted; the start of the scenario when None.
    """

    def __init__(
        self, scenario: Scenario, *, mode: str | None = None, middle: datetime | None = None
    ) -> None:
        self.scenario = scenario
        self.mode = mode or scenario.camera.mode
        self.projection = projection(scenario, self.mode)
        sensor = sensor_profile(scenario.camera.sensor)
        self._row_time_s = capture_mode(sensor, self.mode).row_time_s
        self._cell = colour_cell(sensor.bayer_pattern)
        self._zero = zero_e_per_s(scenario.lens.focal_mm, scenario.camera.f_number)
        self.heavens = Heavens(scenario, middle or scenario.start_utc)
        self.stars = load_stars(scenario)
        self._dated = self.heavens.of_date(self.stars.places)
        self.station = Station(scenario)
        self._grid = _Grid(self.projection, self._cell)
        self._skylight = Skylight(scenario, self._grid.directions, self.heavens)
        origin = first_pass(scenario).culmination if scenario.movers else scenario.start_utc
        self._movers = [Mover(mover, origin) for mover in scenario.movers]
        self._reach_rad = min(self.projection.largest_angle_rad, _corner_angle(self.projection))
        self._build_ground()

    def _build_ground(self) -> None:
        seen = self.projection
        shape = (seen.height_px, seen.width_px)
        light = _falloff(seen)
        solid_angle = (_ARCSEC_PER_RAD / seen.focal_px) ** 2
        self._pixel_arcsec2 = solid_angle
        self._ground: Float32Array = np.zeros(shape, dtype=np.float32)
        self.clear: Float32Array = np.ones(shape, dtype=np.float32)
        if self.scenario.foreground.kind == "rooftop":
            ground = rooftop(self.scenario, seen, samples=2 if seen.width_px < 3000 else 1)
            self.clear = ground.clear
            unit = self._zero * solid_angle * 10.0 ** (-0.4 * _DARK_ZENITH_MAG)
            for row in (0, 1):
                for column in (0, 1):
                    colour = self._cell[row][column]
                    self._ground[row::2, column::2] = ground.glow[
                        row::2, column::2, colour
                    ] * np.float32(unit * SUNLIGHT_RGB[colour])
            self._ground *= light
        self.transmission = self.clear * light

    def expose(self, start: datetime, exposure_s: float) -> Float32Array:
        """Return the mean electrons of each pixel, shape (height, width), dark current left out."""
        seen = self.projection
        middle = later(start, exposure_s / 2)
        picture = canvas(seen.height_px, seen.width_px)
        glow = self._skylight.at(middle) * (self._zero * self._pixel_arcsec2 * exposure_s)
        self._grid.spread(glow, inside(picture))
        self._add_stars(picture, start, exposure_s)
        self._add_moving(picture, start, exposure_s, self._station_light)
        for mover in self._movers:
            self._add_moving(picture, start, exposure_s, mover.see, LONGEST_STEP_S)
        image = np.ascontiguousarray(inside(picture))
        image *= self.transmission
        image += self._ground * np.float32(exposure_s)
        return image

    def star_pixels(self, instant: datetime) -> Float64Array:
        """Return x, y of every star at an instant, shape (n, 2), nan where the lens sees none."""
        return self.projection.pixels(self.heavens.over_roof(self._dated, instant))

    def _add_stars(self, picture: Float32Array, start: datetime, exposure_s: float) -> None:
        seen = self.projection
        middle = later(start, exposure_s / 2)
        turn = self.heavens.turn(middle)
        limit = math.cos(min(self._reach_rad + 0.02, math.pi))
        chosen = np.flatnonzero(
            (self._dated @ (turn.T @ seen.axes[2]) > limit) & (self._dated @ turn[2] > -0.01)
        )
        dated = self._dated[chosen]
        directions = self.heavens.over_roof(dated, middle)
        points = seen.pixels(directions)
        begin = seen.pixels(self.heavens.over_roof(dated, start))
        motion = 2.0 * (points - begin) / exposure_s
        # a row further down is exposed a little later
        points = points + motion * (points[:, 1:2] * self._row_time_s)
        width, height, edge = seen.width_px, seen.height_px, 30.0
        keep = (points[:, 0] > -edge) & (points[:, 0] < width + edge) & (points[:, 1] > -edge)
        keep &= (points[:, 1] < height + edge) & ~np.isnan(motion[:, 0])
        chosen, points, motion = chosen[keep], points[keep], motion[keep]
        air = airmass(directions[keep, 2])
        magnitude = self.stars.magnitude[chosen]
        flux = (
            self._zero
            * exposure_s
            * 10.0 ** (-0.4 * (magnitude + self.scenario.sky.extinction_mag * air))
        )
        tint = reddened(self.stars.rgb[chosen], air)
        self._lay(picture, points, motion * exposure_s, flux[:, np.newaxis] * tint, magnitude)

    def _lay(
        self,
        picture: Float32Array,
        points: Float64Array,
        travel: Float64Array,
        electrons: Float64Array,
        magnitude: Float64Array,
    ) -> None:
        """Lay stars that travel by so many pixels in the exposure."""
        sigma = blur_sigma_px(self.projection, points)
        halo = self.scenario.lens.halo
        for low, high, reach in _STAR_CLASSES:
            mine = np.flatnonzero((magnitude >= low) & (magnitude < high))
            if not len(mine):
                continue
            half = math.ceil(reach * float(np.median(sigma[mine])))
            # Gauss's two points stand for the whole of a short straight path
            travelled = float(np.median(np.hypot(*travel[mine].T)))
            places = (0.0,) if travelled < 0.5 and low > _FAINT_MAG else (-0.288675, 0.288675)
            for place in places:
                add_lights(
                    picture,
                    points[mine] + place * travel[mine],
                    electrons[mine] * ((1.0 - halo) / len(places)),
                    sigma[mine],
                    half_px=half,
                    cell=self._cell,
                )
        bright = np.flatnonzero(magnitude < _HALO_LIMIT_MAG)
        if halo > 0.0 and len(bright):
            self._halo(picture, points[bright], electrons[bright])

    def _halo(
        self,
        picture: Float32Array,
        points: Float64Array,
        electrons: Float64Array,
        share: RowShare | None = None,
    ) -> None:
        halo = self.scenario.lens.halo
        wide = 12.0 / self.projection.pixel_um
        for part, width in ((0.7, 1.0), (0.3, 2.2)):
            sigma = np.full(len(points), wide * width)
            half = min(math.ceil(3.0 * wide * width), 28)
            add_lights(
                picture,
                points,
                electrons * (halo * part),
                sigma,
                half_px=half,
                cell=self._cell,
                row_share=share,
            )

    def _station_light(
        self, start: datetime, seconds: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        sight = self.station.see(start, seconds)
        tint = reddened(
            np.broadcast_to(SUNLIGHT_RGB, (len(seconds), 3)), airmass(sight.directions[:, 2])
        )
        light = np.power(10.0, -0.4 * sight.magnitude)
        return sight.directions, light[:, np.newaxis] * tint

    def _add_moving(
        self,
        picture: Float32Array,
        start: datetime,
        exposure_s: float,
        see: _Sight,
        longest_step_s: float = math.inf,
    ) -> None:
        """Lay a moving light as many short stretches of time, each row seeing its own share."""
        seen = self.projection
        span = exposure_s + abs(self._row_time_s) * seen.height_px
        coarse = np.asarray(np.linspace(0.0, span, 33), dtype=np.float64)
        track = seen.pixels(see(start, coarse)[0])
        steps = np.hypot(*np.diff(track, axis=0).T)
        if np.isnan(steps).all():
            return
        count = max(8, math.ceil(float(np.nanmax(steps)) * 32 / _STATION_STEP_PX))
        count = max(count, math.ceil(span / longest_step_s))
        length = span / count
        seconds = np.asarray((np.arange(count) + 0.5) * length, dtype=np.float64)
        directions, light = see(start, seconds)
        points = seen.pixels(directions)
        keep = np.isfinite(points[:, 0]) & (light[:, 1] > 0.0) & (directions[:, 2] > 0.0)
        if not keep.any():
            return
        share = RowShare(
            seconds[keep],
            length,
            exposure_s=exposure_s,
            row_time_s=self._row_time_s,
            height_px=seen.height_px,
        )
        points, electrons = points[keep], light[keep] * (self._zero * length)
        sigma = blur_sigma_px(seen, points)
        add_lights(
            picture,
            points,
            electrons * (1.0 - self.scenario.lens.halo),
            sigma,
            half_px=math.ceil(5.0 * float(np.median(sigma))),
            cell=self._cell,
            row_share=share,
        )
        self._halo(picture, points, electrons, share)


class _Grid:
    """Nodes over the mosaic at which the smooth sky is computed, and the way back to pixels."""

    def __init__(self, seen: Projection, cell: tuple[tuple[int, int], tuple[int, int]]) -> None:
        self._cell = cell
        x = np.linspace(0.0, seen.width_px - 1.0, _NODES_ACROSS)
        y = np.linspace(0.0, seen.height_px - 1.0, _NODES_DOWN)
        self.directions = seen.directions(*np.meshgrid(x, y))
        self._down = [_weights(seen.height_px, _NODES_DOWN)[row::2] for row in (0, 1)]
        self._across = [_weights(seen.width_px, _NODES_ACROSS)[col::2].T.copy() for col in (0, 1)]

    def spread(self, glow: Float32Array, image: Float32Array) -> None:
        """Interpolate node values of shape (rows, columns, 3) into a mosaic of electrons."""
        for row in (0, 1):
            for column in (0, 1):
                nodes = np.ascontiguousarray(glow[..., self._cell[row][column]], dtype=np.float32)
                image[row::2, column::2] = (self._down[row] @ nodes) @ self._across[column]


def _weights(pixels: int, nodes: int) -> Float32Array:
    """Return the matrix of linear interpolation from nodes to pixels, shape (pixels, nodes)."""
    place = np.arange(pixels) * ((nodes - 1.0) / (pixels - 1.0))
    left = np.minimum(place.astype(int), nodes - 2)
    matrix = np.zeros((pixels, nodes), dtype=np.float32)
    rows = np.arange(pixels)
    matrix[rows, left] = 1.0 - (place - left)
    matrix[rows, left + 1] = place - left
    return matrix


def reddened(rgb: Float64Array, air: Float64Array) -> Float64Array:
    """Return colours behind so much air; V itself is kept.

    Extinction over that in green: 0.72 in red and 1.45 in blue, clear mountain air.
    """
    lost = np.power(10.0, -0.4 * 0.2 * air[:, np.newaxis] * np.array([-0.28, 0.0, 0.45]))
    return np.asarray(rgb * lost)


def blur_sigma_px(seen: Projection, points: Float64Array) -> Float64Array:
    """Return the width of a star's image: lens blur growing to the corner, and the pixel's own."""
    corner = math.hypot(seen.width_px, seen.height_px) / 2
    radius = np.hypot(points[:, 0] - seen.center_px[0], points[:, 1] - seen.center_px[1]) / corner
    grow = np.minimum(radius, 1.2) ** 2
    fwhm_um = seen.lens.blur_um + (seen.lens.edge_blur_um - seen.lens.blur_um) * grow
    lens = fwhm_um / 2.3548 / seen.pixel_um
    return np.asarray(np.sqrt(lens * lens + 1.0 / 12.0))


def _corner_angle(seen: Projection) -> float:
    xs = np.array([0.0, seen.width_px, 0.0, seen.width_px])
    ys = np.array([0.0, 0.0, seen.height_px, seen.height_px])
    axis = seen.directions(xs, ys) @ seen.axes[2]
    return math.pi if np.isnan(axis).any() else float(np.arccos(axis.min()))


def _falloff(seen: Projection) -> Float32Array:
    """Return how much light reaches each pixel against the axis, 0 outside the image circle."""
    y = (np.arange(seen.height_px, dtype=np.float32) - seen.center_px[1])[:, np.newaxis]
    x = (np.arange(seen.width_px, dtype=np.float32) - seen.center_px[0])[np.newaxis, :]
    square = x * x + y * y
    corner = math.hypot(seen.width_px, seen.height_px) / 2
    share = np.minimum(square / np.float32(corner * corner), 1.0)
    light = 1.0 - np.float32(seen.lens.falloff) * share
    edge = np.float32(seen.valid_radius_px) - np.sqrt(square)
    return np.asarray(light * np.clip(edge + 0.5, 0.0, 1.0), dtype=np.float32)
