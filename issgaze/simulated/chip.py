"""The sensor: from light to the numbers of a raw mosaic."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, UInt8Array, UInt16Array
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.projection import capture_mode
from issgaze.simulated.scenario import CameraScenario, Scenario

# Dark current at 25 degrees C for a square micrometre of silicon, and how fast it doubles: typical
# of back-lit pixels, not measured; 0.05 e/s for an IMX477's.
_DARK_E_PER_S_UM2 = 0.02
_DOUBLING_C = 6.5
# Part of the squared read noise at gain 1: the IMX477's falls from 3 e to 1.5 e at gain 16 (Hogan,
# see optics/profiles).
_NOISE_BEHIND_AMPLIFIER = 0.753
# Below this many electrons counts are drawn from Poisson's law itself; above it a normal deviate
# with Cornish and Fisher's term for skewness is as good (see tests/simulated/test_chip.py).
_POISSON_BELOW_E = 5.0
_LAW_ROWS, _LAW_BITS = 258, 14
_BAND_ROWS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelLaw:
    """How electrons become numbers in one mode at one gain.

    A binned pixel is the mean of its photosites, so that it holds their electrons at the ADU of
    one: electrons per ADU, full well and squared read noise are multiplied by their number.

    Attributes:
        electrons_per_adu: At this gain.
        full_well_e: Where the pixel is full.
        read_noise_e: Of one pixel.
        black_level_adu, white_level_adu: Pedestal and largest value.
    """

    electrons_per_adu: float
    full_well_e: float
    read_noise_e: float
    black_level_adu: int
    white_level_adu: int


def pixel_law(camera: CameraScenario, mode: str, analogue_gain: float) -> PixelLaw:
    """Return the law of a camera's pixels."""
    sensor = sensor_profile(camera.sensor)
    full, this = capture_mode(sensor, "full"), capture_mode(sensor, mode)
    photosites = (full.width_px / this.width_px) ** 2
    # what arises behind the amplifier shrinks with the gain
    behind = _NOISE_BEHIND_AMPLIFIER
    here = (1.0 - behind) + behind / analogue_gain**2
    there = (1.0 - behind) + behind / sensor.read_noise_gain**2
    return PixelLaw(
        electrons_per_adu=sensor.electrons_per_adu * photosites / analogue_gain,
        full_well_e=sensor.full_well_e * photosites,
        read_noise_e=sensor.read_noise_e * math.sqrt(here / there * photosites),
        black_level_adu=sensor.black_level_adu,
        white_level_adu=(1 << sensor.bit_depth) - 1,
    )


class Chip:
    """One chip with its faults, which stay the same from frame to frame."""

    def __init__(self, scenario: Scenario, mode: str) -> None:
        camera = scenario.camera
        self._scenario = scenario
        self._mode = mode
        sensor = sensor_profile(camera.sensor)
        shape = capture_mode(sensor, mode)
        self._shape = (shape.height_px, shape.width_px)
        photosites = (capture_mode(sensor, "full").width_px / shape.width_px) ** 2
        warmth = 2.0 ** ((camera.temperature_c - 25.0) / _DOUBLING_C)
        area = sensor.pixel_um**2 * photosites
        self._dark = np.float32(_DARK_E_PER_S_UM2 * area * warmth)
        self._glow = self._glow_axes(np.float32(camera.amp_glow_e_per_s))
        self._hot, self._hot_dark = self._hot_pixels(warmth)

    def _hot_pixels(self, warmth: float) -> tuple[NDArray[np.intp], Float32Array]:
        """Return where hot and warm pixels are, in order, and their dark current."""
        rng = np.random.default_rng([self._scenario.seed, 0x407])
        size = self._shape[0] * self._shape[1]
        count = int(self._scenario.camera.hot_pixels_per_million * size / 1e6)
        where = rng.integers(0, size, count)
        dark = np.exp(rng.normal(3.0, 1.3, count)) * warmth * 2.0 ** (13.0 / _DOUBLING_C)
        order = np.argsort(where, kind="stable")
        return where[order], dark[order].astype(np.float32)

    def _glow_axes(self, most: np.float32) -> tuple[Float32Array, Float32Array]:
        """Return the amplifier's glow as a column and a row, whose product it is."""
        height, width = self._shape
        rows = np.exp(-np.arange(height, dtype=np.float32)[::-1] / np.float32(0.10 * height))
        columns = np.exp(-np.arange(width, dtype=np.float32)[::-1] / np.float32(0.18 * width))
        return most * rows[:, np.newaxis], columns

    @property
    def dark_e_per_s(self) -> Float32Array:
        """Dark current, hot pixels and glow in, shape (height, width)."""
        return self._dark_rows(0, self._shape[0])

    def _dark_rows(self, top: int, bottom: int) -> Float32Array:
        rows, columns = self._glow
        dark = rows[top:bottom] * columns
        dark += self._dark
        width = self._shape[1]
        first, last = np.searchsorted(self._hot, (top * width, bottom * width))
        where = self._hot[first:last] - top * width
        np.add.at(dark.reshape(-1), where, self._hot_dark[first:last])
        return np.asarray(dark, dtype=np.float32)

    def read(
        self, light_e: Float32Array | None, *, exposure_s: float, analogue_gain: float, frame: int
    ) -> UInt16Array:
        """Return the raw mosaic of an exposure.

        Args:
            light_e: Mean electrons of light, shape (height, width); None behind a shut cover.
            exposure_s: How long the dark current ran.
            analogue_gain: Of the amplifier.
            frame: Number of the frame; noise is the same for the same seed and number.
        """
        law = pixel_law(self._scenario.camera, self._mode, analogue_gain)
        mosaic = np.empty(self._shape, dtype=np.uint16)
        band = _BAND_ROWS
        row_noise = self._scenario.camera.row_noise_e
        for top in range(0, self._shape[0], band):
            rng = np.random.Generator(np.random.SFC64([self._scenario.seed, frame, top]))
            rows = slice(top, top + band)
            mean = self._dark_rows(top, min(top + band, self._shape[0]))
            mean *= np.float32(exposure_s)
            if light_e is not None:
                mean += light_e[rows]
            counts = photon_counts(mean, rng)
            np.minimum(counts, np.float32(law.full_well_e), out=counts)
            noise = rng.standard_normal(mean.shape, dtype=np.float32)
            noise *= np.float32(law.read_noise_e)
            counts += noise
            if row_noise > 0.0:
                lines = rng.standard_normal((len(mean), 1), dtype=np.float32)
                counts += lines * np.float32(row_noise)
            counts *= np.float32(1.0 / law.electrons_per_adu)
            # half an ADU for rounding: the conversion to whole numbers cuts
            counts += np.float32(law.black_level_adu + 0.5)
            np.maximum(counts, np.float32(0.0), out=counts)
            np.minimum(counts, np.float32(law.white_level_adu), out=counts)
            mosaic[rows] = counts.astype(np.uint16)
        return mosaic


