"""Places as people write and copy them."""

import argparse

import pytest

from issgaze.cli.arguments import site_argument
from issgaze.cli.coordinates import parse_coordinates
from issgaze.cli.main import main


@pytest.mark.parametrize(
    "text",
    ["48.2, 16.375", "48.2;16.375", "48.2 16.375", "48,2 16,375", "48,2, 16,375", "48,2,16,375",
     "48.2°N 16.375°E", "48.2 n, 16.375 e", "N48.2 E16.375", "16.375E 48.2N", "16.375 E, 48.2",
     "48°12'N 16°22'30\"E", "48°12′00″N, 16°22′30″E", "48° 12' N 16° 22.5' E",
     "48°12\N{RIGHT SINGLE QUOTATION MARK} 16°22.5\N{RIGHT SINGLE QUOTATION MARK}",
     "48°12'N 16°22'30''E"],
)  # fmt: skip
def test_one_place_in_many_ways(text: str) -> None:
    assert parse_coordinates(text) == pytest.approx((48.2, 16.375), abs=1e-9)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("-33.9 18.4", (-33.9, 18.4)),
        ("33°54'S 18.4 W", (-33.9, -18.4)),
        ("\N{MINUS SIGN}33.9; \N{MINUS SIGN}18,4", (-33.9, -18.4)),
        ("48°N 16°E, 190 m", (48.0, 16.0, 190.0)),
        ("31.4N 35.5E -430m", (31.4, 35.5, -430.0)),
    ],
)
def test_signs_letters_and_heights(text: str, place: tuple[float, ...]) -> None:
    assert parse_coordinates(text) == pytest.approx(place, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("48", "is not latitude, longitude"),
        ("48,2 16", "may mean several places"),
        ("48N 16N", "the same of latitude and longitude twice"),
        ("-48S 3E", "a sign or one letter, not both"),
        ("48°61' 3°", "minutes and seconds end at 60"),
        ("48 8 11 34", "is not latitude, longitude"),
        ("48°N 16°O", "is not latitude, longitude"),
    ],
)
def test_what_is_not_sure_is_no_place(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_coordinates(text)


def test_the_option_takes_what_a_map_shows() -> None:
    site = site_argument("48°08'N 11°34'E")
    assert (site.latitude_deg, site.longitude_deg) == pytest.approx((48.1333, 11.5667), abs=1e-4)
    assert site_argument("48,2,190").height_m == 190.0, "commas alone stay what they were"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("Wien", "Write --site 48.208,16.372 for the middle of Vienna, Austria;"),
        ("Springfield", "for the middle of Springfield, Missouri, United States, the largest of"),
        ("48,2", None),
        ("48.2", "Write the longitude, too, as in --site 48.2,16.3738"),
        ("48,2 16", "as in --site 48.2,16"),
        ("48,2082,16,3738", "as in --site 48.2082,16.3738"),
        ("Nowheretown", "as in --site 48.2082,16.3738"),
        ("48°61'N 3°E", "as in --site 48.2082,16.3738"),
    ],
)
def test_the_remedy_is_made_from_what_was_typed(
    text: str, remedy: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if remedy is None:
        assert site_argument(text).longitude_deg == 2.0
        return
    assert main(["passes", "--site", text]) == 2
    what, to_do = capsys.readouterr().err.splitlines()
    assert what.startswith("issgaze: argument --site: ")
    assert remedy in to_do
    written = to_do.partition("--site ")[2].split(" ")[0]
    site_argument(written)


def test_a_place_outside_its_limits_is_told_so() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="longitude 200, limits -180 to 180"):
        site_argument("48°N 200°E")


def test_a_speed_that_is_none_names_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--simulated", "--speed", "fast"]) == 2
    said = capsys.readouterr().err
    assert "argument --speed: 'fast' is no number\n" in said
    assert "--speed 60" in said
    assert "--speed max" in said
