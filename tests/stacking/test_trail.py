import numpy as np
import pytest

from issgaze.stacking.trail import cut_trail, find_trail
from issgaze.stacking.trailfit import fit_trail


@pytest.fixture(scope="module")
def busy(staged):
    """A pass with another satellite and an aircraft that cross the station's path."""
    seconds = np.arange(0.0, 120.0, 5.0)
    points = staged.place(seconds)
    middle = points[len(points) // 2]
    crossing = middle + np.linspace(-120.0, 120.0, 900)[:, None] * np.array([0.2, 1.0])
    beside = points[3] + np.linspace(-60.0, 60.0, 500)[:, None] * np.array([0.7, -0.7])
    return staged.stacks(others=((crossing, 1), (beside, 9)), seed=11)


@pytest.fixture(params=[False, True], ids=["measured", "retouched"])
def retouched(request):
    return request.param


def cut(staged, stacks, *, retouched=False):
    fit = fit_trail(
        stacks,
        staged.lens,
        staged.elements,
        staged.site,
        timing_window_s=3.0,
        clock_error_s=0.05,
    )
    trail = cut_trail(stacks, staged.lens, staged.elements, staged.site, fit, retouched=retouched)
    return trail.rows(0, trail.shape[0])


def test_the_trail_is_whole_and_holds_the_stations_light(staged, busy, retouched):
    trail = cut(staged, busy, retouched=retouched)
    seconds = np.arange(3.0, 117.0, 1.0)
    points = staged.place(seconds)
    inside = (points > 6).all(axis=1) & (points < [staged.width - 7, staged.height - 7]).all(axis=1)
    rows = np.rint(points[inside, 1]).astype(int)
    columns = np.rint(points[inside, 0]).astype(int)
    core = np.array(
        [trail[1, y - 1 : y + 2, x - 1 : x + 2].max() for y, x in zip(rows, columns, strict=True)]
    )
    assert (core > 50.0).mean() > 0.95
    # 2500 ADU a second; outside the picture nothing was drawn
    shown = np.isfinite(points).all(axis=1) & inside
    expected = 2500.0 * shown.sum()
    assert trail[1].sum() == pytest.approx(expected, rel=0.25)


def test_other_satellites_aircraft_and_stars_stay_out_of_the_trail(staged, busy, retouched):
    alone = cut(staged, staged.stacks(seed=11), retouched=retouched)
    with_others = cut(staged, busy, retouched=retouched)
    # the others put some 200 ADU a pixel on their paths
    added = np.abs(with_others - alone)[1]
    assert np.percentile(added[added > 0], 99) < 400.0
    assert added.sum() < 0.03 * alone[1].sum()
    assert (with_others[1] > 0).mean() < 0.02


def test_nothing_is_cut_where_the_trail_was_refused(staged):
    assert not cut(staged, staged.stacks(ahead_s=40.0)).any()


def test_an_empty_sky_gives_next_to_no_trail(staged):
    stacks = staged.stacks(brightness=0.0)
    assert not cut(staged, stacks).any()
    # without any fit only stars that stood there just then are left
    alone = cut_trail(stacks, staged.lens, staged.elements, staged.site)
    assert alone.light[1].sum() < 0.03 * cut(staged, staged.stacks())[1].sum()


def test_a_clock_that_nothing_bounds_does_not_hide_the_trail(staged):
    stacks = staged.stacks(ahead_s=20.0)
    fit = fit_trail(
        stacks,
        staged.lens,
        staged.elements,
        staged.site,
        timing_window_s=3.0,
        clock_error_s=None,
    )
    assert not fit.accepted
    assert fit.drawable
    assert cut_trail(stacks, staged.lens, staged.elements, staged.site, fit).light.max() > 100.0


def test_a_streak_is_found_without_lens_or_elements(staged):
    stacks = staged.stacks(seed=4)
    found = find_trail(stacks)
    assert found is not None
    points = staged.place(np.arange(0.0, 120.0, 0.5))
    inside = (points > 0).all(axis=1) & (points < [staged.width, staged.height]).all(axis=1)
    length = np.hypot(*np.diff(points[inside], axis=0).T).sum()
    assert found.length_px == pytest.approx(length, rel=0.2)
    assert len(found.frames) >= 8
    assert found.light.light[1].max() > 50.0
    assert "nothing proves" in found.reason


def test_stars_and_noise_are_no_streak(staged):
    assert find_trail(staged.stacks(brightness=0.0, frames=6)) is None
