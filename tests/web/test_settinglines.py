"""The settings on the page of the device are those that hold."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.config import Settings, parse_settings
from issgaze.service.observerfacts import standing_facts
from issgaze.service.wiring import simulated_devices, simulated_settings
from issgaze.simulated.scenario import load_scenario
from issgaze.web.server import as_served
from issgaze.web.settinglines import SettingLine, setting_sections
from issgaze.web.visit import Visit
from issgaze.web.words import Words
from tests.web.showcase import NOW

# nothing in it is what the scenario brings
OWNED = parse_settings(
    '[site]\nname = "Attic"\nlatitude_deg = 48.2134\nlongitude_deg = 16.3789\nheight_m = 190.0\n'
    'time_zone = "Europe/Vienna"\nhorizon = "0:12 180:8"\n[passes]\nnorad_ids = [48274]\n'
    'min_culmination_deg = 30.0\n[camera]\nsensor = "imx708"\nmode = "full"\nfocal_mm = 4.5\n'
    'f_number = 1.4\nlens_file = "lens.json"\n[roof]\ncontroller = "pico"\n',
    name="test",
)


@pytest.fixture
def facts(tmp_path: Path) -> dict[str, Any]:
    scenario = load_scenario("clear")
    devices = simulated_devices(scenario, start=None, speed=None, kept_clock=tmp_path / "clock")
    told = standing_facts(simulated_settings(OWNED, scenario), devices)
    return json.loads(json.dumps(told))


def lines(status: dict[str, Any], *, owner: bool = True) -> dict[str, SettingLine]:
    simulated = status.get("simulated") is True
    visit = Visit(
        owner=owner, theme=None, words=Words("en"), age_s=1.0, status=status, now=NOW,
        simulated=simulated,
    )  # fmt: skip
    return {
        f"{section}.{one.key}": one
        for section, held in setting_sections(visit, OWNED)
        for one in held
    }


def test_a_simulated_device_shows_what_its_scenario_brings(facts: dict[str, Any]) -> None:
    shown = lines(facts)
    for key, value in {
        "site.name": "Zwiesel, Bavarian Forest", "site.latitude_deg": "49.02",
        "site.longitude_deg": "13.23", "site.height_m": "620", "site.time_zone": "Europe/Berlin",
        "passes.norad_ids": "25544", "camera.adapter": "simulated", "camera.sensor": "imx477",
        "camera.mode": "binned", "camera.focal_mm": "3", "camera.f_number": "1.8",
        "camera.has_cover": "true",
    }.items():  # fmt: skip
        assert (shown[key].value, shown[key].brought) == (value, True), key
    own = shown["passes.min_culmination_deg"]
    assert (own.value, own.brought, own.changed) == ("30", False, True)
    for key in shown:
        assert not key.startswith(("roof.", "gnss.", "elements.")), "the simulation has its own"


def test_all_that_a_scenario_replaces_is_told(facts: dict[str, Any]) -> None:
    held = dataclasses.asdict(simulated_settings(OWNED, load_scenario("clear")))
    for section, values in dataclasses.asdict(OWNED).items():
        for key, value in values.items():
            if held[section][key] != value:
                told = facts["settings"][section][key]
                assert told == json.loads(json.dumps(held[section][key])), key


def test_a_real_device_shows_its_file(facts: dict[str, Any]) -> None:
    shown = lines(facts | {"simulated": False})
    assert (shown["site.name"].value, shown["site.name"].brought) == ("Attic", False)
    assert shown["roof.controller"].value == "pico"
    assert shown["site.latitude_deg"].value == "48.2134"
    guest = lines({}, owner=False)
    assert "site.latitude_deg" not in guest
    assert guest["roof.controller"].value == "pico"


@pytest.mark.parametrize("told", [None, 7, [], {"site": None}, {"site": {"name": {"a": []}}}])
def test_a_status_that_makes_no_sense_is_no_trouble(told: object) -> None:
    assert "site.time_zone" in lines({"simulated": True, "settings": told})


def test_address_and_folder_are_those_that_it_is_served_with(tmp_path: Path) -> None:
    held = as_served(Archive(tmp_path), Settings(), "0.0.0.0", 8311)
    assert (held.page.host, held.page.port) == ("0.0.0.0", 8311)
    assert held.archive.path == str(tmp_path)
    usual = as_served(Archive(Settings().archive_path()), Settings(), "127.0.0.1", 8080)
    assert usual == Settings()
