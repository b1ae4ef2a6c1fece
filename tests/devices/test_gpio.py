"""A roof on the Pi's own pins: a board with physics that refuses what a real one refuses."""

import importlib
import subprocess
import sys
from typing import Any

import pytest

from issgaze.devices.gpio import GpioRoof
from issgaze.devices.gpiopins import GpioPins, check_pins
from issgaze.errors import DeviceError
from issgaze.roofwire import DRY_S, HEATER_LEASE_S

PINS = GpioPins(heater=17, servo=12, led=27, button=22, rain=23, pps=18)


class Board:
    """RPi.GPIO with a servo, a relay, a contact and a button behind its pins.

    It refuses what the real one refuses: a pin that was not set up, an output read as an input, a
    duty beyond 100 %. It keeps the history of its outputs.
    """

    BCM, OUT, IN, LOW, HIGH, PUD_UP = "BCM", "OUT", "IN", 0, 1, "UP"

    def __init__(self) -> None:
        self.mode: str | None = None
        self.kinds: dict[int, str] = {}
        self.levels: dict[int, int] = {}
        self.history: list[tuple[int, int]] = []
        # closed contact: low; button not pressed: high
        self.outside = {23: 0, 22: 1}
        self.servo_angle = 45.0
        self.pulsing = False

    def setwarnings(self, on: bool) -> None:
        pass

    def setmode(self, mode: str) -> None:
        self.mode = mode

    def setup(self, pin: int, kind: str, *, initial: int = 0, pull_up_down: str = "") -> None:
        if self.mode is None:
            raise RuntimeError("Please set pin numbering mode using GPIO.setmode()")
        self.kinds[pin] = kind
        if kind == self.OUT:
            self.output(pin, initial)
        else:
            assert pull_up_down == self.PUD_UP

    def output(self, pin: int, level: int) -> None:
        if self.kinds.get(pin) != self.OUT:
            raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
        if self.levels.get(pin) != level:
            self.history.append((pin, level))
        self.levels[pin] = level

    def input(self, pin: int) -> int:
        if self.kinds.get(pin) != self.IN:
            raise RuntimeError("You must setup() the GPIO channel first")
        return self.outside[pin]

    def cleanup(self, pins: list[int]) -> None:
        for pin in pins:
            del self.kinds[pin]

    def PWM(self, pin: int, frequency: float) -> "Board.Servo":  # noqa: N802 - RPi.GPIO's name
        if self.kinds.get(pin) != self.OUT:
            raise RuntimeError("You must setup() the GPIO channel first")
        return Board.Servo(self, frequency)

    class Servo:
        def __init__(self, board: "Board", frequency: float) -> None:
            assert frequency == 50.0
            self.board = board

        def start(self, percent: float) -> None:
            self.ChangeDutyCycle(percent)

        def ChangeDutyCycle(self, percent: float) -> None:  # noqa: N802
            if not 0.0 <= percent <= 100.0:
                raise ValueError("dutycycle must have a value from 0.0 to 100.0")
            self.board.pulsing = percent > 0.0
            if percent > 0.0:
                # 1 ms is one end, 2 ms the other
                self.board.servo_angle = (percent / 100.0 * 20.0 - 1.0) * 90.0

        def stop(self) -> None:
            self.board.pulsing = False


