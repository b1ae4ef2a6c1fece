"""The receiver's word, judged; and the same through a whole simulated world."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.civil import later
from issgaze.config import Settings, parse_settings
from issgaze.service.gnss import gnss_document, publish_gnss
from issgaze.service.observe import Observer
from issgaze.service.observerparts import ObserverParts
from issgaze.service.wiring import simulated_devices, simulated_settings
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.gnss import SimulatedGnss
from issgaze.simulated.scenario import FailureScenario, Scenario, load_scenario

CASES = {
    "fix": (None, 0.0, ""),
    "no_fix": ("gnss_no_fix", 0.0, "no fix: 2 satellites, 4 are needed"),
    "jumped": ("gnss_jumps", 0.5, "the fix is 56 km from the site, the limit is 1 km"),
    "silent": ("gnss_silent", 0.0, "the GNSS receiver is silent for 5 s, the limit is 2 s"),
}


def scenario(state: str) -> Scenario:
    what, amount, _ = CASES[state]
    clear = dataclasses.replace(load_scenario("clear"), clock_error_s=2.0)
    if what is None:
        return clear
    cue = FailureScenario(what=what, start_s=0.0, lasts_s=1e6, amount=amount)  # type: ignore[arg-type]
    return dataclasses.replace(clear, failures=(cue,))


def settings(given: Scenario) -> Settings:
    return simulated_settings(parse_settings("", name="test"), given)


@pytest.mark.parametrize("state", sorted(CASES))
def test_each_state_is_told_with_its_reason(state: str) -> None:
    given = scenario(state)
    clock = SimulatedClock(later(given.start_utc, 2.0), scenario=given)
    receiver = SimulatedGnss(given, clock)
    document = gnss_document(receiver, settings(given).site, clock.now_utc())
    assert document["state"] == state
    assert document["reason"] == CASES[state][2]
    # only a good fix measures the clock
    assert document.get("clock_error_s") == (pytest.approx(2.0) if state == "fix" else None)


@pytest.mark.parametrize("state", sorted(CASES))
def test_the_simulated_world_publishes_it_and_the_night_goes_on(tmp_path: Path, state: str) -> None:
    given = scenario(state)
    archive = Archive(tmp_path)
    # past the two seconds by which its clock is ahead, so that the cue is on
    start = later(given.start_utc, 10.0)
    devices = simulated_devices(given, start=start, speed=None, kept_clock=tmp_path / "clock.txt")
    assert devices.gnss is not None
    log: list[str] = []
    end: datetime = later(given.start_utc, 7200.0)
    parts = ObserverParts(
        archive=archive,
        # a set that is not there: the observer waits for it, nothing is photographed
        settings=settings(given),
        devices=devices,
        stop=lambda: devices.clock.now_utc() > end,
        log=log.append,
    )
    Observer(parts).run()
    document = json.loads((archive.run / "gnss.json").read_text())
    assert document["state"] == state
    said = [line for line in log if line.startswith("GNSS: ")]
    assert said == ([f"GNSS: {CASES[state][2]}"] if CASES[state][2] else [])


def test_it_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for number in range(2):
        publish_gnss(tmp_path, {"state": "fix", "number": number})
    assert json.loads((tmp_path / "gnss.json").read_text())["number"] == 1
