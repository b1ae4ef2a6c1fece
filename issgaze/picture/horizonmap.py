"""The personal horizon: what stands before the sky, learnt pass by pass from one camera.

Two witnesses are heard. The stack of each pass tells sky from ground by brightness and colour
(see `skyline`), which a bright roof or a cloud can fool. Stars cannot be fooled: where the
catalogue expects them and they are seen there is sky, and where they are never seen there is none.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.optics.lens import Lens
from issgaze.picture.smooth import box_mean
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.horizon import HorizonMask

# raw pixels along the side of a cell
CELL_PX = 4
# a star speaks for so many cells around it
_STAR_REACH = 4
# half of the reach lies beyond a border: more than half of the stars must be seen
_SEEN_SHARE = 0.75
_ENOUGH_EXPECTED = 5.0
# passes before the map is believed against the picture of tonight
_SETTLED_PASSES = 3
_SURE = 0.97
_AZIMUTH_STEP_DEG = 2.0
# a hidden cell taken for free sky costs as much as so many free ones taken for hidden
_HIDDEN_WEIGHT = 3
# the oldest passes fade out: trees grow, roofs are rebuilt
_MOST_WEIGHT = 30.0
# so do looks between passes, some eight of a clear night
_MOST_LOOKS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonMap:
    """What is known of the horizon, in cells of 4x4 raw pixels; arrays of shape (rows, columns).

    Attributes:
        sky: Mean share of sky by brightness and colour, 0 to 1.
        passes: How many passes went in, the old ones fading.
        expected: Stars that should have been seen.
        seen: Stars that were.
    """

    sky: Float32Array
    passes: float
    expected: Float32Array
    seen: Float32Array

    @classmethod
    def empty(cls, width_px: int, height_px: int) -> "HorizonMap":
        """Return the map of a camera that has seen nothing yet.

        Args:
            width_px: Of the raw mosaic.
            height_px: Of the raw mosaic.
        """
        shape = height_px // CELL_PX, width_px // CELL_PX
        nothing = np.zeros(shape, dtype=np.float32)
        return cls(sky=nothing, passes=0.0, expected=nothing, seen=nothing)

    def with_pass(
        self, sky_fraction: Float32Array, stars_px: Float64Array, stars_seen: BoolArray
    ) -> "HorizonMap":
        """Return the map after one more clear pass.

        Args:
            sky_fraction: Of each pixel of a product, (h, w) in half or full resolution.
            stars_px: Where bright stars should stand, raw pixels (n, 2).
            stars_seen: Which of them were found, (n,).
        """
        kept = min(self.passes, _MOST_WEIGHT - 1.0)
        cells = _cells(sky_fraction, self.sky.shape)
        fade = kept / max(self.passes, 1.0)
        return HorizonMap(
            sky=np.asarray((self.sky * kept + cells) / (kept + 1.0), dtype=np.float32),
            passes=kept + 1.0,
            expected=self.expected * np.float32(fade) + self._counted(stars_px),
            seen=self.seen * np.float32(fade) + self._counted(stars_px[stars_seen]),
        )

    def with_stars(self, stars_px: Float64Array, stars_seen: BoolArray) -> "HorizonMap":
        """Return the map after a clear look at the sky between passes: the stars speak alone.

        Args:
            stars_px: Where bright stars should stand, raw pixels (n, 2).
            stars_seen: Which of them were found, (n,).
        """
        fade = np.float32(1.0 - 1.0 / _MOST_LOOKS)
        return dataclasses.replace(
            self,
            expected=self.expected * fade + self._counted(stars_px),
            seen=self.seen * fade + self._counted(stars_px[stars_seen]),
        )

    def _counted(self, stars_px: Float64Array) -> Float32Array:
        rows, columns = self.sky.shape
        cell = np.floor((stars_px + 0.5) / CELL_PX).astype(np.intp)
        inside = (cell >= 0).all(axis=1) & (cell[:, 0] < columns) & (cell[:, 1] < rows)
        counts = np.zeros(self.sky.shape, dtype=np.float32)
        np.add.at(counts, (cell[inside, 1], cell[inside, 0]), np.float32(1.0))
        return counts

    def share(self) -> Float32Array:
        """Return how surely each cell is sky, 0 to 1, with both witnesses heard."""
        side = 2 * _STAR_REACH + 1
        expected = box_mean(self.expected, _STAR_REACH) * np.float32(side * side)
        seen = box_mean(self.seen, _STAR_REACH) * np.float32(side * side)
        often = seen >= np.maximum(_SEEN_SHARE * expected, 2.0)
        never = (expected >= _ENOUGH_EXPECTED) & (seen < 0.5)
        share = np.where(often, np.maximum(self.sky, np.float32(0.9)), self.sky)
        return np.asarray(np.where(never, np.minimum(share, 0.1), share), dtype=np.float32)

    def drawn(self, sky: Float32Array) -> "HorizonMap":
        """Return the map as an owner has drawn it, shares of sky by cell: no witness is heard."""
        nothing = np.zeros_like(self.sky)
        return HorizonMap(sky=sky, passes=_MOST_WEIGHT, expected=nothing, seen=nothing)

    def settle(self, sky_fraction: Float32Array) -> Float32Array:
        """Return tonight's share of sky, corrected where many passes agree on the opposite."""
        if self.passes < _SETTLED_PASSES:
            return sky_fraction
        scale = sky_fraction.shape[0] / self.sky.shape[0]
        share = self.share()
        rows = np.minimum(np.arange(sky_fraction.shape[0]) / scale, self.sky.shape[0] - 1)
        columns = np.minimum(np.arange(sky_fraction.shape[1]) / scale, self.sky.shape[1] - 1)
        known = share[np.ix_(rows.astype(np.intp), columns.astype(np.intp))]
        settled = np.where(known > _SURE, np.float32(1.0), sky_fraction)
        return np.asarray(np.where(known < 1.0 - _SURE, np.float32(0.0), settled))

    def line(self, lens: Lens) -> HorizonMask:
        """Return the altitude above which the sky is free, azimuth by azimuth.

        Directions outside the picture are taken as free: nothing is known of them.

        Args:
            lens: Of the raw mosaic.
        """
        rows, columns = self.sky.shape
        x, y = np.meshgrid(np.arange(columns), np.arange(rows))
        cell = np.stack((x, y), axis=-1).reshape(-1, 2).astype(np.float64)
        middle = cell * CELL_PX + 0.5 * (CELL_PX - 1)
        altitude, azimuth = altaz_from_enu(lens.to_directions(middle))
        known = np.isfinite(altitude) & (altitude > 0.0)
        free = (self.share().ravel() > 0.5)[known]
        return _line(altitude[known], azimuth[known], free)


