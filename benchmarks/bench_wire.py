"""How long a question to the roof controller takes: real MicroPython, pseudo-terminal, pyserial.

python benchmarks/bench_wire.py
"""

import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from issgaze.roofwire import decode, encode
from tests.firmware.host import Host
from tests.firmware.pico import Pico

ROUNDS = 2000


def main() -> None:
    """Print round trips, and what encoding and decoding take at this end, in ms."""
    trips = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Pico(Path(folder)) as pico,
        Host(pico.port) as host,
    ):
        host.tick()
        for _ in range(ROUNDS):
            began = time.perf_counter()
            assert host.ask("beat")["ok"]
            trips.append(1000.0 * (time.perf_counter() - began))
    line = encode({"id": 1, "cmd": "open", "until": 412})
    began = time.perf_counter()
    for _ in range(ROUNDS):
        encode(decode(line))
    codec = 1000.0 * (time.perf_counter() - began) / ROUNDS
    trips.sort()
    print(f"{platform.machine()}, Python {platform.python_version()}, {ROUNDS} round trips")
    print(f"median {statistics.median(trips):.2f} ms, p99 {trips[int(0.99 * ROUNDS)]:.2f} ms")
    print(f"decode and encode at this end {codec:.4f} ms")


if __name__ == "__main__":
    main()
