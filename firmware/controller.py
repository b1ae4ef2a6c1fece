"""The roof controller as a pure state machine: readings and commands in, outputs and answers out.

It knows no pin, no clock and no port, so that it runs the same here and under CPython, where its
tests try every order of things. Time is whole milliseconds since power-up, and never steps.
"""

from cover import RESTS, Cover
from faults import Faults
from heater import Heater
from roofwire import LARGEST_ID, LONGEST_VALIDITY_S, TICK_S, VERSION
from supervision import Supervision
from weather import cloud_percent, dew_margin_c, dew_point_c

FIRMWARE = "1.0.0"
# below this the 12 V supply is low, above that it is well again: a battery is as good as empty, and
# a mains supply with half a volt lost in its cable is not
_LOW_V = 10.9
_WELL_V = 11.4
_LOW_FOR_MS = 5000
# the first measurement takes a while, and one garbled is none
_SENSORS_START_MS = 15_000


class Readings:
    """What the sensors say; None where one is missing or dead."""

    def __init__(self) -> None:
        self.rain: bool | None = None
        self.air_c: float | None = None
        self.humidity: float | None = None
        self.sky_c: float | None = None
        self.lux: float | None = None
        self.supply_v: float | None = None
        self.at_open = False
        self.at_closed = False


class Outputs:
    """What the pins shall do; as it is made, all is safe."""

    def __init__(self) -> None:
        self.motor = RESTS
        self.heater = 0.0
        self.cut_pi = False
        self.ask_pi = False


class Start:
    """What is known of the controller itself.

    Args:
        board: Its name.
        reset: Why it started: power, watchdog, brown_out, soft.
        boots: How often it has started.
        cycles: Power cycles of the Pi within the day before.
        cover: motor, servo or none.
        sensors: Names of the sensors that should be there: air, sky.
    """

    def __init__(
        self,
        board: str,
        reset: str,
        boots: int,
        cycles: int,
        cover: str,
        sensors: tuple[str, ...],
    ) -> None:
        self.board = board
        self.reset = reset
        self.boots = boots
        self.cycles = cycles
        self.cover = cover
        self.sensors = sensors


