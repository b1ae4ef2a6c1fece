"""A GNSS receiver on a serial port that speaks NMEA 0183."""

import dataclasses
import time
from collections.abc import Callable
from types import TracebackType

from issgaze.civil import later
from issgaze.devices.nmea import NmeaReader
from issgaze.devices.serialport import SerialPort
from issgaze.errors import DeviceError
from issgaze.ports import GnssFix

# a receiver speaks once a second
_SILENT_S = 2.5


class SerialGnss:
    """A receiver, implementing ports.GnssReceiver; the port is opened again after it was pulled.

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
        self._path = path
        self._baud = baud
        self._monotonic_s = monotonic_s
        self._silent_s = silent_s
        self._port: SerialPort | None = None
        self._reader = NmeaReader()

    def __enter__(self) -> "SerialGnss":
        """Nothing is opened before it is needed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the port back."""
        self._close()

    def read(self) -> GnssFix:
        """Return the next fix, its time moved on to now; DeviceError when it is silent."""
        try:
            return self._read()
        except DeviceError:
            self._close()
            raise

    def _read(self) -> GnssFix:
        if self._port is None:
            self._port = SerialPort(self._path, baud=self._baud)
            self._reader = NmeaReader()
        began_s = burst_s = self._monotonic_s()
        count, quiet = self._reader.count, True
        while True:
            received = self._port.read()
            now_s = self._monotonic_s()
            if received and quiet:
                # the first byte of a burst is nearest to the moment that it tells of
                burst_s = now_s
            quiet = not received
            self._reader.feed(received)
            fix = self._reader.fix
            # what lay in the buffer is of long ago: wait for the pause after a burst
            if quiet and fix is not None and self._reader.count > count:
                if fix.utc is None:
                    return fix
                return dataclasses.replace(fix, utc=later(fix.utc, now_s - burst_s))
            if now_s - began_s > self._silent_s:
                raise DeviceError(
                    f"the GNSS receiver is silent for {now_s - began_s:.0f} s, the limit is"
                    f" {self._silent_s:.1f} s",
                    remedy=f"Check {self._path}, its speed (gnss.baud), and that RMC and GGA are"
                    " sent.",
                )

    def _close(self) -> None:
        if self._port is not None:
            self._port.__exit__(None, None, None)
            self._port = None
