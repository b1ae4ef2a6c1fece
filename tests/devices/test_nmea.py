"""NMEA: what a receiver says, what it does not, and what only looks like it; then over a pty."""

import os
import pty
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issgaze.civil import parse_utc, seconds_between
from issgaze.devices.nmea import NmeaReader
from issgaze.devices.serialgnss import SerialGnss
from issgaze.errors import DeviceError


def sentence(body: str) -> bytes:
    total = 0
    for byte in body.encode():
        total ^= byte
    return f"${body}*{total:02X}\r\n".encode()


def rmc(time: str = "210203.00", *, status: str = "A", talker: str = "GN", **more: str) -> bytes:
    place = more.get("place", "4901.20000,N,01313.80000,E" if status == "A" else ",,,")
    return sentence(f"{talker}RMC,{time},{status},{place},0.01,,{more.get('date', '100524')},,,A")


def gga(time: str = "210203.00", *, quality: str = "1", **more: str) -> bytes:
    place = more.get("place", "4901.20000,N,01313.80000,E" if quality != "0" else ",,,")
    height = more.get("height", "572.1,M,47.2,M")
    return sentence(f"GNGGA,{time},{place},{quality},{more.get('used', '09')},0.9,{height},,")


def heard(*sentences: bytes) -> NmeaReader:
    reader = NmeaReader()
    reader.feed(b"".join(sentences))
    return reader


def test_a_fix_is_put_together_from_both_sentences() -> None:
    fix = heard(rmc(), gga()).fix
    assert fix is not None
    assert fix.utc == parse_utc("2024-05-10T21:02:03Z")
    assert fix.latitude_deg == pytest.approx(49.02)
    assert fix.longitude_deg == pytest.approx(13.23)
    # above the ellipsoid: above the sea and the geoid's height
    assert fix.height_m == pytest.approx(619.3)
    assert fix.satellites == 9


def test_the_sentence_of_the_textbooks() -> None:
    # the example that every description of NMEA 0183 carries, with its checksum
    reader = NmeaReader()
    assert reader.hear(b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n")
    assert reader.hear(b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n")
    assert reader.fix is not None
    assert reader.fix.latitude_deg == pytest.approx(48.1173, abs=1e-4)
    assert reader.fix.longitude_deg == pytest.approx(11.51667, abs=1e-4)


def test_south_and_west_are_negative() -> None:
    place = "3355.50000,S,01825.20000,W"
    fix = heard(gga(place=place), rmc(place=place)).fix
    assert fix is not None
    assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx((-33.925, -18.42))


@pytest.mark.parametrize(
    "sentences",
    [
        (rmc(status="V"), gga(quality="0", used="02")),
        # what some receivers send without a fix: zeros, or the last place they knew
        (rmc(status="V", place="0000.00000,N,00000.00000,E"), gga(quality="0", used="02")),
        (rmc(status="V", place="4901.2,N,01313.8,E"), gga(quality="6", used="02")),
        # one sentence says yes, the other knows that it is a guess
        (rmc(), gga(quality="6", used="02")),
        (gga(quality="0", used="02"), rmc()),
        (rmc(), gga(quality="8", used="02")),
        (rmc(place="4901.2,N,01313.8,"), gga(used="02")),
        (rmc(place="9901.2,N,01313.8,E"), gga(used="02")),
        (rmc(place="4961.2,N,01313.8,E"), gga(used="02")),
        (rmc(date="320124"), gga(used="02")),
        (rmc("235961.00"), gga("235961.00", used="02")),
    ],
)
def test_no_fix_is_no_position(sentences: tuple[bytes, ...]) -> None:
    fix = heard(*sentences).fix
    assert fix is not None
    assert (fix.utc, fix.latitude_deg, fix.longitude_deg, fix.height_m) == (None,) * 4
    assert fix.satellites == 2


def test_sentences_of_two_moments_are_not_mixed() -> None:
    reader = heard(rmc("210203.00"), gga("210204.00"))
    assert reader.fix is None
    reader.feed(rmc("210204.00"))
    assert reader.fix is not None
    assert reader.fix.utc == parse_utc("2024-05-10T21:02:04Z")


@given(st.integers(0, 200), st.integers(1, 255))
def test_one_changed_byte_is_never_believed(place: int, change: int) -> None:
    stream = bytearray(rmc() + gga())
    place %= len(stream)
    stream[place] ^= change
    reader = NmeaReader()
    reader.feed(bytes(stream))
    fix = reader.fix
    # a checksum of one byte; what gets through is the same text, as a letter of its digits may be
    assert fix is None or fix == heard(rmc(), gga()).fix


@given(st.binary(max_size=600))
def test_noise_does_no_harm(noise: bytes) -> None:
    reader = NmeaReader()
    reader.feed(noise)
    reader.feed(b"\r\n" + rmc() + gga())
    assert reader.fix is not None
    assert len(reader._held) <= 120


@given(st.data())
def test_bytes_may_come_as_they_like(data: st.DataObject) -> None:
    stream = rmc() + b"$GPGSV,garbage*00\r\n" + gga()
    reader = NmeaReader()
    while stream:
        count = data.draw(st.integers(1, len(stream)))
        reader.feed(stream[:count])
        stream = stream[count:]
    assert reader.fix == heard(rmc(), gga()).fix


# over a line


@contextmanager
def speaking(*bursts: bytes, pause_s: float = 0.3) -> Iterator[str]:
    """A receiver that says these again and again."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    stop = threading.Event()

    def speak() -> None:
        while not stop.is_set():
            for burst in bursts:
                os.write(master, burst)
                if stop.wait(pause_s):
                    return

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        stop.set()
        thread.join()
        os.close(slave)
        os.close(master)


def test_a_receiver_is_read_and_its_time_moved_on_to_now() -> None:
    with speaking(rmc() + gga()) as path, SerialGnss(path) as receiver:
        fix = receiver.read()
    assert fix.latitude_deg == pytest.approx(49.02)
    assert fix.utc is not None
    # it is handed over a pause after the burst, which is counted
    assert 0.05 < seconds_between(parse_utc("2024-05-10T21:02:03Z"), fix.utc) < 0.6


def test_a_receiver_without_a_fix_says_so() -> None:
    burst = rmc(status="V") + gga(quality="0", used="03")
    with speaking(burst) as path, SerialGnss(path) as receiver:
        fix = receiver.read()
    assert (fix.utc, fix.satellites) == (None, 3)


def test_a_receiver_at_the_wrong_speed_is_silent() -> None:
    with (
        speaking(b"\x80\xfe\x00\x18") as path,
        SerialGnss(path, silent_s=0.7) as receiver,
        pytest.raises(DeviceError, match="the GNSS receiver is silent for 1 s") as caught,
    ):
        receiver.read()
    assert "gnss.baud" in caught.value.remedy


def test_a_receiver_that_is_not_there_is_named() -> None:
    receiver = SerialGnss("/dev/no-such-port")
    with pytest.raises(DeviceError, match="/dev/no-such-port: no such port"):
        receiver.read()
