"""How the camera has turned since its first frames, told by bright stars."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from issgaze.arrays import BoolArray, Float64Array, UInt16Array
from issgaze.stacking.checkpoint import Shelf
from issgaze.stacking.registration import SkyMap

# a star is sought within so many cells of 2x2 px from where the lens has it
_REACH = 6
# the window that weighs its light, a Gaussian of this deviation in cells
_WINDOW_CELLS = 1.3
# ... sees of a star of deviation s that stands off the share w^2 / (w^2 + s^2): the step that
# finds a star of 0.65 cells at once, and others in a few rounds
_STEP = 1.25
_ROUNDS = 3
# the brightest 3x3 cells of a star stand out from the sky by so many deviations
_LEAST_SIGMAS = 8.0
_LEAST_STARS = 8
_FIT_ROUNDS = 4
# Tukey (1977): of a normal scatter 95 % of the information is kept
_TUKEY = 4.685
_LEAST_SCATTER_PX = 0.02
# below this a turn is left alone, and a less certain one is not believed
_LEAST_SHIFT_PX = 0.1
_LARGEST_ERROR_PX = 0.1
_STEP_RAD = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What bright stars say of the mount.

    Attributes:
        stars: How many are watched.
        largest_px: How far the picture was turned away from the first frames at most, rms over
            those stars; 0.0 when it stood still.
        turned_frames: Frames that were turned back.
        lost_frames: Frames in which too few stars were seen; they are taken as the one before.
    """

    stars: int
    largest_px: float
    turned_frames: int
    lost_frames: int

    def facts(self) -> dict[str, Any]:
        """Return the numbers for the report."""
        return {
            "stars_watched": self.stars,
            "largest_drift_px": round(self.largest_px, 3),
            "frames_turned_back": self.turned_frames,
            "frames_without_stars": self.lost_frames,
        }


class DriftMeter:
    """Follows some dozen bright stars from frame to frame, each against its own mean place.

    A lens is wrong by tenths of a pixel from place to place, and a star's own mean is not: what
    all stars have in common is a turn of the camera, with three degrees of freedom. A bump of a
    few pixels and the slow sag of a mount are found alike.

    Attributes:
        turns: Rotation vector of each frame in radians, shape (frames, 3).
        lost: Frames in which too few stars were seen.
    """

    def __init__(self, sky_map: SkyMap, stars_px: Float64Array) -> None:
        """Follow stars that stand at these pixels (n, 2) at the reference instant."""
        self._map = sky_map
        self._airless = sky_map.airless_of(stars_px)
        self._rows = stars_px[:, 1]
        self._place: Float64Array = np.zeros(stars_px.shape)
        self._weight: Float64Array = np.zeros(len(stars_px))
        self.turns: list[list[float]] = []
        self.lost = 0
        self._largest_px = 0.0

    @property
    def rows_px(self) -> Float64Array:
        """Rows of the stars at the reference instant, shape (n,)."""
        return self._rows

    def add(self, calibrated: UInt16Array, seconds: Float64Array) -> Float64Array:
        """Return the turn of a frame as a rotation vector in radians and remember it.

        Args:
            calibrated: The frame, shape (height, width).
            seconds: Mid-exposure of each star's row less the reference instant, shape (n,).
        """
        expected = self._map.pixels_of(self._airless, seconds)
        found, seen = _centroids(calibrated, expected)
        slope = self._slope(seconds, expected)
        # a star at the rim of the lens may have no place after a turn
        seen &= np.isfinite(slope).all(axis=(1, 2))
        offset = found - expected
        before = np.array(self.turns[-1] if self.turns else [0.0, 0.0, 0.0])
        if np.count_nonzero(self._weight) < _LEAST_STARS:
            # the first frames with enough stars say where they belong
            self._learn(offset - slope @ before, seen.astype(np.float64))
            return self._remembered(before, lost=bool(np.count_nonzero(seen) < _LEAST_STARS))
        known = seen & (self._weight > 0.0)
        turn, error_px, weight = _fitted(slope, offset - self._place, known)
        if error_px > _LARGEST_ERROR_PX:
            if self._weight.max() <= 1.0:
                # the only frame so far showed something else than stars: this one begins anew
                self._weight[:] = 0.0
                self._learn(offset - slope @ before, seen.astype(np.float64))
            return self._remembered(before, lost=True)
        self._learn(offset - slope @ turn, np.where(known, weight, seen))
        shift_px = _rms(slope @ turn, seen)
        if shift_px < max(_LEAST_SHIFT_PX, 3.0 * error_px):
            turn, shift_px = np.zeros(3), 0.0
        self._largest_px = max(self._largest_px, shift_px)
        return self._remembered(turn, lost=False)

    def _remembered(self, turn: Float64Array, *, lost: bool) -> Float64Array:
        self.lost += lost
        self.turns.append(turn.tolist())
        return turn

    def facts(self) -> Drift:
        """Return what is known so far."""
        return Drift(
            stars=len(self._rows),
            largest_px=self._largest_px,
            turned_frames=sum(any(turn) for turn in self.turns),
            lost_frames=self.lost,
        )

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        shelf.numbers("drift", self, "turns", "lost", "_largest_px")
        self._place = shelf.array("drift.place", self._place)
        self._weight = shelf.array("drift.weight", self._weight)

    def _slope(self, seconds: Float64Array, expected: Float64Array) -> Float64Array:
        """Return how far each star moves by a turn about each axis, px per radian, (n, 2, 3)."""
        moved = [
            self._map.pixels_of(self._airless, seconds, turn=axis) - expected
            for axis in np.eye(3) * _STEP_RAD
        ]
        return np.stack(moved, axis=-1) / _STEP_RAD

    def _learn(self, place: Float64Array, weight: Float64Array) -> None:
        """Take the places of this frame into the stars' means."""
        self._weight += weight
        share = np.divide(weight, self._weight, out=np.zeros_like(weight), where=weight > 0.0)
        change = np.where(weight[:, np.newaxis] > 0.0, place - self._place, 0.0)
        self._place += share[:, np.newaxis] * change


