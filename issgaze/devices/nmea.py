"""NMEA 0183 as GNSS receivers speak it: RMC and GGA, believed only when everything about them fits.

Of a receiver without a fix nothing is taken: some send a latitude of zero, or the last one.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from issgaze.civil import parse_utc
from issgaze.errors import TimeError
from issgaze.ports import GnssFix

# a sentence has at most 82 characters (IEC 61162-1); receivers exceed it a little
_LONGEST = 120
_SENTENCE = re.compile(rb"\$([A-Z]{2})(RMC|GGA),([\x20-\x7e]*?)\*([0-9A-Fa-f]{2})\s*$")
_TIME = re.compile(r"(\d{2})(\d{2})(\d{2})(?:\.(\d{1,9}))?")
_DATE = re.compile(r"(\d{2})(\d{2})(\d{2})")
_ANGLE = re.compile(r"(\d{2,3})(\d{2}(?:\.\d+)?)")
# GGA quality: 6 is dead reckoning, 7 typed in by hand, 8 a simulator's
_BELIEVED = {"1", "2", "3", "4", "5", "9"}


@dataclass(slots=True)
class _Epoch:
    """What was heard of one moment: its time of day as sent, and one sentence of each kind."""

    time: str = ""
    position: tuple[float, float] | None = None
    utc: datetime | None = None
    height_m: float | None = None
    satellites: int = 0
    believed: bool = False
    has_rmc: bool = False
    has_gga: bool = False


class NmeaReader:
    """Puts sentences of one moment together.

    Attributes:
        fix: The last moment of which both sentences came, None before the first.
        count: How many moments were complete.
    """

    def __init__(self) -> None:
        self.fix: GnssFix | None = None
        self.count = 0
        self._epoch = _Epoch()
        self._held = b""

    def feed(self, received: bytes) -> None:
        """Take bytes as they come, whole sentences or not."""
        *lines, self._held = (self._held + received).split(b"\n")
        if len(self._held) > _LONGEST:
            self._held = b""
        for line in lines:
            self.hear(line)

    def hear(self, line: bytes) -> bool:
        """Take one sentence; return whether it was understood."""
        found = _SENTENCE.search(line) if len(line) <= _LONGEST else None
        if found is None or _checksum(line[found.start() + 1 : found.end(3)]) != int(found[4], 16):
            return False
        fields = found[3].decode("ascii").split(",")
        if fields[0] != self._epoch.time:
            self._epoch = _Epoch(time=fields[0])
        understood = self._rmc(fields) if found[2] == b"RMC" else self._gga(fields)
        if self._epoch.has_rmc and self._epoch.has_gga:
            self.fix = _fix_of(self._epoch)
            self.count += 1
            self._epoch = _Epoch()
        return understood

    def _rmc(self, fields: list[str]) -> bool:
        if len(fields) < 9:
            return False
        self._epoch.has_rmc = True
        if fields[1] == "A":
            self._epoch.utc = _instant(fields[0], fields[8])
            self._epoch.position = _position(fields[2:6])
        return True

    def _gga(self, fields: list[str]) -> bool:
        if len(fields) < 11:
            return False
        epoch = self._epoch
        epoch.has_gga = True
        epoch.satellites = int(fields[6]) if fields[6].isdigit() else 0
        # RMC may call valid what GGA knows to be a guess
        epoch.believed = fields[5] in _BELIEVED and _position(fields[1:5]) is not None
        sea_m, geoid_m = _metres(fields[8]), _metres(fields[10])
        # heights here are above the ellipsoid: above the sea, and the sea above that
        epoch.height_m = None if sea_m is None else sea_m + (geoid_m or 0.0)
        return True


def _fix_of(epoch: _Epoch) -> GnssFix:
    if epoch.position is None or epoch.utc is None or not epoch.believed:
        return GnssFix(
            utc=None,
            latitude_deg=None,
            longitude_deg=None,
            height_m=None,
            satellites=epoch.satellites,
        )
    return GnssFix(
        utc=epoch.utc,
        latitude_deg=epoch.position[0],
        longitude_deg=epoch.position[1],
        height_m=epoch.height_m,
        satellites=epoch.satellites,
    )


def _checksum(sentence: bytes) -> int:
    total = 0
    for byte in sentence:
        total ^= byte
    return total


def _instant(time: str, date: str) -> datetime | None:
    at, on = _TIME.fullmatch(time), _DATE.fullmatch(date)
    if at is None or on is None:
        return None
    text = f"20{on[3]}-{on[2]}-{on[1]}T{at[1]}:{at[2]}:{at[3]}.{(at[4] or '0')[:6]}Z"
    try:
        return parse_utc(text)
    except TimeError:
        # a leap second, or garbage that its checksum let through
        return None


def _position(fields: list[str]) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees from four fields: 4807.038, N, 01131.000, E."""
    latitude = _angle(fields[0], fields[1], "NS", 90.0)
    longitude = _angle(fields[2], fields[3], "EW", 180.0)
    return None if latitude is None or longitude is None else (latitude, longitude)


def _angle(text: str, side: str, sides: str, limit_deg: float) -> float | None:
    found = _ANGLE.fullmatch(text)
    if found is None or len(side) != 1 or side not in sides:
        return None
    minutes = float(found[2])
    degrees = int(found[1]) + minutes / 60.0
    if minutes >= 60.0 or degrees > limit_deg:
        return None
    return degrees if side == sides[0] else -degrees


def _metres(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -20_000.0 < value < 100_000.0 else None
