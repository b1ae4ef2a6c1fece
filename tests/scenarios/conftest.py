"""A small sky, rendered once, for tests of the whole chain."""

from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def night(small_scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames, darks, lens, elements and truth of one pass."""
    folder = tmp_path_factory.mktemp("night") / "sky"
    words = ["--scenario", str(small_scenario), "--frames", "14"]
    assert main(["simulate", "--out", str(folder), *words]) == 0
    return folder