class Time:
    """A clock that each look moves on a little, so that waits end."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.step_s = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


class Rig:
    def __init__(self, pins: GpioPins = PINS) -> None:
        self.board, self.time = Board(), Time()
        self.roof = GpioRoof(pins, gpio=self.board, monotonic_s=self.time, polls=False)

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            self.time.now_s += 0.1
            self.roof.poll()

    def waiting(self, ask: Any) -> None:
        self.time.step_s = 0.5
        try:
            ask()
        finally:
            self.time.step_s = 0.0
        self.roof.poll()

    def dry(self) -> "Rig":
        self.run(DRY_S + 1.0)
        return self


def test_it_starts_by_shutting_and_is_quiet_then() -> None:
    rig = Rig()
    assert rig.roof.state().cover == "moving"
    rig.run(2.0)
    assert rig.roof.state().cover == "closed"
    assert rig.board.servo_angle == pytest.approx(0.0)
    assert not rig.board.pulsing


def test_it_opens_and_shuts() -> None:
    rig = Rig().dry()
    rig.waiting(rig.roof.open_cover)
    assert (rig.roof.state().cover, rig.board.servo_angle) == ("open", pytest.approx(90.0))
    # dark while it is open: it would be in the picture
    assert rig.board.levels[27] == 0
    rig.waiting(rig.roof.close_cover)
    assert (rig.roof.state().cover, rig.board.servo_angle) == ("closed", pytest.approx(0.0))


def test_rain_or_a_cut_wire_shuts_it_and_it_dries_before_it_opens() -> None:
    rig = Rig().dry()
    rig.waiting(rig.roof.open_cover)
    rig.board.outside[23] = 1
    rig.run(0.1)
    assert rig.board.servo_angle == pytest.approx(0.0)
    with pytest.raises(DeviceError, match="the cover stays closed: it rains"):
        rig.roof.open_cover()
    rig.board.outside[23] = 0
    rig.run(5.0)
    with pytest.raises(DeviceError, match=f"it rained less than {DRY_S} s ago"):
        rig.roof.open_cover()
    rig.run(DRY_S)
    assert rig.roof.state().cover == "closed"
    rig.waiting(rig.roof.open_cover)
    assert rig.roof.state().cover == "open"


def test_the_button_keeps_it_shut_until_it_is_pressed_again() -> None:
    rig = Rig().dry()
    rig.waiting(rig.roof.open_cover)
    rig.board.outside[22] = 0
    rig.run(2.0)
    rig.board.outside[22] = 1
    rig.run(2.0)
    assert rig.roof.state().cover == "closed"
    assert rig.roof.state().faults == ("kept_shut",)
    with pytest.raises(DeviceError, match="the button was pressed"):
        rig.roof.open_cover()
    rig.board.outside[22] = 0
    rig.run(0.2)
    rig.board.outside[22] = 1
    rig.waiting(rig.roof.open_cover)
    assert rig.roof.state().cover == "open"


def test_the_heater_is_on_for_its_share_and_switches_seldom() -> None:
    rig = Rig()
    rig.board.history.clear()
    on = 0
    for _ in range(6000):
        rig.run(0.1)
        on += rig.board.levels[17]
    assert on / 6000 == pytest.approx(0.3, abs=0.01)
    assert sum(pin == 17 for pin, _ in rig.board.history) <= 22


def test_heat_by_hand_ends() -> None:
    rig = Rig()
    rig.roof.heat(1.0, seconds=1e9)
    rig.run(60.0)
    assert rig.roof.state().heater_by == "hand"
    assert rig.board.levels[17] == 1
    rig.run(HEATER_LEASE_S)
    assert rig.roof.state().heater_by == "blind"
    with pytest.raises(DeviceError, match="duty 2, limits 0 to 1"):
        rig.roof.heat(2.0)


def test_at_the_end_all_is_shut_and_off() -> None:
    rig = Rig().dry()
    rig.waiting(rig.roof.open_cover)
    rig.roof.heat(1.0)
    rig.run(1.0)
    rig.waiting(lambda: rig.roof.close() or setattr(rig.roof, "poll", lambda: None))
    assert rig.board.servo_angle == pytest.approx(0.0)
    assert not rig.board.pulsing
    assert rig.board.levels[17] == rig.board.levels[27] == 0
    assert rig.board.kinds == {}


def test_without_a_cover_nothing_moves() -> None:
    rig = Rig(GpioPins(heater=17))
    rig.roof.open_cover()
    assert rig.roof.state().cover == "open"
    assert rig.roof.state().wet_s == 0.0


@pytest.mark.parametrize("task", ["power", "update"])
def test_what_takes_a_controller_is_refused(task: Any) -> None:
    with pytest.raises(DeviceError, match=f"{task}: there is no roof controller, only pins"):
        Rig().roof.maintain(task)


@pytest.mark.parametrize(
    ("pins", "text"),
    [
        ({"heater": 0}, "roof.heater_pin = 0: it reads a HAT's identity"),
        ({"servo": 2}, "roof.servo_pin = 2: it is the I2C bus of HATs"),
        ({"rain": 9}, "roof.rain_pin = 9: it is the SPI bus"),
        ({"led": 14}, "roof.led_pin = 14: it is the serial port"),
        ({"heater": 44}, "roof.heater_pin = 44: the header has 0 to 27; those above carry the"),
        ({"heater": 17, "led": 17}, "roof.led_pin = 17: roof.heater_pin has it too"),
    ],
)
def test_pins_of_hats_and_camera_are_refused(pins: dict[str, int], text: str) -> None:
    with pytest.raises(DeviceError, match=text) as caught:
        check_pins(GpioPins(**pins))
    assert "16 to 27" in caught.value.remedy


def test_it_imports_what_the_library_calls_itself() -> None:
    # in a process of its own: the pattern changes sys.modules for good
    code = (
        "import sys, io; sys.stdout = io.StringIO(); import fake_rpi; sys.stdout = sys.__stdout__\n"
        "sys.modules['RPi'] = fake_rpi.RPi; sys.modules['RPi.GPIO'] = fake_rpi.RPi.GPIO\n"
        "fake_rpi.toggle_print(False)\n"
        "from issgaze.devices.gpio import _rpi_gpio\n"
        "assert _rpi_gpio() is fake_rpi.RPi.GPIO\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(DeviceError, match=r"RPi\.GPIO cannot be used") as caught:
        GpioRoof(PINS)
    assert "python3-rpi-lgpio" in caught.value.remedy
