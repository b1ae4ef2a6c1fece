"""The wire: what is encoded comes back, what is garbled does not come through."""

import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issgaze import roofwire
from issgaze.roofwire import LONGEST, LineReader, WireError, decode, encode

SMALL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**30), 2**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
MESSAGES = st.dictionaries(
    st.text(max_size=8), st.one_of(SMALL, st.lists(SMALL, max_size=3)), max_size=5
)


def line_of(body: bytes) -> bytes:
    return body + b"*%08x" % zlib.crc32(body)


@given(MESSAGES)
def test_what_is_encoded_comes_back(message: dict[str, Any]) -> None:
    assert decode(encode(message)) == message


def test_a_line_as_the_document_shows_it() -> None:
    assert encode({"id": 7, "cmd": "open", "until": 412}) == (
        b'{"id":7,"cmd":"open","until":412}*3546057d\n'
    )


@given(MESSAGES, st.data())
def test_one_changed_byte_is_noticed(message: dict[str, Any], data: st.DataObject) -> None:
    line = bytearray(encode(message)[:-1])
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    if bytes(line).endswith((b"\r", b"\n")):
        return
    with pytest.raises(WireError):
        decode(bytes(line))


@given(st.binary(max_size=300))
def test_noise_is_no_message(noise: bytes) -> None:
    with pytest.raises(WireError):
        decode(noise)


@given(st.binary(max_size=200))
def test_noise_with_a_true_checksum_is_a_message_or_refused(body: bytes) -> None:
    try:
        message = decode(line_of(body))
    except WireError:
        return
    assert message == json.loads(body)


@given(st.lists(MESSAGES, max_size=5), st.data())
def test_lines_come_out_whole_however_the_bytes_arrive(
    messages: list[dict[str, Any]], data: st.DataObject
) -> None:
    stream = b"".join(encode(message) for message in messages)
    reader, lines = LineReader(), []
    while stream:
        count = data.draw(st.integers(1, len(stream)))
        lines += reader.feed(stream[:count])
        stream = stream[count:]
    assert [decode(line) for line in lines] == messages


@given(st.binary(max_size=5000), MESSAGES)
def test_after_any_noise_and_a_line_feed_the_next_line_is_heard(
    noise: bytes, message: dict[str, Any]
) -> None:
    reader = LineReader()
    reader.feed(noise + b"\n")
    assert [decode(line) for line in reader.feed(encode(message))] == [message]


def test_a_line_without_an_end_takes_no_memory() -> None:
    reader = LineReader()
    for _ in range(100):
        assert reader.feed(b"x" * 1000) == []
        assert len(reader._held) <= LONGEST
    assert reader.dropped == 1
    assert reader.feed(b"\n" + encode({"id": 1})) == [encode({"id": 1})[:-1]]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'{"id":1}', "the line has no checksum"),
        (b'{"id":1}*00000000', "the checksum is wrong"),
        (line_of(b"[1]"), "the line holds no JSON object"),
        (line_of(b"{id}"), "the line holds no JSON"),
        (line_of(b"\xff\xfe"), "the line holds no JSON"),
        (line_of(b'{"a":NaN}'), "a number that is not finite"),
        (line_of(b'{"a":1e999}'), "a number that is not finite"),
        (line_of(b'{"a":' + b"[" * 9 + b"]" * 9 + b"}"), "nested deeper than 4"),
        (b"x" * 1025, "the line has 1025 bytes, the limit is 1024"),
    ],
)
def test_a_line_that_is_refused_says_why(line: bytes, text: str) -> None:
    with pytest.raises(WireError, match=re.escape(text)):
        decode(line)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"a": float("nan")}, "a number that is not finite"),
        ({"a": float("inf")}, "a number that is not finite"),
        ({"a": "x" * 1100}, "bytes, the limit is 1024"),
        ({"a": {1: 2}}, "a key that is no text"),
        ({"a": b"x"}, "what JSON has no word for"),
    ],
)
def test_a_message_that_cannot_be_sent_says_why(message: dict[str, Any], text: str) -> None:
    with pytest.raises(WireError, match=re.escape(text)):
        encode(message)


def test_every_limit_stands_in_the_document() -> None:
    text = (Path(__file__).parent.parent / "docs" / "wire.md").read_text()
    for name in (
        "VERSION", "LONGEST", "LONGEST_VALIDITY_S", "TICK_S", "BEAT_S", "BEAT_LOST_S",
        "OPEN_LEASE_S", "HEATER_LEASE_S", "HOLD_LEASE_S", "DRY_S", "TRAVEL_S",
    ):  # fmt: skip
        assert re.search(rf"\| `{name}` \| {getattr(roofwire, name)} \|", text), name
