"""The capture plan covers the lit arc and states why."""

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
