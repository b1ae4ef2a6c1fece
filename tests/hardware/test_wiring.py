"""The wiring: pins as firmware and configuration have them, and a supply that nothing can cut."""

from pathlib import Path

import pytest

import pins
import wiring
from issgaze.config import RoofSettings
from issgaze.devices.gpiopins import check_pins
from issgaze.service.realdevices import gpio_pins
from wiring import CONTROLLER, PINS_ALONE, Wiring, header_faults, read_wiring, read_wirings

# which terminal of which part each pin of the firmware goes to
PICO_PINS = {
    "MOTOR_OPEN": ("BRIDGE", "IN1"),
    "MOTOR_SHUT": ("BRIDGE", "IN2"),
    "STOP_OPEN": ("STOP_OPEN", "NO"),
    "STOP_CLOSED": ("STOP_CLOSED", "NO"),
    "HEATER": ("FET", "SIG"),
    "RAIN": ("RAIN", "NC"),
    "CUT_PI": ("RELAY", "IN"),
    "ASK_PI": ("ASK", "B"),
    "PPS": ("GNSS", "PPS"),
    "PPS_LED": ("LED", "A"),
    "SUPPLY": ("DIVIDER", "MID"),
}
PI_PINS = {
    "heater_pin": ("RELAY", "IN"),
    "servo_pin": ("SERVO", "SIG"),
    "led_pin": ("LED", "A"),
    "button_pin": ("BUTTON", "A"),
    "rain_pin": ("RAIN", "NC"),
    "pps_pin": ("GNSS", "PPS"),
}


@pytest.fixture(scope="module")
def controller() -> Wiring:
    return read_wirings(CONTROLLER)


@pytest.fixture(scope="module")
def alone() -> Wiring:
    return read_wirings(PINS_ALONE)


@pytest.mark.parametrize("name", sorted(PICO_PINS))
def test_the_controllers_pins_are_wired_as_the_firmware_has_them(
    controller: Wiring, name: str
) -> None:
    assert PICO_PINS[name] in controller.across("PICO", f"GP{getattr(pins, name)}")


def test_every_pin_of_the_firmware_is_looked_at() -> None:
    told = {name for name in vars(pins) if name.isupper() and isinstance(getattr(pins, name), int)}
    # a servo takes the bridge's pin; these two are the bus, and the others are no pins
    assert told - set(PICO_PINS) == {
        "SERVO", "I2C_SDA", "I2C_SCL", "RAIN_LEVEL", "PPS_LED_ON", "GNSS_RX", "GNSS_BAUD",
    }  # fmt: skip
    used = [getattr(pins, name) for name in PICO_PINS] + [pins.I2C_SDA, pins.I2C_SCL]
    assert len(set(used)) == len(used)


@pytest.mark.parametrize("sensor", ["SHT4X", "MLX90614"])
def test_the_bus_goes_to_both_sensors(controller: Wiring, sensor: str) -> None:
    assert (sensor, "SDA") in controller.across("PICO", f"GP{pins.I2C_SDA}")
    assert (sensor, "SCL") in controller.across("PICO", f"GP{pins.I2C_SCL}")
    assert (sensor, "VIN") in controller.across("PICO", "3V3")


@pytest.mark.parametrize("sheets", [CONTROLLER, PINS_ALONE])
def test_the_clock_module_hangs_on_the_pis_bus(sheets: tuple[Path, ...]) -> None:
    """The overlay i2c-rtc takes the Pi's bus 1: GPIO2 is its data, GPIO3 its clock."""
    whole = read_wirings(sheets)
    assert ("CLOCK", "SDA") in whole.across("PI", "GPIO2")
    assert ("CLOCK", "SCL") in whole.across("PI", "GPIO3")
    assert ("CLOCK", "GND") in whole.across("PI", "GND")
    assert ("CLOCK", "VCC") in whole.fed(PLUS)
    # 5 V at its pull-ups would reach the Pi's pins, which bear 3.3 V
    assert whole.across("CLOCK", "VCC") == {("PI", "3V3")}
    guide = (wiring.HERE / "README.md").read_text()
    assert "dtoverlay=i2c-rtc,ds3231" in guide


def test_the_bus_can_be_one_on_an_rp2040() -> None:
    # I2C0 has its data on GP0, 4, 8, 12, 16, 20, its clock on the next (RP2040 data sheet, 1.4.3)
    assert pins.I2C_SDA % 4 == 0
    assert pins.I2C_SCL == pins.I2C_SDA + 1
    # the analogue inputs are GP26 to 28
    assert 26 <= pins.SUPPLY <= 28


def test_the_divider_stays_within_the_controllers_reach() -> None:
    # 3.3 V at its middle, with the battery at its fullest
    assert 15.0 / pins.SUPPLY_RATIO < 3.3
    assert pytest.approx((100.0 + 15.0) / 15.0) == pins.SUPPLY_RATIO


