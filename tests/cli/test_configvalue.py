"""Values as people type them behind `issgaze config set`."""

from pathlib import Path
from typing import Any

import pytest

from issgaze.cli.configvalue import read_value
from issgaze.cli.main import main
from issgaze.config import load_settings


@pytest.mark.parametrize(
    ("key", "typed", "held"),
    [
        ("develop.languages", "fr", ("fr",)),
        ("develop.languages", "fr, en", ("fr", "en")),
        ("develop.languages", "[fr,en]", ("fr", "en")),
        ("develop.languages", '["fr", "en"]', ("fr", "en")),
        ("develop.also", "", ()),
        ("develop.also", "star_trails,all_lights", ("star_trails", "all_lights")),
        ("passes.norad_ids", "25544", (25544,)),
        ("passes.norad_ids", "25544,48274", (25544, 48274)),
        ("elements.sources", "https://a.org/?x=1,2", ("https://a.org/?x=1,2",)),
        ("elements.sources", "https://a.org,https://b.org", ("https://a.org", "https://b.org")),
        ("camera.has_cover", "yes", True),
        ("camera.has_cover", "No", False),
        ("camera.has_cover", "true", True),
        ("site.name", "1010", "1010"),
        ("site.name", '"Roof"', "Roof"),
        ("site.name", "Roof, attic", "Roof, attic"),
    ],
)
def test_what_is_typed_is_what_holds(tmp_path: Path, key: str, typed: str, held: Any) -> None:
    file = tmp_path / "issgaze.toml"
    assert main(["-c", str(file), "config", "set", key, typed]) == 0
    section, name = key.split(".")
    assert getattr(getattr(load_settings(file), section), name) == held


@pytest.mark.parametrize(
    ("key", "typed", "hint"),
    [
        ("camera.has_cover", "perhaps", "Write true or false."),
        ("passes.norad_ids", "ISS", "as in 25544,48274."),
        ("develop.languages", "zz", "captions in"),
        ("develop.also", "trails", "must be one of star_trails"),
    ],
)
def test_a_value_that_suits_nothing_is_refused_with_what_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, typed: str, hint: str
) -> None:
    file = tmp_path / "issgaze.toml"
    assert main(["-c", str(file), "config", "set", key, typed]) != 0
    assert hint in capsys.readouterr().err
    assert not file.exists()


def test_a_number_stays_what_toml_makes_of_it() -> None:
    assert read_value("site.height_m", "190") == 190
    assert read_value("site.height_m", "high") == "high"
