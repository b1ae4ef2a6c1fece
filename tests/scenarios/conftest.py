"""A small sky, rendered once, for tests of the whole chain."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.cli.main import main

SMALL = """
summary = "A small camera under a plain sky."
start_utc = "2024-05-10T01:30:00Z"
seed = 11
[site]
name = "Test roof"
latitude_deg = 49.02
longitude_deg = 13.23
height_m = 620.0
time_zone = "Europe/Berlin"
[camera]
sensor = "imx462"
mode = "binned"
exposure_s = 8.0
analogue_gain = 8.0
[lens]
projection = "equidistant"
focal_mm = 2.2
altitude_deg = 50.0
azimuth_deg = 190.0
roll_deg = 4.0
[sky]
faintest_mag = 8.0
"""


@pytest.fixture(scope="session")
def small_scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    path.write_text(SMALL)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(archive: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "issgaze", "run", "--archive", str(archive), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture(scope="session")
def done(small_scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The archive of a run over one pass, and the process that made it."""
    archive = tmp_path_factory.mktemp("run") / "archive"
    words = ["--simulated", "--speed", "max", "--passes", "1", "--port", str(free_port())]
    return archive, run(archive, *words, "--scenario", str(small_scenario))


@pytest.fixture(scope="session")
def folder(done: tuple[Path, Any]) -> PassFolder:
    (found,) = pass_folders(Archive(done[0]))
    return found


@pytest.fixture(scope="session")
def night(small_scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames, darks, lens, elements and truth of one pass."""
    folder = tmp_path_factory.mktemp("night") / "sky"
    words = ["--scenario", str(small_scenario), "--frames", "14"]
    assert main(["simulate", "--out", str(folder), *words]) == 0
    return folder
