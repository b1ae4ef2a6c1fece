from itertools import pairwise

import numpy as np

from issgaze.stacking.corridor import (
    corridor_along,
    corridor_mask,
    grid_lens_pixels,
    raw_pixels,
    track_pixels,
)
from issgaze.stacking.trailtimes import pass_track


def test_pixels_of_a_half_grid_are_quads():
    raw = np.array([[0.5, 0.5], [2.5, 4.5]])
    assert grid_lens_pixels(raw, "half").tolist() == [[0.0, 0.0], [1.0, 2.0]]
    assert raw_pixels(grid_lens_pixels(raw, "half"), "half").tolist() == raw.tolist()
    assert raw_pixels(raw, "full") is raw


def test_a_corridor_holds_every_pixel_near_its_path_with_time_and_side():
    points = np.array([[10.0, 10.0], [60.0, 40.0], [90.0, 80.0]])
    seconds = np.array([0.0, 5.0, 9.0])
    corridor = corridor_along(points, seconds, (100, 100), 6.0)
    fine = np.concatenate(
        [a + np.linspace(0, 1, 4000)[:, None] * (b - a) for a, b in pairwise(points)]
    )
    when = np.concatenate([np.linspace(0, 5, 4000), np.linspace(5, 9, 4000)])
    rows, columns = np.mgrid[0:100, 0:100]
    square = (columns[..., None] - fine[::4, 0]) ** 2 + (rows[..., None] - fine[::4, 1]) ** 2
    distance, nearest = np.sqrt(square.min(axis=-1)), square.argmin(axis=-1)
    # the round ends of the path belong to it or not: they are left out here
    inner = (distance < 5.9) & (when[::4][nearest] > 0.5) & (when[::4][nearest] < 8.5)
    mask = np.zeros((100, 100), dtype=bool)
    mask[corridor.rows, corridor.columns] = True
    assert not (inner & ~mask).any()
    assert not (mask & (distance > 6.2)).any()
    chosen = inner[corridor.rows, corridor.columns]
    expected = when[::4][nearest[corridor.rows, corridor.columns]]
    # beside the bend a pixel may count for either piece
    late = np.abs(corridor.seconds - expected)[chosen]
    assert np.percentile(late, 90) < 0.02
    away = np.abs(np.abs(corridor.across_px) - distance[corridor.rows, corridor.columns])
    assert np.percentile(away[chosen], 95) < 0.1
    above = corridor.rows < 10 + 0.6 * (corridor.columns - 10)
    early = corridor.seconds < 4.0
    assert (corridor.across_px[early & above] < 0.1).all()


def test_the_mask_follows_the_station_over_the_picture(staged):
    stacks = staged.stacks(frames=2)
    track = pass_track(stacks, staged.elements, staged.site)
    mask = corridor_mask(staged.lens, track, (staged.height, staged.width), "half", 4.0)
    points = track_pixels(staged.lens, track, "half")
    inside = np.isfinite(points).all(axis=1)
    inside &= (points > 1).all(axis=1) & (points < [staged.width - 2, staged.height - 2]).all(
        axis=1
    )
    assert inside.sum() > 20
    for x, y in points[inside]:
        assert mask[round(y), round(x)]
    assert 0.001 < mask.mean() < 0.03


def test_a_path_outside_the_picture_leaves_the_mask_empty():
    points = np.array([[-50.0, -50.0], [-20.0, -30.0]])
    corridor = corridor_along(points, np.array([0.0, 1.0]), (50, 50), 5.0)
    assert len(corridor.rows) == 0
