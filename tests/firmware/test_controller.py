"""The controller under CPython: every order of things that hypothesis can think of."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from controller import Controller, Outputs, Readings, Start
from heater import BLIND_DUTY, LONGEST_MS, REST_MS
from issgaze.roofwire import (
    BEAT_LOST_S,
    DRY_S,
    HEATER_LEASE_S,
    HOLD_LEASE_S,
    OPEN_LEASE_S,
    TRAVEL_S,
    decode,
    encode,
)
from supervision import GRACE_MS, MOST_A_DAY, OFF_MS, STOPPING_MS
from weather import dew_margin_c, dew_point_c

DAY_MS = 24 * 3600 * 1000
STEP_MS = 20


def start(cover: str = "motor", reset: str = "power", cycles: int = 0) -> Start:
    return Start("test", reset, 1, cycles, cover, ("air", "sky"))


class Roof:
    """A controller and the roof it looks after: a cover that takes four seconds."""

    travel_ms = 4000

    def __init__(self, cover: str = "motor", **more: Any) -> None:
        self.controller = Controller(start(cover, **more))
        self.now_ms = 0
        self.place = 0.5
        self.stuck = False
        self.readings = Readings()
        self.readings.rain = False
        self.readings.air_c, self.readings.humidity = 8.0, 60.0
        self.readings.sky_c, self.readings.supply_v = -18.0, 12.6
        self.outputs = Outputs()
        self.number = 0

    def step(self, dt_ms: int = STEP_MS) -> Outputs:
        if not self.stuck:
            self.place += self.outputs.motor * dt_ms / self.travel_ms
            self.place = min(1.0, max(0.0, self.place))
        self.readings.at_open = self.place >= 1.0
        self.readings.at_closed = self.place <= 0.0
        self.now_ms += dt_ms
        self.outputs = self.controller.step(self.now_ms, self.readings)
        return self.outputs

    def run(self, seconds: float, dt_ms: int = 100) -> None:
        for _ in range(int(seconds * 1000 / dt_ms)):
            self.step(dt_ms)

    def ask(self, what: str, **more: Any) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "cmd": what, "until": self.now_ms // 1000 + 5, **more}
        answer = self.controller.command(self.now_ms, message)
        assert answer is not None
        assert answer["id"] == self.number
        return answer

    @property
    def report(self) -> dict[str, Any]:
        return self.controller.report(self.now_ms)

    def dry_and_open(self) -> "Roof":
        self.run(DRY_S + 1)
        assert self.ask("open")["ok"]
        self.run(5)
        assert self.report["cover"] == "open"
        return self


# the cover


def test_at_power_up_the_cover_shuts_and_stays_shut() -> None:
    roof = Roof()
    roof.run(6)
    assert roof.report["cover"] == "closed"
    assert roof.outputs.motor == 0


def test_it_opens_on_request_and_shuts_when_nobody_asks_any_more() -> None:
    roof = Roof().dry_and_open()
    roof.run(OPEN_LEASE_S - 10)
    assert roof.report["cover"] == "open"
    roof.run(20)
    assert roof.report["cover"] == "closed"


def test_asking_again_keeps_it_open() -> None:
    roof = Roof().dry_and_open()
    for _ in range(5):
        roof.run(OPEN_LEASE_S / 2)
        assert roof.ask("open")["ok"]
    assert roof.report["cover"] == "open"


def test_rain_shuts_it_without_the_pi_and_it_needs_a_fresh_request() -> None:
    roof = Roof().dry_and_open()
    roof.readings.rain = True
    roof.step()
    roof.readings.rain = False
    roof.run(6)
    assert roof.report["cover"] == "closed"
    assert roof.ask("open")["error"] == "wet"
    roof.run(DRY_S)
    assert roof.report["cover"] == "closed"
    assert roof.ask("open")["ok"]


def test_a_dead_rain_sensor_shuts_it() -> None:
    roof = Roof().dry_and_open()
    roof.readings.rain = None
    roof.run(6)
    assert roof.report["cover"] == "closed"
    assert roof.ask("open")["error"] == "rain_sensor"
    # one that lives again may have drowned: it has to be dry for a while first
    roof.readings.rain = False
    roof.step()
    assert roof.ask("open")["error"] == "wet"


def test_a_low_supply_shuts_it_while_there_is_some_left() -> None:
    roof = Roof().dry_and_open()
    roof.readings.supply_v = 10.5
    roof.run(12)
    assert roof.report["cover"] == "closed"
    assert roof.report["by"] == "supply"
    assert roof.ask("open")["error"] == "supply"


def test_a_cover_that_is_stuck_is_given_up_tried_again_and_never_opened() -> None:
    roof = Roof()
    roof.run(DRY_S + 1)
    roof.stuck = True
    assert roof.ask("open")["ok"]
    roof.run(TRAVEL_S + 2)
    assert roof.report["faults"]["stuck"][0] == 1
    # at the closed end all along: nothing more to do, and nothing to open
    assert roof.ask("open")["error"] == "fault"
    roof.stuck = False
    roof.run(2)
    assert roof.ask("clear")["ok"]
    assert roof.ask("open")["ok"]


def test_a_cover_that_does_not_shut_is_tried_for_ever() -> None:
    roof = Roof().dry_and_open()
    roof.ask("close")
    roof.step()
    roof.step(400)
    roof.place, roof.stuck = 0.7, True
    roof.run(500)
    assert roof.report["faults"]["stuck"][0] >= 4
    roof.stuck = False
    roof.run(70)
    assert roof.report["cover"] == "closed"


def test_both_end_stops_at_once_are_a_fault() -> None:
    roof = Roof()
    roof.run(DRY_S + 1)
    roof.readings.at_open = roof.readings.at_closed = True
    for _ in range(20):
        roof.now_ms += 100
        roof.controller.step(roof.now_ms, roof.readings)
    assert "end_stops" in roof.report["faults"]
    assert roof.ask("open")["error"] == "fault"


def test_a_motor_never_turns_round_without_a_rest() -> None:
    roof = Roof().dry_and_open()
    ways = []
    for index in range(200):
        roof.ask("close" if index % 3 == 0 else "open")
        ways.append(roof.step().motor)
    assert all(one * other >= 0 for one, other in itertools.pairwise(ways))


@pytest.mark.parametrize(
    ("until_s", "error"),
    [(-1, "late"), (-100, "late"), (60, "early"), (12, "early"), (None, "value"), (True, "value"),
     ("5", "value"), (1e300, "value")],
)  # fmt: skip
def test_commands_of_another_time_are_refused(until_s: Any, error: str) -> None:
    roof = Roof()
    roof.run(DRY_S + 1)
    now_s = roof.now_ms // 1000
    until = now_s + until_s if type(until_s) is int else until_s
    for what in ("open", "heater", "power", "clear", "update"):
        assert roof.ask(what, until=until, duty=1, seconds=60)["error"] == error


def test_closing_is_never_too_late() -> None:
    roof = Roof().dry_and_open()
    assert roof.ask("close", until=-1000)["ok"]
    roof.run(6)
    assert roof.report["cover"] == "closed"


# the heater


@pytest.mark.parametrize(
    ("air_c", "humidity", "dew_c"),
    # WMO Guide to Instruments (No. 8) tables over water, to the nearest tenth
    [(20.0, 50.0, 9.3), (10.0, 80.0, 6.7), (0.0, 100.0, 0.0), (30.0, 30.0, 10.5), (5.0, 95.0, 4.3)],
)
def test_the_dew_point_is_that_of_the_tables(air_c: float, humidity: float, dew_c: float) -> None:
    assert dew_point_c(air_c, humidity) == pytest.approx(dew_c, abs=0.1)


def test_the_margin_is_smaller_under_a_clear_sky() -> None:
    assert dew_margin_c(10.0, 5.0, 0) == 2.5
    assert dew_margin_c(10.0, 5.0, 100) == 5.0
    assert dew_margin_c(10.0, 5.0, None) == 2.5


@given(st.floats(-30, 45), st.floats(0, 100))
def test_the_wetter_the_air_the_more_heat(air_c: float, humidity: float) -> None:
    duties = []
    for percent in (humidity, min(100.0, humidity + 5.0)):
        roof = Roof()
        roof.readings.air_c, roof.readings.humidity = air_c, percent
        duties.append(roof.step().heater)
    assert 0.0 <= duties[0] <= duties[1] <= 1.0


def test_a_dead_sensor_has_its_duty() -> None:
    roof = Roof()
    roof.readings.air_c = roof.readings.humidity = None
    roof.run(20)
    assert roof.outputs.heater == BLIND_DUTY
    assert roof.report["by"] == "blind"
    assert roof.report["faults"] == {"air_sensor": [1, 1]}


def test_heat_by_hand_ends_by_itself() -> None:
    roof = Roof()
    roof.readings.humidity = 20.0
    assert roof.ask("heater", duty=0.8, seconds=1e6)["ok"]
    roof.run(HEATER_LEASE_S - 5, dt_ms=1000)
    assert roof.outputs.heater == 0.8
    roof.run(10, dt_ms=1000)
    assert roof.outputs.heater == 0.0


@pytest.mark.parametrize("duty", [-0.1, 1.1, "1", True, float("nan"), [1]])
def test_a_duty_that_is_none_is_refused(duty: Any) -> None:
    assert Roof().ask("heater", duty=duty, seconds=10)["error"] == "value"


def test_after_the_longest_night_it_rests() -> None:
    roof = Roof()
    roof.readings.humidity = 99.0
    on_ms = 0
    while roof.step(10_000).heater > 0.0:
        on_ms += 10_000
    assert on_ms == pytest.approx(LONGEST_MS, abs=20_000)
    assert roof.report["by"] == "rest"
    roof.run(REST_MS / 1000 - 20, dt_ms=10_000)
    assert roof.outputs.heater == 0.0
    roof.run(60, dt_ms=10_000)
    assert roof.outputs.heater == 1.0


def test_a_minute_off_now_and_then_is_no_rest() -> None:
    roof = Roof()
    roof.readings.humidity = 99.0
    for _ in range(13):
        roof.run(3600, dt_ms=10_000)
        assert roof.ask("heater", duty=0, seconds=60)["ok"]
        roof.run(70, dt_ms=10_000)
    roof.run(3000, dt_ms=10_000)
    assert roof.report["by"] == "rest"


def test_a_hot_box_is_not_heated() -> None:
    roof = Roof()
    roof.readings.air_c, roof.readings.humidity = 41.0, 99.0
    assert roof.step().heater == 0.0
    roof.readings.air_c = 38.0
    assert roof.step().heater == 0.0
    roof.readings.air_c = 34.0
    assert roof.step().heater > 0.0
    assert roof.report["faults"]["hot"] == [1, 0]


# the Pi


def cuts(roof: Roof, seconds: float, *, beat: bool = False) -> int:
    """Let time pass and return how often the Pi's supply was cut."""
    count, before = 0, roof.outputs.cut_pi
    for _ in range(int(seconds)):
        if beat:
            roof.ask("beat")
        now = roof.step(1000).cut_pi
        count += now and not before
        before = now
    return count


