"""Drives the controller through a seeded night and prints a digest; under both interpreters."""

import binascii
import sys

from controller import Controller, Readings, Start
from roofwire import decode, encode


def random(state):
    """A generator that both interpreters compute alike."""
    while True:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield state >> 8


def shown(value):
    """Return a value as text; the last digit of a rounded float differs between interpreters."""
    if isinstance(value, dict):
        return repr(sorted(value.items()))
    return "%.2f" % value if isinstance(value, float) else repr(value)


def night(seed, steps):
    """Return the CRC of everything that a controller did in a night of random events."""
    draw = random(seed)
    controller = Controller(Start("trace", "power", 1, 0, "motor", ("air", "sky")))
    readings, place, now_ms, crc, motor = Readings(), 50, 0, 0, 0
    readings.rain, readings.supply_v = False, 12.5
    for number in range(1, steps):
        event = next(draw) % 40
        if event == 0:
            readings.rain = (False, False, True, None)[next(draw) % 4]
        elif event == 1:
            readings.air_c = next(draw) % 50 - 10.5
            readings.humidity = next(draw) % 100 + 0.5
        elif event == 2:
            readings.air_c = None
        elif event == 3:
            readings.sky_c = None if next(draw) % 3 == 0 else next(draw) % 60 - 40.5
        elif event == 4:
            readings.supply_v = 10.0 + next(draw) % 40 / 10
        dt_ms = (20, 200, 1000, 20000, 300000)[next(draw) % 5]
        place = min(100, max(0, place + motor * dt_ms // 40))
        readings.at_open, readings.at_closed = place == 100, place == 0
        now_ms += dt_ms
        outputs = controller.step(now_ms, readings)
        motor = outputs.motor
        name = ("open", "close", "beat", "heater", "hold", "power", "clear", "hello")[
            next(draw) % 8
        ]
        message = {"id": number, "cmd": name, "until": now_ms // 1000 + next(draw) % 14 - 1}
        message["duty"] = next(draw) % 12 / 10
        message["seconds"] = next(draw) % 4000
        answer = controller.command(now_ms, decode(encode(message)))
        report = controller.report(now_ms)
        # the order of a dictionary's keys is not the same there
        said = [motor, shown(outputs.heater), outputs.cut_pi, outputs.ask_pi]
        said += sorted(
            name + shown(value) for name, value in list(answer.items()) + sorted(report.items())
        )
        text = repr(said)
        crc = binascii.crc32(text.encode(), crc)
    return crc


if __name__ == "__main__":
    print([night(seed, 400) for seed in range(int(sys.argv[1]))])
