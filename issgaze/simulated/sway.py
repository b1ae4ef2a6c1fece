"""Trees in the wind: the part of the picture that moves, and how an exposure blurs it."""

import math
from datetime import datetime

import numpy as np

from issgaze.arrays import Float32Array, Float64Array, UInt8Array
from issgaze.civil import seconds_between
from issgaze.simulated.scenario import Scenario

_INSTANTS = 24
_LEVELS = 256
# a tree rocks with its own period and leans with the gusts
_ROCK_S, _GUST_S = 2.9, 17.0


class Sway:
    """The wind over a mosaic.

    Args:
        scenario: How far the tops move.
        level: How much of that each pixel moves, 0 to 255, rows from `first_row`.
        first_row: Of the mosaic.
        scale: Pixels of this mode to one of the binned one.
    """

    def __init__(
        self, scenario: Scenario, level: UInt8Array, *, first_row: int, scale: float
    ) -> None:
        self._start = scenario.start_utc
        self._most_px = scenario.foreground.sway_px * scale
        reach = math.ceil(1.3 * self._most_px) + 2
        rows, columns = np.flatnonzero(level.any(axis=1)), np.flatnonzero(level.any(axis=0))
        # even bounds keep the colours of the mosaic where they are
        top, bottom = int(rows[0]) & ~1, int(rows[-1]) + 1
        left = max(reach, int(columns[0]) & ~1)
        right = min(level.shape[1] - reach, int(columns[-1]) + 1)
        self._reach = reach
        self._rows = slice(first_row + top, first_row + bottom)
        self._columns = slice(left, right)
        self._level = level[top:bottom, left:right].copy()

    @property
    def rows(self) -> slice:
        """Rows of the mosaic that move."""
        return self._rows

    def replace(self, band: Float32Array, moved: Float32Array, top: int) -> None:
        """Put the moving part into a band of the mosaic's rows that begins at `top`."""
        first, last = max(top, self._rows.start), min(top + len(band), self._rows.stop)
        if first < last:
            part = moved[first - self._rows.start : last - self._rows.start]
            band[first - top : last - top, self._columns] = part

    def displacement_px(self, seconds: Float64Array) -> Float64Array:
        """Return how far a tree's top is to the right, s after the scenario's start."""
        gust = np.sin(2.0 * np.pi * seconds / _GUST_S) * np.sin(seconds / 41.0 + 1.0)
        rock = np.sin(2.0 * np.pi * seconds / _ROCK_S + 2.0 * gust) * (0.45 + 0.35 * gust)
        return np.asarray(self._most_px * (0.5 * gust + rock))

    def moved(
        self, image: Float32Array, start: datetime, exposure_s: float, *, step: int
    ) -> Float32Array:
        """Return the moving part of a picture as an exposure sees it.

        Args:
            image: The picture at rest, its rows that move, shape (rows, width).
            start: Of the exposure.
            exposure_s: How long.
            step: 1 for a picture without colours, 2 for a mosaic, whose colours must not mix.
        """
        begun = seconds_between(self._start, start)
        steps = np.arange(_INSTANTS, dtype=np.float64) + 0.5
        seconds = np.asarray(begun + steps * (exposure_s / _INSTANTS))
        displaced = self.displacement_px(seconds)
        part = np.arange(_LEVELS)[:, np.newaxis] / (_LEVELS - 1.0) * displaced
        total = np.zeros(self._level.shape, dtype=np.float32)
        taps = range(-(self._reach // step) * step, self._reach + 1, step)
        for tap in taps:
            # a picture that moves right shows what stood left
            weights = np.maximum(1.0 - np.abs(part - tap) / step, 0.0).mean(axis=1)
            if weights.max() < 1e-4:
                continue
            columns = slice(self._columns.start - tap, self._columns.stop - tap)
            total += weights.astype(np.float32)[self._level] * image[:, columns]
        return total