def test_a_pi_that_beats_is_left_alone() -> None:
    roof = Roof()
    assert cuts(roof, 3 * 3600, beat=True) == 0
    assert roof.report["pi"] == "alive"


def test_a_pi_that_falls_silent_is_asked_first_then_cut_then_given_its_grace() -> None:
    roof = Roof()
    roof.ask("beat")
    assert cuts(roof, BEAT_LOST_S - 2) == 0
    roof.run(4, dt_ms=1000)
    assert roof.outputs.ask_pi
    roof.run(STOPPING_MS / 1000 - 5, dt_ms=1000)
    assert not roof.outputs.cut_pi
    roof.run(6, dt_ms=1000)
    assert roof.outputs.cut_pi
    roof.run(OFF_MS / 1000 + 2, dt_ms=1000)
    assert not roof.outputs.cut_pi
    assert cuts(roof, GRACE_MS / 1000 - 60) == 0


def test_at_most_three_cycles_a_day() -> None:
    roof = Roof()
    assert cuts(roof, 12 * 3600) == MOST_A_DAY
    assert roof.report["pi"] == "given_up"
    assert roof.report["faults"]["pi_dead"] == [1, 1]
    roof.ask("beat")
    roof.step()
    assert roof.report["pi"] == "alive"
    assert roof.ask("power")["error"] == "busy"


