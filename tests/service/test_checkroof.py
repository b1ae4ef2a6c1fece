"""Doctor's look at the roof controller."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from issgaze.config import RoofSettings
from issgaze.ports import RoofState
from issgaze.service.check import Check
from issgaze.service.checkroof import roof_checks
from issgaze.service.flashing import shipped_firmware
from issgaze.service.roofstatus import roof_document

_SOUND = RoofState(
    cover="closed", rain=False, heater_duty=0.2, air_temperature_c=8.0, humidity_percent=80.0,
    sky_temperature_c=-20.0, faults=(), supply_v=12.4, pi="alive", firmware="1.0.0",
    reset_cause="power",
)  # fmt: skip


def found(
    controller: Any = "pico", *, running: bool = True, port: str = "/dev/null", **change: Any
) -> dict[str, Check]:
    state = roof_document(dataclasses.replace(_SOUND, **change))
    settings = RoofSettings(controller=controller, port=port)
    checks = roof_checks(settings, {"roof": state}, running=running, shipped="1.0.0")
    return {check.name: check for check in checks}


def test_a_sound_one_is_sound() -> None:
    checks = found()
    assert list(checks) == ["roof controller", "roof firmware", "roof faults", "roof cover"]
    assert {check.state for check in checks.values()} == {"ok"}
    assert all(check.value and check.limit and not check.remedy for check in checks.values())
    assert "12.4 V" in checks["roof controller"].value


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ({"firmware": "0.9.0"}, "roof firmware", "issgaze roof flash"),
        ({"faults": ("cover_jam", "supply")}, "roof faults", "issgaze roof clear"),
        ({"cover": "unknown"}, "roof cover", "issgaze roof close"),
        ({"pi": "given_up"}, "roof controller", "three times today"),
    ],
)
def test_what_ails_is_told_with_a_remedy(change: dict[str, Any], name: str, said: str) -> None:
    check = found(**change)[name]
    assert check.state == "warn"
    assert said in check.remedy


def test_a_silent_one_fails() -> None:
    status = {"roof": {"cover": "closed", "silent": "the roof controller is silent for 9 s"}}
    (check,) = roof_checks(RoofSettings(controller="pico"), status, running=True)
    assert (check.state, check.value) == ("fail", "the roof controller is silent for 9 s")
    assert "cable" in check.remedy


def test_none_is_said_to_be_none() -> None:
    (check,) = found("none").values()
    assert (check.state, check.value) == ("skip", "not configured: roof.controller is none")


def test_a_simulated_sky_that_has_ended_has_none() -> None:
    (check,) = roof_checks(RoofSettings(), {"simulated": True}, running=False)
    assert (check.state, check.value) == ("skip", "a simulated sky")


def test_without_observe_the_port_is_looked_at() -> None:
    (check,) = found(running=False).values()
    assert (check.state, check.value) == ("warn", "not asked: observe does not run")
    (check,) = found(running=False, port="/dev/nothing-here").values()
    assert (check.state, check.value) == ("fail", "/dev/nothing-here: no such port")


def test_a_controller_that_was_configured_just_now_is_not_taken_up_yet() -> None:
    (check,) = roof_checks(RoofSettings(controller="pico"), {"roof": None}, running=True)
    assert "restart issgaze-observe" in check.remedy


def test_the_version_of_the_firmware_that_comes_along_is_known() -> None:
    text = (Path(__file__).parents[2] / "firmware/controller.py").read_text()
    (version,) = re.findall(r'^FIRMWARE = "(.+)"$', text, re.MULTILINE)
    assert shipped_firmware() == version
    assert shipped_firmware(Path("/nowhere")) is None