def _cells(fraction: Float32Array, shape: tuple[int, ...]) -> Float32Array:
    """Return means over cells of a product in half or full resolution."""
    side = max(1, fraction.shape[0] // shape[0])
    rows, columns = shape
    inner = fraction[: rows * side, : columns * side]
    cells = inner.reshape(rows, side, columns, side).mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(cells, dtype=np.float32)


def _line(altitude: Float64Array, azimuth: Float64Array, free: BoolArray) -> HorizonMask:
    """Return for each azimuth the altitude of the highest thing that stands in the way."""
    count = round(360.0 / _AZIMUTH_STEP_DEG)
    sector = np.floor(azimuth / _AZIMUTH_STEP_DEG + 0.5).astype(np.intp) % count
    line = np.zeros(count)
    for place in range(count):
        here = sector == place
        if not here.any():
            continue
        order = np.argsort(-altitude[here])
        high, open_sky = altitude[here][order], free[here][order]
        # of the heights at which the sky could end the one that errs least: a speck in the open is
        # no wall, a bough with little sky below it is
        hidden_above = np.concatenate(([0], np.cumsum(~open_sky)))
        free_below = np.count_nonzero(open_sky) - np.concatenate(([0], np.cumsum(open_sky)))
        ends = int(np.argmin(_HIDDEN_WEIGHT * hidden_above + free_below))
        line[place] = high[ends] if ends < len(high) else 0.0
    azimuths = tuple(float(each) for each in np.arange(count) * _AZIMUTH_STEP_DEG)
    return HorizonMask(
        azimuth_deg=azimuths, altitude_deg=tuple(round(float(each), 2) for each in line)
    )