def test_cycles_before_a_reset_count() -> None:
    roof = Roof(cycles=3)
    assert cuts(roof, 6 * 3600) == 0


def test_a_hold_keeps_the_pi_running_through_its_update() -> None:
    roof = Roof()
    roof.ask("beat")
    assert roof.ask("hold", seconds=1800)["ok"]
    assert cuts(roof, 1800) == 0
    # its end gives the grace of a start
    assert cuts(roof, GRACE_MS / 1000 - 10) == 0
    assert cuts(roof, 120) == 1


def test_a_hold_has_its_limit() -> None:
    roof = Roof()
    roof.ask("hold", seconds=1e8)
    assert cuts(roof, HOLD_LEASE_S + GRACE_MS / 1000 + 120) == 1


def test_a_low_supply_cuts_nothing() -> None:
    roof = Roof()
    roof.readings.supply_v = 10.5
    assert cuts(roof, 4 * 3600) == 0


def test_a_beat_while_it_is_asked_to_stop_does_not_leave_it_off() -> None:
    roof = Roof()
    assert roof.ask("power")["ok"]
    roof.step(1000)
    assert cuts(roof, 120, beat=True) == 1
    assert roof.report["pi"] == "alive"


@pytest.mark.parametrize("reset", ["watchdog", "brown_out"])
def test_the_cause_of_a_reset_is_told_until_it_is_cleared(reset: str) -> None:
    roof = Roof(reset=reset)
    roof.step()
    assert roof.ask("hello")["reset"] == reset
    assert roof.report["faults"] == {reset: [1, 0]}
    roof.ask("clear")
    assert roof.report["faults"] == {}


