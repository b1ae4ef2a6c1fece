"""The capture plan covers the lit arc and states why."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.optics.sensor import CaptureMode, SensorProfile
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import parse_elements
from issgaze.planning.capture import PRE_ROLL, plan_capture
from issgaze.planning.choose import Conditions, Limits, choose
from issgaze.sky.site import Site

TLE = b"""ISS (ZARYA)
1 25544U 98067A   24130.36689744  .00016024  00000+0  27777-3 0  9997
2 25544  51.6381 147.8590 0003466 150.4670 338.5502 15.51043222452522
"""
SITE = Site(latitude_deg=47.27, longitude_deg=11.39, height_m=600.0)
IMX477 = SensorProfile(
    name="imx477",
    pixel_um=1.55,
    bit_depth=12,
    bayer_pattern="RGGB",
    black_level_adu=256,
    full_well_e=8180.0,
    electrons_per_adu=2.1,
    read_noise_e=3.0,
    read_noise_gain=1.0,
    max_analogue_gain=16.0,
    longest_exposure_s=600.0,
    modes=(
        CaptureMode(
            name="full", width_px=4056, height_px=3040, row_time_s=2.8e-5, dead_time_s=6.3e-4
        ),
        CaptureMode(
            name="binned", width_px=2028, height_px=1520, row_time_s=2.8e-5, dead_time_s=6.3e-4
        ),
    ),
)


@pytest.fixture(scope="module")
def elements():
    fixed = TLE.decode().splitlines()
    from issgaze.orbit.tle import checksum

    lines = [fixed[0], *(line[:68] + str(checksum(line)) for line in fixed[1:])]
    return parse_elements("\n".join(lines).encode(), source="test").sets[0]


@pytest.fixture(scope="module")
def passes(elements):
    start = parse_utc("2024-05-09T12:00:00Z")
    return find_passes(elements, SITE, start, later(start, 5 * 86400.0))


def test_plan_covers_the_lit_arc_with_pre_roll(elements, passes):
    for iss_pass in passes:
        if not iss_pass.visible:
            continue
        plan = plan_capture(
            iss_pass,
            elements=elements,
            site=SITE,
            sensor=IMX477,
            mode="binned",
            focal_px=871.0,
            f_number=2.0,
            minimum_interval_s=1.0,
            has_cover=True,
        )
        block = plan.lights[0]
        lead_s = seconds_between(block.start_utc, iss_pass.lit[0].start.utc)
        assert lead_s >= PRE_ROLL * block.interval_s + iss_pass.timing_uncertainty_s - 1e-3
        end = later(block.start_utc, block.count * block.interval_s)
        tail_s = seconds_between(iss_pass.lit[-1].end.utc, end)
        assert tail_s >= block.interval_s + iss_pass.timing_uncertainty_s - 1e-3
        assert block.interval_s >= 1.0
        assert plan.darks is not None
        assert plan.expected_snr is not None


def test_choices_carry_reasons(passes):
    choices = choose(passes, limits=Limits(), conditions=Conditions())
    assert [c.iss_pass for c in choices] == list(passes)
    assert all(choice.reason for choice in choices)
    assert {choice.verdict for choice in choices} == {"shoot", "skip"}
    for choice in choices:
        assert choice.verdict == "skip" or choice.iss_pass.visible


def plan_at(elements, passes, sun_altitude_deg, **changes):
    """Plan the brightest visible pass under a Sun of that altitude at culmination, moonless."""
    one = max((p for p in passes if p.visible), key=lambda p: p.culmination.altitude_deg)
    moonless = dataclasses.replace(one.moon, altitude_deg=-20.0)
    values = {
        "elements": elements, "site": SITE, "sensor": IMX477, "mode": "binned", "focal_px": 871.0,
        "f_number": 2.0, "minimum_interval_s": 0.3, "has_cover": True,
    } | changes  # fmt: skip
    return plan_capture(
        dataclasses.replace(one, sun_altitude_deg=sun_altitude_deg, moon=moonless), **values
    )


def test_exposure_and_gain_follow_the_twilight_without_flapping(elements, passes):
    blocks = [
        plan_at(elements, passes, sun).lights[0] for sun in np.arange(-6.0, -18.0, -0.05).tolist()
    ]
    exposures = [block.exposure_s for block in blocks]
    gains = [block.analogue_gain for block in blocks]
    assert exposures == sorted(exposures), "a darker sky never asks for a shorter exposure"
    assert gains == sorted(gains), "a darker sky never asks for a lower gain"
    assert exposures[0] < exposures[-1]
    assert gains[0] < gains[-1]


def test_a_meter_that_trembles_moves_no_more_than_one_step_of_gain(elements, passes):
    rng = np.random.default_rng(3)
    for sky in (14.0, 16.0, 17.5, 19.0, 21.0):
        seen = {
            plan_at(elements, passes, -9.0, sky_mag_arcsec2=sky + shake).lights[0].analogue_gain
            for shake in rng.normal(0.0, 0.05, 40).tolist()
        }
        assert max(seen) <= 2.0 * min(seen)


def test_nothing_changes_within_the_lit_arc(elements, passes):
    for one in passes:
        if one.visible:
            plan = plan_at(elements, [one], one.sun_altitude_deg)
            (block,) = plan.lights
            assert block.start_utc < one.lit[0].start.utc
            assert later(block.start_utc, block.count * block.interval_s) > one.lit[-1].end.utc
            # darks come after the last light
            assert plan.darks.start_utc > later(block.start_utc, block.count * block.interval_s)


def test_the_setting_suits_the_brighter_end_of_the_window(elements, passes):
    one = max((p for p in passes if p.visible), key=lambda p: p.culmination.altitude_deg)
    long = dataclasses.replace(one, timing_uncertainty_s=1500.0)
    short, wide = (plan_at(elements, [each], -8.0) for each in (one, long))
    # 25 min earlier or later the Sun stands degrees higher
    assert wide.lights[0].exposure_s < short.lights[0].exposure_s
    assert "at its brightest" in " ".join(wide.reasons)


def test_no_exposure_is_shorter_than_a_frame_takes_to_write_and_digest(elements, passes):
    for interval_s in (0.3, 1.0, 4.0):
        for sun in (-6.0, -7.0, -9.0, -18.0):
            plan = plan_at(elements, passes, sun, minimum_interval_s=interval_s)
            assert plan.lights[0].interval_s >= interval_s
    assert any(
        reason.startswith("given up: the sky asks for shorter exposures, but a frame takes 4.0 s")
        for reason in plan_at(elements, passes, -6.0, minimum_interval_s=4.0).reasons
    )


def test_binned_frames_where_full_ones_take_too_long(elements, passes):
    full = {"mode": "full", "focal_px": 1742.0, "minimum_interval_s": 4.0}
    bright = plan_at(elements, passes, -6.0, binned_interval_s=0.5, **full)
    assert bright.mode == "binned"
    assert bright.lights[0].interval_s < 4.0
    assert bright.reasons[0].startswith("size: binned, for the sky asks for exposures shorter than")
    dark = plan_at(elements, passes, -18.0, binned_interval_s=0.5, **full)
    assert dark.mode == "full"
    alone = plan_at(elements, passes, -6.0, **full)
    assert alone.mode == "full"
    assert "given up" in " ".join(alone.reasons)


def test_a_clock_that_may_be_wrong_widens_the_window(elements, passes):
    sure, doubtful = (
        plan_at(elements, passes, -12.0, clock_bound_s=bound) for bound in (None, 20.0)
    )
    wider_s = seconds_between(doubtful.lights[0].start_utc, sure.lights[0].start_utc)
    assert wider_s == pytest.approx(20.0, abs=2.0)
    assert "20 s of it for the clock" in " ".join(doubtful.reasons)


def test_the_plan_says_why_each_number_was_chosen_and_what_it_cannot_reach(elements, passes):
    plan = plan_at(elements, passes, -12.0)
    subjects = [reason.split(":")[0] for reason in plan.reasons]
    assert subjects == ["window", "sky", "exposure", "trail", "expected"]
    assert plan.expected_snr > 10.0
    faint = plan_at(elements, passes, -6.0, standard_magnitude=6.0)
    assert faint.expected_snr < 10.0
    assert "below the 10 that are wanted" in faint.reasons[-1]
