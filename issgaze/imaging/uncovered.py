"""Whether light fell on a frame that is to be a dark.

Warmth alone brightens all colours alike and makes single pixels hot; light has a colour, and its
stars spread over the pixels around them. A warm night's dark is therefore no light, however bright.
"""

import numpy as np

from issgaze.arrays import Float64Array, UInt16Array
from issgaze.imaging.frame import Frame
from issgaze.imaging.tiles import above_tiles

# of the span from black to white: a dark that is as bright tells nothing any more
_BRIGHTEST = 0.5
# a sky's faintest colour is below this part of its brightest; white balance that a camera puts into
# its raws (a quarter) and offsets of the colours stay above
_COLOUR_RATIO, _COLOUR_SHARE = 0.7, 0.001
# a star's peak above the noise, and what its neighbours have of it
_PEAK_SIGMA, _NEIGHBOUR_SHARE = 12.0, 0.15
_NEIGHBOUR_SIGMA, _NEIGHBOURS = 3.0, 4
# at 2 % of hot pixels, many for any sensor, one in 100 000 peaks has so many of them around it
_FEWEST_STARS = 10
_TILE = 32
_LEVEL_PX = 100_000
# part of a normal distribution up to one deviation above its middle
_ONE_SIGMA = 0.8413
_AROUND = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))


def light_in(frame: Frame, *, demosaiced: bool = False) -> str:
    """Return in words what shows that light fell on a frame, empty for a dark.

    Args:
        frame: The frame.
        demosaiced: True for a picture whose hot pixels a camera has spread into their surroundings,
            as it spreads stars: only its brightness and colour count.
    """
    info, mosaic = frame.info, frame.mosaic
    span_adu = info.white_level_adu - info.black_level_adu
    # a level needs no more than some 100 000 pixels
    step = max(2, round((mosaic.size / _LEVEL_PX) ** 0.5 / 2) * 2)
    levels = sorted(
        float(np.median(mosaic[y::step, x::step])) - info.black_level_adu
        for y in (0, 1)
        for x in (0, 1)
    )
    brightest = levels[-1]
    if brightest > _BRIGHTEST * span_adu:
        return f"it is as bright as {100 * brightest / span_adu:.0f} % of full"
    if not demosaiced:
        points = _spread_peaks(mosaic)
        if points >= _FEWEST_STARS:
            return f"{points} points of light in it are spread as stars are"
    differs_adu = brightest - levels[0]
    is_coloured = differs_adu > max((1.0 - _COLOUR_RATIO) * brightest, _COLOUR_SHARE * span_adu)
    if info.bayer_pattern != "MONO" and is_coloured:
        return f"its colours differ, {levels[0]:.0f} to {brightest:.0f} ADU, as a sky's do"
    return ""


def _spread_peaks(mosaic: UInt16Array) -> int:
    """Return how many peaks share their brightness with the pixels around them."""
    height, width = (length // _TILE * _TILE for length in mosaic.shape)
    mosaic = mosaic[:height, :width]
    if not mosaic.size:
        return 0
    # an amplifier's glow lifts level and noise of a corner, and is no light
    level, sigma = _tiles(mosaic)
    limits = np.broadcast_to(level + _PEAK_SIGMA * sigma, (2, 2, *level.shape))
    row, column = np.divmod(above_tiles(mosaic, limits, _TILE // 2), width)
    inner = (row > 0) & (row < height - 1) & (column > 0) & (column < width - 1)
    row, column = row[inner], column[inner]
    tile = row // _TILE, column // _TILE
    peaks = mosaic[row, column] - level[tile]
    least = np.maximum(_NEIGHBOUR_SHARE * peaks, _NEIGHBOUR_SIGMA * sigma[tile])
    sharing, is_top = np.zeros(len(row), np.intp), np.ones(len(row), bool)
    for down, right in _AROUND:
        around = mosaic[row + down, column + right] - level[tile]
        sharing += around > least
        is_top &= around <= peaks
    return int(np.count_nonzero(is_top & (sharing >= _NEIGHBOURS)))


def _tiles(mosaic: UInt16Array) -> tuple[Float64Array, Float64Array]:
    """Return median and deviation of each tile, from an eighth of its pixels."""
    rows, columns = mosaic.shape[0] // _TILE, mosaic.shape[1] // _TILE
    # of two colours, whatever the pattern
    pieces = [
        mosaic[::4, first::4].reshape(rows, _TILE // 4, columns, _TILE // 4).transpose(0, 2, 1, 3)
        for first in (0, 1)
    ]
    thin = np.stack(pieces, axis=2).reshape(rows * columns, -1).astype(np.int32)
    # of the upper side alone: a camera that takes the black off cuts the lower one at zero
    middle, above = (int(part * (thin.shape[1] - 1)) for part in (0.5, _ONE_SIGMA))
    ordered = np.partition(thin, (middle, above), axis=1)
    level = ordered[:, middle].reshape(rows, columns).astype(np.float64)
    sigma = ordered[:, above].reshape(rows, columns) - level
    return level, np.maximum(sigma, 1.0)
