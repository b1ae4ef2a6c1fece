"""What the page may cost on a Pi Zero: bytes and memory here, times in benchmarks/bench_page.py."""

import gzip
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from issgaze.web.app import build_app
from tests.web.browser import Browser
from tests.web.showcase import SETTINGS, Showcase, build

_FIRST_VIEW_BYTES = 80_000
_RSS_MB = 35.0


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Showcase:
    return build(tmp_path_factory.mktemp("showcase"))


@pytest.fixture
def browser(show: Showcase) -> Browser:
    show.status()
    return Browser(build_app(show.archive, SETTINGS))


@pytest.mark.parametrize("path", ["/", "/passes", "/gallery", "/ledger", "/device", "/lens"])
def test_a_first_view_is_small(browser: Browser, path: str) -> None:
    reply = browser.get(path, accept_encoding="gzip, br")
    assert reply.headers["Content-Encoding"] == "gzip"
    page = gzip.decompress(reply.body).decode()
    total = len(reply.body)
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        part = browser.get(address.replace("&amp;", "&"), accept_encoding="gzip")
        assert part.status == 200
        assert "immutable" in part.headers["Cache-Control"]
        total += len(part.body)
    assert 5_000 < total <= _FIRST_VIEW_BYTES


def test_what_has_not_changed_is_not_sent_again(browser: Browser) -> None:
    first = browser.get("/ledger")
    again = browser.get("/ledger", if_none_match=first.headers["Etag"])
    assert (again.status, again.body) == (304, b"")
    assert "Cookie" in first.headers["Vary"]


def test_metrics_are_read_by_prometheus(browser: Browser) -> None:
    families = {
        family.name: family
        for family in text_string_to_metric_families(browser.get("/metrics").text)
    }
    assert {"issgaze_passes", "issgaze_clock_bound_seconds", "issgaze_page_viewers"} <= set(
        families
    )
    (caught,) = [
        sample.value
        for sample in families["issgaze_passes"].samples
        if sample.labels == {"outcome": "caught"}
    ]
    assert caught == 1
    assert all(family.documentation for family in families.values())


@pytest.fixture
def server(show: Showcase) -> Iterator[tuple[int, int]]:
    """Yield process and port of `issgaze web`, as its unit starts it."""
    show.status()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "issgaze", "web", "--archive", str(show.archive.root)]
    with subprocess.Popen(
        [*command, "--port", str(port)],
        stderr=subprocess.PIPE,
        env=os.environ | {"MALLOC_ARENA_MAX": "1"},
    ) as process:
        assert process.stderr is not None
        assert b"page on" in process.stderr.readline()
        yield process.pid, port
        process.terminate()
        process.stderr.read()


def test_the_page_with_eight_viewers_fits_into_35_mb(
    server: tuple[int, int], show: Showcase
) -> None:
    pid, port = server
    viewers: list[socket.socket] = []
    paths = ["/", "/passes", "/gallery", "/ledger", "/lens", "/device"]
    paths += [f"/passes/{show.pictured}/", f"/passes/{show.pictured}/picture.jpg"]
    try:
        for _ in range(8):
            viewer = socket.create_connection(("127.0.0.1", port), timeout=10)
            viewer.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200 OK" in viewer.recv(4096)
            viewers.append(viewer)
        for _ in range(10):
            for path in paths:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
                    reply.read()
    finally:
        for viewer in viewers:
            viewer.close()
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    assert found is not None
    assert int(found.group(1)) / 1024 <= _RSS_MB
    loaded = Path(f"/proc/{pid}/maps").read_text()
    assert "numpy" not in loaded, "half of the memory, and for nothing"
