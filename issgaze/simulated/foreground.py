"""The roof before the sky: tiles, a chimney, a lit window, spruces, hills, traced ray by ray.

Lengths are metres from the camera in axes of its own: x to the right of the lens's azimuth, y along
it, z up. Everything is built in these three, so that each lens sees it in its own perspective.
"""

import math

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.earth import turned
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.texture import hash01
from issgaze.simulated.traced import Traced
from issgaze.simulated.trees import SPRUCES, plant

# the roof's plane runs from the eave beside the camera up to the ridge on the left
_EAVE = (-0.9, -1.15)
_RIDGE = (-6.2, 3.1)
_ROOF_NEAR_M, _ROOF_FAR_M = -8.0, 15.0
_TILE_LENGTH_M, _TILE_WIDTH_M = 0.34, 0.22
_CHIMNEY = (-6.65, -5.55, 8.6, 9.7, 4.75)
_WINDOW = (5.9, 7.15, 1.55, 2.95)
_STARLIGHT = np.array([0.95, 1.0, 1.10])
_LAMP = np.array([1.75, 1.0, 0.36])
_TILE = np.array([1.15, 0.80, 0.62])
_BRICK = np.array([1.25, 0.85, 0.7])
_SPRUCE = np.array([0.70, 0.95, 0.60])
_GROUND = np.array([0.75, 0.95, 0.65])
_GREY = np.array([1.0, 1.0, 1.0])
# light of a street lamp far off to the right, in units of a dark zenith
_LAMP_LIGHT = np.array([0.62, 0.40, 0.19])


