"""The Pico's pins, and the drivers of what hangs on them."""

import json
import os
import sys

import machine
from machine import ADC, PWM, UART, WDT, Pin

import pins
from controller import Outputs, Readings, Start
from roofwire import TRAVEL_S
from sensors import Bus

# the RP2040's watchdog reaches 8388 ms
_WATCHDOG_MS = 8000
_MEMORY_FILE = "memory.json"
UPDATE_FILE = "update"
# VREG_AND_CHIP_RESET: bit 8 tells a power-on or brown-out reset from the others
_CHIP_RESET = 0x40064008
_HAD_POWER_ON = 1 << 8
# ground through the reed or switch
_CLOSED = 0
_SERVO_HZ = 50
_SERVO_OPEN_US, _SERVO_SHUT_US = 2000, 1000
_HEATER_HZ = 200
_SLOW_MS = 1000
# readings of a sensor that has fallen silent are taken for true for so long
_STALE_MS = 10_000
_LONGEST_SENTENCE = 100


class MotorCover:
    """An H-bridge with two inputs, and two end stops."""

    def __init__(self) -> None:
        self._open = Pin(pins.MOTOR_OPEN, Pin.OUT, value=0)
        self._shut = Pin(pins.MOTOR_SHUT, Pin.OUT, value=0)
        self._at_open = Pin(pins.STOP_OPEN, Pin.IN, Pin.PULL_UP)
        self._at_closed = Pin(pins.STOP_CLOSED, Pin.IN, Pin.PULL_UP)

    def stops(self, now_ms: int) -> tuple[bool, bool]:
        """Return whether it is open, and whether it is shut."""
        return self._at_open.value() == _CLOSED, self._at_closed.value() == _CLOSED

    def drive(self, now_ms: int, way: int) -> None:
        """Turn the motor: 1 opens, 0 rests, -1 shuts."""
        # the one that goes off first, so that both are never on
        if way <= 0:
            self._open.value(0)
        if way >= 0:
            self._shut.value(0)
        if way > 0:
            self._open.value(1)
        if way < 0:
            self._shut.value(1)


class ServoCover:
    """A servo: it has no end stops, so its place is told by the time it had."""

    def __init__(self) -> None:
        self._pwm = PWM(Pin(pins.SERVO), freq=_SERVO_HZ, duty_ns=0)
        self._way = 0
        self._since_ms = 0
        self._reached = 0

    def stops(self, now_ms: int) -> tuple[bool, bool]:
        """Return whether it is open, and whether it is shut, as far as one can know."""
        if self._way != 0 and now_ms - self._since_ms >= TRAVEL_S * 200:
            self._reached = self._way
        return self._reached > 0, self._reached < 0

    def drive(self, now_ms: int, way: int) -> None:
        """Turn the servo: 1 opens, 0 rests where it is, -1 shuts."""
        if way == self._way:
            return
        if way != 0:
            self._reached = 0
        self._way = way
        self._since_ms = now_ms
        width_us = (_SERVO_SHUT_US, 0, _SERVO_OPEN_US)[way + 1]
        self._pwm.duty_ns(width_us * 1000)


class Receiver:
    """A GNSS receiver on the serial port; its sentences go to the Pi as they are."""

    def __init__(self, pin: int) -> None:
        self._uart = None if pin < 0 else UART(0, baudrate=pins.GNSS_BAUD, rx=Pin(pin), timeout=0)
        self._held = b""

    def sentences(self) -> list[str]:
        """Return the sentences of place and time that came since."""
        if self._uart is None:
            return []
        received = self._uart.read()
        if not received:
            return []
        lines = (self._held + received).split(b"\n")
        # a receiver at another speed never ends a line
        self._held = lines.pop()[-_LONGEST_SENTENCE:]
        found = []
        for raw in lines:
            line = raw.strip()
            if line[:1] == b"$" and line[3:6] in (b"RMC", b"GGA") and len(line) < _LONGEST_SENTENCE:
                try:
                    found.append(line.decode())
                except ValueError:
                    pass
        return found


