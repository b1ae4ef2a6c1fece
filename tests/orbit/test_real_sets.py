"""The real replies of sources are read, each in its format, and agree with each other."""

import csv
import json
from pathlib import Path

import pytest

from issgaze.civil import later
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import parse_elements
from issgaze.orbit.separation import separation_s
from issgaze.sky.site import Site
from tests.orbit.test_against_skyfield import compare

pytestmark = pytest.mark.real_data


def read(path: Path):
    return parse_elements(path.read_bytes(), source=path.name)


def test_json_and_csv_of_one_day_are_the_same(real_data: Path) -> None:
    as_json = read(real_data / "elements" / "stations_2024-05-09.json")
    as_csv = read(real_data / "elements" / "stations_2024-05-09.csv")
    held = json.loads((real_data / "elements" / "stations_2024-05-09.json").read_text())
    assert len(as_json.sets) == len(held)
    with (real_data / "elements" / "stations_2024-05-09.csv").open() as file:
        assert len(as_csv.sets) == sum(1 for _ in csv.DictReader(file))
    assert as_json.refused == as_csv.refused == ()
    for one in as_csv.sets:
        other = next((each for each in as_json.sets if each.norad_id == one.norad_id), None)
        if other is not None and other.epoch == one.epoch:
            assert separation_s(one, other, one.epoch) < 1e-3


def test_every_variant_of_the_station_gives_the_same_values(real_data: Path) -> None:
    folder = real_data / "elements" / "variants"
    (truth,) = (one for one in read(folder / "unedited-array.json").sets if one.norad_id == 25544)
    seen = 0
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".expected.json"):
            continue
        for one in read(path).sets:
            if one.norad_id != 25544:
                continue
            seen += 1
            for name in (
                "epoch", "mean_motion_rev_per_day", "eccentricity", "inclination_deg", "raan_deg",
                "arg_of_perigee_deg", "mean_anomaly_deg", "bstar",
            ):  # fmt: skip
                assert getattr(one, name) == getattr(truth, name), (path.name, name)
    assert seen == 10


def test_alpha_5_numbers(real_data: Path) -> None:
    folder = real_data / "elements" / "variants"
    assert read(folder / "alpha5-A-100000-saramago-first.tle").sets[0].norad_id == 100000
    assert read(folder / "alpha5-T-270449-analyst-first.tle").sets[0].norad_id == 270449
    numbers = [one.norad_id for one in read(folder / "alpha5-synthetic-letters.tle").sets]
    assert (min(numbers), max(numbers)) == (109999, 339999)
    assert len(set(numbers)) == 46


def test_broken_records_are_refused_by_name_beside_sound_ones(real_data: Path) -> None:
    folder = real_data / "elements" / "bad"
    for name in ("c1-checksum-digit.tle", "c2-line-2-short.tle", "c3-letter-in-epoch.tle",
                 "c4-line-2-missing.tle", "c5-cut-last-row.csv"):  # fmt: skip
        parsed = read(folder / name)
        assert [one.norad_id for one in parsed.sets] == [25544, 20453], name
        assert [one.name for one in parsed.refused] == ["VANGUARD DEB"], name
    for name, message in (
        ("c5-cut-closing-bracket.json", "is broken"),
        ("celestrak-no-gp-data-found.txt", "sent no element set"),
    ):
        with pytest.raises(ValueError, match=message):
            read(folder / name)


@pytest.mark.parametrize(
    "name", ["stations_2024-05-09.csv", "stations_2026-05-30.tle", "stations_2024-05-09.json",
             "iss_tle_celestrak_2026-05-24_2026-05-30.tle"]
)  # fmt: skip
def test_passes_from_real_replies_agree_with_skyfield(oracle, real_data: Path, name: str) -> None:
    sets = [one for one in read(real_data / "elements" / name).sets if one.norad_id == 25544]
    assert sets
    site = Site(latitude_deg=52.5, longitude_deg=13.4, height_m=40.0)
    ours, _truth, worst = compare(oracle, sets[-1], site, later(sets[-1].epoch, 600.0), days=3.0)
    assert len(ours) > 10
    assert worst < 0.5
    assert find_passes(sets[-1], site, sets[-1].epoch, later(sets[-1].epoch, 86400.0))
