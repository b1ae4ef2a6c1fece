"""Where strips send the stars, against star positions by formulas of their own."""

import numpy as np
import pytest

from issgaze.stacking import strips
from issgaze.stacking.registration import SkyMap
from issgaze.stacking.strips import BlockWindow, StripPlan

from .passes import SITE, SimulatedPass


@pytest.mark.parametrize(
    ("seconds", "strip_px"), [(60.0, 32), (110.0, 32), (150.0, 16), (300.0, 8), (500.0, 8)]
)
def test_the_error_before_rounding_stays_small_however_long_the_pass(
    seconds: float, strip_px: int
) -> None:
    truth = SimulatedPass(width=2028, height=1520, stars=40000, movers={}, rays=0.0)
    size = {"height_px": truth.height, "width_px": truth.width}
    sky_map = SkyMap(lens=truth.lens, site=SITE, **size)
    plan = StripPlan(sky_map, step_px=1, **size)
    field = sky_map.displacement_px(np.full(len(sky_map.rows_px), seconds))
    shifts = plan.shifts(field)
    assert shifts.strip_px == strip_px
    here, there = truth.star_pixels(0.0), truth.star_pixels(seconds)
    x, y = np.rint(here).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < truth.width // 8 * 8) & (y < shifts.rows_px)
    x, y, moved = x[inside], y[inside], (there - here)[inside]
    cell = (y // shifts.strip_px, x // 8)
    usable = shifts.usable[cell]
    assert usable.mean() > 0.5
    whole = np.stack((shifts.shift_x[cell], shifts.shift_y[cell]), axis=1)
    error = (whole - moved)[usable]
    # rounding alone has a variance of 1/12 on each axis
    before = np.mean(error**2, axis=0) - 1.0 / 12.0
    assert before.sum() < 0.1**2
    assert np.abs(np.mean(error, axis=0)).max() < 0.02


def test_the_last_strip_may_be_shorter() -> None:
    truth = SimulatedPass(width=1016, height=760, movers={}, rays=0.0)
    size = {"height_px": truth.height, "width_px": truth.width}
    sky_map = SkyMap(lens=truth.lens, site=SITE, **size)
    plan = StripPlan(sky_map, step_px=2, **size)
    shifts = plan.shifts(sky_map.displacement_px(np.zeros(len(sky_map.rows_px))))
    assert (shifts.strip_px, shifts.rows_px) == (32, 752)
    assert len(shifts.usable) == 24


@pytest.mark.parametrize("focal_px", [180.0, 420.0])
def test_the_window_costs_no_cell_and_is_tight(
    focal_px: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = SimulatedPass(width=1016, height=760, movers={}, rays=0.0)
    truth.focal_px = focal_px
    size = {"height_px": truth.height, "width_px": truth.width}
    sky_map = SkyMap(lens=truth.lens, site=SITE, **size)
    plan = StripPlan(sky_map, step_px=1, **size)
    everything = BlockWindow(rows=slice(0, 94), columns=slice(0, 127))
    monkeypatch.setattr(strips, "_window", lambda *_: everything)
    without = StripPlan(sky_map, step_px=1, **size)
    for seconds in (0.0, 60.0, 500.0):
        field = sky_map.displacement_px(np.full(len(sky_map.rows_px), seconds))
        usable = plan.shifts(field).usable
        assert usable.any()
        assert np.array_equal(usable, without.shifts(field).usable)
    sees = sky_map.sees_sky(np.arange(3.5, 752.0, 8.0), np.arange(3.5, 1016.0, 8.0))
    for axis, part in ((1, plan.window.rows), (0, plan.window.columns)):
        shown = np.flatnonzero(sees.any(axis=axis))
        assert shown[0] - 2 <= part.start <= max(shown[0] - 1, 0)
        assert min(shown[-1] + 2, len(sees.any(axis=axis))) <= part.stop <= shown[-1] + 3


def test_a_window_that_is_too_small_costs_blocks_and_spoils_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    truth = SimulatedPass(width=1016, height=760, movers={}, rays=0.0)
    size = {"height_px": truth.height, "width_px": truth.width}
    sky_map = SkyMap(lens=truth.lens, site=SITE, **size)
    window = BlockWindow(rows=slice(10, 40), columns=slice(50, 71))
    monkeypatch.setattr(strips, "_window", lambda *_: window)
    shifts = StripPlan(sky_map, step_px=1, **size).shifts(
        sky_map.displacement_px(np.full(len(sky_map.rows_px), 30.0))
    )
    blocks = np.repeat(shifts.usable, shifts.strip_px // 8, axis=0)[:94]
    assert blocks[20:32, 52:69].all()
    assert not beyond(window, blocks).any()


def beyond(window: BlockWindow, blocks: np.ndarray) -> np.ndarray:
    """Return the chosen blocks beyond a window."""
    outside = blocks.copy()
    outside[window] = False
    return outside