class Rooftop:
    """The built-in roof.

    Args:
        scenario: Where the lens looks and whether the window is lit.
        moon: Direction of the Moon (east, north, up), for the faces that it lights.
    """

    def __init__(self, scenario: Scenario, moon: Float64Array) -> None:
        azimuth = math.radians(scenario.lens.azimuth_deg)
        right = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
        forward = np.array([math.sin(azimuth), math.cos(azimuth), 0.0])
        self._turn = np.stack((right, forward, np.array([0.0, 0.0, 1.0])))
        self._moon = (self._turn * moon).sum(axis=1)
        self._lit = scenario.foreground.window_lit

    def trace(self, rays: Float64Array) -> Traced:
        """Return what rays (east, north, up; shape (n, 3)) meet; nan rays meet nothing."""
        local = np.nan_to_num(turned(rays, self._turn))
        met = Traced.nothing(len(local))
        _hills(local, met, self._moon)
        # every spruce stands before the camera and to its right
        wood = np.flatnonzero((local[:, 1] > 0.0) & (local[:, 0] > 0.0))
        columns = tuple(np.ascontiguousarray(local[wood, axis]) for axis in range(3))
        for spruce in SPRUCES:
            plant(columns, wood, met, spruce, self._moon)
        self._roof(local, met)
        self._chimney(local, met)
        met.distance_m[np.isnan(rays[:, 0])] = np.inf
        return met

    def _roof(self, rays: Float64Array, met: Traced) -> None:
        run, rise = _RIDGE[0] - _EAVE[0], _RIDGE[1] - _EAVE[1]
        length = math.hypot(run, rise)
        up = np.array([run / length, 0.0, rise / length])
        normal = np.array([rise / length, 0.0, -run / length])
        distance = (_EAVE[0] * normal[0] + _EAVE[1] * normal[2]) / _nonzero(
            rays[:, 0] * normal[0] + rays[:, 2] * normal[2]
        )
        points = rays * np.where(np.isfinite(distance), distance, 0.0)[:, np.newaxis]
        along = points[:, 1]
        slope = (points[:, 0] - _EAVE[0]) * up[0] + (points[:, 2] - _EAVE[1]) * up[2]
        hit = (distance > 0.0) & (along > _ROOF_NEAR_M) & (along < _ROOF_FAR_M)
        hit &= (slope > 0.0) & (slope < length) & (distance < met.distance_m)
        met.natural[hit], met.lamps[hit] = self._tiles(along[hit], slope[hit], length)
        met.facing[hit] = max(0.0, float((normal * self._moon).sum()))
        met.distance_m[hit] = distance[hit]
        met.sway[hit] = 0.0

    def _tiles(
        self, along: Float64Array, slope: Float64Array, length: float
    ) -> tuple[Float64Array, Float64Array]:
        course = slope / _TILE_LENGTH_M
        row = np.floor(course)
        column = along / _TILE_WIDTH_M + 0.5 * (row % 2)
        within, across = course - row, column - np.floor(column)
        # each tile is a shallow arch, darker where it dips under the next course
        relief = 0.66 + 0.34 * np.sin(math.pi * across) ** 0.8
        relief = relief * (0.55 + 0.45 * np.clip(within * 5.0, 0.0, 1.0))
        tone = 0.82 + 0.36 * hash01(row, np.floor(column))
        moss = 0.9 + 0.1 * np.sin(1.7 * along + 2.3 * slope)
        light = 0.26 * relief * tone * moss
        # grazing light of the lamp catches the tiles' right flanks
        flank = np.clip(0.45 + 0.75 * np.cos(math.pi * across), 0.0, 1.0) * relief * tone
        far = np.exp(-np.clip(along, 0.0, 100.0) / 16.0)
        ridge = np.where(slope > length - 0.16, 1.5, 1.0)[:, np.newaxis]
        natural = ridge * light[:, np.newaxis] * _TILE * _STARLIGHT
        lamps = ridge * (1.5 * flank * far)[:, np.newaxis] * _LAMP_LIGHT * _TILE
        if self._lit:
            self._window(along, slope, relief * tone, natural, lamps)
        return natural, lamps

    def _window(
        self,
        along: Float64Array,
        slope: Float64Array,
        face: Float64Array,
        natural: Float64Array,
        lamps: Float64Array,
    ) -> None:
        """Put a lit roof window into the tiles, and its spill around it."""
        y0, y1, s0, s1 = _WINDOW
        middle_y, middle_s = (y0 + y1) / 2, (s0 + s1) / 2
        near = np.flatnonzero(np.hypot(along - middle_y, slope - middle_s) < 4.0)
        along, slope = along[near], slope[near]
        outside = np.hypot(
            np.maximum(np.abs(along - middle_y) - (y1 - y0) / 2, 0.0),
            np.maximum(np.abs(slope - middle_s) - (s1 - s0) / 2, 0.0),
        )
        spill = 1.3 * np.exp(-outside / 0.45) * face[near]
        lamps[near] += spill[:, np.newaxis] * _LAMP * _TILE
        frame = near[(outside > 0.0) & (outside < 0.09)]
        natural[frame] *= 0.2
        lamps[frame] = 0.30 * _GREY * _LAMP
        bars = (np.abs(along - middle_y) < 0.025) | (np.abs(slope - middle_s) < 0.025)
        pane = (outside == 0.0) & ~bars
        fall = 0.62 + 0.38 * np.clip((slope[pane] - s0) / (s1 - s0), 0.0, 1.0)
        natural[near[pane]] = 0.0
        lamps[near[pane]] = (16.0 * fall)[:, np.newaxis] * _LAMP

    def _chimney(self, rays: Float64Array, met: Traced) -> None:
        x0, x1, y0, y1, top = _CHIMNEY
        for low, high, cap in ((-2.0, top, 0.0), (top - 0.16, top + 0.02, 0.13)):
            box = ((x0 - cap, x1 + cap), (y0 - cap, y1 + cap), (low, high))
            self._box(rays, box, met)

    def _box(
        self,
        rays: Float64Array,
        box: tuple[tuple[float, float], ...],
        met: Traced,
    ) -> None:
        enter = np.full(len(rays), -np.inf)
        leave = np.full(len(rays), np.inf)
        face = np.zeros(len(rays), dtype=np.int8)
        for axis, (low, high) in enumerate(box):
            step = _nonzero(rays[:, axis])
            first, second = np.minimum(low / step, high / step), np.maximum(low / step, high / step)
            face = np.where(first > enter, axis, face)
            enter, leave = np.maximum(enter, first), np.minimum(leave, second)
        hit = (enter < leave) & (enter > 0.0) & (enter < met.distance_m)
        points = rays[hit] * enter[hit][:, np.newaxis]
        side = np.where(face[hit] == 0, 0.19, 0.11)
        across = np.where(face[hit] == 0, points[:, 1], points[:, 0])
        course = np.floor(points[:, 2] / 0.085)
        stone = across / 0.25 + 0.5 * (course % 2)
        joint = (points[:, 2] / 0.085 - course < 0.16) | (stone - np.floor(stone) < 0.06)
        tone = side * (0.75 + 0.4 * hash01(course, np.floor(stone)))
        tone = np.where(joint, side * 1.25, tone)
        lamp = np.where(face[hit] == 0, 0.85, 0.22) * tone / side
        met.natural[hit] = tone[:, np.newaxis] * _BRICK * _STARLIGHT
        met.lamps[hit] = lamp[:, np.newaxis] * _LAMP_LIGHT * _BRICK
        # the face that is seen looks back at the camera
        against = -np.sign(rays[hit, face[hit]]) * self._moon[face[hit]]
        met.facing[hit] = np.maximum(against, 0.0)
        met.distance_m[hit] = enter[hit]
        met.sway[hit] = 0.0