@pytest.mark.parametrize("name", sorted(PI_PINS))
def test_the_pis_pins_are_wired_as_the_configuration_has_them(alone: Wiring, name: str) -> None:
    number = getattr(RoofSettings(), name)
    assert PI_PINS[name] in alone.across("PI", f"GPIO{number}")


def test_the_defaults_are_pins_that_may_be_used() -> None:
    check_pins(gpio_pins(RoofSettings()))


def test_labels_are_what_the_headers_have_there(controller: Wiring, alone: Wiring) -> None:
    assert header_faults(controller, "PICO") == []
    assert header_faults(controller, "PI") == []
    assert header_faults(alone, "PI") == []


# power

PLUS = ("SUPPLY", "12V")


def test_everything_is_fed_while_the_relay_rests(controller: Wiring) -> None:
    fed = controller.fed(PLUS)
    for terminal in (("PICO", "VSYS"), ("PI", "5V"), ("HEATER", "H+"), ("MOTOR", "M+"),
                     ("RAIN", "12V"), ("RELAY", "VCC"), ("DIVIDER", "TOP"), ("SHT4X", "VIN"),
                     ("GNSS", "VCC")):  # fmt: skip
        assert terminal in fed, terminal


def test_cutting_the_pi_leaves_controller_heater_and_cover_alone(controller: Wiring) -> None:
    fed = controller.fed(PLUS, without=["RELAY"])
    assert ("PI", "5V") not in fed
    for terminal in (("PICO", "VSYS"), ("HEATER", "H+"), ("MOTOR", "M+"), ("RAIN", "12V"),
                     ("RELAY", "VCC"), ("SHT4X", "VIN"), ("MLX90614", "VIN")):  # fmt: skip
        assert terminal in fed, terminal


@pytest.mark.parametrize("dead", ["PI", "BUCK_PI"])
def test_a_dead_pi_takes_nothing_with_it(controller: Wiring, dead: str) -> None:
    fed = controller.fed(PLUS, without=[dead])
    assert ("PICO", "VSYS") in fed
    assert ("HEATER", "H+") in fed


def test_the_usb_cable_carries_no_power(controller: Wiring) -> None:
    joined = {two for one, others in controller.joined.items() if one[0] == "PI" for two in others}
    pico = {label for part, label in joined if part == "PICO"}
    assert pico == {"D+", "D-", "GND"}


def test_everything_lies_behind_the_fuse(controller: Wiring) -> None:
    assert controller.fed(PLUS, without=["FUSE"]) == {PLUS, ("FUSE", "IN")}


def test_a_stalled_servo_does_not_starve_the_pi(alone: Wiring) -> None:
    assert ("BUCK_PI", "OUT+") in alone.across("SERVO", "V+")
    assert ("SERVO", "V+") not in alone.across("PI", "5V")


def test_without_a_controller_everything_is_fed_from_the_one_line(alone: Wiring) -> None:
    fed = alone.fed(PLUS)
    for terminal in (("PI", "5V"), ("SERVO", "V+"), ("HEATER", "H+"), ("RAIN", "12V"),
                     ("RELAY", "VCC"), ("GNSS", "VCC")):  # fmt: skip
        assert terminal in fed, terminal
    assert alone.fed(PLUS, without=["FUSE"]) == {PLUS, ("FUSE", "IN")}


def test_a_wiring_that_would_cut_the_controller_is_noticed(controller: Wiring) -> None:
    # the mistake this is all about: the controller behind the relay
    wrong = Wiring(
        labels=controller.labels, joined={key: set(to) for key, to in controller.joined.items()}
    )
    wrong.joined["BUCK_PICO", "IN+"] = {("RELAY", "NC")}
    wrong.joined["RELAY", "NC"].add(("BUCK_PICO", "IN+"))
    for others in wrong.joined.values():
        others.discard(("BUCK_PICO", "IN+"))
    wrong.joined["RELAY", "NC"].add(("BUCK_PICO", "IN+"))
    assert ("PICO", "VSYS") not in wrong.fed(PLUS, without=["RELAY"])


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("{W_PPS: [1]}", "{W_PPS: [2]}", "wire 2 of W_PPS is missing or used twice"),
        ("{ASK: [B]}", "{ASK: [B, C]}", "W_ASK joins 1 and 2 pins"),
        ("W_PPS: {wirecount: 1", "W_PPS: {wirecount: 2", "wires without an end in W_PPS"),
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    sheet = (wiring.HERE / "wiring-pi.yaml").read_text()
    assert old in sheet
    path = tmp_path / "wiring.yaml"
    path.write_text(sheet.replace(old, new))
    with pytest.raises(ValueError, match=text):
        read_wiring(path)


def test_the_drawings_show_every_part() -> None:
    for path in (*CONTROLLER, *PINS_ALONE):
        drawn = (wiring.HERE / "figures" / f"{path.stem}.svg").read_text()
        for part in read_wiring(path).labels:
            assert f">{part}<" in drawn, f"{path.stem}.svg has no {part}: make hardware"
