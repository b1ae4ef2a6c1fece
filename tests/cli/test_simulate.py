import json
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.fits import read_raw
from issgaze.cli.main import main
from issgaze.simulated.scenario import load_scenario

_SCENARIO = """
summary = "A small camera."
start_utc = "2024-05-10T01:00:00Z"
seed = 7
[site]
name = "Test"
latitude_deg = 49.02
longitude_deg = 13.23
[camera]
sensor = "imx462"
mode = "binned"
exposure_s = 4.0
[lens]
focal_mm = 2.5
altitude_deg = 52.0
azimuth_deg = 175.0
[sky]
faintest_mag = 8.0
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(_SCENARIO)
    return path


def test_it_writes_frames_darks_lens_elements_and_truth(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "night"
    words = ["simulate", "--out", str(out), "--scenario", str(scenario), "--frames", "3"]
    assert main([*words, "--seed", "21", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["lights"] == 3
    assert sorted(path.name for path in out.iterdir()) == [
        "darks",
        "elements.json",
        "lens.json",
        "lights",
        "scenario.toml",
        "truth",
        "truth.json",
    ]
    lights = sorted(path.name for path in (out / "lights").iterdir())
    assert lights == ["0001.fits", "0002.fits", "0003.fits"]
    assert len(list((out / "darks").iterdir())) == 8
    lens = json.loads((out / "lens.json").read_text())
    frame = read_raw(out / "lights" / "0002.fits")
    assert frame.mosaic.shape == (lens["height_px"], lens["width_px"])
    dark = read_raw(out / "darks" / "0001.fits")
    assert np.median(dark.mosaic) < np.median(frame.mosaic)
    assert load_scenario(str(out / "scenario.toml")).seed == 21
    # the station stands where the truth says: the brightest spot along its track
    truth = json.loads((out / "truth.json").read_text())
    second = truth["frames"][1]
    assert second["file"] == "lights/0002.fits"
    middle = np.argmin(np.abs(np.array(truth["track"]["seconds"]) - 1.5 * 4.0))
    x, y = round(truth["track"]["x"][middle]), round(truth["track"]["y"][middle])
    assert frame.mosaic[y - 2 : y + 3, x - 2 : x + 3].max() > np.percentile(frame.mosaic, 99.5)


def test_the_same_seed_gives_the_same_frames_and_old_ones_go(
    scenario: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    words = ["simulate", "--scenario", str(scenario), "--out"]
    assert main([*words, str(first), "--frames", "2"]) == 0
    assert main([*words, str(second), "--frames", "3"]) == 0
    assert main([*words, str(second), "--frames", "2"]) == 0
    assert len(list((second / "lights").iterdir())) == 2
    for number in ("0001", "0002"):
        one, two = (f / "lights" / f"{number}.fits" for f in (first, second))
        assert one.read_bytes() == two.read_bytes()


def test_an_unknown_scenario_is_one_line_and_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--out", str(tmp_path), "--scenario", "claer", "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert "did you mean clear?" in error["message"]
    assert error["remedy"].startswith("Choose one of:")


def test_frames_that_are_no_simulations_are_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lights").mkdir()
    real = tmp_path / "lights" / "0001.fits"
    real.write_bytes(b"of a real night")
    assert main(["simulate", "--out", str(tmp_path), "--frames", "1"]) == 2
    assert "the 1 frames in it are no simulation's" in capsys.readouterr().err
    assert real.read_bytes() == b"of a real night"


def test_a_file_in_the_way_is_said_before_anything_is_rendered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert main(["simulate", "--out", str(file / "sky")]) == 2
    assert f"{file} is a file, a folder is needed" in capsys.readouterr().err