class Board:
    """Everything around the controller's processor."""

    def __init__(self) -> None:
        for pin in pins.SAFE:
            Pin(pin, Pin.OUT, value=0)
        self._memory = _remember()
        self._memory["boots"] = self._memory.get("boots", 0) + 1
        self.reset = _reset_cause(low=bool(self._memory.get("low", 0)))
        self._cover = ServoCover() if pins.COVER == "servo" else MotorCover()
        self._heater = PWM(Pin(pins.HEATER), freq=_HEATER_HZ, duty_u16=0)
        self._rain = Pin(pins.RAIN, Pin.IN, Pin.PULL_UP)
        self._cut_pi = Pin(pins.CUT_PI, Pin.OUT, value=0)
        self._ask_pi = Pin(pins.ASK_PI, Pin.OUT, value=0)
        self._supply = ADC(Pin(pins.SUPPLY))
        self._bus = Bus(pins.I2C_SDA, pins.I2C_SCL)
        self.receiver = Receiver(pins.GNSS_RX)
        self._slow_ms = -_SLOW_MS
        self._air_ms = self._sky_ms = -_STALE_MS
        self._readings = Readings()
        self._repeat_pps()
        self._save()
        self._watchdog = WDT(timeout=_WATCHDOG_MS)

    def start(self) -> Start:
        """Return what is known of this board."""
        return Start(
            str(getattr(sys.implementation, "_machine", "unknown")),
            self.reset,
            self._memory["boots"],
            self._memory.get("cycles", 0),
            pins.COVER,
            pins.SENSORS,
        )

    def read(self, now_ms: int) -> Readings:
        """Return the readings of this moment; the slow ones are of the last second."""
        readings = self._readings
        readings.at_open, readings.at_closed = self._cover.stops(now_ms)
        readings.rain = self._rain.value() == pins.RAIN_LEVEL
        if now_ms - self._slow_ms >= _SLOW_MS:
            self._slow_ms = now_ms
            self._read_slow(now_ms, readings)
        return readings

    def write(self, now_ms: int, outputs: Outputs) -> None:
        """Set the outputs, and keep the watchdog from barking."""
        self._cover.drive(now_ms, outputs.motor)
        self._heater.duty_u16(int(outputs.heater * 65535))
        self._cut_pi.value(int(outputs.cut_pi))
        self._ask_pi.value(int(outputs.ask_pi))
        self._watchdog.feed()

    def remember(self, cycles: int, low: bool) -> None:
        """Keep what must outlive a reset; the flash is written only when it changes."""
        if self._memory.get("cycles", 0) != cycles or self._memory.get("low", 0) != int(low):
            self._memory["cycles"] = cycles
            self._memory["low"] = int(low)
            self._save()

    def _read_slow(self, now_ms: int, readings: Readings) -> None:
        air = self._bus.read_air()
        if air is not None:
            readings.air_c, readings.humidity = air
            self._air_ms = now_ms
        elif now_ms - self._air_ms >= _STALE_MS:
            readings.air_c = readings.humidity = None
        sky_c = self._bus.read_sky_c()
        if sky_c is not None:
            readings.sky_c = sky_c
            self._sky_ms = now_ms
        elif now_ms - self._sky_ms >= _STALE_MS:
            readings.sky_c = None
        readings.lux = self._bus.read_lux()
        volt = self._supply.read_u16() * 3.3 / 65535.0 * pins.SUPPLY_RATIO
        readings.supply_v = volt

    def _repeat_pps(self) -> None:
        if not pins.PPS_LED_ON:
            return
        led = Pin(pins.PPS_LED, Pin.OUT, value=0)
        pulse = Pin(pins.PPS, Pin.IN, Pin.PULL_DOWN)
        # both edges: the LED is on for as long as the pulse; some 10 us late, which no camera sees
        pulse.irq(lambda pin: led.value(pin.value()), Pin.IRQ_RISING | Pin.IRQ_FALLING)

    def _save(self) -> None:
        try:
            with open(_MEMORY_FILE + ".new", "w") as file:
                json.dump(self._memory, file)
            os.rename(_MEMORY_FILE + ".new", _MEMORY_FILE)
        except OSError:
            # a full or worn flash costs the count of boots, not the roof
            pass


def _remember() -> dict[str, int]:
    try:
        with open(_MEMORY_FILE) as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key): value for key, value in found.items() if isinstance(value, int)}


def _reset_cause(*, low: bool) -> str:
    if machine.reset_cause() == machine.WDT_RESET:
        # a reset by command goes the same way on this chip; the file of an update tells them apart
        return "watchdog"
    if "RP2350" in str(getattr(sys.implementation, "_machine", "")):
        return "brown_out" if low else "power"
    powered = machine.mem32[_CHIP_RESET] & _HAD_POWER_ON
    # the chip has one bit for both; a supply seen low before tells them apart
    return "brown_out" if powered and low else "power" if powered else "soft"
