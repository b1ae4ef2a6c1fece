"""What the map of the sky says of pixels, against the lens asked for each of them."""

import numpy as np
import pytest

from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.registration import SkyMap
from issgaze.stacking.strips import StripPlan

SIZE = {"height_px": 456, "width_px": 640}


def lens_looking(
    altitude_deg: float, roll_deg: float, focal_px: float, field_deg: float, scale: int = 1
) -> Lens:
    """Return a lens without distortion, pointed north, for frames of so many times the size."""
    altitude, roll = np.radians((altitude_deg, roll_deg))
    out = np.array((0.0, np.cos(altitude), np.sin(altitude)))
    right = np.array((1.0, 0.0, 0.0))
    down = np.cross(out, right)
    turned = np.cos(roll) * right + np.sin(roll) * down
    rotation = tuple(tuple(map(float, axis)) for axis in (turned, np.cross(out, turned), out))
    return Lens(
        width_px=scale * SIZE["width_px"], height_px=scale * SIZE["height_px"],
        projection="equidistant",
        focal_px=focal_px, rotation=rotation, valid_radius_px=focal_px * np.radians(field_deg / 2),
        center_px=(scale * 315.0, scale * 231.5),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_where_the_sky_is_seen_is_the_lens_s_answer_for_every_pixel(seed: int) -> None:
    random = np.random.default_rng(seed)
    # all sky within the frame, wide ones with the horizon anywhere, and narrow ones near it
    focal_px = (140.0, 260.0, 900.0)[seed % 3]
    altitude_deg = random.uniform(-10.0, 90.0) if seed % 3 < 2 else random.uniform(0.0, 16.0)
    lens = lens_looking(altitude_deg, random.uniform(-180.0, 180.0), focal_px, 184.0)
    sky_map = SkyMap(lens=lens, site=Site(latitude_deg=48.0, longitude_deg=11.0), **SIZE)
    # beyond the frame too, where margins reach
    rows = np.sort(np.append(np.arange(-4.5, 460.0, 0.8), sky_map.rows_px))
    columns = np.sort(np.append(np.arange(-4.5, 644.0, 0.9), sky_map.columns_px))
    pixels = np.stack(np.meshgrid(columns, rows), axis=-1)
    with np.errstate(invalid="ignore"):
        expected = lens.to_directions(pixels)[..., 2] > 0.0
    assert 0.02 < expected.mean() < 1.0 or seed % 3 == 2
    assert np.array_equal(sky_map.sees_sky(rows, columns), expected)


def test_a_horizon_just_beyond_the_frame_is_seen_from_its_margin() -> None:
    focal_px = 900.0
    lens = lens_looking(np.degrees((458.0 - 231.5) / focal_px), 0.0, focal_px, 184.0)
    sky_map = SkyMap(lens=lens, site=Site(latitude_deg=48.0, longitude_deg=11.0), **SIZE)
    below = np.array((455.0, 459.5))
    seen = sky_map.sees_sky(below, np.array((300.0, 315.0, 330.0)))
    assert seen.tolist() == [[True, True, True], [False, False, False]]


@pytest.mark.parametrize("roll_deg", [0.0, 70.0])
@pytest.mark.parametrize("seconds", [300.0, 1200.0])
def test_no_cell_takes_light_from_where_no_star_went(roll_deg: float, seconds: float) -> None:
    # a circle of sky within a large frame, which stars cross by more than the nodes beyond it
    lens = lens_looking(60.0, roll_deg, 4200.0, 23.0, scale=4)
    size = {name: 4 * pixels for name, pixels in SIZE.items()}
    sky_map = SkyMap(lens=lens, site=Site(latitude_deg=10.0, longitude_deg=11.0), **size)
    plan = StripPlan(sky_map, step_px=2, **size)
    shifts = plan.shifts(sky_map.displacement_px(np.full(len(sky_map.rows_px), seconds)))
    strip, cell = np.nonzero(shifts.usable)
    assert len(strip) > 1000
    height = shifts.strip_px
    middles = np.stack((8.0 * cell + 3.5, height * strip + (height - 1) / 2), axis=-1)
    there = sky_map.pixels_of(sky_map.airless_of(middles), np.full(len(strip), seconds))
    moved = np.stack((shifts.shift_x[strip, cell], shifts.shift_y[strip, cell]), axis=-1)
    assert np.abs(moved - (there - middles)).max() < 2.0
