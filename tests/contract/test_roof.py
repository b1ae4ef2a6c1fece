"""Roof controllers behind one port: the simulated one, and a real one under real MicroPython."""

import dataclasses
import functools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from issgaze.civil import later
from issgaze.devices.roof import PicoRoof
from issgaze.devices.serialport import SerialPort
from issgaze.errors import DeviceError
from issgaze.ports import RoofController
from issgaze.roofwire import DRY_S, OPEN_LEASE_S
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.roof import SimulatedRoof
from issgaze.simulated.scenario import FailureScenario, Scenario, load_scenario
from tests.firmware.heldclock import SharedClock
from tests.firmware.pico import MICROPYTHON, Pico

# of the controller's time at once: its shortest limits are six times as long
STEP_MS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RoofRig:
    """A roof, and what can be done to the world around it.

    Attributes:
        wait: Lets so many seconds of the roof's time pass.
        rain, silent: Begin or end it.
    """

    roof: RoofController
    wait: Callable[[float], None]
    rain: Callable[[bool], None]
    silent: Callable[[bool], None]


class _Cued:
    """A scenario whose cues are set while it runs."""

    def __init__(self) -> None:
        plain = load_scenario("clear")
        self.clock = SimulatedClock(plain.start_utc)
        self.cues: dict[str, list[FailureScenario]] = {"rain": [], "roof_silent": []}
        self.plain = plain
        self.roof = SimulatedRoof(plain, self.clock)

    def wait(self, seconds: float) -> None:
        self.clock.sleep_until(later(self.clock.now_utc(), seconds))

    def cue(self, what: str, on: bool) -> None:
        now_s = self.clock.monotonic_s()
        if on:
            lasts_s = 1e9
            self.cues[what].append(
                FailureScenario(what=what, start_s=now_s, lasts_s=lasts_s, amount=0.0)  # type: ignore[arg-type]
            )
        elif self.cues[what]:
            last = self.cues[what][-1]
            self.cues[what][-1] = dataclasses.replace(last, lasts_s=now_s - last.start_s)
        every = tuple(cue for cues in self.cues.values() for cue in cues)
        scenario: Scenario = dataclasses.replace(self.plain, failures=every)
        self.roof._failures = type(self.roof._failures)(scenario, self.clock)


@contextmanager
def simulated(folder: Path) -> Iterator[RoofRig]:
    world = _Cued()
    yield RoofRig(
        roof=world.roof,
        wait=world.wait,
        rain=lambda on: world.cue("rain", on),
        silent=lambda on: world.cue("roof_silent", on),
    )


@contextmanager
def controller(folder: Path) -> Iterator[RoofRig]:
    with Pico(folder, step_ms=STEP_MS) as pico:
        assert pico.clock is not None
        clock = SharedClock(pico.clock, reader="roof")
        roof = PicoRoof(
            pico.port,
            open_port=functools.partial(SerialPort, patience_s=0.001),
            monotonic_s=clock.now_s,
        )

        def silent(on: bool) -> None:
            # the controller goes on, but nothing of it is heard and it hears nothing
            roof._open_port = broken if on else whole
            clock.follows = not on
            if on:
                port = roof._port
                assert port is not None
                port._serial.close()
                clock.wait(10.0)
            else:
                roof.await_report(limit_s=60.0)

        def broken(path: str) -> None:
            raise DeviceError(f"{path}: no such port", remedy="")

        whole = roof._open_port
        try:
            clock.start()
            roof.await_report(limit_s=60.0)
            # after power-up it takes its time until it believes that it is dry
            clock.wait(DRY_S + 15.0)
            yield RoofRig(
                roof=roof, wait=clock.wait, rain=lambda on: rains(pico, roof, on), silent=silent
            )
        finally:
            clock.stop()
            roof.close()
        assert pico.errors() == ""


def rains(pico: Pico, roof: PicoRoof, on: bool) -> None:
    pico.change(rain=on)
    end = time.monotonic() + 60.0
    while roof.state().rain is not on and time.monotonic() < end:
        time.sleep(0.002)


RIGS = {
    "simulated": simulated,
    "controller": pytest.param(
        controller,
        marks=pytest.mark.skipif(
            not MICROPYTHON.exists(), reason="no MicroPython for this machine"
        ),
    ),
}


@pytest.fixture(params=RIGS.values(), ids=RIGS.keys())
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RoofRig]:
    with request.param(tmp_path) as made:
        yield made


def test_it_starts_closed_and_says_what_it_knows(rig: RoofRig) -> None:
    state = rig.roof.state()
    assert state.cover == "closed"
    assert state.rain is False
    assert state.faults == ()
    assert state.heater_duty is not None
    assert 0.0 <= state.heater_duty <= 1.0
    assert state.heater_by == "dew"
    assert state.pi == "alive"
    assert state.reset_cause == "power"


def test_when_it_has_opened_it_is_open_and_stays_so(rig: RoofRig) -> None:
    rig.roof.open_cover()
    assert rig.roof.state().cover == "open"
    rig.wait(2.0 * OPEN_LEASE_S)
    assert rig.roof.state().cover == "open"
    rig.roof.close_cover()
    assert rig.roof.state().cover == "closed"
    rig.roof.close_cover()
    assert rig.roof.state().cover == "closed"


def test_rain_shuts_it_and_the_sun_alone_does_not_open_it(rig: RoofRig) -> None:
    rig.roof.open_cover()
    rig.rain(True)
    rig.wait(10.0)
    assert rig.roof.state().cover == "closed"
    with pytest.raises(DeviceError, match="the cover stays closed: it rains"):
        rig.roof.open_cover()
    rig.rain(False)
    with pytest.raises(DeviceError, match=f"it rained less than {DRY_S} s ago"):
        rig.roof.open_cover()
    assert (rig.roof.state().wet_s or 0.0) > 0.0
    rig.wait(DRY_S + 15.0)
    assert rig.roof.state().cover == "closed"
    rig.roof.open_cover()
    assert rig.roof.state().cover == "open"


def test_a_silent_one_says_so_and_has_shut_its_cover_when_it_is_heard_again(rig: RoofRig) -> None:
    rig.roof.open_cover()
    rig.silent(True)
    for ask in (rig.roof.state, rig.roof.open_cover, rig.roof.close_cover):
        with pytest.raises(DeviceError, match="the roof controller is silent for") as caught:
            ask()
        assert "the lens cover shuts by itself" in caught.value.remedy
    rig.wait(OPEN_LEASE_S + 10.0)
    rig.silent(False)
    assert rig.roof.state().cover == "closed"


def test_it_heats_by_hand_for_a_while(rig: RoofRig) -> None:
    rig.roof.heat(0.5, seconds=100.0)
    rig.wait(15.0)
    assert (rig.roof.state().heater_duty, rig.roof.state().heater_by) == (0.5, "hand")
    rig.wait(125.0)
    assert rig.roof.state().heater_by == "dew"
    rig.roof.heat(0.5, seconds=100.0)
    rig.roof.heat(None)
    rig.wait(15.0)
    assert rig.roof.state().heater_by == "dew"
    with pytest.raises(DeviceError, match=re.compile("duty|heater")):
        rig.roof.heat(1.5)


def test_it_does_what_its_keeper_asks_for(rig: RoofRig) -> None:
    rig.roof.maintain("hold", seconds=60.0)
    rig.roof.maintain("hold", seconds=0.0)
    rig.roof.maintain("clear")
