"""Clouds that drift over the roof and dim what is behind them."""

import math
from datetime import datetime

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.civil import seconds_between
from issgaze.simulated.scenario import Scenario

_HEIGHT_KM = 3.0
_TILE_KM = 36.0
_CELLS = 1024
# towards the horizon a line of sight crosses the layer far away, but never beyond 60 km
_LOWEST_SINE = 0.05
_DEEPEST = 2.8
_SOFT_SIGMA = 1.9
_TOWARD_DEG = 68.0


class Clouds:
    """One layer of broken cloud, the same for the same seed.

    Args:
        scenario: The night; without cover every direction is clear.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._start = scenario.start_utc
        self.present = scenario.sky.cloud_cover > 0.0
        speed = _HEIGHT_KM * math.radians(scenario.sky.cloud_drift_deg_per_s)
        toward = math.radians(_TOWARD_DEG)
        self._drift = speed * np.array([math.sin(toward), math.cos(toward)])
        if self.present:
            self._depth = _depth(scenario.seed, scenario.sky.cloud_cover)

    def transmission(self, directions: Float64Array, instant: datetime) -> Float64Array:
        """Return the part of the light from directions (east, north, up; any shape) that passes."""
        shape = directions.shape[:-1]
        if not self.present:
            return np.ones(shape)
        up = np.maximum(directions[..., 2], 0.0) + _LOWEST_SINE
        passed_s = seconds_between(self._start, instant)
        scale = _CELLS / _TILE_KM
        # stretched along the wind, as clouds are
        x = (directions[..., 0] * _HEIGHT_KM / up - self._drift[0] * passed_s) * scale * 0.75
        y = (directions[..., 1] * _HEIGHT_KM / up - self._drift[1] * passed_s) * scale * 1.15
        depth = _sampled(self._depth, x, y)
        # a slanted path is longer, a far one is seen through the gaps no more
        return np.asarray(np.exp(-depth / np.maximum(up, 0.25) ** 0.5), dtype=np.float64)


def _depth(seed: int, cover: float) -> Float32Array:
    """Return optical depths over one tile that repeats without a seam."""
    rng = np.random.default_rng([seed, 0xC10D])
    ky = np.fft.fftfreq(_CELLS)[:, np.newaxis] * _CELLS
    kx = np.fft.rfftfreq(_CELLS)[np.newaxis, :] * _CELLS
    k = np.hypot(kx, ky)
    k[0, 0] = 1.0
    # amplitudes of a fractal field, cut below a seventh of the tile so that cover is even
    amplitude = k**-1.95 * (1.0 - np.exp(-((k / 5.0) ** 2)))
    phase = rng.uniform(0.0, 2.0 * np.pi, k.shape)
    noise = np.fft.irfft2(amplitude * np.exp(1j * phase), s=(_CELLS, _CELLS))
    noise = (noise - noise.mean()) / noise.std()
    edge = float(np.quantile(noise, 1.0 - cover)) if cover < 1.0 else float(noise.min()) - 1.0
    body = np.clip((noise - edge + 0.15) / _SOFT_SIGMA, 0.0, 1.0)
    smooth = body**1.4
    return np.asarray(_DEEPEST * smooth, dtype=np.float32)


def _sampled(tile: Float32Array, x: Float64Array, y: Float64Array) -> Float64Array:
    left, top = np.floor(x), np.floor(y)
    fx, fy = x - left, y - top
    x0, y0 = left.astype(np.int64) & (_CELLS - 1), top.astype(np.int64) & (_CELLS - 1)
    x1, y1 = (x0 + 1) & (_CELLS - 1), (y0 + 1) & (_CELLS - 1)
    upper = tile[y0, x0] * (1.0 - fx) + tile[y0, x1] * fx
    lower = tile[y1, x0] * (1.0 - fx) + tile[y1, x1] * fx
    return np.asarray(upper * (1.0 - fy) + lower * fy, dtype=np.float64)
