"""The last look before a pass, at the simulated camera and roof."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import parse_utc
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.profiles import sensor_profile
from issgaze.planning.choose import Conditions
from issgaze.service.preflight import (
    Preflight,
    Subject,
    _heat,
    _voltage,
    metering_optics,
    preflight,
    sky_mag,
)
from issgaze.simulated.camera import SimulatedCamera
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.roof import SimulatedRoof
from issgaze.simulated.scenario import FailureScenario, parse_scenario
from tests.contract.rigs import _SMALL

MIDNIGHT = "2024-01-10T23:30:00Z"


def look(
    *cues: FailureScenario, zenith_mag: float = 21.6, blur_um: float = 5.5, free_gb: float = 9.0
) -> Preflight:
    scenario = parse_scenario(_SMALL.replace("2024-05-10T01:30:00Z", MIDNIGHT), name="test")
    scenario = dataclasses.replace(
        scenario,
        failures=cues,
        sky=dataclasses.replace(scenario.sky, zenith_mag=zenith_mag),
        lens=dataclasses.replace(scenario.lens, blur_um=blur_um, edge_blur_um=blur_um),
    )
    clock = SimulatedClock(scenario.start_utc, scenario=scenario)
    roof = SimulatedRoof(scenario, clock)
    sensor = sensor_profile("imx462")
    subject = Subject(
        clock=clock,
        camera=SimulatedCamera(scenario, clock, roof=roof),
        roof=roof,
        mode="binned",
        optics=metering_optics(sensor, "binned", 2200.0 / 5.8, scenario.camera.f_number),
        conditions=Conditions(free_gb=free_gb, needed_gb=0.5),
        element_age_days=1.0,
        stop=lambda: False,
    )
    found = preflight(subject)
    assert roof.cover == "closed" or cues
    return found


def states(found: Preflight) -> dict[str, str]:
    return {check.name: check.state for check in found.checks}


def test_a_roof_in_order() -> None:
    found = look()
    assert found.complaints() == ()
    assert states(found)["camera"] == states(found)["focus"] == "ok"
    assert {"camera", "focus", "dew", "cover", "disk", "clock", "elements", "heat", "voltage"} <= (
        states(found).keys()
    )


@pytest.mark.parametrize("zenith_mag", [18.5, 20.0, 21.6])
def test_the_sky_is_metered(zenith_mag: float) -> None:
    found = look(zenith_mag=zenith_mag)
    assert found.sky_mag_arcsec2 == pytest.approx(zenith_mag, abs=0.5)


def test_a_sky_below_one_adu_is_metered_all_the_same() -> None:
    optics = metering_optics(sensor_profile("imx477"), "binned", 1742.0, 2.0)
    exposure_s, gain, level_adu = 2.0, 1.0, 0.4
    noise = np.random.default_rng(3).normal(256.0 + level_adu, 1.5, (300, 300))
    noise[::50, ::50] = 4000.0  # stars
    info = FrameInfo(
        start_utc=parse_utc(MIDNIGHT), exposure_s=exposure_s, analogue_gain=gain,
        black_level_adu=256.0, white_level_adu=4095.0,
    )  # fmt: skip
    frame = Frame(mosaic=np.rint(noise).astype(np.uint16), info=info)
    assert np.median(frame.mosaic) == 256, "the median says that there is no sky"
    electrons_per_s = level_adu * optics.sensor.electrons_per_adu * optics.photosites / exposure_s
    expected = -2.5 * np.log10(electrons_per_s / optics.sky_e_per_s(0.0))
    assert sky_mag(frame, optics) == pytest.approx(expected, abs=0.15)


def test_a_lens_out_of_focus_is_noticed() -> None:
    focus = next(check for check in look(blur_um=30.0).checks if check.name == "focus")
    assert focus.state == "warn", focus


def test_a_camera_that_hangs_is_opened_again() -> None:
    found = look(FailureScenario(what="camera_hangs", start_s=0.0, lasts_s=5.0))
    camera = found.checks[0]
    assert (camera.state, camera.value) == ("ok", "gives frames, after 1 failures")


def test_a_dead_camera_is_reported_with_its_remedy() -> None:
    found = look(FailureScenario(what="camera_gone", start_s=0.0, lasts_s=1e6))
    assert found.complaints()[0].state == "fail"
    assert "does not answer" in found.complaints()[0].value
    assert found.complaints()[0].remedy
    assert found.sky_mag_arcsec2 is None


def test_clock_disk_and_roof() -> None:
    always = {"start_s": 0.0, "lasts_s": 1e6}
    found = look(
        FailureScenario(what="clock_untrusted", **always),
        FailureScenario(what="roof_silent", **always),
        free_gb=0.1,
    )
    seen = states(found)
    assert (seen["clock"], seen["disk"], seen["cover"], seen["dew"]) == (
        "fail", "fail", "warn", "skip",
    )  # fmt: skip


def test_heat_and_voltage(tmp_path) -> None:
    assert _heat(45_000).state == "ok"
    assert _heat(85_000).state == "warn"
    flags = tmp_path / "flags"
    for text, state in (("0", "ok"), ("50000", "ok"), ("50005", "warn"), ("x", "skip")):
        flags.write_text(text + "\n")
        assert _voltage(flags).state == state


def test_it_can_be_written_down() -> None:
    document = look().document()
    assert document["checks"][0]["name"] == "camera"