def _hills(rays: Float64Array, met: Traced, moon: Float64Array) -> None:
    """Lay a far ridge, nearer woods with the tips of spruces, below them a dark meadow."""
    low = np.flatnonzero(rays[:, 2] < math.sin(math.radians(5.5)))
    azimuth = np.arctan2(rays[low, 0], rays[low, 1])
    altitude = np.degrees(np.arcsin(np.clip(rays[low, 2], -1.0, 1.0)))
    far = 2.6 + 1.1 * np.sin(2.1 * azimuth + 0.6) + 0.5 * np.sin(5.3 * azimuth + 2.0)
    far = far + 0.16 * np.sin(17.0 * azimuth) + 0.07 * np.sin(41.0 * azimuth + 1.0)
    far = far + 0.05 * _teeth(azimuth * 800.0)
    near = 1.5 + 0.9 * np.sin(1.7 * azimuth + 2.4) + 0.35 * np.sin(6.1 * azimuth)
    near = near + (0.55 + 0.25 * np.sin(9.0 * azimuth)) * _teeth(azimuth * 95.0)
    haze = 0.135 - 0.012 * np.clip(altitude, 0.0, 5.0)
    below = altitude < far
    met.natural[low[below]] = haze[below][:, np.newaxis] * np.array([0.9, 1.0, 1.15])
    met.distance_m[low[below]] = 5000.0
    wood = altitude < near
    met.natural[low[wood]] = 0.065 * _SPRUCE * _STARLIGHT
    meadow = altitude < -0.8
    texture = 0.13 + 0.012 * (
        np.sin(23.0 * azimuth + altitude) + np.sin(7.0 * azimuth - 2.0 * altitude)
    )
    met.natural[low[meadow]] = texture[meadow][:, np.newaxis] * _GROUND * _STARLIGHT
    # a few windows of the village below the wood
    cell, floor = np.floor(azimuth * 420.0), np.floor(altitude * 7.0)
    window = wood & (altitude > -1.2) & (altitude < near - 0.7) & (azimuth > -0.3)
    window &= hash01(cell, floor + 11.0) < 0.012
    bright = 2.0 + 7.0 * hash01(cell, floor)[window]
    met.natural[low[window]] = 0.0
    met.lamps[low[window]] = bright[:, np.newaxis] * _LAMP
    met.distance_m[low[wood]] = 800.0
    met.facing[low] = max(float(moon[2]), 0.0) * 0.7


def _teeth(place: Float64Array) -> Float64Array:
    """Return the tops of a wood: uneven triangles, 0 to 1."""
    cell = np.floor(place)
    height = 0.35 + 0.65 * hash01(cell, np.full_like(cell, 7.0))
    return np.asarray(height * (1.0 - 2.0 * np.abs(place - cell - 0.5)) ** 1.3)


def _nonzero(values: Float64Array) -> Float64Array:
    return np.where(np.abs(values) < 1e-12, 1e-12, values)