def test_room_for_new_firmware_is_made_behind_a_shut_cover_only() -> None:
    roof = Roof().dry_and_open()
    assert roof.ask("update")["error"] == "fault"
    assert not roof.controller.leaves
    roof.ask("close")
    roof.run(6)
    assert roof.ask("update")["ok"]
    assert roof.controller.leaves


@pytest.mark.parametrize(
    "message",
    [{}, {"id": 0, "cmd": "open"}, {"id": True, "cmd": "open"}, {"id": 1.0}, {"id": 2**40}],
)
def test_what_has_no_identity_is_no_command(message: dict[str, Any]) -> None:
    assert Controller(start()).command(0, message) is None


def test_an_unknown_command_is_answered() -> None:
    assert Roof().ask("tea")["error"] == "unknown"
    assert Roof().ask("open", cmd=["open"])["error"] == "unknown"


# every order of things

NUMBERS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(), st.text(max_size=3)
)


class EveryOrder(RuleBasedStateMachine):
    """Any readings, any commands, any pauses; what must never be is looked for after each step."""

    @initialize(
        cover=st.sampled_from(["motor", "servo", "none"]),
        reset=st.sampled_from(["power", "watchdog", "brown_out", "soft"]),
        cycles=st.integers(0, 5),
    )
    def begin(self, cover: str, reset: str, cycles: int) -> None:
        self.roof = Roof(cover, reset=reset, cycles=cycles)
        self.wet_ms = 0
        self.asked_ms: int | None = None
        self.hand_ms: int | None = None
        self.hold_until_ms = 0
        self.off_since_ms = 0
        self.rested_ms = 0
        self.cuts_ms: list[int] = []
        self.drive_ms = 0
        self.forced_ms: int | None = None
        self.heard_ms: int | None = None

    @rule(
        steps=st.integers(1, 12),
        dt_ms=st.sampled_from([20, 20, 100, 500, 3000, 60_000, 900_000, 5_000_000]),
    )
    def time_passes(self, steps: int, dt_ms: int) -> None:
        for _ in range(steps):
            before = self.roof.outputs
            self.roof.step(dt_ms)
            self.look(before, dt_ms)

    @rule(rain=st.sampled_from([False, False, True, None]))
    def weather(self, rain: bool | None) -> None:
        self.roof.readings.rain = rain

    @rule(
        air_c=st.one_of(st.none(), st.floats(-40, 60)),
        humidity=st.one_of(st.none(), st.floats(0, 100)),
        sky_c=st.one_of(st.none(), st.floats(-60, 50)),
        volt=st.one_of(st.none(), st.floats(0, 16)),
    )
    def sensors(
        self, air_c: float | None, humidity: float | None, sky_c: float | None, volt: float | None
    ) -> None:
        read = self.roof.readings
        read.air_c, read.humidity, read.sky_c, read.supply_v = air_c, humidity, sky_c, volt

    @rule(stuck=st.booleans())
    def mechanics(self, stuck: bool) -> None:
        self.roof.stuck = stuck

    @rule()
    def damp_night_and_good_supply(self) -> None:
        read = self.roof.readings
        read.rain, read.air_c, read.humidity, read.supply_v = False, 5.0, 97.0, 12.6
        self.roof.stuck = False

    @rule()
    def dry_then_open(self) -> None:
        self.roof.readings.rain = False
        self.time_passes(steps=7, dt_ms=20_000)
        self.open()

    @rule()
    def open(self) -> None:
        if self.roof.ask("open")["ok"]:
            self.asked_ms = self.roof.now_ms

    @rule(duty=st.floats(0, 1), seconds=st.integers(1, 10**6))
    def heat(self, duty: float, seconds: int) -> None:
        if self.roof.ask("heater", duty=duty, seconds=seconds)["ok"]:
            self.hand_ms = self.roof.now_ms

    @rule(seconds=st.integers(0, 10**5))
    def hold(self, seconds: int) -> None:
        if self.roof.ask("hold", seconds=seconds)["ok"]:
            limit = min(seconds, HOLD_LEASE_S) * 1000
            self.hold_until_ms = self.roof.now_ms + limit if seconds else 0

    @rule()
    def power(self) -> None:
        if self.roof.ask("power")["ok"]:
            self.forced_ms = self.roof.now_ms

    @rule(what=st.sampled_from(["close", "beat", "clear", "hello", "state", "tea"]))
    def harmless(self, what: str) -> None:
        if what == "beat":
            self.heard_ms = self.roof.now_ms
        self.roof.ask(what)

    @rule(
        what=st.sampled_from(["close", "beat", "clear", "update", "tea", "hello", "state"]),
        until=NUMBERS,
        duty=NUMBERS,
        seconds=NUMBERS,
    )
    def nonsense(self, what: str, until: Any, duty: Any, seconds: Any) -> None:
        if what == "beat":
            self.heard_ms = self.roof.now_ms
        self.roof.ask(what, until=until, duty=duty, seconds=seconds)

    def look(self, before: Outputs, dt_ms: int) -> None:
        roof, now_ms = self.roof, self.roof.now_ms
        out, read = roof.outputs, roof.readings
        if read.rain is not False:
            self.wet_ms = now_ms
        # the cover
        if out.motor > 0:
            assert read.rain is False
            assert now_ms - self.wet_ms >= DRY_S * 1000
            assert self.asked_ms is not None
            assert now_ms - self.asked_ms < OPEN_LEASE_S * 1000
        assert out.motor * before.motor >= 0
        self.drive_ms = self.drive_ms + dt_ms if out.motor and before.motor else 0
        assert self.drive_ms < TRAVEL_S * 1000
        # the heater
        assert 0.0 <= out.heater <= 1.0
        if roof.report["by"] == "hand":
            assert self.hand_ms is not None
            assert now_ms - self.hand_ms < HEATER_LEASE_S * 1000
        if out.heater == 0.0:
            if before.heater > 0.0:
                self.off_since_ms = now_ms
            if now_ms - self.off_since_ms >= REST_MS:
                self.rested_ms = now_ms
        else:
            if before.heater == 0.0 and now_ms - self.off_since_ms >= REST_MS:
                self.rested_ms = now_ms
            assert now_ms - self.rested_ms < LONGEST_MS + REST_MS
        if read.air_c is not None and read.air_c > 40.0:
            assert out.heater == 0.0
        # the Pi
        if out.ask_pi and not before.ask_pi:
            quiet_ms = GRACE_MS if self.heard_ms is None else BEAT_LOST_S * 1000
            forced = self.forced_ms is not None and self.forced_ms <= now_ms
            assert forced or now_ms - (self.heard_ms or 0) >= quiet_ms
            assert now_ms >= self.hold_until_ms or self.hold_until_ms == 0
            self.forced_ms = None
        if out.cut_pi and not before.cut_pi:
            assert before.ask_pi or self.forced_ms is not None
            self.forced_ms = None
            self.cuts_ms.append(now_ms)
            assert len([cut for cut in self.cuts_ms if now_ms - cut < DAY_MS]) <= MOST_A_DAY

    @invariant()
    def its_report_fits_the_wire(self) -> None:
        if hasattr(self, "roof"):
            report = {"tick": self.roof.report}
            assert decode(encode(report)) == report


TestEveryOrder = EveryOrder.TestCase
TestEveryOrder.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@pytest.mark.long
class TestEveryOrderLong(EveryOrder.TestCase):
    settings = settings(max_examples=3000, stateful_step_count=60, deadline=None)


@given(st.floats(0.0, 1.0), st.lists(st.sampled_from(["open", "clear", "beat"]), max_size=20))
@settings(max_examples=30)
def test_wherever_it_stands_rain_shuts_it(place: float, commands: list[str]) -> None:
    roof = Roof()
    roof.run(DRY_S + 1)
    roof.ask("open")
    roof.step()
    roof.place = place
    roof.run(1)
    roof.readings.rain = True
    for command in commands:
        roof.step()
        roof.ask(command)
    roof.run(6)
    assert roof.place == 0.0
    assert math.isclose(roof.outputs.motor, 0.0)
