"""A GNSS receiver behind gpsd, which speaks JSON on the loopback interface (gpsd_json(5))."""

import contextlib
import dataclasses
import json
import socket
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any

from issgaze.civil import parse_utc
from issgaze.errors import DeviceError, TimeError
from issgaze.ports import GnssFix

GPSD = ("127.0.0.1", 2947)
_WATCH = b'?WATCH={"enable":true,"json":true}\n'
_CONNECT_S = 1.0
_SILENT_S = 3.0
# gpsd's own limit is 10 kB; a report of many satellites has 5 kB
_LONGEST = 65536


class GpsdGnss:
    """A receiver, implementing ports.GnssReceiver; the connection is made anew when it breaks.

    Args:
        address: Host and port of gpsd.
        monotonic_s: A clock that never steps.
        silent_s: Without a report for so long it counts as silent.
    """

    def __init__(
        self,
        address: tuple[str, int] = GPSD,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        silent_s: float = _SILENT_S,
    ) -> None:
        self._address = address
        self._monotonic_s = monotonic_s
        self._silent_s = silent_s
        self._socket: socket.socket | None = None
        self._held = b""
        self._satellites = 0

    def __enter__(self) -> "GpsdGnss":
        """Nothing is opened before it is needed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of gpsd."""
        self._close()

    def read(self) -> GnssFix:
        """Return the next fix, its time as it came; DeviceError when there is no gpsd or word."""
        try:
            return self._read()
        except OSError as error:
            self._close()
            if isinstance(error, DeviceError):
                raise
            host, port = self._address
            raise DeviceError(
                f"gpsd at {host}:{port}: {(error.strerror or str(error)).lower()}",
                remedy="See `systemctl status gpsd`, or set gnss.source to serial.",
            ) from error

    def _read(self) -> GnssFix:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=_CONNECT_S)
            self._socket.sendall(_WATCH)
        began_s = self._monotonic_s()
        self._drain(self._socket)
        while (left_s := self._silent_s - (self._monotonic_s() - began_s)) > 0.0:
            for report in self._reports(self._socket, left_s):
                if report.get("class") == "SKY":
                    self._satellites = _used(report)
                elif report.get("class") == "TPV":
                    return dataclasses.replace(_fix(report), satellites=self._satellites)
        raise DeviceError(
            f"gpsd told nothing of a receiver for {self._silent_s:.0f} s",
            remedy="See `gpspipe -w`, and which device /etc/default/gpsd names.",
        )

    def _drain(self, connection: socket.socket) -> None:
        """Throw away reports that came while nobody asked: their time is long over."""
        connection.settimeout(0.0)
        with contextlib.suppress(BlockingIOError, TimeoutError):
            while connection.recv(_LONGEST):
                self._held = b""

    def _reports(self, connection: socket.socket, left_s: float) -> list[dict[str, Any]]:
        connection.settimeout(left_s)
        try:
            received = connection.recv(_LONGEST)
        except TimeoutError:
            return []
        if not received:
            raise ConnectionError("it has hung up")
        *lines, self._held = (self._held + received).split(b"\n")
        if len(self._held) > _LONGEST:
            self._held = b""
        return [report for line in lines if (report := _report(line)) is not None]

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._held, self._satellites = None, b"", 0


def _report(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _used(sky: dict[str, Any]) -> int:
    satellites = sky.get("satellites")
    if isinstance(sky.get("uSat"), int):
        return int(sky["uSat"])
    if not isinstance(satellites, list):
        return 0
    return sum(isinstance(each, dict) and each.get("used") is True for each in satellites)


def _fix(report: dict[str, Any]) -> GnssFix:
    """Return a TPV report's fix; mode 2 is one in the plane, 3 one in space."""
    latitude, longitude = _number(report, "lat", 90.0), _number(report, "lon", 180.0)
    mode, utc = report.get("mode"), _instant(report.get("time"))
    if mode not in {2, 3} or latitude is None or longitude is None or utc is None:
        return GnssFix(utc=None, latitude_deg=None, longitude_deg=None, height_m=None, satellites=0)
    return GnssFix(
        utc=utc,
        latitude_deg=latitude,
        longitude_deg=longitude,
        # above the ellipsoid; in a plane there is none
        height_m=_number(report, "altHAE", 100_000.0) if mode == 3 else None,
        satellites=0,
    )


def _instant(text: object) -> datetime | None:
    try:
        return parse_utc(str(text))
    except TimeError:
        return None


def _number(report: dict[str, Any], key: str, limit: float) -> float | None:
    value = report.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -limit <= value <= limit else None
