"""A roof without a controller: heater relay, cover servo, LED, button and rain contact on the Pi.

It speaks the interface of RPi.GPIO, which rpi-lgpio provides on every board. Inputs are polled:
edge detection of RPi.GPIO fails on kernels from 6.6 on. What a controller of its own does better:
when this Pi hangs, nothing shuts the cover.
"""

import importlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from issgaze.devices.gpiopins import GpioPins, check_pins
from issgaze.errors import DeviceError
from issgaze.ports import CoverState, RoofState, RoofTask
from issgaze.roofwire import DRY_S, HEATER_LEASE_S

_POLL_S = 0.1
_SERVO_HZ = 50.0
# pulses of 1 and 2 ms in a period of 20 ms
_SHUT_PERCENT, _OPEN_PERCENT = 5.0, 10.0
# a servo's way through a right angle with room to spare; then its pulses end, and it is quiet
_TRAVEL_S = 1.5
# a relay lives longer when it switches once a minute than when it chatters
_HEATER_PERIOD_S = 60.0
_BLINK_S = 1.0


@dataclass(slots=True)
class _Hand:
    """A duty given by hand, and until when it holds."""

    duty: float
    until_s: float


class GpioRoof:
    """Cover, heater and rain contact on the Pi's own pins, implementing ports.RoofController.

    A press of the button shuts the cover and keeps it shut until the next press, for whoever works
    on the roof. The LED is dark while the cover is open: it would be in the picture.

    Args:
        pins: What hangs where.
        blind_duty: Of the heater, which has no dew sensor here, 0 to 1.
        gpio: RPi.GPIO, or what looks like it; None imports that.
        monotonic_s: A clock that never steps.
        polls: False lets a test call `poll` itself.

    Raises:
        DeviceError: A pin belongs to something else, or RPi.GPIO is missing.
    """

    def __init__(
        self,
        pins: GpioPins,
        *,
        blind_duty: float = 0.3,
        gpio: Any = None,
        monotonic_s: Callable[[], float] = time.monotonic,
        polls: bool = True,
    ) -> None:
        check_pins(pins)
        self._gpio = _rpi_gpio() if gpio is None else gpio
        self._pins = pins
        self._blind_duty = blind_duty
        self._monotonic_s = monotonic_s
        self._lock = threading.RLock()
        self._hand: _Hand | None = None
        now_s = monotonic_s()
        self._wet_until_s = now_s + DRY_S
        self._began_s = now_s
        self._moves_until_s = now_s
        self._open = False
        self._kept_shut = False
        self._pressed = False
        self._servo: Any = None
        self._set_up()
        self._move(wants_open=False)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="gpio", daemon=True)
        if polls:
            self._thread.start()

    def close(self) -> None:
        """Shut the cover, turn all off, and give the pins back."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            if self._servo is not None:
                self._move(wants_open=False)
                self._wait_for_cover()
                self._servo.stop()
            self._write(self._pins.heater, on=False)
            self._write(self._pins.led, on=False)
            self._gpio.cleanup(self._used())

    def state(self) -> RoofState:
        """Return what the pins say now."""
        with self._lock:
            return RoofState(
                cover=self._place(),
                rain=self._raining(),
                heater_duty=self._duty(),
                air_temperature_c=None,
                humidity_percent=None,
                sky_temperature_c=None,
                faults=("kept_shut",) if self._kept_shut else (),
                wet_s=self._wet_s(),
                heater_by="blind" if self._hand is None else "hand",
            )

    def open_cover(self) -> None:
        """Open the lens cover; DeviceError when rain or the button forbids it."""
        if self._pins.servo is None:
            return
        with self._lock:
            if self._raining():
                raise DeviceError(
                    "the cover stays closed: it rains",
                    remedy="Nothing to do; it opens after the rain.",
                )
            if self._wet_s() > 0.0:
                raise DeviceError(
                    f"the cover stays closed: it rained less than {DRY_S} s ago",
                    remedy="Nothing to do; it opens when it has been dry for a while.",
                )
            if self._kept_shut:
                raise DeviceError(
                    "the cover stays closed: the button was pressed",
                    remedy="Press it once more when the work on the roof is done.",
                )
            self._move(wants_open=True)
        self._wait_for_cover()

    def close_cover(self) -> None:
        """Shut the lens cover."""
        with self._lock:
            self._move(wants_open=False)
        self._wait_for_cover()

    def heat(self, duty: float | None, *, seconds: float = 600.0) -> None:
        """Heat by hand for so long; None goes back to the duty without a sensor."""
        if duty is not None and not 0.0 <= duty <= 1.0:
            raise DeviceError(f"duty {duty:g}, limits 0 to 1", remedy="Give a share of full heat.")
        until_s = self._monotonic_s() + min(seconds, HEATER_LEASE_S)
        with self._lock:
            self._hand = None if duty is None else _Hand(duty, until_s)

    def maintain(self, task: RoofTask, *, seconds: float = 0.0) -> None:  # noqa: ARG002 - of the port
        """Refuse what takes a controller; there is nothing to clear and nobody to hold."""
        if task in {"power", "update"}:
            raise DeviceError(
                f"{task}: there is no roof controller, only pins",
                remedy="See hardware/README.md for the controller.",
            )

    def poll(self) -> None:
        """Look at the inputs and set the outputs once."""
        with self._lock:
            now_s = self._monotonic_s()
            if self._raining():
                self._wet_until_s = now_s + DRY_S
                if self._open:
                    self._move(wants_open=False)
            self._look_at_button()
            if self._servo is not None and now_s >= self._moves_until_s:
                self._servo.ChangeDutyCycle(0.0)
            if self._hand is not None and now_s >= self._hand.until_s:
                self._hand = None
            phase = ((now_s - self._began_s) % _HEATER_PERIOD_S) / _HEATER_PERIOD_S
            self._write(self._pins.heater, on=phase < self._duty())
            self._write(self._pins.led, on=self._led_on(now_s))

    def _serve(self) -> None:
        while not self._stop.wait(_POLL_S):
            self.poll()

    def _set_up(self) -> None:
        gpio, pins = self._gpio, self._pins
        gpio.setwarnings(False)  # noqa: FBT003 - RPi.GPIO's interface
        gpio.setmode(gpio.BCM)
        for pin in (pins.heater, pins.led):
            if pin is not None:
                gpio.setup(pin, gpio.OUT, initial=gpio.LOW)
        for pin in (pins.rain, pins.button):
            if pin is not None:
                gpio.setup(pin, gpio.IN, pull_up_down=gpio.PUD_UP)
        if pins.servo is not None:
            gpio.setup(pins.servo, gpio.OUT, initial=gpio.LOW)
            self._servo = gpio.PWM(pins.servo, _SERVO_HZ)
            self._servo.start(0.0)

    def _used(self) -> list[int]:
        pins = self._pins
        every = (pins.heater, pins.servo, pins.led, pins.button, pins.rain)
        return [pin for pin in every if pin is not None]

    def _move(self, *, wants_open: bool) -> None:
        self._open = wants_open
        if self._servo is None:
            return
        self._servo.ChangeDutyCycle(_OPEN_PERCENT if wants_open else _SHUT_PERCENT)
        self._moves_until_s = self._monotonic_s() + _TRAVEL_S

    def _wait_for_cover(self) -> None:
        pause = threading.Event()
        while self._monotonic_s() < self._moves_until_s:
            pause.wait(_POLL_S / 4.0)

    def _place(self) -> CoverState:
        if self._servo is None:
            return "open"
        if self._monotonic_s() < self._moves_until_s:
            return "moving"
        return "open" if self._open else "closed"

    def _raining(self) -> bool:
        # a contact that is closed to ground while it is dry: a cut wire reads as rain
        return self._pins.rain is not None and bool(self._gpio.input(self._pins.rain))

    def _wet_s(self) -> float:
        if self._pins.rain is None:
            return 0.0
        return max(0.0, self._wet_until_s - self._monotonic_s())

    def _look_at_button(self) -> None:
        if self._pins.button is None:
            return
        pressed = not self._gpio.input(self._pins.button)
        if pressed and not self._pressed:
            self._kept_shut = not self._kept_shut
            if self._kept_shut:
                self._move(wants_open=False)
        self._pressed = pressed

    def _duty(self) -> float:
        return self._blind_duty if self._hand is None else self._hand.duty

    def _led_on(self, now_s: float) -> bool:
        if self._open:
            return False
        if self._kept_shut:
            return (now_s - self._began_s) % (2.0 * _BLINK_S) < _BLINK_S
        # a wink every five seconds: it lives
        return (now_s - self._began_s) % 5.0 < 2.0 * _POLL_S

    def _write(self, pin: int | None, *, on: bool) -> None:
        if pin is not None:
            self._gpio.output(pin, self._gpio.HIGH if on else self._gpio.LOW)


def _rpi_gpio() -> Any:
    try:
        gpio: Any = importlib.import_module("RPi.GPIO")
    except (ImportError, RuntimeError) as error:
        # RPi.GPIO itself refuses a Pi 5 by a RuntimeError
        raise DeviceError(
            f"RPi.GPIO cannot be used: {error}",
            remedy="Run `sudo apt install python3-rpi-lgpio`.",
        ) from error
    return gpio
