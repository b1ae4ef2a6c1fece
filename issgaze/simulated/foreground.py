"""The roof before the sky: tiles, a chimney, a lit window, spruces, hills, traced ray by ray.

Lengths are metres from the camera in axes of its own: x to the right of the lens's azimuth, y along
it, z up. Everything is built in these three, so that each lens sees it in its own perspective.
"""

import math
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.simulated.projection import Projection
from issgaze.simulated.scenario import Scenario

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
_COARSE_PX = 8
# light of a street lamp far off to the right, in units of a dark zenith
_LAMP_LIGHT = np.array([0.62, 0.40, 0.19])


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreground:
    """What stands before the sky, over the mosaic.

    Attributes:
        clear: Part of each pixel that sees the sky, 0 to 1, shape (height, width).
        glow: Brightness of the rest in units of a dark zenith, red, green and blue at each pixel,
            shape (height, width, 3); sunlit white is (1, 1, 1).
    """

    clear: Float32Array
    glow: Float32Array


# spruces: right, forward, height and greatest half width in metres, seed
_SPRUCES = (
    (9.0, 13.5, 9.2, 2.1, 3),
    (12.6, 15.0, 7.4, 1.9, 5),
    (7.4, 21.0, 6.6, 1.6, 8),
    (15.5, 13.0, 10.4, 2.3, 13),
    (11.2, 23.0, 5.2, 1.6, 21),
    (13.9, 25.0, 6.3, 1.8, 34),
    (5.2, 30.0, 4.2, 1.5, 55),
    (9.6, 34.0, 4.9, 1.7, 89),
    (19.5, 20.0, 7.6, 2.2, 144),
    (18.0, 12.0, 7.2, 1.9, 233),
    (3.4, 38.0, 3.4, 1.4, 377),
)


