"""What a Raspberry Pi and the roof controller say to each other: one file for both ends.

A message is one line: a JSON object, an asterisk, the CRC-32 of the object's bytes in eight
hexadecimal digits, a line feed. docs/wire.md has the messages.

It runs under MicroPython, on the controller, as well as here: no typing module, no dataclasses,
nothing but what both know. Bytes are read, never text, which dies of what is no UTF-8.
"""

import binascii
import json

VERSION = 1
# bytes of a line without its line feed; a controller's buffer holds no more
LONGEST = 1024
# an answer's identity fits a small integer of MicroPython, which takes no memory
LARGEST_ID = 0x3FFFFFFF
# a command is refused when it says it may be carried out for longer than this
LONGEST_VALIDITY_S = 10
# the controller tells its state this often
TICK_S = 1
# a heartbeat of the Pi each so many seconds, and after so many it is taken for dead
BEAT_S = 5
BEAT_LOST_S = 300
# the cover shuts when nobody has asked for it to be open for so long
OPEN_LEASE_S = 120
# what is asked of the heater holds for so long at most, then it looks after itself again
HEATER_LEASE_S = 1800
# while a Pi is updated it is left alone for so long at most
HOLD_LEASE_S = 3600
# without a drop for so long it is dry again
DRY_S = 120
# the cover is given so long to move
TRAVEL_S = 15

_CRC_DIGITS = 8
_DEEPEST = 4


class WireError(ValueError):
    """A line that is no message, or a message that is no line."""


def encode(message: dict[str, object]) -> bytes:
    """Return the line of a message, its line feed included.

    Raises:
        WireError: It holds a number that is not finite, something JSON has no word for, or is
            longer than LONGEST bytes.
    """
    _check(message, 0)
    body = json.dumps(message, separators=(",", ":")).encode()
    line = body + b"*" + _digits(body)
    if len(line) > LONGEST:
        raise WireError("the message has " + str(len(line)) + " bytes, the limit is 1024")
    return line + b"\n"


def decode(line: bytes) -> dict[str, object]:
    """Return the message of a line, with or without its line end.

    Raises:
        WireError: It is no message, or was garbled on its way; the text says which.
    """
    line = line.rstrip(b"\r\n")
    if len(line) > LONGEST:
        raise WireError("the line has " + str(len(line)) + " bytes, the limit is 1024")
    star = len(line) - _CRC_DIGITS - 1
    if star < 2 or line[star : star + 1] != b"*":
        raise WireError("the line has no checksum")
    body = line[:star]
    if line[star + 1 :] != _digits(body):
        raise WireError("the checksum is wrong")
    try:
        message = json.loads(body.decode())
    except (ValueError, RuntimeError):
        raise WireError("the line holds no JSON")
    if not isinstance(message, dict):
        raise WireError("the line holds no JSON object")
    _check(message, 0)
    return message


def _digits(body: bytes) -> bytes:
    return b"%08x" % (binascii.crc32(body) & 0xFFFFFFFF)


def _check(value: object, depth: int) -> None:
    """Refuse what the other end could not read back.

    Raises:
        WireError: It is there.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return
    if isinstance(value, float):
        # not a number differs from itself; infinite less infinite is not a number
        if value - value != 0.0:
            raise WireError("the message holds a number that is not finite")
        return
    if depth >= _DEEPEST:
        raise WireError("the message is nested deeper than 4")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise WireError("the message holds a key that is no text")
            _check(value[key], depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item, depth + 1)
    else:
        raise WireError("the message holds what JSON has no word for")


class LineReader:
    """Cuts a stream of bytes into lines, in bounded memory whatever comes.

    Attributes:
        dropped: Lines that were longer than any message and were thrown away.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._skipping = False
        self.dropped = 0

    def feed(self, received: bytes) -> list[bytes]:
        """Return the lines that are complete now, without their line feeds."""
        lines = []
        for index, part in enumerate(received.split(b"\n")):
            if index > 0:
                line = self._end_line()
                if line:
                    lines.append(line)
            self._take(part)
        return lines

    def _take(self, part: bytes) -> None:
        if self._skipping or not part:
            return
        if len(self._held) + len(part) > LONGEST:
            self._skipping = True
            self._held = bytearray()
            self.dropped += 1
        else:
            self._held.extend(part)

    def _end_line(self) -> bytes:
        line = bytes(self._held)
        self._held = bytearray()
        self._skipping = False
        return line
