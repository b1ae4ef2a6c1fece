"""The firmware on an emulated RP2040, where the owner has supplied the images.

ISSGAZE_RP2040 names a folder with `bootrom.bin` (the chip's boot ROM), `micropython.uf2` (for the
Pico) and `node_modules/rp2040js` (`npm install rp2040js`). Neither image is ours to ship.
"""

import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from issgaze.roofwire import LineReader, WireError, decode, encode
from tests.firmware.pico import flash_files

_IMAGES = Path(os.environ.get("ISSGAZE_RP2040") or "/nonexistent")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (_IMAGES / "micropython.uf2").exists() or shutil.which("node") is None,
        reason="no RP2040 images (ISSGAZE_RP2040) or no node",
    ),
]


class Chip:
    """The emulator, spoken to as a terminal would."""

    def __init__(self) -> None:
        # node looks for rp2040js beside the program
        program = _IMAGES / "rp2040.mjs"
        shutil.copy(Path(__file__).with_name("rp2040.mjs"), program)
        self.process = subprocess.Popen(
            ["node", program, _IMAGES / "bootrom.bin", _IMAGES / "micropython.uf2"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.said = b""

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def read(self, wait_s: float) -> bytes:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], wait_s)[0]:
            return b""
        return os.read(self.process.stdout.fileno(), 4096)

    def until(self, wanted: bytes, limit_s: float = 120.0) -> None:
        end = time.monotonic() + limit_s
        while wanted not in self.said:
            assert time.monotonic() < end, f"no {wanted!r} in {self.said[-500:]!r}"
            self.said += self.read(1.0)
        self.said = self.said.split(wanted, 1)[1]

    def run(self, code: str) -> None:
        """Run code through the raw REPL."""
        self.send(code.encode() + b"\x04")
        self.until(b"OK")
        self.until(b"\x04\x04>")


def test_it_answers_on_the_chip() -> None:
    chip = Chip()
    try:
        chip.until(b">>> ")
        chip.send(b"\x01")
        chip.until(b"raw REPL")
        for path in flash_files():
            chip.run(f"f = open({path.name!r}, 'w')")
            text = path.read_text()
            for at in range(0, len(text), 256):
                chip.run(f"f.write({text[at : at + 256]!r})")
            chip.run("f.close()")
        chip.send(b"import main\x04")
        answer = _hello(chip)
    finally:
        chip.process.kill()
        chip.process.wait()
    assert (answer["wire"], answer["ok"]) == (1, True)
    assert "RP2040" in str(answer["board"])


def _hello(chip: Chip) -> dict[str, Any]:
    reader, end, asked = LineReader(), time.monotonic() + 120.0, 0.0
    while time.monotonic() < end:
        if time.monotonic() - asked > 2.0:
            asked = time.monotonic()
            chip.send(encode({"id": 9, "cmd": "hello"}))
        for line in reader.feed(chip.read(0.2)):
            try:
                message: dict[str, Any] = decode(line)
            except WireError:
                continue
            if message.get("id") == 9:
                return message
    raise AssertionError("no answer from the chip")
