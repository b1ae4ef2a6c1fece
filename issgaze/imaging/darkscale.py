"""Darks of another temperature: scaled by how strongly warm pixels shine in a light.

Dark current grows in proportion to the exposure and doubles every six degrees or so, at every pixel
alike to a good part. Without a thermometer in the sensor, or with darks of another night, the warm
pixels of a light tell by how much.
"""

from dataclasses import dataclass, replace

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.imaging.frame import Frame
from issgaze.imaging.masterdark import MasterDark

# pixels asked: those of the strongest dark signal, as many as give an exact answer
_PIXELS = 4000
_FEWEST = 200
# below it a master dark holds noise that was taken for signal as well
_LEAST_ADU = 8.0
_LEAST_SCALE, _LARGEST_SCALE = 0.1, 10.0
# neighbours of the same colour, in rows and columns
_LIKE = ((0, -2), (0, 2), (-2, 0), (2, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkScale:
    """By how much a dark is to be multiplied, beyond the ratio of the exposures.

    Attributes:
        factor: 1 for a dark that fits as it is.
        sigma: Of the factor.
        pixels: How many were asked.
    """

    factor: float
    sigma: float
    pixels: int


def dark_scale(dark: MasterDark, light: Frame) -> DarkScale | None:
    """Return the factor by which a dark fits a light best; None when it has too few warm pixels.

    Each warm pixel is held against its four neighbours of the same colour, in the light and in the
    dark; the factor is the slope of the line through them. The noise of the dark itself draws it
    down by some five percent, half an ADU at the pixels that are not repaired anyway.

    Args:
        dark: Of the light's size.
        light: Raw, black level included.
    """
    steps = dark.excess_steps
    if steps.shape != light.mosaic.shape:
        return None
    least = max(2, round(_LEAST_ADU / dark.step_adu))
    inner = steps[2:-2, 2:-2]
    counts = np.bincount(inner.ravel(), minlength=256)
    above = np.cumsum(counts[::-1])[::-1]
    # from the strongest down to where there are enough; the last few levels may be too many
    level = int(np.flatnonzero(above >= min(_PIXELS, above[least]))[-1]) if above[least] else 255
    y, x = np.nonzero(inner >= max(level, least))
    if len(y) < _FEWEST:
        return None
    y, x = y + 2, x + 2
    around = np.stack([steps[y + dy, x + dx] for dy, dx in _LIKE]).astype(np.float64)
    warm = (steps[y, x] - np.median(around, axis=0)) * dark.step_adu
    warm *= light.info.exposure_s / dark.exposure_s
    beside = np.stack([light.mosaic[y + dy, x + dx] for dy, dx in _LIKE]).astype(np.float64)
    risen = light.mosaic[y, x].astype(np.float64) - np.median(beside, axis=0)
    usable = warm > 0.5 * _LEAST_ADU
    usable &= light.mosaic[y, x] < 0.9 * light.info.white_level_adu
    if np.count_nonzero(usable) < _FEWEST:
        return None
    factor, sigma, count = _slope(warm[usable], risen[usable])
    return DarkScale(
        factor=float(np.clip(factor, _LEAST_SCALE, _LARGEST_SCALE)), sigma=sigma, pixels=count
    )


def scaled_by(dark: MasterDark, factor: float) -> MasterDark:
    """Return a dark with its signal multiplied."""
    return replace(dark, step_adu=dark.step_adu * factor)


def _slope(warm: Float64Array, risen: Float64Array) -> tuple[float, float, int]:
    """Return the slope of risen over warm through zero, its sigma, and how many pixels told it.

    Stars and cosmic rays among the lights are left out, three sigma from the line.
    """
    keep = np.ones(len(warm), dtype=np.bool_)
    factor, spread = 1.0, np.inf
    for _ in range(5):
        factor = float(np.sum(warm[keep] * risen[keep]) / np.sum(warm[keep] ** 2))
        rest = risen - factor * warm
        spread = 1.4826 * float(np.median(np.abs(rest[keep])))
        keep = np.abs(rest) < max(3.0 * spread, 1.0)
    sigma = spread / float(np.sqrt(np.sum(warm[keep] ** 2)))
    return factor, sigma, int(np.count_nonzero(keep))
