"""The sensor: from light to the numbers of a raw mosaic."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float32Array, UInt16Array
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.projection import capture_mode
from issgaze.simulated.scenario import CameraScenario, Scenario

# Dark current of an IMX477 photosite at 25 degrees C, typical of back-lit pixels of that size.
_DARK_E_PER_S_UM2 = 0.02
_DOUBLING_C = 6.5
# Below this many electrons counts are drawn from Poisson's law itself; above it a normal deviate
# with Cornish and Fisher's term for skewness is as good (see tests/simulated/test_chip.py).
_POISSON_BELOW_E = 5.0


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
    # half of the noise at gain 1 arises behind the amplifier and shrinks with the gain
    ahead = sensor.read_noise_e**2 / (1.0 + 1.0 / sensor.read_noise_gain**2)
    return PixelLaw(
        electrons_per_adu=sensor.electrons_per_adu * photosites / analogue_gain,
        full_well_e=sensor.full_well_e * photosites,
        read_noise_e=math.sqrt(ahead * (1.0 + 1.0 / analogue_gain**2) * photosites),
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
        dark = np.full(self._shape, _DARK_E_PER_S_UM2 * area * warmth, dtype=np.float32)
        self._add_hot_pixels(dark, warmth)
        self._add_glow(dark)
        self._dark = dark

    def _add_hot_pixels(self, dark: Float32Array, warmth: float) -> None:
        rng = np.random.default_rng([self._scenario.seed, 0x407])
        count = int(self._scenario.camera.hot_pixels_per_million * dark.size / 1e6)
        where = rng.integers(0, dark.size, count)
        dark.reshape(-1)[where] += (
            np.exp(rng.normal(3.0, 1.3, count)) * warmth * 2.0 ** (13.0 / _DOUBLING_C)
        ).astype(np.float32)

    def _add_glow(self, dark: Float32Array) -> None:
        height, width = dark.shape
        rows = np.exp(-np.arange(height, dtype=np.float32)[::-1] / (0.10 * height))
        columns = np.exp(-np.arange(width, dtype=np.float32)[::-1] / (0.18 * width))
        glow = np.float32(self._scenario.camera.amp_glow_e_per_s)
        dark += glow * rows[:, np.newaxis] * columns

    @property
    def dark_e_per_s(self) -> Float32Array:
        """Dark current, hot pixels and glow in, shape (height, width)."""
        return self._dark

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
        band = 256
        row_noise = self._scenario.camera.row_noise_e
        for top in range(0, self._shape[0], band):
            rng = np.random.Generator(np.random.SFC64([self._scenario.seed, frame, top]))
            rows = slice(top, top + band)
            mean = self._dark[rows] * np.float32(exposure_s)
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
    few: NDArray[np.intp] = np.flatnonzero(mean_e < np.float32(_POISSON_BELOW_E))
    if len(few):
        flat = counts.reshape(-1)
        flat[few] = rng.poisson(mean_e.reshape(-1)[few])
    return np.asarray(counts, dtype=np.float32)
