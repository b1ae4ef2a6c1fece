"""Pixels with few samples of a colour, or none, lean on those around them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import BoolArray, Float32Array
from issgaze.stacking.noise import NoiseModel

# rows and columns around a pixel that it may lean on
HALO_PX = 1
# a pixel leans on its neighbours unless it differs from them by more deviations than noise does
_STAR_SIGMAS = 3.0


class Framed(NamedTuple):
    """One colour of some rows, with a halo of further rows above and below.

    Behind the last column lie at least as many columns of zeros: in memory they are also those
    before the first column, so that squares around pixels are runs of the flat arrays.

    Attributes:
        totals: Sums of the samples, C-contiguous (halo + rows + halo, columns + zeros).
        counts: Samples, of that shape.
        means: Their quotient, of that shape; thin pixels are mended here.
    """

    totals: Float32Array
    counts: Float32Array
    means: Float32Array


class Mended(NamedTuple):
    """Pixels that took something from others, and how many samples are behind them now.

    Attributes:
        places: Flat indices of the rows without the halo.
        behind: Of each place.
    """

    places: NDArray[np.intp]
    behind: Float32Array


def mend_thin(framed: Framed, shown: BoolArray, enough: float, noise: NoiseModel) -> Mended:
    """Mend the means of the pixels with less than enough samples.

    They take the rest from the mean of their 3x3, unless they are clearly different. There is
    something around each pixel that is shown: whatever layer shows a block has samples of all
    colours in every 2x2 of it.

    Args:
        framed: The colour.
        shown: Which pixels any frame shows at all, without the halo, C-contiguous
            (rows, columns + zeros).
        enough: Samples that need no help.
        noise: Of a single sample.
    """
    width = framed.totals.shape[1]
    totals, counts = framed.totals.reshape(-1), framed.counts.reshape(-1)
    inside = slice(HALO_PX * width, len(totals) - HALO_PX * width)
    means, own_counts = framed.means.reshape(-1)[inside], counts[inside]
    few = np.less(own_counts, np.float32(max(enough, 0.5)))
    few &= shown.reshape(-1)
    thin = np.flatnonzero(few) if few.any() else np.zeros(0, np.intp)
    if not len(thin):
        return Mended(thin, np.zeros(0, np.float32))
    total, count = totals[inside].take(thin), own_counts.take(thin)
    near_total, near_count = (_sums_of_nine(part, width).take(thin) for part in (totals, counts))
    beside = near_total / np.maximum(near_count, np.float32(1))
    spread = np.maximum(beside, np.float32(0))
    spread *= np.float32(noise.per_adu * _STAR_SIGMAS**2)
    spread += np.float32(noise.constant * _STAR_SIGMAS**2)
    alike = (means.take(thin) - beside) ** 2 * count <= spread
    leaning = np.flatnonzero((near_count > count) & ((count == 0) | alike))
    places, own, others = thin[leaning], count[leaning], near_count[leaning]
    # what has no sample of its own takes all that is there
    lent = np.where(own > 0, np.float32(max(enough, 1.0)) - own, others)
    means[places] = (total[leaning] + lent * beside[leaning]) / (own + lent)
    # as many samples as have the variance of such a sum of two means
    behind: Float32Array = np.square(own + lent)
    behind /= own + lent * lent / others
    return Mended(places, behind)


def _sums_of_nine(flat: Float32Array, width: int) -> Float32Array:
    """Return the sums over the 3x3 around each pixel without the halo, of flat rows with it."""
    # the very last pixel is one of the zeros behind a row
    across = flat.copy()
    across[:-1] += flat[1:]
    across[1:] += flat[:-1]
    sums = across[: -2 * width] + across[width:-width]
    sums += across[2 * width :]
    return sums
