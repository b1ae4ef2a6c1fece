"""The noise of a single calibrated frame as a function of its level, measured on the frames."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array, UInt16Array

_ROW_STEP = 66
_CHUNK_PX = 128
# half the median absolute difference of two values of a normal distribution, as a deviation
_MAD_TO_SIGMA = 1.4826
_MOST_SAMPLES = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseModel:
    """Variance of a calibrated pixel in ADU^2: constant + per_adu * level above black."""

    constant: float
    per_adu: float

    def variance(self, level_adu: Float64Array) -> Float64Array:
        """Return the variance of pixels of a level (ADU above black, any shape)."""
        return np.asarray(self.constant + self.per_adu * np.maximum(level_adu, 0.0))


class NoiseMeter:
    """Collects the noise of small pieces of sky and their levels.

    Within a piece neighbours of one colour differ by noise alone, but for stars, which a median
    does not see.
    """

    def __init__(self, *, pedestal_adu: float, green_column: int) -> None:
        """Measure in the even rows, in the columns of one colour (0 or 1)."""
        self._pedestal = pedestal_adu
        self._column = green_column
        self._levels: list[Float64Array] = []
        self._variances: list[Float64Array] = []
        self._samples = 0

    def add(self, calibrated: UInt16Array) -> None:
        """Measure a calibrated frame, shape (height, width)."""
        if self._samples >= _MOST_SAMPLES:
            return
        rows = calibrated[::_ROW_STEP, self._column :: 2].astype(np.float64)
        chunks = rows.shape[1] // _CHUNK_PX
        if not chunks:
            return
        pieces = rows[:, : chunks * _CHUNK_PX].reshape(-1, _CHUNK_PX)
        sigma = _MAD_TO_SIGMA * np.median(np.abs(np.diff(pieces, axis=1)), axis=1)
        self._levels.append(np.median(pieces, axis=1) - self._pedestal)
        self._variances.append(0.5 * sigma * sigma)
        self._samples += len(pieces)

    def model(self) -> NoiseModel:
        """Return the straight line through what was measured, never falling, never negative."""
        if not self._samples:
            return NoiseModel(constant=1.0, per_adu=1.0)
        level, variance = np.concatenate(self._levels), np.concatenate(self._variances)
        middle_level, middle = float(np.median(level)), float(np.median(variance))
        spread = float(np.std(level))
        if spread < 0.05 * max(middle_level, 1.0):
            return NoiseModel(constant=middle, per_adu=0.0)
        slope, constant = np.polyfit(level, variance, 1)
        if slope < 0.0 or constant < 0.0:
            per_adu = middle / max(middle_level, 1.0) if slope >= 0.0 else 0.0
            return NoiseModel(constant=0.0 if per_adu else middle, per_adu=per_adu)
        return NoiseModel(constant=float(constant), per_adu=float(slope))
