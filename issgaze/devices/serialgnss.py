"""A GNSS receiver on a serial port that speaks NMEA 0183."""

import dataclasses
import time
from collections.abc import Callable

from issgaze.civil import later
from issgaze.devices.gnssline import LineGnss
from issgaze.devices.nmea import NmeaReader
from issgaze.devices.serialport import SerialPort
from issgaze.errors import DeviceError
from issgaze.ports import GnssFix

# a receiver speaks once a second
_SILENT_S = 2.5


class SerialGnss(LineGnss):
    """A receiver, implementing ports.GnssReceiver, its time moved on to the moment of the answer.

    Args:
        path: Of the port.
        baud: Its speed.
        monotonic_s: A clock that never steps.
        silent_s: Without a word for so long it counts as silent.
    """

    def __init__(
        self,
        path: str,
        *,
        baud: int = 9600,
        monotonic_s: Callable[[], float] = time.monotonic,
        silent_s: float = _SILENT_S,
    ) -> None:
        super().__init__(
            lambda: _Nmea(path, baud=baud, monotonic_s=monotonic_s),
            monotonic_s=monotonic_s,
            silent_s=silent_s,
        )


class _Nmea:
    """A port with a receiver on it, implementing gnssline.Line."""

    def __init__(self, path: str, *, baud: int, monotonic_s: Callable[[], float]) -> None:
        self._path = path
        self._monotonic_s = monotonic_s
        self._port = SerialPort(path, baud=baud)
        self._reader = NmeaReader()
        self._burst_s, self._count, self._quiet = 0.0, 0, True

    def forget(self) -> None:
        self._count, self._quiet = self._reader.count, True

    def hear(self, left_s: float) -> GnssFix | None:  # noqa: ARG002 - the port has a patience of its own
        received = self._port.read()
        now_s = self._monotonic_s()
        if received and self._quiet:
            # the first byte of a burst is nearest to the moment that it tells of
            self._burst_s = now_s
        self._quiet = not received
        self._reader.feed(received)
        fix = self._reader.fix
        # what lay in the buffer is of long ago: wait for the pause after a burst
        if not self._quiet or fix is None or self._reader.count <= self._count:
            return None
        if fix.utc is None:
            return fix
        return dataclasses.replace(fix, utc=later(fix.utc, now_s - self._burst_s))

    def silence(self, waited_s: float, limit_s: float) -> DeviceError:
        return DeviceError(
            f"the GNSS receiver is silent for {waited_s:.0f} s, the limit is {limit_s:.1f} s",
            remedy=f"Check {self._path}, its speed (gnss.baud), and that RMC and GGA are sent.",
        )

    def close(self) -> None:
        self._port.__exit__(None, None, None)
