from dataclasses import replace

import numpy as np
import pytest

from issgaze.stacking.trailfit import fit_trail
from issgaze.web.readings import BESIDE


def fitted(staged, stacks, **changes):
    options = {"timing_window_s": 3.0, "clock_error_s": 0.05, "lens_residual_px": 0.3}
    known = {"lens": staged.lens, "elements": staged.elements, "site": staged.site}
    for name in known:
        if name in changes:
            known[name] = changes.pop(name)
    return fit_trail(stacks, *known.values(), **(options | changes))


def test_a_station_on_time_is_proved(staged):
    fit = fitted(staged, staged.stacks())
    assert fit.accepted, fit.reason
    assert abs(fit.along_track_s) < 0.06
    assert abs(fit.cross_track_arcmin) < 1.5
    assert fit.speed_ratio == pytest.approx(1.0, abs=0.005)
    assert fit.boundaries >= 6
    assert fit.detected_fraction > 0.8
    assert "predicted path" in fit.reason


@pytest.mark.parametrize("ahead_s", [0.5, -0.5, 1.7])
def test_an_error_of_the_clock_comes_back_within_a_tenth_of_a_second(staged, ahead_s):
    fit = fitted(staged, staged.stacks(ahead_s=ahead_s, seed=3))
    assert fit.along_track_s == pytest.approx(ahead_s, abs=0.1)
    assert fit.accepted


@pytest.mark.parametrize("aside_px", [0.6, -0.6])
def test_a_trail_beside_its_path_is_measured_in_arcminutes(staged, aside_px):
    # a pixel of the half grid is two raw ones
    pixel_arcmin = np.degrees(1.0 / staged.focal_px) * 60.0 * 2.0
    fit = fitted(staged, staged.stacks(aside_px=aside_px))
    assert fit.cross_track_arcmin == pytest.approx(aside_px * pixel_arcmin, abs=1.5)


def test_a_trail_too_far_beside_its_path_is_refused(staged):
    fit = fitted(staged, staged.stacks(aside_px=3.0))
    assert not fit.accepted
    assert "beside the predicted path" in fit.reason


@pytest.mark.parametrize("ahead_s", [60.0, -12.0, 9.0])
def test_what_flies_beyond_the_window_is_refused(staged, ahead_s):
    fit = fitted(staged, staged.stacks(ahead_s=ahead_s, seed=5))
    assert not fit.accepted
    assert "another craft, or a wrong clock" in fit.reason
    assert fit.along_track_s == pytest.approx(ahead_s, abs=0.3)


def test_a_wide_window_is_said_to_be_too_wide(staged):
    fit = fitted(staged, staged.stacks(), timing_window_s=70.0)
    assert fit.accepted
    assert "just ahead of the station cannot be told" in fit.reason


def test_an_empty_sky_proves_nothing(staged):
    fit = fitted(staged, staged.stacks(brightness=0.0))
    assert not fit.accepted
    assert "No trail stands out" in fit.reason or "does not move as" in fit.reason


def test_another_satellite_across_the_path_is_not_the_station(staged):
    path = np.linspace((50.0, 20.0), (700.0, 500.0), 1500)
    fit = fitted(staged, staged.stacks(brightness=0.0, others=((path, 4),)))
    assert not fit.accepted


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"lens": None}, "The lens is not known"),
        ({"elements": None}, "No element set was given"),
        ({"site": None}, "No site was given"),
        ({"clock_error_s": None}, "Nothing bounds the error of the clock"),
    ],
)
def test_what_is_missing_is_named(staged, missing, words):
    fit = fitted(staged, staged.stacks(frames=4), **missing)
    assert not fit.accepted
    assert words in fit.reason


def test_a_path_beside_the_frame_is_named_as_the_page_knows_it(staged):
    east, north, up = np.array(staged.lens.rotation).T
    turned = np.stack((east, -north, -up)).T
    away = replace(staged.lens, rotation=tuple(map(tuple, turned.tolist())))
    assert fitted(staged, staged.stacks(frames=4), lens=away).reason == f"{BESIDE}."
