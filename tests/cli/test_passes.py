"""issgaze passes: what people and machines read, and how wrong questions are answered."""

import json
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder
from issgaze.archive.status import write_status
from issgaze.cli.main import main
from tests.service.test_capture import plan_file

OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
HERE = ["passes", "--site", "48.2,16.4", "--elements", str(OMM)]
THEN = [*HERE, "--from", "2024-05-09T18:00:00Z"]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("ISSGAZE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], words: list[str], status: int) -> tuple[str, str]:
    assert main(words) == status
    return capsys.readouterr()


def test_people_read_degrees_and_true_minus_signs(capsys) -> None:
    out, _err = said(capsys, [*THEN, "--days", "3", "--all"], 0)
    assert "shoot: Culminates at 50°, magnitude −2.3, lit for 248 s" in out
    assert "skip: Not visible: the Sun stands at −1°, −6° is the limit" in out
    assert " deg" not in out
    assert "-2.3" not in out


def test_a_set_of_another_year_is_a_guess_and_the_table_holds(capsys) -> None:
    out, err = said(capsys, [*HERE, "--from", "2024-09-01", "--days", "3"], 0)
    assert "115 days between the element set and --from; times are guesses" in err
    rows = [line for line in out.splitlines() if " skip: " in line or " shoot: " in line]
    assert rows
    assert len({line.index("skip: ") for line in rows}) == 1
    assert "uncertain by 11 h" in out
    assert "Bonus" not in out


@pytest.mark.parametrize("text", ["yesterday", "1999", "2024-13-01"])
def test_a_time_that_cannot_be_read_is_answered_with_the_form(capsys, text: str) -> None:
    _out, err = said(capsys, [*HERE, "--from", text], 2)
    assert f"{text!r} cannot be read" in err
    assert "2026-03-01T19:30:00Z" in err


def test_a_time_decades_away_names_the_remedy(capsys) -> None:
    _out, err = said(capsys, [*HERE, "--from", "1999-01-01"], 1)
    assert "-9260.4 days from the epoch" in err
    assert "--elements FILE" in err


def test_a_chart_is_an_svg_or_nothing(capsys, tmp_path: Path) -> None:
    _out, err = said(capsys, [*THEN, "--plot", "pass.png"], 2)
    assert "the name must end in .svg" in err
    assert "--plot pass.svg" in err
    assert not (tmp_path / "pass.png").exists()


def test_a_chart_carries_date_place_and_zone(capsys, tmp_path) -> None:
    _out, err = said(capsys, [*THEN, "--plot", "pass.svg"], 0)
    assert "replaced" not in err
    svg = (tmp_path / "pass.svg").read_text()
    assert "ISS (ZARYA), 10 May 2024, 48.20° N 16.40° E, times UTC" in svg
    _out, err = said(capsys, [*THEN, "--plot", "pass.svg"], 0)
    assert "--plot: pass.svg in . replaced" in err


def test_a_chart_goes_into_a_folder_that_is_there(capsys, tmp_path) -> None:
    _out, err = said(capsys, [*THEN, "--plot", "new/folder/pass.svg"], 2)
    assert "there is no folder new/folder" in err
    assert "mkdir -p new/folder" in err
    assert not (tmp_path / "new").exists()


def test_from_now_is_now(capsys) -> None:
    words = ["passes", "--site", "48.2,16.4", "--elements", str(OMM), "--from", "now", "--json"]
    out, _err = said(capsys, words, 0)
    assert json.loads(out)["elements"][0]["age_days"] > 100


def test_others_do_not_shine_as_the_station_does(capsys, tmp_path) -> None:
    (record,) = json.loads(OMM.read_text())
    other = record | {"NORAD_CAT_ID": 48274, "OBJECT_NAME": "CSS (TIANHE)"}
    (tmp_path / "both.json").write_text(json.dumps([record, other]))
    words = ["passes", "--site", "48.2,16.4", "--from", "2024-05-09T18:00:00Z", "--json"]
    out, err = said(capsys, [*words, "--elements", "both.json"], 0)
    shining = {one["norad_id"]: one["peak_magnitude"] for one in json.loads(out)["passes"]}
    assert shining[48274] is None
    assert shining[25544] < 0.0
    assert "CSS (TIANHE): how bright is not known" in err
    # an owner who has configured it has told
    (tmp_path / "issgaze.toml").write_text(
        "[passes]\nnorad_ids = [48274]\nstandard_magnitude = 0.0\n"
    )
    out, err = said(capsys, [*words, "--elements", "both.json"], 0)
    shining = {one["norad_id"]: one["peak_magnitude"] for one in json.loads(out)["passes"]}
    assert shining[48274] == pytest.approx(shining[25544] + 1.8, abs=0.02)
    assert "not known" not in err


def test_a_satellite_that_a_file_does_not_hold_is_answered_with_what_it_holds(capsys) -> None:
    _out, err = said(capsys, [*THEN, "--norad", "99999"], 1)
    assert "It holds 25544 ISS (ZARYA): give one of them with --norad" in err
    _out, err = said(capsys, ["passes", "--site", "48.2,16.4", "--norad", "99999"], 1)
    assert "`issgaze elements fetch --norad 99999`" in err


def test_an_archive_knows_its_site_and_its_own_time(capsys, tmp_path) -> None:
    archive = Archive(tmp_path / "archive")
    PassFolder.create(archive, plan_file())
    assert main(["elements", "import", str(OMM), "--archive", str(archive.root)]) == 0
    capsys.readouterr()
    status = {"utc": "2024-05-09T18:00:00.000Z", "simulated": True}
    archive.run.mkdir()
    write_status(archive.run, status)
    out, _err = said(capsys, ["passes", "--archive", str(archive.root), "--json"], 0)
    document = json.loads(out)
    assert document["site"]["latitude_deg"] == plan_file().site.latitude_deg
    assert document["elements"][0]["age_days"] < 3.0
    words = ["passes", "--archive", str(archive.root), "--elements", str(OMM), "--json"]
    out, _err = said(capsys, words, 0)
    assert json.loads(out)["elements"][0]["age_days"] > 100, "a file is judged today"
    _out, err = said(capsys, ["passes", "--archive", str(tmp_path / "empty")], 1)
    assert "Give --site LAT,LON" in err


def test_the_mask_of_the_configuration_cuts_and_is_drawn(capsys, tmp_path: Path) -> None:
    (tmp_path / "issgaze.toml").write_text(
        '[site]\nlatitude_deg = 48.2\nlongitude_deg = 16.4\nname = "Roof"\n'
        'horizon = "0:5 90:40 180:40 270:5"\n'
    )
    words = ["passes", "--elements", str(OMM), "--from", "2024-05-09T18:00:00Z"]
    out, _err = said(capsys, [*words, "--json", "--plot", "pass.svg"], 0)
    causes = {
        each[key] for one in json.loads(out)["passes"] for each in one["lit"]
        for key in ("from_cause", "to_cause")
    }  # fmt: skip
    assert "mask_blocked" in causes
    svg = (tmp_path / "pass.svg").read_text()
    assert "c-ground" in svg
    assert "10 May 2024, Roof, times UTC" in svg
    # a place named by hand has other roofs
    out, _err = said(capsys, [*THEN, "--json"], 0)
    assert "mask" not in out


def test_nothing_held_and_nothing_young_are_told_apart(capsys) -> None:
    _out, err = said(capsys, ["passes", "--site", "48.2,16.4"], 1)
    assert "no element set of 25544 is held in" in err
    assert "young" not in err
    assert main(["elements", "import", str(OMM)]) == 0
    capsys.readouterr()
    _out, err = said(capsys, ["passes", "--site", "48.2,16.4"], 1)
    assert "none of the 1 element sets of 25544" in err
    assert "is young enough, the limit is 30 days" in err


def test_an_owner_far_north_is_told_what_passes_there(capsys) -> None:
    words = ["passes", "--site", "78.2,15.6", "--elements", str(OMM)]
    out, err = said(capsys, [*words, "--from", "2024-05-09"], 0)
    assert "No visible pass" in out
    assert "never rises at latitude 78.2°" in err
    assert "27386" in err


def test_the_document_keeps_its_contract(capsys) -> None:
    out, _err = said(capsys, [*THEN, "--all", "--json"], 0)
    document = json.loads(out)
    assert {"elements", "site", "passes"} <= set(document)
    for one in document["passes"]:
        assert set(one) >= {
            "id", "norad_id", "rise", "culmination", "set", "visible", "lit", "shadow_entry",
            "shadow_exit", "fade", "peak_magnitude", "sun_altitude_deg", "moon",
            "timing_uncertainty_s", "verdict", "reason",
        }  # fmt: skip
        assert set(one["moon"]) == {"altitude_deg", "illuminated_fraction", "min_separation_deg"}


def test_times_without_a_zone_are_said_to_be_utc(capsys, tmp_path: Path) -> None:
    out, err = said(capsys, [*THEN, "--days", "1"], 0)
    rows = [line for line in out.splitlines() if ": Culminates" in line or ": Seen" in line]
    assert rows
    assert all(row[20:24] == "UTC " for row in rows)
    assert "Times are in UTC; site.time_zone in issgaze.toml makes them local." in err
    file = tmp_path / "issgaze.toml"
    file.write_text('[site]\ntime_zone = "Europe/Vienna"\n')
    out, err = said(capsys, ["-c", str(file), *THEN, "--days", "1"], 0)
    assert " +0200 " in out
    assert "UTC" not in out + err


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("48,2 20,0 16", "Site: 48.2000° N, 20.0000° E, 16 m."),
        ("-33.9,-70.5", "Site: 33.9000° S, 70.5000° W, 0 m."),
    ],
)
def test_the_place_that_was_understood_is_said(capsys, typed: str, understood: str) -> None:
    words = ["passes", f"--site={typed}", "--elements", str(OMM), "--from", "2024-05-09T18:00:00Z"]
    out, err = said(capsys, [*words, "--json"], 0)
    assert err.splitlines().count(understood) == 1
    json.loads(out)
