"""The noise of a single calibrated frame as a function of its level, measured on the frames."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array, Int16Array, UInt16Array

_ROW_STEP = 132
_CHUNK_PX = 128
# mean absolute value of a standard normal distribution cut at four times its median
_MEAN_ABSOLUTE = 0.7958
_LEAST_CHUNK_PX = 8
_GROUPS = 8
_EVERY_FRAME = 8
_LATER_STEP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseModel:
    """Variance of a calibrated pixel in ADU^2: constant + per_adu * level above black."""

    constant: float
    per_adu: float

    def variance(self, level_adu: Float64Array) -> Float64Array:
        """Return the variance of pixels of a level (ADU above black, any shape)."""
        return np.asarray(self.constant + self.per_adu * np.maximum(level_adu, 0.0))


class NoiseMeter:
    """Measures the noise of small pieces of sky at their levels, over all frames.

    Within a piece neighbours of one colour differ by noise alone, but for stars, which a median
    does not see.

    Attributes:
        constant, per_adu: Sums over the frames of the straight line's terms.
        frames, seen: Frames that were measured, and that were given.
    """

    def __init__(self, *, pedestal_adu: float, green_column: int) -> None:
        """Measure in the even rows, in the columns of one colour (0 or 1)."""
        self._pedestal = pedestal_adu
        self._column = green_column
        self.constant = self.per_adu = 0.0
        self.frames = self.seen = 0

    def add(self, calibrated: UInt16Array) -> None:
        """Measure a calibrated frame, shape (height, width); one too small changes nothing.

        The noise of a sensor does not change: after some frames only now and then one is measured.
        """
        self.seen += 1
        if self.seen > _EVERY_FRAME and self.seen % _LATER_STEP:
            return
        # calibrated values have 15 bits at most; whole numbers are ordered in half the time
        rows = calibrated[::_ROW_STEP, self._column :: 2].astype(np.int16)
        chunk = min(_CHUNK_PX, rows.shape[1])
        chunks = rows.shape[1] // chunk
        pieces = rows[:, : chunks * chunk].reshape(-1, chunk)
        if chunk < _LEAST_CHUNK_PX:
            return
        apart = np.abs(np.diff(pieces, axis=1))
        # values are whole numbers and so is a median: a mean without outliers is finer
        largest = 4.0 * np.maximum(_medians(apart)[:, np.newaxis], 1.0)
        cut = np.minimum(apart.astype(np.float64), largest)
        variance = 0.5 * (cut.mean(axis=1) / _MEAN_ABSOLUTE) ** 2
        level = _medians(pieces) - self._pedestal
        line = _line(level, variance)
        self.constant += line.constant
        self.per_adu += line.per_adu
        self.frames += 1

    def model(self) -> NoiseModel:
        """Return the mean of the straight lines of all frames."""
        if not self.frames:
            return NoiseModel(constant=1.0, per_adu=1.0)
        return NoiseModel(constant=self.constant / self.frames, per_adu=self.per_adu / self.frames)


def _medians(pieces: Int16Array | Float64Array) -> Float64Array:
    """Return the median of each row."""
    size = pieces.shape[1]
    middle = ((size - 1) // 2, size // 2)
    ordered = np.partition(pieces, sorted(set(middle)), axis=1)
    both = ordered[:, middle].astype(np.float64)
    return 0.5 * (both[:, 0] + both[:, 1])


def _line(level: Float64Array, variance: Float64Array) -> NoiseModel:
    """Return a robust straight line through levels and variances, rising from zero or more."""
    order = np.argsort(level, kind="stable")
    groups = [part for part in np.array_split(order, _GROUPS) if len(part)]
    # np.median takes three times as long
    x = np.array([_medians(level[part][np.newaxis])[0] for part in groups])
    y = np.array([_medians(variance[part][np.newaxis])[0] for part in groups])
    middle_x, middle_y = float(np.mean(x)), float(np.mean(y))
    spread = float(np.mean((x - middle_x) ** 2))
    if spread < (0.05 * max(middle_x, 1.0)) ** 2:
        return NoiseModel(constant=middle_y, per_adu=0.0)
    slope = float(np.mean((x - middle_x) * (y - middle_y))) / spread
    slope = min(max(slope, 0.0), middle_y / max(middle_x, 1e-6) if middle_x > 0 else 0.0)
    return NoiseModel(constant=middle_y - slope * middle_x, per_adu=slope)