class Controller:
    """Looks after the roof, with the Pi or without it.

    Attributes:
        low: Whether the supply is low.
        lost: Lines that were not understood.
        leaves: True when it was told to make room for new firmware.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._faults = Faults()
        self._cover = Cover(start.cover, self._faults)
        self._heater = Heater(self._faults)
        self.supervision = Supervision(0, start.cycles, self._faults)
        self._readings = Readings()
        self.low = False
        self._low_since_ms: int | None = None
        self._now_ms = 0
        self.lost = 0
        self.leaves = False
        self._faults.see("watchdog", start.reset == "watchdog")
        self._faults.see("watchdog", False)
        self._faults.see("brown_out", start.reset == "brown_out")
        self._faults.see("brown_out", False)

    def step(self, now_ms: int, readings: Readings) -> Outputs:
        """Take the readings of this moment and return what the outputs shall do."""
        self._now_ms = now_ms
        self._readings = readings
        self._watch_supply(now_ms, readings.supply_v)
        self._watch_sensors(now_ms, readings)
        self.supervision.step(now_ms, self.low)
        outputs = Outputs()
        outputs.motor = self._cover.step(
            now_ms, readings.rain, self.low, readings.at_open, readings.at_closed
        )
        outputs.heater = self._heater.step(now_ms, readings.air_c, self._margin_c(), self.low)
        outputs.cut_pi = self.supervision.cuts
        outputs.ask_pi = self.supervision.asks
        return outputs

    def command(self, now_ms: int, message: dict[str, object]) -> dict[str, object] | None:
        """Carry out a command; return its answer, None for what is no command at all."""
        number = message.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            return None
        if not 1 <= number <= LARGEST_ID:
            return None
        answer: dict[str, object] = {"id": number, "ok": True}
        error = self._carry_out(now_ms, message, answer)
        if error is not None:
            return {"id": number, "ok": False, "error": error}
        return answer

    def report(self, now_ms: int) -> dict[str, object]:
        """Return the state of everything, for people and for the Pi."""
        read = self._readings
        cloud = cloud_percent(read.air_c, read.sky_c)
        return {
            "t": now_ms // 1000,
            "cover": self._cover.place,
            "rain": read.rain,
            "wet": self._cover.wet_s(now_ms),
            "heater": _short(self._heater.duty, 2),
            "by": self._heater.by,
            "air": _short(read.air_c, 1),
            "hum": _short(read.humidity, 1),
            "dew": _short(dew_point_c(read.air_c, read.humidity), 1),
            "margin": _short(self._margin_c(), 1),
            "sky": _short(read.sky_c, 1),
            "cloud": cloud,
            "lux": _short(read.lux, 3),
            "volt": _short(read.supply_v, 2),
            "pi": self.supervision.shown(),
            "cycles": self.supervision.cycles(),
            "faults": self._faults.report(),
            "lost": self.lost,
        }

    def _carry_out(
        self, now_ms: int, message: dict[str, object], answer: dict[str, object]
    ) -> str | None:
        what = message.get("cmd")
        if what == "hello":
            answer.update(self._hello(now_ms))
        elif what == "beat":
            self.supervision.beat(now_ms)
        elif what == "state":
            answer["tick"] = self.report(now_ms)
        elif what == "close":
            self._cover.ask_close()
        elif what == "hold":
            return self._hold(now_ms, message)
        elif what in ("open", "heater", "power", "clear", "update"):
            return _late(now_ms, message.get("until")) or self._act(now_ms, str(what), message)
        else:
            return "unknown"
        return None

    def _hello(self, now_ms: int) -> dict[str, object]:
        return {
            "wire": VERSION,
            "firmware": FIRMWARE,
            "board": self._start.board,
            "reset": self._start.reset,
            "boots": self._start.boots,
            "cover": self._start.cover,
            "tick": TICK_S,
            "t": now_ms // 1000,
        }

    def _act(self, now_ms: int, what: str, message: dict[str, object]) -> str | None:
        if what == "open":
            error = self._cover.refuses(self._readings.rain, self.low, now_ms)
            if error is None:
                self._cover.ask_open(now_ms)
            return error
        if what == "heater":
            return self._heat(now_ms, message)
        if what == "power":
            return None if self.supervision.cycle(now_ms) else "busy"
        if what == "update":
            return self._leave()
        self._faults.clear()
        return None

    def _heat(self, now_ms: int, message: dict[str, object]) -> str | None:
        if message.get("duty") is None:
            self._heater.by_itself()
            return None
        duty = _number(message.get("duty"))
        seconds = _number(message.get("seconds"))
        if duty is None or seconds is None or not 0.0 <= duty <= 1.0 or seconds <= 0.0:
            return "value"
        self._heater.by_hand(now_ms, duty, seconds)
        return None

    def _hold(self, now_ms: int, message: dict[str, object]) -> str | None:
        seconds = _number(message.get("seconds"))
        if seconds is None or seconds < 0.0:
            return "value"
        return None if self.supervision.hold(now_ms, seconds) else "busy"

    def _leave(self) -> str | None:
        # while new firmware is written nobody looks after a cover that is open
        if self._cover.place not in ("closed", "none"):
            return "fault"
        self.leaves = True
        return None

    def _margin_c(self) -> float | None:
        read = self._readings
        dew_c = dew_point_c(read.air_c, read.humidity)
        return dew_margin_c(read.air_c, dew_c, cloud_percent(read.air_c, read.sky_c))

    def _watch_supply(self, now_ms: int, volt: float | None) -> None:
        if volt is None or volt >= _WELL_V:
            self._low_since_ms = None
            self.low = False
        elif volt < _LOW_V:
            if self._low_since_ms is None:
                self._low_since_ms = now_ms
            if now_ms - self._low_since_ms >= _LOW_FOR_MS:
                self.low = True
        self._faults.see("supply", self.low)

    def _watch_sensors(self, now_ms: int, read: Readings) -> None:
        self._faults.see("rain_sensor", self._start.cover != "none" and read.rain is None)
        if now_ms < _SENSORS_START_MS:
            return
        self._faults.see("air_sensor", "air" in self._start.sensors and read.air_c is None)
        self._faults.see("sky_sensor", "sky" in self._start.sensors and read.sky_c is None)


def _late(now_ms: int, until: object) -> str | None:
    """Return why a command comes at the wrong time, None when it is in time."""
    seconds = _number(until)
    if seconds is None:
        return "value"
    left_ms = seconds * 1000 - now_ms
    if left_ms < 0:
        return "late"
    return "early" if left_ms > (LONGEST_VALIDITY_S + 1) * 1000 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # larger ones are no seconds and no duty, and a float would not hold them
    return value if -1e9 < value < 1e9 else None


def _short(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
