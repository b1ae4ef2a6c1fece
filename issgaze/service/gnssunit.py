"""The gnss program: asks the receiver and chronyd once a second, and publishes gnss.json."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze.civil import later
from issgaze.config import GnssSettings, SiteSettings
from issgaze.devices.chrony import chrony_quality
from issgaze.devices.gpsd import GpsdGnss
from issgaze.devices.pps import pulse_document
from issgaze.devices.serialgnss import SerialGnss
from issgaze.errors import ArchiveError, ConfigurationError, DeviceError
from issgaze.ports import Clock, ClockQuality, GnssFix, GnssReceiver
from issgaze.service.gnss import publish_gnss
from issgaze.service.gnssjudge import GnssJudge

_INTERVAL_S = 1.0
# chronyd learns something new every minute at most
_CHRONY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssUnit:
    """What the program works with.

    Attributes:
        run: The run folder.
        receiver: Asked once a second.
        clock: The system's.
        stop: Becomes true when the program shall end.
        log: Told when something changes.
        chrony: Says how well the clock is disciplined; raises DeviceError without a chronyd.
    """

    run: Path
    receiver: GnssReceiver
    site: SiteSettings
    clock: Clock
    stop: Callable[[], bool]
    log: Callable[[str], None]
    chrony: Callable[[], ClockQuality] = chrony_quality

    def serve(self, *, times: int | None = None) -> dict[str, Any]:
        """Publish until stopped, or so many times; return the last document."""
        judge = GnssJudge(self.site)
        document: dict[str, Any] = {}
        said = ""
        asked_s, quality = None, self.clock.quality()
        while not self.stop() and times != 0:
            times = None if times is None else times - 1
            now_s = self.clock.monotonic_s()
            if asked_s is None or now_s - asked_s >= _CHRONY_S:
                asked_s, quality = now_s, self._quality()
            document = self._look(judge, quality)
            news = _sentence(document)
            if news != said:
                self.log(news)
            said = news
            if times != 0:
                self.clock.sleep_until(later(self.clock.now_utc(), _INTERVAL_S), wake=self.stop)
        return document

    def look_once(self) -> dict[str, Any]:
        """Return what the receiver says now; nothing is published, for it may be a hand's try."""
        return self._asked(GnssJudge(self.site), self._quality())

    def _look(self, judge: GnssJudge, quality: ClockQuality) -> dict[str, Any]:
        document = self._asked(judge, quality)
        try:
            publish_gnss(self.run, document)
        except ArchiveError as error:
            self.log(error.message)
        return document

    def _asked(self, judge: GnssJudge, quality: ClockQuality) -> dict[str, Any]:
        # a receiver lets one wait: the clock is read when it has spoken, not before
        receiver = _Read(self.receiver)
        now, at_s = self.clock.now_utc(), self.clock.monotonic_s()
        document = judge.document(receiver, now, at_s, quality)
        document["pps"] = pulse_document(self.clock.now_utc())
        return document

    def _quality(self) -> ClockQuality:
        """Return chronyd's word, the kernel's where there is no chronyd."""
        try:
            return self.chrony()
        except DeviceError:
            return self.clock.quality()


class _Read:
    """A receiver asked beforehand."""

    def __init__(self, receiver: GnssReceiver) -> None:
        self._fix: GnssFix | None = None
        self._error: DeviceError | None = None
        try:
            self._fix = receiver.read()
        except DeviceError as error:
            self._error = error

    def read(self) -> GnssFix:
        if self._fix is None:
            assert self._error is not None
            raise self._error
        return self._fix


class AnyGnss:
    """gpsd if it runs, else the serial port, implementing ports.GnssReceiver."""

    def __init__(self, gpsd: GnssReceiver, serial: GnssReceiver) -> None:
        self._gpsd = gpsd
        self._serial = serial

    def read(self) -> GnssFix:
        """Return the next fix; DeviceError when neither has one."""
        try:
            return self._gpsd.read()
        except DeviceError as missing:
            try:
                return self._serial.read()
            except DeviceError as error:
                raise DeviceError(
                    f"{missing.message}; {error.message}", remedy=error.remedy
                ) from error


def stand_by(clock: Clock, *, stop: Callable[[], bool], log: Callable[[str], None]) -> None:
    """Do nothing until stopped, and say why: observe reads a receiver on the roof controller."""
    log("gnss.source is roof: issgaze-observe reads that receiver; nothing to do here")
    while not stop():
        clock.sleep_until(later(clock.now_utc(), _INTERVAL_S), wake=stop)


def real_receiver(settings: GnssSettings) -> GnssReceiver:
    """Return the receiver that the configuration names.

    Raises:
        ConfigurationError: It hangs on the roof controller, which observe holds.
    """
    if settings.source == "roof":
        raise ConfigurationError(
            "gnss.source is roof: issgaze-observe reads that receiver through the controller",
            remedy="See `issgaze roof status`, or name another: `issgaze config set gnss.source"
            " auto`.",
        )
    serial = SerialGnss(settings.port, baud=settings.baud)
    if settings.source == "serial":
        return serial
    gpsd = GpsdGnss()
    return gpsd if settings.source == "gpsd" else AnyGnss(gpsd, serial)


def _sentence(document: dict[str, Any]) -> str:
    clock = document["clock"]
    reason = document["reason"] or "in order"
    said = f"GNSS {document['state']}: {reason}; clock {clock['trust']} ({clock['source']})"
    return f"{said}. {document['remedy']}" if document.get("remedy") else said