def photon_counts(mean_e: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Return counts of electrons with the given means, as photons arrive."""
    few: NDArray[np.intp] = np.flatnonzero(mean_e < np.float32(_POISSON_BELOW_E))
    if len(few) > 0.5 * mean_e.size:
        # a dark band: few enough to be worth the trouble of leaving them out above
        counts = np.empty_like(mean_e)
        flat = counts.reshape(-1)
        many = np.flatnonzero(mean_e >= np.float32(_POISSON_BELOW_E))
        flat[many] = _nearly_poisson(mean_e.reshape(-1)[many], rng)
    else:
        counts = _nearly_poisson(mean_e, rng)
        flat = counts.reshape(-1)
    if len(few):
        flat[few] = _few_counts(mean_e.reshape(-1)[few], rng)
    return counts


def _nearly_poisson(mean_e: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Return counts for means of five and more: a normal deviate, bent by Poisson's skewness."""
    z = rng.standard_normal(mean_e.shape, dtype=np.float32)
    # rounding to whole electrons adds 1/12 to the variance, and the term for skewness 1/18
    root = np.sqrt(np.maximum(mean_e - np.float32(1 / 12 + 1 / 18), np.float32(0.0)))
    counts = z * root
    # Cornish and Fisher: the skewness of Poisson's law adds (z^2 - 1)/6
    z *= z
    z -= np.float32(1.0)
    z *= np.float32(1.0 / 6.0)
    counts += z
    counts += mean_e
    np.rint(counts, out=counts)
    return np.asarray(counts, dtype=np.float32)


def _few_counts(mean_e: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Return counts for small means, from a table of Poisson's law turned inside out.

    The mean is rounded to a row of the table, up or down by chance so that it is kept; 16384
    columns stand for equal parts of chance.
    """
    table = _inverse_law()
    bits = rng.integers(0, 1 << 32, size=mean_e.shape, dtype=np.uint32)
    place = np.maximum(mean_e, np.float32(0.0)) * np.float32((_LAW_ROWS - 2) / _POISSON_BELOW_E)
    place += (bits >> np.uint32(_LAW_BITS)).astype(np.float32) * np.float32(
        1.0 / (1 << (32 - _LAW_BITS))
    )
    index = place.astype(np.int32)
    index <<= _LAW_BITS
    index |= (bits & np.uint32((1 << _LAW_BITS) - 1)).view(np.int32)
    return table[index].astype(np.float32)


@functools.cache
def _inverse_law() -> UInt8Array:
    """Return Poisson counts by mean and chance, shape (rows * columns,)."""
    means = np.arange(_LAW_ROWS)[:, np.newaxis] * (_POISSON_BELOW_E / (_LAW_ROWS - 2))
    columns = 1 << _LAW_BITS
    chance = (np.arange(columns) + 0.5) / columns
    table = np.zeros((_LAW_ROWS, columns), dtype=np.uint8)
    term = np.exp(-means)
    total = term.copy()
    for count in range(1, 30):
        table += chance > total
        term = term * means / count
        total += term
    return np.ascontiguousarray(table.reshape(-1))
