"""The scale of a plot of residuals: that of the many, so that one outlier does not flatten them."""

from collections.abc import Sequence
from statistics import median

# of a normal distribution, from the median of the absolute values
_MEDIAN_TO_SIGMA = 1.4826
# the many of a normal distribution lie well within, 1 of 20 000 without
_SIGMAS = 4.0


def residual_reach(values: Sequence[float], least: float) -> float:
    """Return how far a plot of residuals reaches to either side, in their unit.

    Args:
        values: Residuals about zero, one at least.
        least: A plot reaches as far at least.

    Returns:
        The largest residual, or four standard deviations of the many where that is less. What lies
        beyond is for the plot to show at its edge.
    """
    sizes = [abs(value) for value in values]
    return max(least, min(max(sizes), _SIGMAS * _MEDIAN_TO_SIGMA * median(sizes)))


def beyond(values: Sequence[float], reach: float) -> list[float]:
    """Return the residuals that lie beyond a reach, the farthest first."""
    return sorted((value for value in values if abs(value) > reach), key=abs, reverse=True)
