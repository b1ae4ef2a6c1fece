"""Every scenario that the product promises exists, renders, and differs from a clear night."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.fits import read_raw
from issgaze.civil import later, seconds_between
from issgaze.cli.main import main
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import parse_elements
from issgaze.service.wiring import simulated_devices
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import Scenario, load_scenario, scenario_names
from issgaze.simulated.scene import Scene
from issgaze.sky.site import Site

_ROOT = Path(__file__).parents[2]
_PROMISED = (
    "clear",
    "twilight",
    "moon",
    "cloudy",
    "aircraft",
    "dew",
    "reboost-stale",
    "no-clock",
    "camera-dies",
    "power-cut",
    "full-disk",
    "polar-night",
    "tilted",
)


def test_all_promised_scenarios_ship_with_a_picture() -> None:
    assert set(_PROMISED) <= set(scenario_names())
    for name in _PROMISED:
        assert (_ROOT / "docs" / "simulator" / f"{name}.jpg").stat().st_size < 150_000


@pytest.mark.parametrize("name", _PROMISED)
def test_the_pass_of_a_scenario_lies_within_its_first_hours(name: str) -> None:
    scenario = load_scenario(name)
    visible = first_pass(scenario)
    assert seconds_between(scenario.start_utc, visible.culmination) < 3.0 * 3600.0
    assert seconds_between(visible.lit_start, visible.lit_end) > 60.0


def test_failures_of_a_scenario_lie_within_its_pass() -> None:
    for name in ("camera-dies", "power-cut", "full-disk"):
        scenario = load_scenario(name)
        visible = first_pass(scenario)
        (cue,) = scenario.failures
        begun = later(scenario.start_utc, cue.start_s)
        assert visible.lit_start < begun < visible.lit_end, name


def test_the_clock_that_is_not_known_is_set_right_after_the_pass(tmp_path: Path) -> None:
    scenario = load_scenario("no-clock")
    devices = simulated_devices(
        scenario, start=None, speed=None, kept_clock=tmp_path / "simulated-clock.txt"
    )
    clock = devices.clock
    assert isinstance(clock, SimulatedClock)
    assert clock.true_utc() == scenario.start_utc, "whatever the clock shows"
    assert seconds_between(clock.true_utc(), clock.now_utc()) == 47.0
    assert clock.quality().trust == "untrusted"
    visible = first_pass(scenario)
    clock.wait_until(later(visible.lit_end, 60.0))
    assert clock.quality().trust == "untrusted"
    # long before the next pass, so that one pass ends a run
    clock.wait_until(later(visible.lit_end, 600.0))
    assert clock.quality().trust == "trusted"
    assert clock.now_utc() == clock.true_utc()


def test_the_iss_stays_below_ten_degrees_in_the_polar_night() -> None:
    site = load_scenario("polar-night").site
    record = (_ROOT / "issgaze" / "data" / "iss_omm.json").read_bytes()
    elements = parse_elements(record, source="test").sets[0]
    start = load_scenario("clear").start_utc
    place = Site(latitude_deg=site.latitude_deg, longitude_deg=site.longitude_deg)
    assert not find_passes(elements, place, start, later(start, 3 * 86400.0))


def _small(name: str) -> Scenario:
    scenario = load_scenario(name)
    camera = dataclasses.replace(scenario.camera, sensor="imx462", exposure_s=2.0)
    lens = dataclasses.replace(scenario.lens, focal_mm=2.7)
    sky = dataclasses.replace(scenario.sky, faintest_mag=8.0)
    return dataclasses.replace(scenario, camera=camera, lens=lens, sky=sky)


def test_each_sky_is_another_one() -> None:
    names = ("clear", "twilight", "moon", "cloudy", "dew", "polar-night")
    skies = {}
    for name in names:
        scenario = _small(name)
        instant = first_pass(scenario).culmination
        skies[name] = Scene(scenario, middle=instant).expose(instant, 2.0)
    medians = {name: float(np.median(sky[:250])) for name, sky in skies.items()}
    assert medians["moon"] > 4.0 * medians["clear"]
    assert medians["twilight"] > 4.0 * medians["clear"]
    assert np.abs(skies["cloudy"] - skies["clear"]).max() > medians["clear"]
    assert np.abs(skies["dew"] - skies["clear"]).max() > medians["clear"]
    # green against red photosites, where it is greenest
    tint = {}
    for name, sky in skies.items():
        green, red = (
            sky[:320:2, first::2].reshape(8, 20, 12, 40).mean(axis=(1, 3)) for first in (1, 0)
        )
        tint[name] = float((green / red).max())
    assert tint["polar-night"] > 1.1 * tint["clear"]


def test_the_page_s_own_roof_can_be_rendered(tmp_path: Path) -> None:
    page = (_ROOT / "docs" / "simulator.md").read_text()
    block = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    text = block.group(1).replace("/home/me/iss.json", "iss_omm.json")
    path = tmp_path / "my-roof.toml"
    path.write_text(text)
    words = ["simulate", "--scenario", str(path), "--out", str(tmp_path / "night")]
    assert main([*words, "--frames", "1"]) == 0
    frame = read_raw(tmp_path / "night" / "lights" / "0001.fits")
    truth = json.loads((tmp_path / "night" / "truth.json").read_text())
    assert frame.mosaic.shape == (1296, 2304)
    assert truth["scenario"] == "my-roof"
    assert truth["pass"]["culmination_deg"] > 20.0
