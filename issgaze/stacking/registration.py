"""Where a star of the reference instant stands in a frame taken earlier or later."""

from collections.abc import Callable

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.optics.lens import Lens
from issgaze.sky.refraction import refract_deg, unrefract_deg
from issgaze.sky.rotation import sky_rotation, turn_by
from issgaze.sky.site import Site

# distance of the nodes at which the map is evaluated exactly; it is linear between them
NODE_PX = 64
_FILL_ROUNDS = 3


class SkyMap:
    """The displacement of the stars of one lens and site on a grid of nodes.

    The lens must be for frames of this size, an odd last row or column apart.

    Attributes:
        rows_px, columns_px: Positions of the nodes, shape (m,) and (n,).
    """

    def __init__(self, *, lens: Lens, site: Site, height_px: int, width_px: int) -> None:
        self._lens = lens
        self._site = site
        self.rows_px = np.linspace(0.0, height_px - 1.0, height_px // NODE_PX + 2)
        self.columns_px = np.linspace(0.0, width_px - 1.0, width_px // NODE_PX + 2)
        grid = np.stack(np.meshgrid(self.columns_px, self.rows_px), axis=-1)
        self._pixels = grid
        self._airless = _airless(self._lens.to_directions(grid))
        sky = self._exactly_sky(grid)
        # nodes all around which there is no sky need no trigonometry
        self._near_sky: BoolArray = _around(sky, np.logical_or)
        self._border = _Border(sky)

    def displacement_px(
        self, row_seconds: Float64Array, *, turn: Float64Array | None = None
    ) -> Float64Array:
        """Return how far stars have moved since the reference instant, shape (m, n, 2) as x, y.

        Args:
            row_seconds: Mid-exposure of each node row less the reference instant, shape (m,).
            turn: How the camera's picture of the sky has turned, a rotation vector of the
                directions (east, north, up) in radians; None when it stands still.

        Nodes that see no sky continue the field of their neighbours, nan far from any sky.
        """
        near = self._near_sky
        turned = self._airless @ sky_rotation(self._site, row_seconds).transpose(0, 2, 1)
        moved = np.full(self._pixels.shape, np.nan)
        moved[near] = self._seen(turned[near], turn) - self._pixels[near]
        return _continued(moved)

    def airless_of(self, pixels: Float64Array) -> Float64Array:
        """Return airless unit vectors of pixels at the reference instant, shape (n, 3)."""
        return _airless(self._lens.to_directions(pixels))

    def pixels_of(
        self, airless: Float64Array, seconds: Float64Array, *, turn: Float64Array | None = None
    ) -> Float64Array:
        """Return the pixels of stars some seconds after the reference instant.

        Args:
            airless: What `airless_of` says of each, shape (n, 3).
            seconds: Shape (n,).
            turn: See `displacement_px`.
        """
        rotation = sky_rotation(self._site, seconds)
        return self._seen(np.einsum("nij,nj->ni", rotation, airless), turn)

    def _seen(self, airless: Float64Array, turn: Float64Array | None) -> Float64Array:
        apparent = _apparent(airless)
        if turn is not None and turn.any():
            apparent = apparent @ turn_by(turn).T
        return self._lens.to_pixels(apparent)

    def sees_sky(self, rows_px: Float64Array, columns_px: Float64Array) -> BoolArray:
        """Return which points of a grid of pixels show the sky, shape (rows, columns)."""
        square = (
            np.searchsorted(self.rows_px, rows_px)[:, np.newaxis],
            np.searchsorted(self.columns_px, columns_px),
        )
        sky = self._border.surely_sky[square]
        row, column = np.nonzero(self._border.unsure[square])
        pixels = np.stack((columns_px[column], rows_px[row]), axis=-1)
        sky[row, column] = self._exactly_sky(pixels)
        return sky

    def _exactly_sky(self, pixels: Float64Array) -> BoolArray:
        """Return which pixels show the sky, of the shape of the pixels less the last axis."""
        up = self._lens.to_directions(pixels)[..., 2]
        return np.greater(up, 0.0, where=~np.isnan(up), out=np.zeros(up.shape, bool))


class _Border:
    """Squares between nodes, and those beyond the outer ones, near which the sky may end.

    The horizon and the lens's edge are smooth: what they cut off shows at some of the 16 nodes of
    a square and those around it, or at the border of the frame.

    Attributes:
        surely_sky, unsure: Of each square, shape (m + 1, n + 1) for m times n nodes; square (i, j)
            lies before node (i, j).
    """

    def __init__(self, sky: BoolArray) -> None:
        framed = np.pad(sky, 1, mode="edge")
        corners = framed[:-1, :-1], framed[1:, :-1], framed[:-1, 1:], framed[1:, 1:]
        every = _around(np.logical_and.reduce(corners), np.logical_and)
        some = _around(np.logical_or.reduce(corners), np.logical_or)
        self.surely_sky: BoolArray = every
        self.unsure: BoolArray = some & ~every
        for edge in (0, 1, -2, -1):
            self.unsure[edge] = self.unsure[:, edge] = True


def _around(values: BoolArray, choose: np.ufunc) -> BoolArray:
    """Return, for each place, what an operation makes of it and its eight neighbours."""
    framed = np.pad(values, 1, mode="edge")
    rows = choose(choose(framed[:-2], framed[1:-1]), framed[2:])
    result: BoolArray = choose(choose(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return result


def _airless(apparent: Float64Array) -> Float64Array:
    return _lifted(apparent, unrefract_deg)


def _apparent(airless: Float64Array) -> Float64Array:
    return _lifted(airless, refract_deg)


def _lifted(
    directions: Float64Array, change: Callable[[Float64Array], Float64Array]
) -> Float64Array:
    """Return unit vectors with their altitudes (deg) changed by a function."""
    up = np.clip(directions[..., 2], -1.0, 1.0)
    known = ~np.isnan(up)
    altitude = np.arcsin(np.where(known, up, 0.0))
    changed = np.radians(change(np.degrees(altitude)))
    across = np.cos(altitude)
    scale = np.divide(np.cos(changed), across, out=np.ones_like(across), where=across > 1e-9)
    result = directions * scale[..., np.newaxis]
    result[..., 2] = np.where(known, np.sin(changed), np.nan)
    return result


def _continued(field: Float64Array) -> Float64Array:
    """Return a field (m, n, 2) with nan nodes continued linearly from their neighbours."""
    rows, columns, _ = field.shape
    padded = np.full((2, rows + 4, columns + 4), np.nan)
    padded[:, 2:-2, 2:-2] = field.transpose(2, 0, 1)
    flat, width = padded.reshape(2, -1), columns + 4
    row, column = np.nonzero(np.isnan(field[..., 0]))
    unknown = (row + 2) * width + column + 2
    steps = np.array(((1,), (-1,), (width,), (-width,)))
    for _ in range(_FILL_ROUNDS):
        if not len(unknown):
            break
        near = unknown + steps
        guess = 2.0 * flat.take(near, 1) - flat.take(near + steps, 1)
        known = ~np.isnan(guess[0])
        count = known.sum(axis=0)
        total = np.where(known, guess, 0.0).sum(axis=1)
        some = count > 0
        flat[:, unknown[some]] = total[:, some] / count[some]
        unknown = unknown[~some]
    return padded[:, 2:-2, 2:-2].transpose(1, 2, 0)
