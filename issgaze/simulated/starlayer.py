"""Stars and planets laid into a frame: where they stand, how bright, how wide."""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.civil import later
from issgaze.simulated.earth import airmass
from issgaze.simulated.optics import Optics
from issgaze.simulated.stamps import add_lights
from issgaze.simulated.starfield import Heavens, Stars

# brighter stars need a larger stamp for the skirts of their image: (V limit, half size in sigmas)
_STAR_CLASSES = ((-19.0, 3.5, 6.0), (3.5, 7.0, 4.5), (7.0, 8.6, 3.0), (8.6, 99.0, 2.0))
_FAINT_MAG = 6.9
_HALO_LIMIT_MAG = 4.0
_EDGE_PX = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidStars:
    """The stars of one frame, arrays of shape (n,), (n, 2) or (n, 3).

    Attributes:
        chosen: Index of each.
        points: x, y at the middle of its own row's exposure.
        travel: By how many pixels it moves in the exposure.
        electrons: Of each colour, over the exposure.
        magnitude: V, without air.
    """

    chosen: NDArray[np.intp]
    points: Float64Array
    travel: Float64Array
    electrons: Float64Array
    magnitude: Float64Array


class StarLayer:
    """The stars over one camera.

    Args:
        optics: The lens and what it does to light.
        heavens: The turning sky.
        dated: Apparent unit vectors of the stars, true equator of date, shape (n, 3).
        open_cells: Which cells of 8x8 pixels see any sky.
    """

    def __init__(
        self, optics: Optics, heavens: Heavens, dated: Float64Array, open_cells: BoolArray
    ) -> None:
        self._optics = optics
        self._heavens = heavens
        self._dated = dated
        self._columns = np.ascontiguousarray(dated.T, dtype=np.float32)
        self._open = open_cells

    def find(self, stars: Stars, start: datetime, exposure_s: float) -> LaidStars:
        """Return the stars that an exposure catches."""
        optics, seen = self._optics, self._optics.seen
        middle = later(start, exposure_s / 2)
        turn = self._heavens.turn(middle)
        axis = turn.T @ seen.axes[2]
        limit = math.cos(min(optics.reach_rad + 0.02, math.pi))
        chosen = np.flatnonzero((self._along(axis) > limit) & (self._along(turn[2]) > -0.01))
        directions = self._heavens.over_roof(self._dated[chosen], middle)
        points = seen.pixels(directions)
        kept = np.flatnonzero(self._may_be_seen(points))
        chosen, points, directions = chosen[kept], points[kept], directions[kept]
        dated = self._dated[chosen]
        begin = seen.pixels(self._heavens.over_roof(dated, start))
        motion = 2.0 * (points - begin) / exposure_s
        # a row further on is exposed a little later
        points = points + motion * optics.row_delay_s(points[:, 1])[:, np.newaxis]
        sound = np.flatnonzero(~np.isnan(motion[:, 0]) & ~np.isnan(points[:, 0]))
        chosen, points, motion = chosen[sound], points[sound], motion[sound]
        directions = directions[sound]
        air = airmass(directions[:, 2])
        magnitude = stars.magnitude[chosen]
        flux = optics.zero_e_per_s * exposure_s
        light = 10.0 ** (-0.4 * (magnitude + optics.extinction_mag * air))
        light *= optics.clouds.transmission(directions, middle) * optics.falloff(points)
        tint = reddened(stars.rgb[chosen], air)
        return LaidStars(
            chosen=chosen,
            points=points,
            travel=motion * exposure_s,
            electrons=(flux * light)[:, np.newaxis] * tint,
            magnitude=magnitude,
        )

    def _along(self, axis: Float64Array) -> Float32Array:
        x, y, z = self._columns
        a, b, c = (np.float32(value) for value in axis)
        return np.asarray(x * a + y * b + z * c)

    def _may_be_seen(self, points: Float64Array) -> BoolArray:
        """Return which points lie in the picture or close by, and not deep behind the ground."""
        seen = self._optics.seen
        x, y = points[:, 0], points[:, 1]
        keep = (x > -_EDGE_PX) & (x < seen.width_px + _EDGE_PX)
        keep &= (y > -_EDGE_PX) & (y < seen.height_px + _EDGE_PX)
        inside = np.flatnonzero(keep)
        down = np.clip(y[inside].astype(np.intp) >> 3, 0, self._open.shape[0] - 1)
        across = np.clip(x[inside].astype(np.intp) >> 3, 0, self._open.shape[1] - 1)
        keep[inside] = self._open[down, across]
        return np.asarray(keep)

    def lay(self, picture: Float32Array, laid: LaidStars, *, scattered: float) -> None:
        """Lay stars into a canvas, `scattered` of their light left out."""
        optics = self._optics
        sigma = optics.blur_sigma_px(laid.points)
        share = (1.0 - optics.halo) * (1.0 - scattered)
        for low, high, reach in _STAR_CLASSES:
            mine = np.flatnonzero((laid.magnitude >= low) & (laid.magnitude < high))
            if not len(mine):
                continue
            half = min(math.ceil(reach * float(np.median(sigma[mine]))), 29)
            # Gauss's two points stand for the whole of a short straight path
            travelled = float(np.median(np.hypot(*laid.travel[mine].T)))
            places = (0.0,) if travelled < 0.5 and low > _FAINT_MAG else (-0.288675, 0.288675)
            for place in places:
                add_lights(
                    picture,
                    laid.points[mine] + place * laid.travel[mine],
                    laid.electrons[mine] * (share / len(places)),
                    sigma[mine],
                    half_px=half,
                    cell=optics.cell,
                )
        bright = np.flatnonzero(laid.magnitude < _HALO_LIMIT_MAG)
        if optics.halo > 0.0 and len(bright):
            lay_halo(picture, optics, laid.points[bright], laid.electrons[bright] * (1 - scattered))


def lay_halo(
    picture: Float32Array, optics: Optics, points: Float64Array, electrons: Float64Array
) -> None:
    """Lay the faint wide halo that each light has in a lens."""
    wide = 12.0 / optics.seen.pixel_um
    for part, width in ((0.7, 1.0), (0.3, 2.2)):
        add_lights(
            picture,
            points,
            electrons * (optics.halo * part),
            np.full(len(points), wide * width),
            half_px=min(math.ceil(3.0 * wide * width), 29),
            cell=optics.cell,
        )


def reddened(rgb: Float64Array, air: Float64Array) -> Float64Array:
    """Return colours behind so much air; V itself is kept.

    Extinction over that in green: 0.72 in red and 1.45 in blue, clear mountain air.
    """
    lost = np.power(10.0, -0.4 * 0.2 * air[:, np.newaxis] * np.array([-0.28, 0.0, 0.45]))
    return np.asarray(rgb * lost)
