"""Where on its path the station was when a pixel got its frame number.

`Stacks.peak_frame` follows one of the greens of a Bayer cell, which lies a quarter of the cell off
its middle. Seconds are long there: low in the sky the station takes a tenth of one for that way.
"""

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.imaging.bayer import sites_of
from issgaze.stacking.corridor import Corridor
from issgaze.stacking.stacks import Resolution

# row and column in the Bayer cell
Photosite = tuple[int, int]


def labelled_site(bayer_pattern: str) -> Photosite:
    """Return the photosite that gives the frame numbers: the green in the right column.

    Args:
        bayer_pattern: Bayer order of the stored mosaic, or "MONO".
    """
    return next(site for site in sites_of(bayer_pattern, 1) if site[1] == 1)


def label_seconds(
    corridor: Corridor,
    path_px: Float64Array,
    path_seconds: Float64Array,
    resolution: Resolution,
    site: Photosite | None,
) -> Float64Array:
    """Return when the path comes nearest to the photosite of each pixel's frame number, shape (n,).

    Args:
        corridor: The pixels beside the path.
        path_px: The path on the stacks' grid, shape (m, 2) as x, y.
        path_seconds: Its instants, shape (m,).
        resolution: Of the grid.
        site: The photosite, None for the middle of the pixel.
    """
    if site is None or len(path_seconds) < 2:
        return corridor.seconds
    row, column = site
    if resolution == "half":
        right = np.full(len(corridor.columns), 0.5 * (column - 0.5))
        down = np.full(len(corridor.rows), 0.5 * (row - 0.5))
    else:
        right = (column - corridor.columns % 2).astype(np.float64)
        down = (row - corridor.rows % 2).astype(np.float64)
    velocity = np.gradient(path_px, path_seconds, axis=0)
    known = np.isfinite(velocity).all(axis=1)
    if not known.any():
        return corridor.seconds
    x, y = (
        np.interp(corridor.seconds, path_seconds[known], velocity[known, axis]) for axis in (0, 1)
    )
    return np.asarray(corridor.seconds + (right * x + down * y) / np.maximum(x * x + y * y, 1e-9))
