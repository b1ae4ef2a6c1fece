"""Suspects of cosmic rays: lonely bright pixels, as the plain formula names them."""

import numpy as np

from issgaze.stacking.noise import NoiseModel
from issgaze.stacking.rays import suspects

NOISE = NoiseModel(constant=20.0, per_adu=1.5)
PEDESTAL = 64.0


def maximum() -> np.ndarray:
    """Return a sky with colours, stars of all brightnesses and pixels that are bright alone."""
    random = np.random.default_rng(12)
    y, x = np.mgrid[:150, :210]
    sky = 300.0 + 60.0 * (y % 2) + 0.5 * x + random.normal(0.0, 15.0, y.shape)
    for _ in range(60):
        at, light = random.uniform(4.0, 146.0, 2), random.uniform(300.0, 9000.0)
        far2 = (y - at[0]) ** 2 + (x - at[1] * 1.4) ** 2
        sky += light / 6.0 * np.exp(-far2 / (2.0 * random.uniform(0.5, 1.4) ** 2))
    sky.reshape(-1)[random.choice(sky.size, 40, replace=False)] += 700.0
    return np.rint(sky).clip(0, 65535).astype(np.uint16)


def test_suspects_have_at_most_two_bright_neighbours() -> None:
    largest = maximum()
    rise = np.zeros(largest.shape)
    for row, column in np.ndindex(2, 2):
        sites, part = largest[row::2, column::2], rise[row::2, column::2]
        for top in range(0, sites.shape[0], 32):
            for left in range(0, sites.shape[1], 32):
                tile = (slice(top, top + 32), slice(left, left + 32))
                part[tile] = sites[tile] - np.median(sites[tile][::2, ::2])
    expected, stars = [], 0
    for y in range(1, largest.shape[0] - 1):
        for x in range(1, largest.shape[1] - 1):
            level = largest[y, x] - rise[y, x]
            sigma = float(np.sqrt(NOISE.variance(np.asarray(level - PEDESTAL))))
            if largest[y, x] <= np.ceil(level + 10.0 * sigma):
                continue
            near = np.sort(np.delete(rise[y - 1 : y + 2, x - 1 : x + 2].reshape(-1), 4))
            if near[-3] < 0.2 * rise[y, x] + 1.5 * sigma:
                expected.append((y, x, int(largest[y, x])))
            else:
                stars += 1
    found = suspects(largest, NOISE, pedestal_adu=PEDESTAL, frames=16)
    got = zip(found.y.tolist(), found.x.tolist(), found.value.tolist(), strict=True)
    assert list(got) == expected
    assert len(expected) > 30
    assert stars > 200
