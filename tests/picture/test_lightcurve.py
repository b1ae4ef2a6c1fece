from dataclasses import replace

import numpy as np
import pytest

from issgaze.civil import later, seconds_between
from issgaze.orbit.passes import Fade
from issgaze.picture.deadtime import dead_time_of_trail
from issgaze.picture.lightcurve import measure_light_curve
from issgaze.stacking.trail import cut_trail
from issgaze.stacking.trailfit import fit_trail
from issgaze.stacking.trailpixels import TrailPixels
from issgaze.stacking.trailtimes import pass_track

ZERO_POINT_MAG = 9.0
# ADU a second, faint enough not to saturate
BRIGHTNESS = 6000.0


def curve_of(staged, stacks, fades=()):
    fit = fit_trail(
        stacks, staged.lens, staged.elements, staged.site, timing_window_s=3.0, clock_error_s=0.1
    )
    assert fit.accepted
    track = pass_track(stacks, staged.elements, staged.site)
    trail = cut_trail(stacks, staged.lens, staged.elements, staged.site, fit)
    return measure_light_curve(
        stacks,
        trail,
        staged.lens,
        track,
        ahead_s=fit.along_track_s,
        zero_point_mag=ZERO_POINT_MAG,
        fades=fades,
    )


def test_a_trail_of_known_light_has_its_magnitude(staged):
    curve = curve_of(staged, staged.stacks(brightness=BRIGHTNESS))
    truth = ZERO_POINT_MAG - 2.5 * np.log10(BRIGHTNESS * 10.0)
    measured = np.array([one.magnitude for one in curve.samples])
    assert len(measured) > 40
    assert np.median(measured) == pytest.approx(truth, abs=0.08)
    # the law is compared with, whatever it says
    assert curve.scatter_mag > 0.0
    assert all(one.light == pytest.approx(1.0, abs=0.01) for one in curve.samples)
    seconds = [seconds_between(staged.start, one.utc) for one in curve.samples]
    assert seconds == sorted(seconds)


def test_the_shadow_is_found_at_its_second_and_pixel(staged):
    """The trail ends 62 s after the start; half light is foretold 1.5 s earlier."""
    stacks = staged.stacks(brightness=BRIGHTNESS, lit_s=(-1e9, 62.0))
    half = later(staged.start, 60.5)
    fade = Fade(
        start_utc=later(half, -3.0), half_utc=half, gone_utc=later(half, 3.0), direction="in"
    )
    (found,) = curve_of(staged, stacks, (fade,)).fades
    assert found.late_s == pytest.approx(1.5, abs=0.3)
    (x, y), (x1, y1) = (2.0 * p + 0.5 for p in staged.place(np.array([60.5, 62.0])))
    assert (found.x_px, found.y_px) == pytest.approx((x, y), abs=2.0)
    assert found.away_px == pytest.approx(np.hypot(x1 - x, y1 - y), abs=4.0)


def test_a_trail_behind_a_tree_gives_no_light(staged):
    stacks = staged.stacks(brightness=BRIGHTNESS)
    nothing = TrailPixels.of(np.zeros_like(stacks.peak))
    track = pass_track(stacks, staged.elements, staged.site)
    assert (
        measure_light_curve(
            stacks, nothing, staged.lens, track, ahead_s=0.0, zero_point_mag=ZERO_POINT_MAG
        )
        is None
    )


@pytest.mark.parametrize("gap_s", [0.0, 0.3, 0.6])
def test_the_trail_tells_the_dead_time(staged, gap_s):
    """Light is taken away about each change of frames, by a station that is not shown there."""
    stacks = staged.stacks(brightness=0.0)
    frames = len(stacks.frame_start_utc)
    every = 10.01
    points = []
    for number in range(frames):
        begin = number * every + (gap_s / 2 if number else 0.0)
        end = (number + 1) * every - (gap_s / 2 if number < frames - 1 else 0.0)
        points.append(staged.place(np.arange(begin + 0.005, end, 0.01)))
    from tests.conftest import splat

    light = np.zeros(stacks.peak_frame.shape)
    whole = np.concatenate(points)
    splat(light, whole, np.full(len(whole), BRIGHTNESS * 0.01))
    ground = stacks.ground + (light / frames).astype(np.float32)
    stacks = replace(stacks, ground=ground)
    track = pass_track(stacks, staged.elements, staged.site)
    found = dead_time_of_trail(stacks, staged.lens, track, ahead_s=0.0)
    assert found.joints >= 5
    assert found.seconds == pytest.approx(gap_s, abs=max(0.05, 3.0 * found.sigma_s))
    assert found.sigma_s < 0.05
