"""A Pico's `machine` for MicroPython on a PC, with the roof it looks after.

The world is steered by a file `world.json` in the working folder and tells of itself in
`outputs.json`: the pins, how long the watchdog had to wait, the cover's place.
"""

import json
import os
import sys
import time

# true time, whatever pace the test gave the firmware's: a shared machine pauses for a while
import utime

PWRON_RESET = 1
WDT_RESET = 3

_TRAVEL_MS = 250


class _World:
    def __init__(self):
        self.levels = {}
        self.given = {
            "rain": False, "air": 8.0, "hum": 85.0, "sky": -18.0, "volt": 12.6,
            "silent": [], "stuck": False, "reset": PWRON_RESET, "chip": 1 << 8, "pulse": 0,
            "light": None,
        }  # fmt: skip
        self.stamp = None
        # pins whose edges somebody wants to hear of, with the handlers
        self.watched = []
        self.place = 0.5
        self.moved_ms = time.ticks_ms()
        self.measuring = False
        self.fed_ms = None
        self.longest_ms = 0
        self.told = ""
        self.look()

    def look(self):
        try:
            stat = os.stat("world.json")
            if stat != self.stamp:
                self.stamp = stat
                before = self.given["pulse"]
                with open("world.json") as file:
                    self.given.update(json.load(file))
                for pin, handler in self.watched if self.given["pulse"] != before else ():
                    handler(pin)
        except (OSError, ValueError):
            pass

    def move(self):
        now = time.ticks_ms()
        passed = time.ticks_diff(now, self.moved_ms)
        self.moved_ms = now
        if self.given["stuck"]:
            return
        way = self.levels.get(2, 0) - self.levels.get(3, 0)
        self.place = min(1.0, max(0.0, self.place + way * passed / _TRAVEL_MS))

    def tell(self):
        state = dict(self.levels)
        text = json.dumps(
            {
                "pins": {str(pin): level for pin, level in state.items()},
                "place": round(self.place, 1),
            }
        )
        if text != self.told:
            self.told = text
            with open("outputs.json.new", "w") as file:
                file.write(text)
            os.rename("outputs.json.new", "outputs.json")


world = _World()
mem32 = {0x40064008: world.given["chip"]}


class Pin:
    IN, OUT, PULL_UP, PULL_DOWN, IRQ_RISING, IRQ_FALLING = 0, 1, 2, 3, 4, 8

    def __init__(self, pin, mode=-1, pull=-1, value=None):
        self.pin = pin
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is not None:
            if self.pin in (2, 3):
                world.move()
                if level and world.levels.get(5 - self.pin):
                    raise RuntimeError("both inputs of the bridge are on")
            world.levels[self.pin] = level
            return None
        if self.pin == 4:
            world.move()
            return 0 if world.place >= 1.0 else 1
        if self.pin == 5:
            world.move()
            return 0 if world.place <= 0.0 else 1
        if self.pin == 15:
            return 1 if world.given["rain"] else 0
        if self.pin == 18:
            return world.given["pulse"]
        return 0

    def irq(self, handler=None, trigger=0):
        if trigger == self.IRQ_RISING | self.IRQ_FALLING:
            world.watched.append((self, handler))


class PWM:
    def __init__(self, pin, freq=0, duty_u16=0, duty_ns=0):
        self.pin = pin.pin
        self.duty_u16(duty_u16)

    def duty_u16(self, duty):
        world.levels[self.pin] = duty

    def duty_ns(self, width):
        world.levels[self.pin] = width


class ADC:
    def __init__(self, pin):
        pass

    def read_u16(self):
        return int(world.given["volt"] * 15.0 / 115.0 / 3.3 * 65535.0)


class UART:
    def __init__(self, number, baudrate, rx, timeout=0):
        self.told = None

    def read(self):
        text = world.given.get("nmea")
        if text == self.told:
            return None
        self.told = text
        return text.encode("latin-1") if text else None


class WDT:
    def __init__(self, timeout):
        world.limit_ms = timeout
        world.fed_ms = utime.ticks_ms()

    def feed(self):
        now = utime.ticks_ms()
        waited = utime.ticks_diff(now, world.fed_ms)
        world.fed_ms = now
        if waited > world.limit_ms:
            reset()
        world.look()
        world.tell()
        if os.getenv("CLOCK"):
            _say_turned()


_seen = [0]


def _say_turned():
    """Tell which time a whole round was made with: that of the round before this one's end."""
    text = str(_seen[0])
    _seen[0] = time.held_ms()
    with open("turned", "w") as file:
        file.write(text * 2)


def _crc8(data, polynomial, crc):
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ polynomial) & 0xFF if crc & 0x80 else (crc << 1) & 0xFF
    return crc


class I2C:
    def __init__(self, number, sda, scl, freq):
        self.lit = []

    def _there(self, address):
        if address in world.given["silent"]:
            raise OSError(5)

    def writeto(self, address, data):
        self._there(address)
        if address != 0x44:
            raise OSError(5)
        world.measuring = data == b"\xfd"

    def readfrom(self, address, count):
        self._there(address)
        if address != 0x44 or not world.measuring:
            raise OSError(5)
        words = b""
        for value in (
            (world.given["air"] + 45.0) / 175.0,
            (world.given["hum"] + 6.0) / 125.0,
        ):
            raw = int(value * 65535.0)
            pair = bytes((raw >> 8, raw & 255))
            words += pair + bytes((_crc8(pair, 0x31, 0xFF),))
        return words[:count]

    def readfrom_mem(self, address, register, count):
        self._there(address)
        if address == 0x29 and self.lit == [(0xA0, 3), (0xA1, 0x25)] and register == 0xB4:
            return bytes(world.given["light"])
        if address != 0x5A:
            raise OSError(5)
        raw = int((world.given["sky"] + 273.15) / 0.02)
        pair = bytes((raw & 255, raw >> 8))
        sent = bytes((address << 1, register, address << 1 | 1)) + pair
        return (pair + bytes((_crc8(sent, 0x07, 0),)))[:count]

    def writeto_mem(self, address, register, data):
        self._there(address)
        if address != 0x29 or world.given["light"] is None:
            raise OSError(5)
        self.lit.append((register, data[0]))


def reset_cause():
    return world.given["reset"]


def reset():
    world.tell()
    sys.exit(3)
