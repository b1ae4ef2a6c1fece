"""What a first-time user asks for at the edges: a clear answer, never a traceback or a lie."""

import json
from pathlib import Path

import pytest
from astropy.io import fits

from issgaze.archive.lensfile import read_lens, write_lens
from issgaze.cli.main import main

_OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
_SITE = ("--site", "48.2,16.4")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["passes", *_SITE, "--from", "9999-12-31"], "the years 1957 to 2056 are known"),
        (["passes", *_SITE, "--from", "1900-01-01"], "the years 1957 to 2056 are known"),
        (["calibrate", "x.jpg", "--field", "270"], "the limits are 5 and 220"),
        (["calibrate", "x.jpg", "--field", "0.1"], "the limits are 5 and 220"),
        (["simulate", "--out", "x", "--seed", "-5"], "'-5' is no whole number"),
    ],
)
def test_numbers_out_of_range_are_wrong_usage(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_a_satellite_that_is_not_in_the_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["passes", *_SITE, "--elements", str(_OMM), "--from", "2024-05-10T00:00:00Z"]
    assert main([*words, "--norad", "25544", "--norad", "99999"]) == 0
    assert "holds no sound element set of 99999" in capsys.readouterr().err


def test_one_satellite_that_has_come_down_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (station,) = (
        json.loads(_OMM.read_text())
        if _OMM.read_text().startswith("[")
        else (json.loads(_OMM.read_text()),)
    )
    fallen = {
        **station, "OBJECT_NAME": "FALLEN", "NORAD_CAT_ID": 40000, "MEAN_MOTION": 16.6,
        "BSTAR": 0.5, "ECCENTRICITY": 0.0001,
    }  # fmt: skip
    (tmp_path / "two.json").write_text(json.dumps([station, fallen]))
    words = ["passes", *_SITE, "--elements", str(tmp_path / "two.json"), "--json", "--all"]
    assert main([*words, "--from", "2024-05-10T00:00:00Z"]) == 0
    said = capsys.readouterr()
    assert {item["norad_id"] for item in json.loads(said.out)["passes"]} >= {25544}
    assert "FALLEN: " in said.err


def test_a_rendered_frame_says_so_and_so_does_its_picture(night: Path, tmp_path: Path) -> None:
    lights = sorted((night / "lights").iterdir())[:5]
    assert fits.getheader(lights[0])["SIMULATE"] is True
    words = ["stack", *map(str, lights), "--lens", str(night / "lens.json")]
    words += ["--elements", str(night / "elements.json"), "--out", str(tmp_path)]
    assert main(words) == 0
    assert json.loads((tmp_path / "report.json").read_text())["simulated"] is True
    assert "simulated" in (tmp_path / "caption.txt").read_text().lower()


def test_a_lens_among_the_stars_gives_no_altitudes(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import dataclasses

    lens = read_lens(night / "lens.json")
    write_lens(tmp_path / "stars.json", dataclasses.replace(lens, source="x.jpg, sky-only"))
    assert main(["lens", "to-sky", str(tmp_path / "stars.json")]) == 1
    assert "it knows no altitude and azimuth" in capsys.readouterr().err


def test_an_unsolved_picture_says_that_no_lens_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    Image.new("L", (640, 480)).save(tmp_path / "black.png")
    words = ["calibrate", str(tmp_path / "black.png"), "--lens-out", str(tmp_path / "lens.json")]
    assert main(words) == 0
    assert "no lens file is written" in capsys.readouterr().out


def test_an_element_set_of_another_year_is_remarked_upon(
    small_scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tmp_path / "late.toml"
    scenario.write_text(small_scenario.read_text().replace("2024-05-10T", "2024-07-10T"))
    words = ["simulate", "--scenario", str(scenario), "--out", str(tmp_path / "out")]
    assert main([*words, "--frames", "1"]) == 0
    assert "days away from this night" in capsys.readouterr().err


def test_options_may_stand_between_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["elements", "import", "--archive", str(tmp_path), str(_OMM)]) == 0
    assert str(tmp_path / "elements") in capsys.readouterr().out


def test_frames_in_any_order_are_stacked_by_their_times(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = sorted((night / "lights").iterdir())[:5]
    (tmp_path / "torn.fits").write_bytes(b"SIMPLE  = torn")
    given = [lights[3], tmp_path / "torn.fits", lights[0], lights[4], lights[2], lights[1]]
    words = ["stack", *map(str, given), "--lens", str(night / "lens.json"), "--resolution", "half"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    frames = json.loads((tmp_path / "out" / "report.json").read_text())["frames"]
    assert [frame["file"] for frame in frames if frame["used"]] == [path.name for path in lights]
    assert "torn.fits left out" in capsys.readouterr().err


def test_a_folder_of_frames_and_a_file_of_no_element_sets_are_named(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = night / "lights"
    assert main(["stack", str(lights), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert f"{lights} is a folder, files are needed" in said
    assert f"{lights}/*.fits" in said
    lens = str(night / "lens.json")
    first = str(min(lights.iterdir()))
    words = ["stack", first, "--lens", lens, "--elements", lens, "--out", str(tmp_path / "out")]
    assert main(words) == 1
    assert "no element set in it can be used" in capsys.readouterr().err
