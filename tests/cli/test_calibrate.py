import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from issgaze.archive.lensfile import read_lens
from issgaze.cli.main import main
from issgaze.sky.coordinates import enu_from_altaz

_KEYS = {
    "solved",
    "stars_matched",
    "median_residual_px",
    "p95_residual_px",
    "held_out_median_px",
    "zones",
    "chance_of_accident",
    "projection",
    "focal_px",
    "pointing",
    "rotation_deg",
    "mirrored",
    "image_circle_px",
    "seconds",
    "reason",
}


def _calibrated(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert main(["calibrate", *words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {*_KEYS, "images"}
    return document


@pytest.mark.real_data
def test_the_svalbard_fisheye_is_solved(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    lens_file = tmp_path / "lens.json"
    document = _calibrated(
        capsys,
        str(real_data / "images/kho/LYR-Sony-111220_200933.jpg"),
        *("--utc", "2020-12-11T20:09:33Z", "--exposure", "4", "--site", "78.148,16.043"),
        *("--lens-out", str(lens_file)),
    )
    assert document["solved"]
    assert document["stars_matched"] >= 400
    assert document["median_residual_px"] <= 0.65
    assert document["held_out_median_px"] <= 0.65
    assert document["chance_of_accident"] < 1e-100
    assert document["pointing"]["altitude_deg"] > 88.0
    lens = read_lens(lens_file)
    assert (lens.width_px, lens.height_px) == (2832, 2832)
    # the horizon is a circle near the edge of what the lens draws
    height = lens.to_pixels(enu_from_altaz(np.array([8.0]), np.array([90.0])))[0]
    assert 1100.0 < float(np.hypot(*(height - np.array(lens.center_px)))) < 1400.0


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "utc", "mirrored"),
    [
        ("indi_20210421_043940.jpg", "2021-04-21T08:39:40Z", False),
        ("indi_20210930_224951.jpg", "2021-10-01T02:49:51Z", True),
    ],
)
def test_frames_with_a_meteor_and_a_re_entry_are_solved(
    real_data: Path, capsys: pytest.CaptureFixture[str], name: str, utc: str, mirrored: bool
):
    document = _calibrated(
        capsys,
        str(real_data / "images/indi" / name),
        *("--utc", utc, "--exposure", "15", "--site", "33.9,-84"),
    )
    assert document["solved"]
    assert document["stars_matched"] >= 300
    assert document["median_residual_px"] <= 1.2
    assert document["mirrored"] is mirrored
    assert document["focal_px"] == pytest.approx(756.6, rel=0.01)


def _grey(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(path)
    return path


_WHEN = ("--utc", "2024-05-10T01:00:00Z", "--exposure", "10", "--site", "49.02,13.23")


def test_a_covered_lens_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    dark = np.random.default_rng(1).normal(8.0, 1.5, (300, 400))
    lens_file = tmp_path / "lens.json"
    picture = _grey(tmp_path / "dark.png", dark)
    document = _calibrated(capsys, str(picture), *_WHEN, "--lens-out", str(lens_file))
    assert document["solved"] is False
    assert document["focal_px"] is None
    assert document["pointing"] is None
    assert document["reason"].startswith("too few stars")
    assert "a covered or unfocused lens" in document["reason"]
    assert not lens_file.exists()


def test_a_bright_sky_is_named_as_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    picture = _grey(tmp_path / "bright.png", np.full((300, 400), 190.0))
    document = _calibrated(capsys, str(picture), *_WHEN)
    assert "the sky is bright" in document["reason"]


def test_the_sun_is_named_as_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    picture = _grey(tmp_path / "dawn.png", np.full((300, 400), 90.0))
    words = ("--utc", "2024-05-10T11:00:00Z", "--exposure", "1", "--site", "49.02,13.23")
    document = _calibrated(capsys, str(picture), *words)
    assert "the Sun stands at 59 degrees: day or twilight" in document["reason"]


def test_a_missing_image_is_an_error_with_its_name(capsys: pytest.CaptureFixture[str]):
    assert main(["calibrate", "absent.jpg", *_WHEN]) == 1
    assert "absent.jpg: no such file" in capsys.readouterr().err


_SCENARIO = """
summary = "A camera askew."
start_utc = "2024-05-10T01:00:00Z"
seed = 7
[site]
name = "Test"
latitude_deg = 49.02
longitude_deg = 13.23
[camera]
sensor = "imx477"
mode = "binned"
exposure_s = 10.0
analogue_gain = 8.0
[lens]
projection = "equisolid"
focal_mm = 3.0
altitude_deg = 50.0
azimuth_deg = 158.0
roll_deg = 17.0
mirrored = true
radial = [-0.012, 0.003, 0.0]
center_offset_px = [34.0, -21.0]
"""


def test_a_simulated_camera_is_recovered(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    scenario = tmp_path / "mine.toml"
    scenario.write_text(_SCENARIO)
    out, found_file = tmp_path / "out", tmp_path / "found.json"
    simulated = ["simulate", "--scenario", str(scenario), "--out", str(out), "--frames", "1"]
    assert main(simulated) == 0
    capsys.readouterr()
    frame = str(out / "lights" / "0001.fits")
    nowhere = tmp_path / "nowhere"
    assert main(["calibrate", frame, "--lens-out", str(nowhere / "lens.json")]) == 2
    assert f"there is no folder {nowhere}" in capsys.readouterr().err
    dark = str(next((out / "darks").iterdir()))
    document = _calibrated(capsys, dark, frame, "--lens-out", str(found_file))
    each = {Path(one["file"]).parent.name: one for one in document["images"]}
    assert (each["lights"]["solved"], each["darks"]["solved"]) == (True, False)
    assert each["darks"]["reason"]
    assert document["solved"]
    assert document["mirrored"] is True
    assert document["pointing"]["altitude_deg"] == pytest.approx(50.0, abs=0.5)
    truth, found = read_lens(out / "lens.json"), read_lens(found_file)
    x, y = np.meshgrid(np.linspace(0, 2027, 30), np.linspace(0, 1519, 24))
    pixels = np.stack((x.ravel(), y.ravel()), axis=-1)
    directions = truth.to_directions(pixels)
    sky = directions[:, 2] > np.sin(np.radians(8.0))
    error = np.linalg.norm(found.to_pixels(directions[sky]) - pixels[sky], axis=1)
    assert np.nanmedian(error) < 0.15
    assert np.nanpercentile(error, 95) < 0.4
