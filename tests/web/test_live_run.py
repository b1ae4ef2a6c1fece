"""A whole pass of the simulated sky, watched in a browser from before it rises to its picture."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(_CHROMIUM is None, reason="no chromium here: the page is not looked at"),
]
_LIMIT_S = 420.0


def test_a_pass_is_watched_from_the_countdown_to_the_picture(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable, "-m", "issgaze", "run", "--simulated", "--speed", "3",
        "--from", "2024-05-10T01:37:00Z", "--archive", str(tmp_path / "sky"), "--port", str(port),
    ]  # fmt: skip
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as programs,
        playwright.sync_playwright() as driver,
    ):
        try:
            browser = driver.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page()
            _reach(page, f"http://127.0.0.1:{port}/")
            seen = _watch(page)
            browser.close()
        finally:
            programs.terminate()
    assert {"waiting", "darks", "frames", "developing"} <= seen["states"]
    assert seen["stations"] > 20, "the station moved on the chart"
    assert seen["trails"] > 10, "the trail grew"
    assert seen["done"] == sorted(seen["done"]), "frames are counted up"
    assert seen["pictured"]


def _reach(page: Any, address: str) -> None:
    for _ in range(200):
        try:
            page.goto(address)
        except playwright.Error:
            page.wait_for_timeout(200)
        else:
            return
    pytest.fail("the page never came up")


def _watch(page: Any) -> dict[str, Any]:
    """Return what a viewer sees who never touches the page."""
    states: set[str] = set()
    stations: set[str] = set()
    trails: set[str] = set()
    done: list[int] = []
    end = time.monotonic() + _LIMIT_S
    pictured = False
    while time.monotonic() < end and not pictured:
        look = page.evaluate(
            """() => ({doing: document.getElementById('doing')?.textContent || '',
            station: document.getElementById('station')?.getAttribute('transform'),
            trail: document.getElementById('trail')?.src,
            done: document.querySelectorAll('.framebar .c-done').length,
            dark: document.getElementById('doing')?.textContent.includes('Darks'),
            shot: document.querySelector('.shot a img')?.src})"""
        )
        for word, state in (("Waiting", "waiting"), ("Darks", "darks"), ("Frame ", "frames"),
                            ("Developing", "developing")):  # fmt: skip
            if word in look["doing"]:
                states.add(state)
        stations.add(look["station"] or "")
        trails.add(look["trail"] or "")
        if look["done"] and not look["dark"]:
            done.append(look["done"])
        pictured = bool(look["shot"])
        page.wait_for_timeout(300)
    return {"states": states, "stations": len(stations), "trails": len(trails), "done": done,
            "pictured": pictured}  # fmt: skip
