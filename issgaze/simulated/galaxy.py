"""The Milky Way as a smooth glow: a disc, a bulge, and the dark clouds before them.

The shape is drawn from the well-known features, not from a survey: brightness falls with latitude,
rises towards the centre, and named dark clouds are cut out of it (Great Rift, Coalsack, Pipe, the
northern Coalsack, the Taurus clouds), with a fixed noise for the rest. Brightest parts reach about
20.6 mag/arcsec^2 under a dark sky, as in Sagittarius.
"""

import functools

import numpy as np

from issgaze.arrays import Float32Array, Float64Array
from issgaze.simulated.earth import turned

# Rows of the rotation from ICRS to galactic axes (ESA SP-1200, volume 1, section 1.5.3).
_GALACTIC = np.array(
    [
        [-0.0548755604, -0.8734370902, -0.4838350155],
        [0.4941094279, -0.4448296300, 0.7469822445],
        [-0.8676661490, -0.1980763734, 0.4559837762],
    ]
)
# longitude, latitude, half width in longitude and latitude (degrees), depth: dark clouds; the
# boundaries are those seen with the eye
_DARK = np.array(
    [
        [2.0, 1.5, 9.0, 1.3, 0.85],
        [8.0, 5.5, 7.0, 3.0, 0.75],
        [358.0, 5.0, 5.0, 2.2, 0.8],
        [352.0, 7.0, 5.0, 3.5, 0.6],
        [353.0, 16.0, 7.0, 4.0, 0.6],
        [20.0, 4.5, 9.0, 3.2, 0.85],
        [30.0, 3.5, 9.0, 3.6, 0.85],
        [41.0, 2.5, 9.0, 3.2, 0.8],
        [52.0, 1.2, 9.0, 2.6, 0.75],
        [63.0, 0.2, 9.0, 2.2, 0.7],
        [74.0, 0.3, 8.0, 2.0, 0.75],
        [86.0, 0.5, 6.0, 3.0, 0.75],
        [93.0, 3.0, 6.0, 4.0, 0.5],
        [110.0, 4.0, 10.0, 4.0, 0.35],
        [172.0, -14.0, 10.0, 6.0, 0.6],
        [303.0, -1.0, 3.6, 3.0, 0.9],
        [330.0, 0.0, 14.0, 1.2, 0.6],
        [318.0, 1.5, 9.0, 2.0, 0.45],
    ]
)
# bright clouds: Sagittarius, M24, Scutum, Cygnus, Carina, Norma, Puppis
_BRIGHT = np.array(
    [
        [1.5, -3.5, 6.5, 3.2, 1.5],
        [13.0, -1.5, 2.4, 1.3, 0.8],
        [27.0, -2.6, 4.6, 2.6, 0.85],
        [73.0, 3.5, 9.0, 3.6, 0.5],
        [62.0, -3.5, 10.0, 3.0, 0.35],
        [287.0, -0.6, 5.0, 2.0, 0.8],
        [330.0, -2.4, 8.0, 2.5, 0.6],
        [250.0, -1.0, 12.0, 4.0, 0.25],
    ]
)
_STEP_DEG = 0.5


def galactic_axes() -> Float64Array:
    """Return the matrix from ICRS to galactic axes."""
    return _GALACTIC


@functools.cache
def milky_way_table() -> Float32Array:
    """Return the glow over a grid of galactic longitude and latitude, in units of a dark zenith.

    Shape (361, 721): latitude -90 to 90, longitude 0 to 360 degrees, both ends included.
    """
    latitude = np.arange(-90.0, 90.0 + _STEP_DEG / 2, _STEP_DEG)[:, np.newaxis]
    longitude = np.arange(0.0, 360.0 + _STEP_DEG / 2, _STEP_DEG)[np.newaxis, :]
    from_center = np.abs((longitude + 180.0) % 360.0 - 180.0)
    height = 5.0 + 3.5 * np.exp(-((from_center / 40.0) ** 2))
    disc = (0.38 + 0.75 * np.exp(-((from_center / 55.0) ** 2))) * np.exp(
        -np.sqrt((latitude / height) ** 2 + 0.04)
    )
    bulge = 0.75 * np.exp(-((from_center / 13.0) ** 2) - (latitude / 8.5) ** 2)
    halo = 0.10 * np.exp(-((latitude / 25.0) ** 2))
    glow = disc + bulge + halo
    for spot in _BRIGHT:
        glow = glow + 0.62 * spot[4] * _spot(longitude, latitude, spot)
    veil = np.ones_like(glow)
    clumps = _clumps(glow.shape)
    for spot in _DARK:
        veil = veil * (1.0 - spot[4] * _spot(longitude, latitude, spot) ** 0.7)
    texture = 1.0 + 0.42 * clumps * np.exp(-((latitude / 12.0) ** 2))
    return np.asarray(np.maximum(glow * veil * texture, 0.0), dtype=np.float32)


def _spot(longitude: Float64Array, latitude: Float64Array, spot: Float64Array) -> Float64Array:
    along = (longitude - spot[0] + 180.0) % 360.0 - 180.0
    return np.asarray(np.exp(-((along / spot[2]) ** 2) - ((latitude - spot[1]) / spot[3]) ** 2))


def _clumps(shape: tuple[int, ...]) -> Float64Array:
    """Return a noise of many scales, about -1 to 1, the same every time and closed in longitude."""
    rng = np.random.default_rng(1610)
    total = np.zeros(shape)
    for cells, weight in ((40, 0.55), (90, 0.4), (200, 0.25)):
        nodes = rng.normal(0.0, 1.0, (cells // 2 + 2, cells))
        nodes = np.concatenate((nodes, nodes[:, :2]), axis=1)
        y = np.linspace(0.0, cells / 2, shape[0])
        x = np.linspace(0.0, cells, shape[1])
        total += weight * _smooth(nodes, y, x)
    return np.clip(total, -1.5, 1.5)


def _smooth(nodes: Float64Array, y: Float64Array, x: Float64Array) -> Float64Array:
    iy, ix = y.astype(int), np.minimum(x.astype(int), nodes.shape[1] - 2)
    fy, fx = y - iy, x - ix
    fy, fx = fy * fy * (3 - 2 * fy), fx * fx * (3 - 2 * fx)
    rows = nodes[iy] * (1 - fy)[:, np.newaxis] + nodes[iy + 1] * fy[:, np.newaxis]
    return np.asarray(rows[:, ix] * (1 - fx) + rows[:, ix + 1] * fx)


def milky_way(table: Float32Array, icrs: Float64Array) -> Float32Array:
    """Return the glow in directions (ICRS, shape (..., 3)), in units of a dark zenith."""
    galactic = turned(icrs, _GALACTIC)
    latitude = np.degrees(np.arcsin(np.clip(galactic[..., 2], -1.0, 1.0)))
    longitude = np.degrees(np.arctan2(galactic[..., 1], galactic[..., 0])) % 360.0
    y = np.minimum((latitude + 90.0) / _STEP_DEG, table.shape[0] - 1.001)
    x = np.minimum(longitude / _STEP_DEG, table.shape[1] - 1.001)
    iy, ix = y.astype(np.int32), x.astype(np.int32)
    fy, fx = (y - iy).astype(np.float32), (x - ix).astype(np.float32)
    upper = table[iy, ix] * (1 - fx) + table[iy, ix + 1] * fx
    lower = table[iy + 1, ix] * (1 - fx) + table[iy + 1, ix + 1] * fx
    return np.asarray(upper * (1 - fy) + lower * fy, dtype=np.float32)
