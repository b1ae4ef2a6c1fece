"""Whether light fell on a frame that is to be a dark.

Warmth alone brightens all colours alike and makes single pixels hot; light has a colour, and its
stars spread over the pixels around them. A warm night's dark is therefore no light, however bright.
"""

import numpy as np

from issgaze.arrays import Float32Array, UInt16Array
from issgaze.imaging.frame import Frame

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
_BAND_ROWS = 8 * _TILE
_MAD_TO_SIGMA = 1.4826
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
    levels = sorted(
        float(np.median(mosaic[y::2, x::2])) - info.black_level_adu for y in (0, 1) for x in (0, 1)
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
    rows = len(mosaic) // _TILE * _TILE
    columns = mosaic.shape[1] // _TILE * _TILE
    return sum(
        _spread_peaks_of(mosaic[top : top + _BAND_ROWS, :columns].astype(np.float32))
        for top in range(0, rows, _BAND_ROWS)
    )


def _spread_peaks_of(band: Float32Array) -> int:
    """Return the same for rows that are whole tiles; what stands at their edge is left out."""
    height, width = (length // _TILE for length in band.shape)
    band = band[: height * _TILE]
    tiles = band.reshape(height, _TILE, width, _TILE).swapaxes(1, 2)
    # an amplifier's glow lifts level and noise of a corner, and is no light
    level = np.median(tiles, axis=(2, 3))
    spread = np.median(np.abs(tiles - level[..., None, None]), axis=(2, 3))
    sigma = np.maximum(spread * _MAD_TO_SIGMA, 1.0)
    band -= _over_tiles(level)
    rows, columns = np.nonzero(band[1:-1, 1:-1] > _PEAK_SIGMA * _over_tiles(sigma)[1:-1, 1:-1])
    peaks = band[rows + 1, columns + 1]
    around = np.stack([band[rows + 1 + dy, columns + 1 + dx] for dy, dx in _AROUND])
    noise = sigma[(rows + 1) // _TILE, (columns + 1) // _TILE]
    shared = around > np.maximum(_NEIGHBOUR_SHARE * peaks, _NEIGHBOUR_SIGMA * noise)
    is_top = (around <= peaks).all(axis=0)
    return int(np.count_nonzero(is_top & (shared.sum(axis=0) >= _NEIGHBOURS)))


def _over_tiles(values: Float32Array) -> Float32Array:
    return values.repeat(_TILE, axis=0).repeat(_TILE, axis=1)
