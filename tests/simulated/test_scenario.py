import re

import pytest

from issgaze.errors import ConfigurationError, ScenarioError
from issgaze.optics import profiles
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.scenario import (
    load_scenario,
    parse_scenario,
    scenario_names,
    scenario_text,
)


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_that_ships_can_be_read_and_says_what_it_shows(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.summary.endswith(".")
    assert scenario.site.name


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="no scenario 'cleer', did you mean clear"):
        load_scenario("cleer")


def test_every_fault_is_named_at_once() -> None:
    text = 'start_utc = "soon"\nsead = 3\n[lens]\nfocal_m = 3.0\nradial = [1]\n[sky]\ndew = 7.0\n'
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, name="mine")
    for part in (
        "unknown key: sead, did you mean seed?",
        "unknown key in [lens]: focal_m, did you mean focal_mm?",
        "sky.dew = 7.0 must lie in 0 to 1",
        "start_utc = 'soon' is no instant",
        "lens.radial needs 3 numbers",
    ):
        assert part in caught.value.message
    with pytest.raises(ScenarioError, match="start_utc is missing"):
        parse_scenario("", name="empty")


def test_another_seed_can_be_written_into_the_file() -> None:
    again = parse_scenario(scenario_text("clear", 99), name="clear")
    assert again.seed == 99
    assert again.lens == load_scenario("clear").lens


@pytest.mark.parametrize("name", ["imx477", "imx708", "imx462", "imx290", "imx296", "imx219"])
def test_every_chip_has_both_modes_and_room_above_its_black_level(name: str) -> None:
    profile = sensor_profile(name.upper())
    binned, full = profile.modes
    assert (binned.name, full.name) == ("binned", "full")
    assert (full.width_px, full.height_px) == (2 * binned.width_px, 2 * binned.height_px)
    range_e = ((1 << profile.bit_depth) - 1 - profile.black_level_adu) * profile.electrons_per_adu
    assert 0.5 < range_e / profile.full_well_e < 1.5


def test_an_unknown_chip_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="unknown sensor 'imx747', did you mean imx477"):
        sensor_profile("imx747")


@pytest.mark.parametrize("name", ["imx477", "imx708", "imx462", "imx290", "imx296", "imx219"])
def test_every_number_of_electrons_stands_with_its_source_or_as_an_estimate(name: str) -> None:
    profile = sensor_profile(name)
    text = " ".join((profiles.__doc__ or "").split())
    (mine,) = re.findall(rf"- {name}: (.*?)(?= - imx|$| That read noise)", text)
    for number, unit in (
        (profile.full_well_e, "e full well"),
        (profile.electrons_per_adu, "e/ADU"),
        (profile.read_noise_e, "e read noise"),
    ):
        assert f"{number:g} {unit}" in mine
    assert re.search(r"measured by|estimate|driver reports", mine)