def rooftop(scenario: Scenario, seen: Projection, *, samples: int = 2) -> Foreground:
    """Return the built-in roof before a lens, with `samples` squared rays for each pixel."""
    clear = np.ones((seen.height_px, seen.width_px), dtype=np.float32)
    glow = np.zeros((seen.height_px, seen.width_px, 3), dtype=np.float32)
    tracer = _Tracer(scenario)
    offsets = (np.arange(samples) + 0.5) / samples - 0.5
    rows_at_once = 64
    columns = np.arange(seen.width_px, dtype=np.float64)
    coarse = _coarse_ground(seen, tracer)
    for top in range(0, seen.height_px, rows_at_once):
        rows = np.arange(top, min(top + rows_at_once, seen.height_px), dtype=np.float64)
        x, y = np.meshgrid(columns, rows)
        cells = coarse[
            np.ix_((rows // _COARSE_PX).astype(int), (columns // _COARSE_PX).astype(int))
        ]
        low = cells & ~np.isnan(seen.directions(x, y)[..., 0])
        if not low.any():
            continue
        free = np.zeros(int(low.sum()))
        light = np.zeros((int(low.sum()), 3))
        for dy in offsets:
            for dx in offsets:
                rays = seen.directions(x[low] + dx, y[low] + dy)
                is_free, shade = tracer.trace(rays)
                free += is_free
                light += shade
        block = slice(top, top + len(rows))
        clear[block][low] = free / samples**2
        glow[block][low] = light / samples**2
    return Foreground(clear=clear, glow=glow * np.float32(scenario.foreground.ambient))


def _coarse_ground(seen: Projection, tracer: "_Tracer") -> BoolArray:
    """Return which cells of 8x8 pixels may hold ground: those that do, and their neighbours."""
    x, y = np.meshgrid(
        np.arange(0, seen.width_px + _COARSE_PX, 2.0),
        np.arange(0, seen.height_px + _COARSE_PX, 4.0),
    )
    free, _ = tracer.trace(seen.directions(x.ravel(), y.ravel()))
    taken = (free == 0.0).reshape(x.shape)
    down, across = x.shape[0] // 2, x.shape[1] // 4
    cells = taken[: 2 * down, : 4 * across].reshape(down, 2, across, 4).any(axis=(1, 3))
    grown = np.pad(cells, 1)
    whole = cells.copy()
    for dy in range(3):
        for dx in range(3):
            whole |= grown[dy : dy + down, dx : dx + across]
    return np.asarray(whole)


class _Tracer:
    def __init__(self, scenario: Scenario) -> None:
        azimuth = math.radians(scenario.lens.azimuth_deg)
        right = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
        forward = np.array([math.sin(azimuth), math.cos(azimuth), 0.0])
        self._turn = np.stack((right, forward, np.array([0.0, 0.0, 1.0])))
        self._lit = scenario.foreground.window_lit

    def trace(self, rays: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Return for each ray whether it reaches the sky (1 or 0), and else what it meets."""
        local = np.nan_to_num(rays @ self._turn.T)
        nothing = np.isnan(rays[:, 0])
        shade = np.zeros((len(local), 3))
        nearest = np.full(len(local), np.inf)
        _hills(local, nearest, shade)
        for spruce in _SPRUCES:
            _spruce(local, nearest, shade, spruce)
        self._roof(local, nearest, shade)
        self._chimney(local, nearest, shade)
        free = np.isinf(nearest) & ~nothing
        shade[free | nothing] = 0.0
        return free.astype(np.float64), shade

    def _roof(self, rays: Float64Array, nearest: Float64Array, shade: Float64Array) -> None:
        run, rise = _RIDGE[0] - _EAVE[0], _RIDGE[1] - _EAVE[1]
        length = math.hypot(run, rise)
        up = np.array([run / length, 0.0, rise / length])
        normal = np.array([rise / length, 0.0, -run / length])
        distance = (_EAVE[0] * normal[0] + _EAVE[1] * normal[2]) / _nonzero(rays @ normal)
        points = rays * np.where(np.isfinite(distance), distance, 0.0)[:, np.newaxis]
        along = points[:, 1]
        slope = (points[:, 0] - _EAVE[0]) * up[0] + (points[:, 2] - _EAVE[1]) * up[2]
        hit = (distance > 0.0) & (along > _ROOF_NEAR_M) & (along < _ROOF_FAR_M)
        hit &= (slope > 0.0) & (slope < length) & (distance < nearest)
        shade[hit] = self._tiles(along[hit], slope[hit], length)
        nearest[hit] = distance[hit]

    def _tiles(self, along: Float64Array, slope: Float64Array, length: float) -> Float64Array:
        course = slope / _TILE_LENGTH_M
        row = np.floor(course)
        column = along / _TILE_WIDTH_M + 0.5 * (row % 2)
        within, across = course - row, column - np.floor(column)
        # each tile is a shallow arch, darker where it dips under the next course
        relief = 0.66 + 0.34 * np.sin(math.pi * across) ** 0.8
        relief = relief * (0.55 + 0.45 * np.clip(within * 5.0, 0.0, 1.0))
        tone = 0.82 + 0.36 * _hash(row, np.floor(column))
        moss = 0.9 + 0.1 * np.sin(1.7 * along + 2.3 * slope)
        light = 0.26 * relief * tone * moss
        # grazing light of the lamp catches the tiles' right flanks
        flank = np.clip(0.45 + 0.75 * np.cos(math.pi * across), 0.0, 1.0) * relief * tone
        far = np.exp(-np.clip(along, 0.0, 100.0) / 16.0)
        colour = light[:, np.newaxis] * _TILE * _STARLIGHT
        colour = colour + (1.5 * flank * far)[:, np.newaxis] * _LAMP_LIGHT * _TILE
        ridge = slope > length - 0.16
        colour[ridge] *= 1.5
        if self._lit:
            colour = self._window(along, slope, relief * tone, colour)
        return np.asarray(colour)

    def _window(
        self, along: Float64Array, slope: Float64Array, face: Float64Array, colour: Float64Array
    ) -> Float64Array:
        """Return the tiles' colour with a lit roof window in them, and its spill around it."""
        y0, y1, s0, s1 = _WINDOW
        middle_y, middle_s = (y0 + y1) / 2, (s0 + s1) / 2
        outside = np.hypot(
            np.maximum(np.abs(along - middle_y) - (y1 - y0) / 2, 0.0),
            np.maximum(np.abs(slope - middle_s) - (s1 - s0) / 2, 0.0),
        )
        spill = 1.3 * np.exp(-outside / 0.45) * face
        colour = colour + spill[:, np.newaxis] * _LAMP * _TILE
        frame = (outside > 0.0) & (outside < 0.09)
        colour[frame] = 0.30 * _GREY * _LAMP
        pane = outside == 0.0
        bars = (np.abs(along - middle_y) < 0.025) | (np.abs(slope - middle_s) < 0.025)
        fall = 0.62 + 0.38 * np.clip((slope - s0) / (s1 - s0), 0.0, 1.0)
        warm = (16.0 * fall)[:, np.newaxis] * _LAMP
        return np.where((pane & ~bars)[:, np.newaxis], warm, colour)

    def _chimney(self, rays: Float64Array, nearest: Float64Array, shade: Float64Array) -> None:
        x0, x1, y0, y1, top = _CHIMNEY
        for low, high, cap in ((-2.0, top, 0.0), (top - 0.16, top + 0.02, 0.13)):
            box = ((x0 - cap, x1 + cap), (y0 - cap, y1 + cap), (low, high))
            self._box(rays, box, nearest, shade)

    def _box(
        self,
        rays: Float64Array,
        box: tuple[tuple[float, float], ...],
        nearest: Float64Array,
        shade: Float64Array,
    ) -> None:
        enter = np.full(len(rays), -np.inf)
        leave = np.full(len(rays), np.inf)
        face = np.zeros(len(rays), dtype=np.int8)
        for axis, (low, high) in enumerate(box):
            step = _nonzero(rays[:, axis])
            first, second = np.minimum(low / step, high / step), np.maximum(low / step, high / step)
            face = np.where(first > enter, axis, face)
            enter, leave = np.maximum(enter, first), np.minimum(leave, second)
        hit = (enter < leave) & (enter > 0.0) & (enter < nearest)
        points = rays[hit] * enter[hit][:, np.newaxis]
        side = np.where(face[hit] == 0, 0.19, 0.11)
        across = np.where(face[hit] == 0, points[:, 1], points[:, 0])
        course = np.floor(points[:, 2] / 0.085)
        stone = across / 0.25 + 0.5 * (course % 2)
        joint = (points[:, 2] / 0.085 - course < 0.16) | (stone - np.floor(stone) < 0.06)
        tone = side * (0.75 + 0.4 * _hash(course, np.floor(stone)))
        tone = np.where(joint, side * 1.25, tone)
        lamp = np.where(face[hit] == 0, 0.85, 0.22) * tone / side
        shade[hit] = tone[:, np.newaxis] * _BRICK * _STARLIGHT
        shade[hit] += (1.0 * lamp)[:, np.newaxis] * _LAMP_LIGHT * _BRICK
        nearest[hit] = enter[hit]


def _hills(rays: Float64Array, nearest: Float64Array, shade: Float64Array) -> None:
    """Lay a far ridge, nearer woods with the tips of spruces, below them a dark meadow."""
    azimuth = np.arctan2(rays[:, 0], rays[:, 1])
    altitude = np.degrees(np.arcsin(np.clip(rays[:, 2], -1.0, 1.0)))
    far = 2.6 + 1.1 * np.sin(2.1 * azimuth + 0.6) + 0.5 * np.sin(5.3 * azimuth + 2.0)
    far = far + 0.16 * np.sin(17.0 * azimuth) + 0.07 * np.sin(41.0 * azimuth + 1.0)
    far = far + 0.05 * _teeth(azimuth * 800.0)
    near = 1.5 + 0.9 * np.sin(1.7 * azimuth + 2.4) + 0.35 * np.sin(6.1 * azimuth)
    near = near + (0.55 + 0.25 * np.sin(9.0 * azimuth)) * _teeth(azimuth * 95.0)
    haze = 0.135 - 0.012 * np.clip(altitude, 0.0, 5.0)
    below = altitude < far
    shade[below] = haze[below][:, np.newaxis] * np.array([0.9, 1.0, 1.15])
    nearest[below] = 5000.0
    wood = altitude < near
    shade[wood] = 0.065 * _SPRUCE * _STARLIGHT
    meadow = altitude < -0.8
    texture = 0.13 + 0.03 * np.sin(60.0 * azimuth + 9.0 * altitude)
    shade[meadow] = texture[meadow][:, np.newaxis] * _GROUND * _STARLIGHT
    # a few windows of the village below the wood
    cell, floor = np.floor(azimuth * 420.0), np.floor(altitude * 7.0)
    window = wood & (altitude > -1.2) & (altitude < near - 0.7) & (azimuth > -0.3)
    window &= _hash(cell, floor + 11.0) < 0.012
    shade[window] = (2.0 + 7.0 * _hash(cell, floor)[window])[:, np.newaxis] * _LAMP
    nearest[wood] = 800.0


def _teeth(place: Float64Array) -> Float64Array:
    """Return the tops of a wood: uneven triangles, 0 to 1."""
    cell = np.floor(place)
    height = 0.35 + 0.65 * _hash(cell, np.full_like(cell, 7.0))
    return np.asarray(height * (1.0 - 2.0 * np.abs(place - cell - 0.5)) ** 1.3)


def _spruce(
    rays: Float64Array,
    nearest: Float64Array,
    shade: Float64Array,
    spruce: tuple[float, float, float, float, int],
) -> None:
    """Set up a spruce: whorls of drooping branches with ragged ends on an upright plane."""
    x, y, height, width, seed = spruce
    distance = math.hypot(x, y)
    across_axis = np.array([y / distance, -x / distance])
    facing = (rays[:, 0] * x + rays[:, 1] * y) / distance
    reach = np.where(facing > 1e-3, distance / np.maximum(facing, 1e-3), np.inf)
    reach = np.where(np.isfinite(reach), reach, 0.0)
    side = (rays[:, 0] * across_axis[0] + rays[:, 1] * across_axis[1]) * reach
    foot = -2.2
    level = (rays[:, 2] * reach - foot) / (height - foot)
    near = np.flatnonzero(
        (facing > 1e-3) & (level > 0.0) & (level < 1.0) & (np.abs(side) < 1.3 * width)
    )
    near = near[reach[near] < nearest[near]]
    side, level = side[near], level[near]
    hand = (side > 0).astype(np.float64)
    # branches droop outwards: seen along the side, a whorl lies lower at its tip
    whorl = level * 26.0 + 0.9 * np.abs(side) / width + 3.0 * seed
    number = np.floor(whorl)
    inside = whorl - number
    length = 0.62 + 0.38 * _hash(number, hand + seed)
    fringe = 0.20 * (_hash(np.floor(whorl * 9.0), hand + seed + 40) - 0.5)
    fringe = fringe + 0.10 * (_hash(np.floor(whorl * 23.0), hand + seed + 80) - 0.5)
    outline = width * np.clip(1.0 - level, 0.0, 1.0) ** 0.85
    outline = outline * (length * (0.52 + 0.48 * (1.0 - inside) ** 0.7) + fringe)
    outline = np.maximum(outline, 0.05 * (level < 1.0))
    hit = np.abs(side) < outline
    depth = np.clip(np.abs(side) / np.maximum(outline, 1e-6), 0.0, 1.0)
    tone = 0.05 + 0.06 * depth * (0.5 + 0.5 * inside) + 0.02 * _hash(number, np.floor(side * 9))
    shade[near[hit]] = tone[hit][:, np.newaxis] * _SPRUCE * _STARLIGHT
    nearest[near[hit]] = distance


def _nonzero(values: Float64Array) -> Float64Array:
    return np.where(np.abs(values) < 1e-12, 1e-12, values)


def _hash(a: Float64Array, b: Float64Array) -> Float64Array:
    """Return the same number from 0 to 1 for the same cell, without any visible order."""
    mixed = np.sin(a * 127.1 + b * 311.7) * 43758.5453
    return np.asarray(mixed - np.floor(mixed))
