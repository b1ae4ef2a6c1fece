"""What every receiver's line has in common: opened when needed, anew when broken, and silence."""

import pytest

from issgaze.civil import parse_utc
from issgaze.devices.gnssline import LineGnss
from issgaze.errors import DeviceError
from issgaze.ports import GnssFix

FIX = GnssFix(
    utc=parse_utc("2024-05-10T21:00:00Z"), latitude_deg=49.0, longitude_deg=13.0, height_m=600.0,
    satellites=9,
)  # fmt: skip
BROKEN = DeviceError("the device is gone", remedy="Check its cable.")


class Line:
    """Says what it was given to say, half a second apart; then it is silent."""

    def __init__(self, world: "World", *words: GnssFix | DeviceError | None) -> None:
        self.world = world
        self.words = list(words)
        self.did: list[str] = []

    def forget(self) -> None:
        self.did.append("forget")

    def hear(self, left_s: float) -> GnssFix | None:
        self.world.now_s += min(0.5, left_s)
        self.did.append("hear")
        word = self.words.pop(0) if self.words else None
        if isinstance(word, DeviceError):
            raise word
        return word

    def silence(self, waited_s: float, limit_s: float) -> DeviceError:
        return DeviceError(f"silent for {waited_s:g} of {limit_s:g} s", remedy="Wait.")

    def close(self) -> None:
        self.did.append("close")


class World:
    def __init__(self) -> None:
        self.now_s = 100.0
        self.lines: list[Line] = []
        self.opened = 0

    def receiver(self, *lines: Line) -> LineGnss:
        self.lines = list(lines)
        return LineGnss(self.open_line, monotonic_s=lambda: self.now_s, silent_s=2.0)

    def open_line(self) -> Line:
        self.opened += 1
        return self.lines[self.opened - 1]


def test_a_line_is_opened_when_it_is_asked_and_kept() -> None:
    world = World()
    line = Line(world, None, FIX, FIX)
    with world.receiver(line) as receiver:
        assert world.opened == 0
        assert receiver.read() == receiver.read() == FIX
    assert world.opened == 1
    assert line.did == ["forget", "hear", "hear", "forget", "hear", "close"]


def test_a_line_that_broke_is_closed_and_opened_anew() -> None:
    world = World()
    broken, sound = Line(world, BROKEN), Line(world, FIX)
    with world.receiver(broken, sound) as receiver:
        with pytest.raises(DeviceError, match="the device is gone"):
            receiver.read()
        assert broken.did[-1] == "close"
        assert receiver.read() == FIX
    assert sound.did[-1] == "close"


def test_silence_ends_the_wait_and_the_line() -> None:
    world = World()
    silent = Line(world)
    with world.receiver(silent) as receiver, pytest.raises(DeviceError, match="silent for 2 of 2"):
        receiver.read()
    assert world.now_s == 102.0
    assert silent.did == ["forget", "hear", "hear", "hear", "hear", "close"]