def _fitted(
    slope: Float64Array, moved: Float64Array, known: BoolArray
) -> tuple[Float64Array, float, Float64Array]:
    """Return the turn that moves stars so, its error in px rms over them, and each one's weight.

    A robust fit: a satellite beside a star, or a cloud over it, must not turn the camera.
    """
    nothing = np.zeros(3), np.inf, np.zeros(len(known))
    if np.count_nonzero(known) < _LEAST_STARS:
        return nothing
    a, b = slope[known], moved[known]
    weight, turn, normal = np.ones(len(a)), np.zeros(3), np.eye(3)
    # the median is where a fit with outliers may begin
    left = b - np.median(b, axis=0)
    for _ in range(_FIT_ROUNDS):
        distance = np.hypot(left[:, 0], left[:, 1])
        scatter = max(float(np.median(distance)) / 1.1774, _LEAST_SCATTER_PX)
        weight = np.maximum(1.0 - (distance / (_TUKEY * scatter)) ** 2, 0.0) ** 2
        if np.count_nonzero(weight) < _LEAST_STARS:
            return nothing
        normal = np.einsum("n,nij,nik->jk", weight, a, a)
        right = np.einsum("n,nij,ni->j", weight, a, b)
        turn = np.linalg.lstsq(normal, right, rcond=1e-9)[0]
        left = b - a @ turn
    spread = np.einsum("n,ni->", weight, left**2) / (2.0 * weight.sum())
    covariance = np.linalg.pinv(normal, rcond=1e-9) * spread
    error = float(np.sqrt(np.mean(np.einsum("nij,jk,nik->n", a, covariance, a))))
    weights = np.zeros(len(known))
    weights[known] = weight
    return turn, error, weights


def _rms(shift: Float64Array, seen: BoolArray) -> float:
    return float(np.sqrt(np.mean(np.sum(shift[seen] ** 2, axis=1)))) if seen.any() else 0.0


def _centroids(calibrated: UInt16Array, near_px: Float64Array) -> tuple[Float64Array, BoolArray]:
    """Return where the stars near some pixels are, shape (n, 2), and which are seen at all."""
    height, width = calibrated.shape
    # a cell's middle lies half a pixel behind its first one
    cell = np.rint((np.nan_to_num(near_px, nan=-1e3) - 0.5) / 2.0).astype(np.intp)
    inside = np.all(cell >= _REACH, axis=1) & ~np.isnan(near_px[:, 0])
    inside &= np.all(cell < np.array([width, height]) // 2 - _REACH, axis=1)
    size = 2 * _REACH + 1
    steps = np.arange(2 * size) - 2 * _REACH
    first = np.where(inside[:, np.newaxis], cell, _REACH) * 2
    rows, columns = first[:, 1, np.newaxis] + steps, first[:, 0, np.newaxis] + steps
    raw = calibrated[rows[:, :, np.newaxis], columns[:, np.newaxis]]
    lines = raw[:, 0::2].astype(np.float64)
    lines += raw[:, 1::2]
    cells = lines[:, :, 0::2] + lines[:, :, 1::2]
    ring = np.ones((size, size), bool)
    ring[2:-2, 2:-2] = False
    sky = np.median(cells[:, ring], axis=1)
    noise = 1.4826 * np.median(np.abs(cells[:, ring] - sky[:, np.newaxis]), axis=1)
    cells -= sky[:, np.newaxis, np.newaxis]
    inner = [slice(step, size - 2 + step) for step in range(3)]
    nines = sum(cells[:, down, right] for down in inner for right in inner)
    nines = np.asarray(nines).reshape(len(cells), -1)
    brightest = nines.argmax(axis=1)
    peak = np.take_along_axis(nines, brightest[:, np.newaxis], axis=1)[:, 0]
    seen = inside & (peak > _LEAST_SIGMAS * 3.0 * np.maximum(noise, 1.0))
    middle = np.stack(np.unravel_index(brightest, (size - 2, size - 2)), axis=1) + 1.0 - _REACH
    y, x = _weighed(cells, middle[:, 0], middle[:, 1])
    # what wanders off is no star
    seen &= (np.abs(y) < _REACH - 1) & (np.abs(x) < _REACH - 1)
    return np.stack((2.0 * (cell[:, 0] + x) + 0.5, 2.0 * (cell[:, 1] + y) + 0.5), axis=1), seen


def _weighed(
    cells: Float64Array, y: Float64Array, x: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return centroids under a window that follows them, in cells from the middle.

    The windowed position of Bertin (SExtractor), with a step for a window wider than a star.
    """
    steps = np.arange(-_REACH, _REACH + 1.0)
    for _ in range(_ROUNDS):
        down = steps - y[:, np.newaxis]
        right = steps - x[:, np.newaxis]
        high = np.exp(-0.5 * (down / _WINDOW_CELLS) ** 2)
        wide = np.exp(-0.5 * (right / _WINDOW_CELLS) ** 2)
        total = np.einsum("nyx,ny,nx->n", cells, high, wide)
        total = np.where(total > 0.0, total, np.inf)
        y = y + _STEP * np.einsum("nyx,ny,nx->n", cells, high * down, wide) / total
        x = x + _STEP * np.einsum("nyx,ny,nx->n", cells, high, wide * right) / total
        y, x = np.clip(y, -_REACH, _REACH), np.clip(x, -_REACH, _REACH)
    return y, x
