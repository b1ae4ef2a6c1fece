"""A GNSS receiver behind gpsd, which speaks JSON on the loopback interface (gpsd_json(5))."""

import contextlib
import dataclasses
import json
import socket
import time
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

from issgaze.civil import parse_utc
from issgaze.devices.gnssline import LineGnss
from issgaze.errors import DeviceError, TimeError
from issgaze.ports import GnssFix

GPSD = ("127.0.0.1", 2947)
_WATCH = b'?WATCH={"enable":true,"json":true}\n'
_CONNECT_S = 1.0
_SILENT_S = 3.0
# gpsd's own limit is 10 kB; a report of many satellites has 5 kB
_LONGEST = 65536


class GpsdGnss(LineGnss):
    """A receiver, implementing ports.GnssReceiver, its time as it came.

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
        super().__init__(lambda: _Gpsd(address), monotonic_s=monotonic_s, silent_s=silent_s)


class _Gpsd:
    """A connection to gpsd, implementing gnssline.Line."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._held = b""
        self._satellites = 0
        with self._in_words():
            self._socket = socket.create_connection(address, timeout=_CONNECT_S)
            try:
                self._socket.sendall(_WATCH)
            except OSError:
                self._socket.close()
                raise

    def forget(self) -> None:
        self._socket.settimeout(0.0)
        with self._in_words(), contextlib.suppress(BlockingIOError, TimeoutError):
            while self._socket.recv(_LONGEST):
                self._held = b""

    def hear(self, left_s: float) -> GnssFix | None:
        with self._in_words():
            reports = self._reports(left_s)
        for report in reports:
            if report.get("class") == "SKY":
                self._satellites = _used(report)
            elif report.get("class") == "TPV":
                return dataclasses.replace(_fix(report), satellites=self._satellites)
        return None

    def silence(self, waited_s: float, limit_s: float) -> DeviceError:
        return DeviceError(
            f"gpsd told nothing of a receiver for {waited_s:.0f} s, the limit is {limit_s:.1f} s",
            remedy="See `gpspipe -w`, and which device /etc/default/gpsd names.",
        )

    def close(self) -> None:
        self._socket.close()

    def _reports(self, left_s: float) -> list[dict[str, Any]]:
        self._socket.settimeout(left_s)
        try:
            received = self._socket.recv(_LONGEST)
        except TimeoutError:
            return []
        if not received:
            raise ConnectionError("it has hung up")
        *lines, self._held = (self._held + received).split(b"\n")
        if len(self._held) > _LONGEST:
            self._held = b""
        return [report for line in lines if (report := _report(line)) is not None]

    @contextlib.contextmanager
    def _in_words(self) -> Generator[None, None, None]:
        try:
            yield
        except OSError as error:
            host, port = self._address
            raise DeviceError(
                f"gpsd at {host}:{port}: {(error.strerror or str(error)).lower()}",
                remedy="See `systemctl status gpsd`, or set gnss.source to serial.",
            ) from error


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
