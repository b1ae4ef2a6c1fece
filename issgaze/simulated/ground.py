"""The ground of one scene over its mosaic: what it hides, how bright it is, how it sways."""

import math

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, UInt8Array
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.ambient import Illumination
from issgaze.simulated.foreground import Rooftop
from issgaze.simulated.maskpicture import mask_picture
from issgaze.simulated.projection import Projection, capture_mode
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.sway import Sway
from issgaze.simulated.traced import Traced

_COARSE_PX = 8
_ROWS_AT_ONCE = 64
_RAYS_AT_ONCE = 40_000
_FINE_WIDTH_PX = 3000
_PLAIN_TONE = 0.06
# eight more rays at the rim of things, with the one in the middle a raster of three by three
_RIM = [(dx / 3.0, dy / 3.0) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dx or dy]
# depths that count as different things
_BIN_M = np.array([3.0, 6.5, 12.0, 18.0, 25.0, 32.0, 50.0, 1000.0, 1e9])

Cell = tuple[tuple[int, int], tuple[int, int]]


class Ground:
    """What stands before the sky.

    Args:
        scenario: The night.
        seen: Its lens.
        cell: Colours of the mosaic's first 2x2 photosites.
        light: The light on the ground for which it is built.

    Attributes:
        clear_part: Part of each pixel that sees the sky, 0 to 255, shape (height, width).
        first_row: Above it there is nothing but sky.
        natural, lamps: Brightness of what is not sky in units of a dark zenith over the rows from
            `first_row`, under the light it was built for and by lamps.
    """

    def __init__(
        self, scenario: Scenario, seen: Projection, cell: Cell, light: Illumination
    ) -> None:
        shape = (seen.height_px, seen.width_px)
        self._ambient = scenario.foreground.ambient
        self._cell = cell
        self._seen = seen
        self._built_for = float(light.sky[1])
        self.sway: Sway | None = None
        self.first_row = seen.height_px
        self.natural: Float32Array = np.zeros((0, seen.width_px), dtype=np.float32)
        self.lamps = self.natural
        self.clear_part: UInt8Array = np.full(shape, 255, dtype=np.uint8)
        kind = scenario.foreground.kind
        if kind == "picture":
            self._from_picture(scenario, light)
        elif kind == "rooftop":
            self._trace(scenario, light)

    def brightness(self, light: Illumination) -> float:
        """Return the factor on `natural` under another light of the same night."""
        return float(light.sky[1]) / max(self._built_for, 1e-12)

    def _from_picture(self, scenario: Scenario, light: Illumination) -> None:
        height, width = self.clear_part.shape
        path = scenario.foreground.mask_file
        self.clear_part = mask_picture(path, width_px=width, height_px=height)
        rows = np.flatnonzero((self.clear_part < 255).any(axis=1))
        if not len(rows):
            return
        self.first_row = int(rows[0]) & ~1
        part = self.clear_part[self.first_row :].astype(np.float32)
        covered: Float32Array = np.float32(1.0) - part * np.float32(1.0 / 255.0)
        tone = light.sky * (_PLAIN_TONE * self._ambient)
        for row in (0, 1):
            for column in (0, 1):
                covered[row::2, column::2] *= np.float32(tone[self._cell[row][column]])
        self.natural = covered
        self.lamps = np.zeros_like(covered)

    def _trace(self, scenario: Scenario, light: Illumination) -> None:
        rooftop = Rooftop(scenario, light.moon_direction)
        cells = _coarse_ground(self._seen, rooftop)
        if not cells.any():
            return
        height, width = self.clear_part.shape
        self.first_row = int(np.flatnonzero(cells.any(axis=1))[0]) * _COARSE_PX
        shape = (height - self.first_row, width)
        self.natural = np.zeros(shape, dtype=np.float32)
        self.lamps = np.zeros(shape, dtype=np.float32)
        sway: UInt8Array = np.zeros(shape, dtype=np.uint8)
        thing: UInt8Array = np.zeros(shape, dtype=np.uint8)
        for top in range(self.first_row, height, _ROWS_AT_ONCE):
            rows = np.arange(top, min(top + _ROWS_AT_ONCE, height))
            wanted = np.repeat(cells[rows // _COARSE_PX], _COARSE_PX, axis=1)[:, :width]
            down, x = np.nonzero(wanted)
            y = down + top
            met = rooftop.trace(self._seen.directions(x, y))
            self._keep(met, x, y, light)
            place = (y - self.first_row, x)
            sway[place] = np.rint(255.0 * met.sway)
            thing[place] = np.searchsorted(_BIN_M, met.distance_m)
        rim_y, rim_x = np.nonzero(_rims(thing))
        for start in range(0, len(rim_x), _RAYS_AT_ONCE):
            part = slice(start, start + _RAYS_AT_ONCE)
            self._refine(rooftop, rim_x[part], rim_y[part] + self.first_row, light)
        if scenario.foreground.sway_px > 0.0 and sway.any():
            binned = capture_mode(sensor_profile(scenario.camera.sensor), "binned")
            scale = width / binned.width_px
            self.sway = Sway(scenario, sway, first_row=self.first_row, scale=scale)

    def _keep(
        self, met: Traced, x: NDArray[np.intp], y: NDArray[np.intp], light: Illumination
    ) -> None:
        """Write what one ray for each pixel met."""
        natural, lamps = self._colours(met, x, y, light)
        free = np.isinf(met.distance_m)
        self.clear_part[y, x] = np.where(free, 255, 0)
        self.natural[y - self.first_row, x] = natural
        self.lamps[y - self.first_row, x] = lamps

    def _refine(
        self,
        rooftop: Rooftop,
        x: NDArray[np.intp],
        y: NDArray[np.intp],
        light: Illumination,
    ) -> None:
        """Give pixels at the rim of things the mean of nine rays."""
        place = (y - self.first_row, x)
        free = (self.clear_part[y, x] > 0).astype(np.float64)
        natural, lamps = self.natural[place].copy(), self.lamps[place].copy()
        for dx, dy in _RIM:
            met = rooftop.trace(self._seen.directions(x + dx, y + dy))
            more, lit = self._colours(met, x, y, light)
            natural += more
            lamps += lit
            free += np.isinf(met.distance_m)
        count = len(_RIM) + 1
        self.clear_part[y, x] = np.rint(free * (255.0 / count))
        self.natural[place] = natural / np.float32(count)
        self.lamps[place] = lamps / np.float32(count)

    def _colours(
        self, met: Traced, x: NDArray[np.intp], y: NDArray[np.intp], light: Illumination
    ) -> tuple[Float32Array, Float32Array]:
        """Return what the photosites at x, y get of what was met."""
        colour = np.array(self._cell)[y & 1, x & 1]
        pick = np.arange(len(x))
        tone = met.natural[pick, colour]
        shone = light.sky[colour] + light.moon * met.facing
        natural = tone * shone * self._ambient
        # a lamp is not made brighter by the wish for a brighter ground
        return natural.astype(np.float32), met.lamps[pick, colour].astype(np.float32)


def check_mask(scenario: Scenario) -> None:
    """Look at the owner's mask picture of a scenario that has one.

    Raises:
        ScenarioError: It is missing, cannot be read or does not fit the camera's frames.
    """
    if scenario.foreground.kind == "picture":
        sensor = sensor_profile(scenario.camera.sensor)
        mode = capture_mode(sensor, scenario.camera.mode)
        path = scenario.foreground.mask_file
        mask_picture(path, width_px=mode.width_px, height_px=mode.height_px)


def _coarse_ground(seen: Projection, rooftop: Rooftop) -> BoolArray:
    """Return which cells of 8x8 pixels may hold ground: those that do, and their neighbours."""
    down, across = math.ceil(seen.height_px / _COARSE_PX), math.ceil(seen.width_px / _COARSE_PX)
    # a raster fine enough for a treetop: 2 by 4 pixels, twice that where pixels are half as large
    step = 2 if seen.width_px < _FINE_WIDTH_PX else 4
    columns, rows = _COARSE_PX // step, _COARSE_PX // min(2 * step, _COARSE_PX)
    x, y = np.meshgrid(
        (np.arange(across * columns) + 0.5) * step - 0.5,
        (np.arange(down * rows) + 0.5) * (_COARSE_PX // rows) - 0.5,
    )
    met = rooftop.trace(seen.directions(x.ravel(), y.ravel()))
    taken = np.isfinite(met.distance_m).reshape(down, rows, across, columns)
    return grown(np.asarray(taken.any(axis=(1, 3))))


def grown(cells: BoolArray) -> BoolArray:
    """Return the cells and their eight neighbours."""
    down, across = cells.shape
    padded = np.pad(cells, 1)
    whole = cells.copy()
    for dy in range(3):
        for dx in range(3):
            whole |= padded[dy : dy + down, dx : dx + across]
    return np.asarray(whole)


def _rims(thing: UInt8Array) -> BoolArray:
    """Return where a pixel and one beside, above or below it show different things."""
    rim = np.zeros(thing.shape, dtype=bool)
    across, down = thing[:, 1:] != thing[:, :-1], thing[1:] != thing[:-1]
    rim[:, 1:] |= across
    rim[:, :-1] |= across
    rim[1:] |= down
    rim[:-1] |= down
    return rim
