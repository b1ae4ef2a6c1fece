"""What the page costs: memory with eight viewers, processor time, bytes of a first view.

Run: .venv/bin/python benchmarks/bench_page.py [ARCHIVE]
It starts `issgaze web` on an archive (a demo's, or an empty one), opens eight live streams, asks
for every page in turn, and prints one line for each measure.
"""

import gzip
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROUNDS = 60
_VIEWERS = 8
_PAGES = ("/", "/passes", "/gallery", "/ledger", "/device", "/lens", "/api/live", "/api/passes")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a page, as a browser asks for it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return body, dict(reply.getheaders())


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int, key: str = "VmRSS") -> float:
    """Return the memory of a process, now or at its peak."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{key}:\s+(\d+) kB", text)
    return int(found.group(1)) / 1024.0 if found else 0.0


def first_view_bytes(port: int) -> int:
    """Return the compressed bytes of the first page and all that it needs but pictures."""
    body, headers = ask(port, "/")
    page = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
    total = len(body)
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.decode()):
        total += len(ask(port, address)[0])
    return total


def watch(port: int) -> socket.socket:
    """Open a live stream."""
    viewer = socket.create_connection(("127.0.0.1", port), timeout=10)
    viewer.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    viewer.recv(4096)
    return viewer


def main() -> None:
    """Measure and print."""
    archive = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()
    port = free_port()
    command = [sys.executable, "-m", "issgaze", "web", "--archive", archive, "--port", str(port)]
    # as in the unit
    environment = os.environ | {"MALLOC_ARENA_MAX": "1"}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment) as server:
        try:
            for _ in range(100):
                try:
                    ask(port, "/healthz")
                    break
                except OSError:
                    time.sleep(0.1)
            viewers = [watch(port) for _ in range(_VIEWERS)]
            pages = list(_PAGES)
            newest = sorted(Path(archive).glob("passes/*/*/report.json"))[-1:]
            pages += [f"/passes/{report.parent.name}/" for report in newest]
            for page in pages:
                ask(port, page)
                before = cpu_s(server.pid)
                for _ in range(_ROUNDS):
                    ask(port, page)
                spent_ms = 1000.0 * (cpu_s(server.pid) - before) / _ROUNDS
                print(f"{page:42} {spent_ms:6.2f} ms CPU")
            before = cpu_s(server.pid)
            time.sleep(5.0)
            idle = 100.0 * (cpu_s(server.pid) - before) / 5.0
            print(f"{'eight viewers watching':42} {idle:6.2f} % of a core")
            print(f"{'memory with eight viewers':42} {rss_mb(server.pid):6.1f} MB RSS")
            print(f"{'peak memory':42} {rss_mb(server.pid, 'VmHWM'):6.1f} MB RSS")
            print(f"{'first view without its picture':42} {first_view_bytes(port) / 1e3:6.1f} kB")
            for viewer in viewers:
                viewer.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
